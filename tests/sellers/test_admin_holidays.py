"""Staff say of single days that they are off, or not; they see the year as it holds."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from sellers.admin.holidays import coming_days
from sellers.enums import HolidayKind
from sellers.models import Event, HolidayChange, Seller, User
from tests.conftest import admin_url, refused_by, text

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
YEAR = "/admin/sellers/holidaychange/year/"
FORM = {"country": "NL", "region": "", "day": "2026-12-05", "kind": "day_off", "name": "Fair"}


def change(**fields: object) -> HolidayChange:
    stored = {
        "country": "NL",
        "day": date(2026, 12, 5),
        "kind": HolidayKind.DAY_OFF,
        "name": "Fair",
    }
    return HolidayChange.objects.create(**stored | fields)


@pytest.fixture(autouse=True)
def _first_of_april() -> object:
    """Stop the clock."""
    with travel(NOW, tick=False):
        yield


def test_day_off_is_added_changed_and_deleted_with_events(staff_s: Client) -> None:
    added = staff_s.post(admin_url(HolidayChange, "add"), FORM)
    stored = HolidayChange.objects.get()
    staff_s.post(admin_url(HolidayChange, "change", stored.pk), FORM | {"kind": "working_day"})
    staff_s.post(admin_url(HolidayChange, "delete", stored.pk), {"post": "yes"})

    assert added.status_code == 302
    assert (str(stored.day), stored.kind) == ("2026-12-05", HolidayKind.DAY_OFF)
    assert list(Event.objects.order_by("pk").values_list("kind", flat=True)) == [
        "holiday.created",
        "holiday.changed",
        "holiday.deleted",
    ]
    changes = Event.objects.get(kind="holiday.changed").details["changes"]
    assert changes == {"kind": ["day_off", "working_day"]}
    assert not HolidayChange.objects.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"country": "nl"}, "A country is two capitals"),
        ({"name": ""}, "This field is required"),
        ({"kind": "perhaps"}, "not one of the available choices"),
        ({"day": "31-12"}, "Enter a valid date"),
        ({"country": "DE", "region": "XX"}, "DE has no such region. It has: BB, BE, BW"),
        ({"region": "GR", "country": "MC"}, "MC has no regions with holidays of their own"),
    ],
)
def test_form_says_what_is_wrong(staff_s: Client, fields: dict[str, str], said: str) -> None:
    page = staff_s.post(admin_url(HolidayChange, "add"), FORM | fields)

    assert page.status_code == 200
    assert said in text(page)
    assert not HolidayChange.objects.exists()


def test_same_day_twice_is_refused_in_words(staff_s: Client) -> None:
    change()

    page = staff_s.post(admin_url(HolidayChange, "add"), FORM)

    assert "Something is said of this day already." in text(page)


def test_form_says_that_stored_moments_stay(staff_s: Client) -> None:
    assert "Due moments are stored when a customer begins to wait." in text(
        staff_s.get(admin_url(HolidayChange, "add"))
    )


def test_year_shows_the_days_as_they_hold(staff_s: Client) -> None:
    change()
    change(day=date(2026, 4, 27), kind=HolidayKind.WORKING_DAY, name="Open on King's Day")
    change(day=date(2026, 12, 6), country="BE")
    change(day=date(2026, 3, 31), name="Yesterday")

    page = staff_s.get(YEAR, {"country": "NL"})

    days = {f"{each.day:%d-%m-%Y}": (each.name, each.is_off) for each in page.context["days"]}
    assert days == {
        "05-04-2026": ("Easter Sunday", True),
        "06-04-2026": ("Easter Monday", True),
        "27-04-2026": ("Open on King's Day", False),
        "14-05-2026": ("Ascension Day", True),
        "24-05-2026": ("Pentecost", True),
        "25-05-2026": ("Pentecost Monday", True),
        "05-12-2026": ("Fair", True),
        "25-12-2026": ("Christmas Day", True),
        "26-12-2026": ("Second Day of Christmas", True),
        "01-01-2027": ("New Year's Day", True),
        "28-03-2027": ("Easter Sunday", True),
        "29-03-2027": ("Easter Monday", True),
    }
    assert list(page.context["days"]) == sorted(page.context["days"], key=lambda each: each.day)
    assert "Good Friday" not in text(page)
    assert "Due moments are stored" in text(page)


def test_year_speaks_dutch(staff_s: Client) -> None:
    User.objects.update(language="nl")

    assert "Koningsdag" in text(staff_s.get(YEAR))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"country": "XX"}, "The public holidays of XX are not known."),
        ({"country": "DE", "region": "BY"}, "days off in DE-BY"),
        ({"country": "nl"}, "A country is two capitals"),
        ({"country": "<b>"}, "A country is two capitals"),
        ({"country": "NL", "region": "x" * 21}, "at most 20 characters"),
    ],
)
def test_year_of_any_place(staff_s: Client, place: dict[str, str], said: str) -> None:
    page = staff_s.get(YEAR, place)

    assert page.status_code == 200
    assert said in text(page)


@pytest.mark.parametrize("count", [1, 3])
def test_year_asks_the_database_as_often_for_many_as_for_one(
    staff_s: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        change(day=date(2026, 12, 1 + number))

    with django_assert_num_queries(3):
        staff_s.get(YEAR)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 12, 26)),
        (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 26)),
        (date(2028, 2, 29), date(2028, 4, 16), date(2029, 1, 1)),
    ],
)
def test_coming_year_has_each_day_once(db: None, today: date, first: date, last: date) -> None:
    days = [each.day for each in coming_days("NL", "", today=today)]

    assert (days[0], days[-1]) == (first, last)
    assert len(days) == len(set(days)) == 9


def test_year_is_for_who_may_see_holidays(client: Client, alice: User) -> None:
    clerk = User.objects.create_user("clerk@markt.example", name="Clerk", is_staff=True)
    client.force_login(clerk)
    assert client.get(YEAR).status_code == 403

    clerk.user_permissions.add(Permission.objects.get(codename="view_holidaychange"))
    assert client.get(YEAR).status_code == 200

    client.force_login(alice)
    assert client.get(YEAR).status_code == 302
    assert client.post(YEAR).status_code == 302


def test_list_leads_to_the_year(staff_s: Client) -> None:
    change()

    assert f'href="{YEAR}"' in text(staff_s.get(admin_url(HolidayChange, "changelist")))


# The shop


def test_shop_page_leads_to_its_days_off(staff_s: Client, fietsenzo: Seller) -> None:
    Seller.objects.update(country="DE", region="BY")

    page = text(staff_s.get(admin_url(Seller, "change", fietsenzo.pk)))

    assert f"{YEAR}?country=DE&region=BY" in page
    assert "are not known" not in page


def test_shop_page_says_when_holidays_are_not_known(staff_s: Client, fietsenzo: Seller) -> None:
    Seller.objects.update(country="XX")
    url = admin_url(Seller, "change", fietsenzo.pk)
    said = "The public holidays of XX are not known: only weekends count as days off."

    assert said in text(staff_s.get(url))
    change(country="XX")
    assert said not in text(staff_s.get(url))


def test_shop_has_a_region_of_its_country(staff_s: Client, fietsenzo: Seller) -> None:
    url = reverse("admin:sellers_seller_change", args=[fietsenzo.pk])
    form = {
        "name": "Fietsenzo",
        "country": "DE",
        "contact_email": "info@fietsenzo.example",
        "joined_on": "2024-01-01",
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
    }

    refused = staff_s.post(url, form | {"region": "XX"})
    taken = staff_s.post(url, form | {"region": "BY"})

    assert "DE has no such region" in text(refused)
    assert taken.status_code == 302
    fietsenzo.refresh_from_db()
    assert (fietsenzo.country, fietsenzo.region) == ("DE", "BY")
    assert Event.objects.get(kind="seller.changed").details["changes"]["region"] == ["", "BY"]


# The guards


@pytest.mark.parametrize(
    ("guard", "fields"),
    [
        ("holiday_once_per_place", {}),
        ("holiday_country_code", {"country": "nl"}),
        ("holiday_kind_known", {"kind": "perhaps"}),
        ("holiday_name_given", {"name": ""}),
    ],
)
def test_holiday_refuses(db: None, guard: str, fields: dict[str, object]) -> None:
    change()
    moved = {"day": date(2026, 12, 7)} if fields else {}

    with refused_by(guard):
        change(**moved | fields)

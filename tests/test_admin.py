"""The admin: every page opens, costs the same for many rows as for one, and keeps what happened."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from insights.models import ServiceStandard, ShopScore
from queries import admin as queries_admin
from queries.models import Closing, Customer, CustomerQuery
from sellers.models import Membership, Seller, User
from surveys.exclusions import exclude
from surveys.models import Invitation, MeasurementExclusion, SurveyOptOut, SurveyResponse, Topic
from surveys.tokens import token_for
from tests.conftest import NOON, Market

OURS = ("insights", "queries", "sellers", "surveys")
OVERVIEWS = (ShopScore,)  # these have a page of all, and none of one
MODELS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in OURS and model not in OVERVIEWS
]


@pytest.fixture
def staff_s(db: None, client: Client) -> Client:
    """The browser of a member of the marketplace staff."""
    client.force_login(
        User.objects.create_superuser("staff@markt.example", name="Staff", language="en")
    )
    return client


def address(model: type[Model], page: str, *arguments: object) -> str:
    """Return where the admin has a page of a model."""
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=arguments)


def make_rows(market: Market, count: int) -> None:
    """Make at least `count` rows of everything the admin shows."""
    for number in range(count):
        response = market.response(3, reason="It never came.")
        SurveyOptOut.objects.create(customer=response.query.customer, opted_out_at=NOON)
        market.new_customer()
        shop = Seller.objects.create(
            name=f"Shop {number}", country="NL", contact_email="s@shop.example", joined_on=NOON
        )
        user = User.objects.create_user(f"{number}@shop.example", name=f"User {number}")
        Membership.objects.create(user=user, seller=shop, role="agent")
        exclude(response, reason="The courier was on strike.", by=user, now=NOON)
        ServiceStandard.objects.create(
            value=number,
            valid_from=date(2000 + number, 1, 1),
            valid_until=date(2001 + number, 1, 1),
            announced_on=date(1999, 1, 1),
            label_nl="Vroeger",
            label_en="Once",
        )


@pytest.mark.parametrize(
    ("model", "queries"),
    [
        pytest.param(ServiceStandard, 5, id="standards"),
        pytest.param(Closing, 4, id="closings"),
        pytest.param(Customer, 4, id="customers"),
        pytest.param(CustomerQuery, 4, id="queries"),
        pytest.param(Seller, 8, id="sellers"),
        pytest.param(User, 5, id="users"),
        pytest.param(Invitation, 4, id="invitations"),
        pytest.param(SurveyOptOut, 5, id="opt-outs"),
        pytest.param(SurveyResponse, 5, id="responses"),
        pytest.param(MeasurementExclusion, 4, id="exclusions"),
        pytest.param(Topic, 5, id="topics"),
    ],
)
@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_database_as_often_for_many_as_for_one(
    staff_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    model: type[Model],
    queries: int,
    count: int,
) -> None:
    make_rows(market, count)

    with django_assert_num_queries(queries):
        page = staff_s.get(address(model, "changelist"))

    assert page.status_code == 200
    assert page.context["cl"].result_count >= count


@pytest.fixture
def many_customers(db: None) -> int:
    """Store more customers than are counted one by one, and let PostgreSQL estimate them."""
    count = queries_admin.COUNTED_EXACTLY + 500
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO queries_customer (name, email, language) SELECT 'Klant ' || number, '', "
            "CASE WHEN number <= 10200 THEN 'nl' ELSE 'en' END FROM generate_series(1, %s) number",
            [count],
        )
        cursor.execute("ANALYZE queries_customer")
    return count


def test_large_list_is_estimated_and_starts_with_the_latest(
    staff_s: Client, many_customers: int
) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = staff_s.get(address(Customer, "changelist"))

    assert page.context["cl"].result_count == pytest.approx(many_customers, rel=0.02)
    assert page.context["cl"].result_list[0].name == f"Klant {many_customers}"
    counts = [each["sql"] for each in captured if "COUNT(" in each["sql"]]
    assert len(counts) == 1
    assert f"LIMIT {queries_admin.COUNTED_EXACTLY}" in counts[0]


def test_large_list_is_counted_exactly_when_narrowed(staff_s: Client, many_customers: int) -> None:
    page = staff_s.get(address(Customer, "changelist"), {"language__exact": "nl"})

    assert page.context["cl"].result_count == 10_200


def test_large_list_without_an_estimate_is_still_in_pages(
    staff_s: Client, many_customers: int
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = -1 WHERE oid = 'queries_customer'::regclass"
        )

    page = staff_s.get(address(Customer, "changelist"))

    assert page.context["cl"].result_count == queries_admin.COUNTED_EXACTLY
    assert len(page.context["cl"].result_list) == 100


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_every_page_opens_and_can_be_searched(
    staff_s: Client, market: Market, model: type[Model]
) -> None:
    make_rows(market, 1)
    row = model._default_manager.order_by("-pk").first()
    assert row is not None

    found = staff_s.get(address(model, "changelist"), {"q": "e"})
    page = staff_s.get(address(model, "change", row.pk))

    assert found.status_code == page.status_code == 200


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_invitation_never_shows_its_link(staff_s: Client, market: Market, page: str) -> None:
    invitation = market.invitation()
    arguments = [invitation.pk] if page == "change" else []

    shown = staff_s.get(address(Invitation, page, *arguments)).content.decode()

    assert "Where is my parcel?" in shown
    assert token_for(invitation.token_salt) not in shown
    assert invitation.token_salt not in shown
    assert str(invitation.token_digest) not in shown


@pytest.mark.parametrize(
    ("model", "path"),
    [
        pytest.param(Invitation, "", id="invitations"),
        pytest.param(Closing, "invitation__", id="closings"),
        pytest.param(CustomerQuery, "invitations__", id="queries"),
        pytest.param(Customer, "invitations__", id="customers"),
        pytest.param(SurveyResponse, "invitation__", id="responses"),
    ],
)
@pytest.mark.parametrize("lookup", ["token_digest__startswith", "token_salt__startswith"])
def test_link_cannot_be_guessed_letter_by_letter(
    staff_s: Client, market: Market, model: type[Model], path: str, lookup: str
) -> None:
    market.invitation()

    page = staff_s.get(address(model, "changelist"), {f"{path}{lookup}": "a"})

    assert page.status_code == 400


@pytest.mark.parametrize(
    "model", [CustomerQuery, Closing, Invitation, SurveyResponse, MeasurementExclusion]
)
def test_what_happened_is_not_changed_added_or_deleted(
    staff_s: Client, market: Market, model: type[Model]
) -> None:
    exclude(market.response(3), reason="Strike.", by=market.agent, now=NOON)
    row = model._default_manager.get()
    before = model._default_manager.values().get()

    statuses = [
        staff_s.post(address(model, "change", row.pk), {"subject": "x", "score": 10}).status_code,
        staff_s.post(address(model, "delete", row.pk), {"post": "yes"}).status_code,
        staff_s.post(address(model, "add"), {"subject": "x", "score": 10}).status_code,
    ]

    assert statuses == [403, 403, 403]
    assert model._default_manager.values().get() == before


def test_responses_can_be_narrowed_to_a_band(staff_s: Client, market: Market) -> None:
    for score in (0, 8, 10):
        market.response(score)

    page = staff_s.get(address(SurveyResponse, "changelist"), {"band": "passive"})

    assert [response.score for response in page.context["cl"].queryset] == [8]


def test_topic_that_was_ticked_is_not_deleted(staff_s: Client, market: Market) -> None:
    ticked, unused = Topic.objects.order_by("pk")[:2]
    market.response(3).response_topics.create(topic=ticked)

    refused = staff_s.post(address(Topic, "delete", ticked.pk), {"post": "yes"})
    done = staff_s.post(address(Topic, "delete", unused.pk), {"post": "yes"})

    assert (refused.status_code, done.status_code) == (403, 302)
    assert Topic.objects.filter(pk=ticked.pk).exists()
    assert not Topic.objects.filter(pk=unused.pk).exists()


# Service standards. Today is NOON's day; the one of 10 is over, the one of 25 holds without end.

FILLED_IN = {
    "value": 30,
    "minimum_measurements": 25,
    "valid_from": "2026-06-01",
    "announced_on": "2026-03-01",
    "label_nl": "Minstens 30",
    "label_en": "At least 30",
}


@pytest.fixture
def today() -> Iterator[date]:
    """Stop the clock."""
    with travel(NOON, tick=False):
        yield NOON.date()


def standard_beginning(day: date) -> ServiceStandard:
    """Store a standard of 30 that follows the one of 25."""
    ServiceStandard.objects.filter(value=25).update(valid_until=day)
    return ServiceStandard.objects.create(**FILLED_IN | {"valid_from": day})


def text(page: HttpResponse) -> str:
    """Return a page as people read it."""
    return unescape(page.content.decode())


def stored_standards() -> list[tuple[int, date | None]]:
    """Return every standard with its end, oldest first."""
    return list(ServiceStandard.objects.order_by("valid_from").values_list("value", "valid_until"))


@pytest.mark.parametrize(
    ("filled_in", "explanation"),
    [
        pytest.param(
            {},
            "Another standard holds then: +25 (NPS after customer contact: at least 25), from "
            "Jan. 1, 2026 without end. Tick “Follows on the standard before it”",
            id="inside one without end",
        ),
        pytest.param(
            {"valid_from": "2026-03-10", "follows_on": "on"},
            "Another standard holds by then: +40 (Forty), from April 1, 2026 without end. Let this "
            "one end on April 1, 2026 at the latest",
            id="into the next one",
        ),
        pytest.param(
            {"valid_from": "2026-03-10", "valid_until": "2026-04-02", "follows_on": "on"},
            "Let this one end on April 1, 2026 at the latest",
            id="one day into the next one",
        ),
    ],
)
def test_standard_that_overlaps_is_explained(
    staff_s: Client, today: date, filled_in: dict[str, str], explanation: str
) -> None:
    if filled_in:
        first = date(2026, 4, 1)
        ServiceStandard.objects.filter(value=25).update(valid_until=first)
        ServiceStandard.objects.create(
            **FILLED_IN | {"value": 40, "label_en": "Forty", "valid_from": first}
        )
    before = stored_standards()

    page = staff_s.post(address(ServiceStandard, "add"), FILLED_IN | filled_in)

    assert page.status_code == 200
    assert explanation in text(page)
    assert stored_standards() == before


@pytest.mark.parametrize("page", ["add", "change"])
@pytest.mark.parametrize("end", ["2026-06-01", "2026-05-31"], ids=["first day", "day before"])
def test_standard_that_ends_before_it_begins_is_explained(
    staff_s: Client, today: date, page: str, end: str
) -> None:
    arguments = [standard_beginning(date(2026, 9, 1)).pk] if page == "change" else []
    before = stored_standards()
    filled_in = FILLED_IN | {"value": "40", "minimum_measurements": "9", "valid_until": end}

    answer = staff_s.post(
        address(ServiceStandard, page, *arguments), filled_in | {"follows_on": "on"}
    )

    form = answer.context["adminform"].form
    assert form.errors == {"valid_until": ["“Valid until” must be later than “valid from”."]}
    assert {name: form[name].value() for name in filled_in} == filled_in
    assert stored_standards() == before


def test_coming_standard_that_would_begin_in_the_past_is_refused(
    staff_s: Client, today: date
) -> None:
    coming = standard_beginning(date(2026, 6, 1))
    before = stored_standards()

    page = staff_s.post(
        address(ServiceStandard, "change", coming.pk),
        FILLED_IN | {"valid_from": "2026-03-09", "follows_on": "on"},
    )

    assert "A standard begins today or later" in text(page)
    assert stored_standards() == before


def test_standard_ends_the_one_before_it(staff_s: Client, today: date) -> None:
    page = staff_s.post(
        address(ServiceStandard, "add"), FILLED_IN | {"follows_on": "on"}, follow=True
    )

    assert stored_standards() == [(10, date(2026, 1, 1)), (25, date(2026, 6, 1)), (30, None)]
    assert "The standard +25 now holds until June 1, 2026." in text(page)


def test_standard_between_two_ends_where_the_next_one_begins(staff_s: Client, today: date) -> None:
    standard_beginning(date(2026, 9, 1))

    staff_s.post(
        address(ServiceStandard, "add"),
        FILLED_IN | {"value": 28, "valid_until": "2026-09-01", "follows_on": "on"},
    )

    assert stored_standards() == [
        (10, date(2026, 1, 1)),
        (25, date(2026, 6, 1)),
        (28, date(2026, 9, 1)),
        (30, None),
    ]


@pytest.mark.parametrize("day", [date(2026, 5, 1), date(2026, 8, 1)], ids=["sooner", "later"])
def test_standard_that_begins_another_day_moves_the_end_of_the_one_before_it(
    staff_s: Client, today: date, day: date
) -> None:
    coming = standard_beginning(date(2026, 6, 1))

    staff_s.post(
        address(ServiceStandard, "change", coming.pk),
        FILLED_IN | {"valid_from": day, "follows_on": "on"},
    )

    assert stored_standards() == [(10, date(2026, 1, 1)), (25, day), (30, None)]


def test_standard_never_moves_the_end_of_one_that_is_over(staff_s: Client, today: date) -> None:
    ServiceStandard.objects.filter(value=25).delete()

    staff_s.post(address(ServiceStandard, "add"), FILLED_IN | {"follows_on": "on"})

    assert stored_standards() == [(10, date(2026, 1, 1)), (30, None)]


@pytest.mark.parametrize("refused", [{"value": "101"}, {"announced_on": "2026-06-01"}])
def test_standard_that_is_refused_ends_no_other(
    staff_s: Client, today: date, refused: dict[str, str]
) -> None:
    page = staff_s.post(address(ServiceStandard, "add"), FILLED_IN | {"follows_on": "on"} | refused)

    assert page.status_code == 200
    assert stored_standards() == [(10, date(2026, 1, 1)), (25, None)]


def test_standard_is_announced_before_it_begins(staff_s: Client, today: date) -> None:
    late = FILLED_IN | {"follows_on": "on", "announced_on": "2026-06-01"}

    page = staff_s.post(address(ServiceStandard, "add"), late)
    staff_s.post(address(ServiceStandard, "add"), late | {"announced_on": "2026-05-31"})

    assert "Announce a standard before the day it begins." in text(page)
    assert ServiceStandard.objects.get(value=30).announced_on == date(2026, 5, 31)


def test_new_standard_begins_with_what_is_usual(staff_s: Client, today: date) -> None:
    form = staff_s.get(address(ServiceStandard, "add")).context["adminform"].form

    assert {name: form[name].value() for name in ("minimum_measurements", "follows_on")} == {
        "minimum_measurements": 25,
        "follows_on": True,
    }
    assert form["valid_from"].value() == date(2026, 5, 1)
    assert form["announced_on"].value() == today


@pytest.mark.parametrize("is_followed", [True, False])
def test_staff_are_warned_of_days_without_a_standard(
    staff_s: Client, today: date, is_followed: bool
) -> None:
    holding = ServiceStandard.objects.get(value=25)
    labels = {"label_nl": "Minstens 25", "label_en": "At least 25"}
    if is_followed:
        standard_beginning(date(2026, 6, 1))

    page = staff_s.post(
        address(ServiceStandard, "change", holding.pk),
        labels | {"valid_until": "2026-06-01"},
        follow=True,
    )

    assert ("From June 1, 2026 on there is no standard" in text(page)) is not is_followed


def test_standard_follows_the_one_that_was_given_an_end(staff_s: Client, today: date) -> None:
    holding = ServiceStandard.objects.get(value=25)
    ended = {"valid_until": "2026-06-01", "label_nl": "Minstens 25", "label_en": "At least 25"}

    staff_s.post(address(ServiceStandard, "change", holding.pk), ended)
    staff_s.post(address(ServiceStandard, "add"), FILLED_IN)

    stored = ServiceStandard.objects.order_by("valid_from").values_list("value", "valid_until")
    assert list(stored) == [(10, date(2026, 1, 1)), (25, date(2026, 6, 1)), (30, None)]


@pytest.mark.parametrize(
    ("begins_in", "is_stored"),
    [
        pytest.param(-1, False, id="yesterday"),
        pytest.param(0, True, id="today"),
        pytest.param(1, True, id="tomorrow"),
    ],
)
def test_standard_never_begins_in_the_past(
    staff_s: Client, today: date, begins_in: int, is_stored: bool
) -> None:
    begins = today + timedelta(days=begins_in)
    ServiceStandard.objects.filter(value=25).update(valid_until=begins)

    page = staff_s.post(address(ServiceStandard, "add"), FILLED_IN | {"valid_from": begins})

    assert ServiceStandard.objects.filter(value=30).exists() is is_stored
    assert ("A standard begins today or later" in page.content.decode()) is not is_stored


@pytest.mark.parametrize(
    ("begins_in", "is_kept"),
    [
        pytest.param(-1, True, id="began yesterday"),
        pytest.param(0, False, id="begins today"),
        pytest.param(1, False, id="begins tomorrow"),
    ],
)
def test_standard_that_judged_a_day_keeps_all_but_its_labels_and_end(
    staff_s: Client, today: date, begins_in: int, is_kept: bool
) -> None:
    begins = today + timedelta(days=begins_in)
    standard = standard_beginning(begins)
    others = {"value": 40, "minimum_measurements": 1, "announced_on": "2026-03-02"}
    labels = {"label_nl": "Nieuw", "label_en": "New"}

    staff_s.post(
        address(ServiceStandard, "change", standard.pk),
        FILLED_IN | others | labels | {"valid_until": "2027-01-01"},
    )

    standard = ServiceStandard.objects.get(pk=standard.pk)
    assert (standard.label_nl, standard.label_en) == ("Nieuw", "New")
    assert standard.valid_until == date(2027, 1, 1)
    judges = (standard.value, standard.minimum_measurements, standard.valid_from)
    assert judges == ((30, 25, begins) if is_kept else (40, 1, date(2026, 6, 1)))
    assert standard.announced_on == (date(2026, 3, 1) if is_kept else date(2026, 3, 2))


@pytest.mark.parametrize(
    ("ends_in", "is_stored"),
    [pytest.param(-1, False, id="yesterday"), pytest.param(0, True, id="today")],
)
def test_standard_never_ends_in_the_past(
    staff_s: Client, today: date, ends_in: int, is_stored: bool
) -> None:
    holding, end = ServiceStandard.objects.get(value=25), today + timedelta(days=ends_in)

    page = staff_s.post(
        address(ServiceStandard, "change", holding.pk),
        {"valid_until": end, "label_nl": "Minstens 25", "label_en": "At least 25"},
    )

    holding.refresh_from_db()
    assert holding.valid_until == (end if is_stored else None)
    assert ("A standard ends today or later" in page.content.decode()) is not is_stored


def test_standard_that_is_over_stays_over(staff_s: Client, today: date) -> None:
    past = ServiceStandard.objects.get(value=10)

    staff_s.post(
        address(ServiceStandard, "change", past.pk),
        {"valid_until": "2025-12-01", "label_nl": "Tien", "label_en": "Ten"},
    )

    past.refresh_from_db()
    assert (past.label_en, past.valid_until) == ("Ten", date(2026, 1, 1))


def delete_alone(browser: Client, standard: ServiceStandard) -> int:
    """Delete one by its own page; return the status."""
    page = address(ServiceStandard, "delete", standard.pk)
    return browser.post(page, {"post": "yes"}).status_code


def delete_together(browser: Client, *standards: ServiceStandard) -> int:
    """Delete all by the action of the list; return the status."""
    chosen = [each.pk for each in standards]
    return browser.post(
        address(ServiceStandard, "changelist"),
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    ).status_code


@pytest.mark.parametrize("delete", [delete_alone, delete_together])
def test_standard_holds_on_when_the_one_after_it_is_deleted(
    staff_s: Client, today: date, delete: Callable[..., int]
) -> None:
    coming = standard_beginning(date(2026, 6, 1))

    delete(staff_s, coming)

    assert stored_standards() == [(10, date(2026, 1, 1)), (25, None)]


@pytest.mark.parametrize("delete", [delete_alone, delete_together])
def test_standard_that_judged_a_day_is_not_deleted(
    staff_s: Client, today: date, delete: Callable[..., int]
) -> None:
    begun = ServiceStandard.objects.get(value=25)
    coming = standard_beginning(today + timedelta(days=9))

    statuses = (delete(staff_s, begun), delete(staff_s, coming))

    assert statuses == (403, 302)
    assert list(ServiceStandard.objects.filter(pk__in=[begun.pk, coming.pk])) == [begun]


def test_standard_that_judged_a_day_is_not_deleted_among_others(
    staff_s: Client, today: date
) -> None:
    begun = ServiceStandard.objects.get(value=25)
    coming = standard_beginning(today + timedelta(days=9))

    status = delete_together(staff_s, begun, coming)

    assert status == 403
    assert ServiceStandard.objects.filter(pk__in=[begun.pk, coming.pk]).count() == 2


# Customers who want no surveys


def test_opt_out_is_noted_by_staff_with_its_moment(staff_s: Client, market: Market) -> None:
    customer = market.new_customer()

    with travel(NOON, tick=False):
        staff_s.post(address(SurveyOptOut, "add"), {"customer": customer.pk})

    opted_out = SurveyOptOut.objects.get()
    assert (opted_out.customer, opted_out.opted_out_at) == (customer, NOON)


def test_opt_out_is_never_changed_or_taken_back_by_staff(staff_s: Client, market: Market) -> None:
    customer, other = market.new_customer(), market.new_customer()
    opted_out = SurveyOptOut.objects.create(customer=customer, opted_out_at=NOON)
    together = {"action": "delete_selected", "_selected_action": opted_out.pk, "post": "yes"}

    statuses = [
        staff_s.post(
            address(SurveyOptOut, "change", opted_out.pk), {"customer": other.pk}
        ).status_code,
        staff_s.post(address(SurveyOptOut, "delete", opted_out.pk), {"post": "yes"}).status_code,
    ]
    staff_s.post(address(SurveyOptOut, "changelist"), together)

    assert statuses == [403, 403]
    assert SurveyOptOut.objects.get().customer == customer


# Users


@pytest.fixture
def clerk(db: None) -> User:
    """One of the staff, who may look after users and nothing else."""
    clerk = User.objects.create_user("clerk@markt.example", name="Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    return clerk


@pytest.fixture
def clerk_s(clerk: User) -> Client:
    """The browser of the clerk."""
    browser = Client()
    browser.force_login(clerk)
    return browser


def as_filled_in(user: User, **changes: object) -> dict[str, object]:
    """Return what the form of a user posts."""
    shown = {"email": user.email, "name": user.name, "language": user.language, "is_active": "on"}
    return shown | {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0} | changes


def test_user_of_a_shop_is_looked_after_by_a_clerk(clerk_s: Client, alice: User) -> None:
    new = "another-horse-battery"

    clerk_s.post(address(User, "change", alice.pk), as_filled_in(alice, name="Alicia"))
    clerk_s.post(
        reverse("admin:auth_user_password_change", args=[alice.pk]),
        {"password1": new, "password2": new, "usable_password": "true", "set-password": "1"},
    )

    alice.refresh_from_db()
    assert alice.name == "Alicia"
    assert alice.check_password(new)


def test_user_gets_no_authority_from_a_clerk(clerk_s: Client, alice: User) -> None:
    permission = Permission.objects.get(codename="change_servicestandard")
    authority = {"is_staff": "on", "is_superuser": "on", "user_permissions": [permission.pk]}

    answer = clerk_s.post(
        address(User, "change", alice.pk), as_filled_in(alice, name="Alicia", **authority)
    )

    alice.refresh_from_db()
    assert (answer.status_code, alice.name) == (302, "Alicia")
    assert (alice.is_staff, alice.is_superuser) == (False, False)
    assert not alice.user_permissions.exists()


def test_user_gets_authority_from_a_superuser(staff_s: Client, alice: User) -> None:
    permission = Permission.objects.get(codename="change_servicestandard")
    authority = {"is_staff": "on", "user_permissions": [permission.pk]}

    staff_s.post(address(User, "change", alice.pk), as_filled_in(alice, **authority))

    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser) == (True, False)
    assert list(alice.user_permissions.all()) == [permission]


@pytest.mark.parametrize(
    "authority",
    [
        pytest.param({"is_staff": True, "is_superuser": True}, id="superuser"),
        pytest.param({"is_superuser": True}, id="superuser outside the admin"),
        pytest.param({"is_staff": True}, id="colleague"),
    ],
)
def test_account_of_staff_is_only_read_by_a_clerk(
    clerk_s: Client, authority: dict[str, bool]
) -> None:
    user = User.objects.create_user("chief@markt.example", "old-horse", name="Chief", **authority)
    page, new = address(User, "change", user.pk), "another-horse-battery"
    password = reverse("admin:auth_user_password_change", args=[user.pk])

    statuses = [
        clerk_s.post(page, as_filled_in(user, email="clerk@evil.example")).status_code,
        clerk_s.get(password).status_code,
        clerk_s.post(password, {"password1": new, "password2": new}).status_code,
        clerk_s.post(address(User, "delete", user.pk), {"post": "yes"}).status_code,
    ]

    assert statuses == [403, 403, 403, 403]
    assert clerk_s.get(page).status_code == 200
    user.refresh_from_db()
    assert user.email == "chief@markt.example"
    assert user.check_password("old-horse")


def test_clerk_cannot_promote_themselves(clerk_s: Client, clerk: User) -> None:
    answer = clerk_s.post(
        address(User, "change", clerk.pk), as_filled_in(clerk, is_staff="on", is_superuser="on")
    )

    clerk.refresh_from_db()
    assert answer.status_code == 403
    assert not clerk.is_superuser


def test_new_user_gets_no_password_and_a_lower_case_address(staff_s: Client) -> None:
    staff_s.post(
        address(User, "add"), {"email": "Eva@Shop.example", "name": "Eva", "language": "nl"}
    )

    user = User.objects.get(email="eva@shop.example")
    assert not user.has_usable_password()


def test_user_with_an_address_that_exists_is_explained(staff_s: Client, alice: User) -> None:
    page = staff_s.post(
        address(User, "add"), {"email": "ALICE@fietsenzo.example", "name": "A", "language": "nl"}
    )

    assert page.status_code == 200
    assert "There is already a user with this e-mail address." in page.content.decode()


@pytest.mark.parametrize("user", ["alice", "dirk"])
def test_admin_is_closed_to_sellers(
    request: pytest.FixtureRequest, client: Client, user: str, market: Market
) -> None:
    client.force_login(request.getfixturevalue(user))

    page = client.get(address(SurveyResponse, "changelist"))

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("admin:login"))


def test_staff_log_in_where_wrong_passwords_are_counted(client: Client, clerk: User) -> None:
    cache.clear()
    clerk.set_password("correct-horse-battery")
    clerk.save()
    wanted = address(User, "changelist")

    page = client.get(wanted, follow=True)
    (_, _), (place, _) = page.redirect_chain
    for password in ("wrong", "wrong", "wrong", "wrong", "wrong", "correct-horse-battery"):
        client.post(place, {"login": clerk.email, "password": password})
    refused = client.get(wanted).status_code
    cache.clear()  # some minutes later
    client.post(place, {"login": clerk.email, "password": "correct-horse-battery"})

    assert place == f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': wanted})}"
    assert (refused, client.get(wanted).status_code) == (302, 200)


def test_admin_has_no_log_in_of_its_own(client: Client, clerk_s: Client) -> None:
    filled_in = {"username": "staff@markt.example", "password": "wrong"}

    strangers = client.post(reverse("admin:login"), filled_in)
    staff_s_own = clerk_s.post(reverse("admin:login"), filled_in)

    assert (strangers.status_code, staff_s_own.status_code) == (405, 405)


# All shops against the standard

OVERVIEW = reverse("admin:insights_shopscore_changelist")
DOWNLOAD = reverse("admin:insights_shopscore_download")


def listed(page: HttpResponse) -> list[str]:
    """Return the names of the shops on a page of the overview."""
    return [shop.name for shop in page.context["page"]]


def measured(market: Market, *scores: int, at: datetime = NOON) -> None:
    """Let customers of a shop give these scores."""
    for score in scores:
        market.response(score, submitted_at=at)


def test_overview_is_linked_from_the_index(staff_s: Client) -> None:
    index = staff_s.get(reverse("admin:index"))

    assert f'<a href="{OVERVIEW}"' in text(index)


@pytest.mark.parametrize("path", [OVERVIEW, DOWNLOAD])
def test_overview_is_for_who_may_view_it(db: None, client: Client, path: str) -> None:
    user = User.objects.create_user("analyst@markt.example", name="Analyst", is_staff=True)
    client.force_login(user)
    refused = client.get(path)
    user.user_permissions.add(Permission.objects.get(codename="view_shopscore"))

    allowed = client.get(path)

    assert (refused.status_code, allowed.status_code) == (403, 200)


def test_overview_opens_sellers_for_who_may_view_them(
    staff_s: Client, client: Client, market: Market
) -> None:
    link = f'<a href="{address(Seller, "change", market.shop.pk)}">Fietsenzo</a>'
    analyst = User.objects.create_user("analyst@markt.example", name="Analyst", is_staff=True)
    analyst.user_permissions.add(Permission.objects.get(codename="view_shopscore"))

    with_link = text(staff_s.get(OVERVIEW))
    client.force_login(analyst)
    without = text(client.get(OVERVIEW))

    assert link in with_link
    assert "Fietsenzo" in without
    assert link not in without


def test_overview_says_when_there_are_no_sellers(staff_s: Client) -> None:
    page = staff_s.get(OVERVIEW)

    assert "There are no sellers yet." in text(page)
    assert "None" not in text(page)


def test_overview_shows_each_shop_and_the_marketplace(
    staff_s: Client, today: date, market: Market, other_market: Market
) -> None:
    measured(market, *[10] * 25)
    measured(other_market, 0, 10, 10, 8)
    measured(other_market, 9, at=NOON - timedelta(days=30))

    page = staff_s.get(OVERVIEW)

    assert listed(page) == ["Boekenhoek", "Fietsenzo"]
    words = " ".join(text(page).split())
    for expected in ("+100", "+25", "✓ standard met", "too few for a verdict", "−75"):
        assert expected in words
    assert page.context["scores"].total.tally.total == 29
    assert page.context["chart"].shops == 1


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        pytest.param({}, 1, id="running month"),
        pytest.param({"period": "2026-03"}, 1, id="this month"),
        pytest.param({"period": "2026-02"}, 1, id="last month"),
        pytest.param({"period": "days"}, 2, id="28 days"),
        pytest.param({"period": "year"}, 3, id="12 months"),
        pytest.param({"period": "2019-01"}, 1, id="none of 24"),
        pytest.param({"period": "\x00"}, 1, id="no period"),
    ],
)
def test_overview_is_of_the_period_that_is_asked_for(
    staff_s: Client, today: date, market: Market, asked: dict[str, str], total: int
) -> None:
    for days in (0, 20, 100):
        measured(market, 10, at=NOON - timedelta(days=days))

    page = staff_s.get(OVERVIEW, asked)

    assert page.context["scores"].total.tally.total == total


NARROWED: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["Boekenhoek", "Fietsenzo"]),
    ({"sort": "-name"}, ["Fietsenzo", "Boekenhoek"]),
    ({"sort": "nps"}, ["Fietsenzo", "Boekenhoek"]),
    ({"sort": "-measurements"}, ["Fietsenzo", "Boekenhoek"]),
    ({"sort": "password"}, ["Boekenhoek", "Fietsenzo"]),
    ({"q": "FIETS"}, ["Fietsenzo"]),
    ({"q": "nobody"}, []),
    ({"q": "\x00"}, ["Boekenhoek", "Fietsenzo"]),
    ({"verdict": "not_met"}, ["Fietsenzo"]),
    ({"verdict": "too_few"}, ["Boekenhoek"]),
    ({"verdict": "met"}, []),
    ({"verdict": "superb"}, ["Boekenhoek", "Fietsenzo"]),
    ({"page": "99"}, ["Boekenhoek", "Fietsenzo"]),
]


def test_overview_is_sorted_and_narrowed_from_the_address(
    subtests: pytest.Subtests, staff_s: Client, today: date, market: Market, other_market: Market
) -> None:
    measured(market, *[0] * 25)
    measured(other_market, 10)

    for asked, expected in NARROWED:
        with subtests.test(asked=asked):
            page = staff_s.get(OVERVIEW, asked)

            assert page.status_code == 200
            assert listed(page) == expected
            assert ("No shop is like this." in text(page)) is not bool(expected)


def test_overview_has_pages_and_headings_that_keep_what_is_asked(
    staff_s: Client, market: Market
) -> None:
    Seller.objects.bulk_create(
        Seller(
            name=f"Winkel {number:03}",
            country="NL",
            contact_email="s@shop.example",
            joined_on=NOON,
        )
        for number in range(150)
    )

    page = staff_s.get(OVERVIEW, {"q": "winkel", "sort": "-name", "page": 2})

    assert len(listed(page)) == 50
    assert listed(page)[-1] == "Winkel 000"
    assert "?q=winkel&sort=-name&page=1" in text(page)
    addresses = {heading.order: heading.address for heading in page.context["headings"]}
    assert addresses["descending"] == "?q=winkel&sort=name"
    assert "150 shops" in text(page)


def test_overview_asks_as_often_for_many_as_for_one(
    staff_s: Client,
    market: Market,
    other_market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(7):
        staff_s.get(OVERVIEW)
    measured(market, 3)
    measured(other_market, 3, 10)

    with django_assert_num_queries(7):
        staff_s.get(OVERVIEW)


@pytest.mark.parametrize(
    ("language", "beginning", "row"),
    [
        ("en", "shop,name,measurements,", ",25,25,0,0,100,,25,met"),
        ("nl", "\ufeff", ";25;25;0;0;100;;25;"),
    ],
)
def test_overview_is_downloaded_as_it_is_asked_for(
    staff_s: Client,
    today: date,
    market: Market,
    other_market: Market,
    language: str,
    beginning: str,
    row: str,
) -> None:
    User.objects.filter(is_superuser=True).update(language=language)
    Seller.objects.filter(pk=market.shop.pk).update(name="=Fietsenzo()")
    measured(market, *[10] * 25)

    page = staff_s.get(DOWNLOAD, {"verdict": "met"})
    lines = b"".join(page.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert page["Content-Disposition"] == 'attachment; filename="shops-2026-03-2026-03-10.csv"'
    assert lines[0].startswith(beginning)
    assert row in lines[1]
    assert "=Fietsenzo" in lines[1]
    assert not any(cell.startswith("=") for cell in lines[1].replace(";", ",").split(","))
    assert len(lines) == 2


def test_download_has_no_verdict_on_a_shop_without_measurements(
    staff_s: Client, today: date, market: Market, other_market: Market
) -> None:
    measured(market, 10)

    page = staff_s.get(DOWNLOAD)
    _header, silent, few = b"".join(page.streaming_content).decode().splitlines()  # type: ignore[attr-defined]

    assert silent == f"{other_market.shop.pk},Boekenhoek,0,0,0,0,,,25,"
    assert few == f"{market.shop.pk},Fietsenzo,1,1,0,0,100,,25,too_few"

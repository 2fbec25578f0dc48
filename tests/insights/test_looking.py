"""Staff look at the tab of a shop: they read what its analyst reads of it, and change nothing."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from insights.keeping import keep_counts
from insights.reports.shops import shop_scores, with_months_below
from insights.standards import GUIDELINE
from insights.trend import in_a_row
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, User
from surveys.exclusions import exclude
from surveys.nps import Verdict
from surveys.periods import Period, month_start, months_back
from tests.conftest import Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

TAB = "/queries/nps/"
PERMISSIONS = ("view_shopscore", "view_surveyresponse")
PAGES = (
    *("", "measurements/", "segments/", "words/", "peers/", "funnel/", "computation/"),
    *("months/", "topics/", "comments/", "downloads/", "report.pdf"),
    *("download/months.csv", "download/topics.json", "download/words.csv"),
    "download/measurements.xlsx",
)
TODAY = date(2026, 3, 20)


def staff(*permissions: str) -> User:
    """Return a member of staff who may do just this."""
    user = User.objects.create_user("sam@markt.example", name="Sam", language="en", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


@pytest.fixture
def sam_s(log_in: Callable[[User], Client], market: Market) -> Client:
    """The browser of Sam, staff who may look at Fietsenzo, where two customers answered."""
    market.response(9, submitted_at=NOW - DAY, reason="Fast and kind.")
    market.response(2, submitted_at=NOW - DAY, reason="Never came.", may_contact=True)
    return log_in(staff(*PERMISSIONS))


@pytest.fixture
def looking(sam_s: Client, fietsenzo: Seller) -> Client:
    """The same, looking at Fietsenzo."""
    page = sam_s.get(f"{TAB}?month=2026-03&shop={fietsenzo.pk}")
    assert page.status_code == 302
    assert page["Location"] == f"{TAB}?month=2026-03"
    return sam_s


@pytest.mark.parametrize("page", PAGES)
def test_staff_read_every_page_of_the_tab(looking: Client, page: str) -> None:
    found = looking.get(f"{TAB}{page}")

    assert found.status_code == 200
    if "html" in found["Content-Type"] and page != "comments/":
        assert "You are looking at Fietsenzo as the marketplace" in text(found)
    found.close()  # a file


def test_staff_see_the_numbers_and_nothing_to_do(looking: Client, fietsenzo: Seller) -> None:
    page = looking.get(TAB)

    assert page.context["shown"].tally.total == 2
    assert "Fast and kind." in text(page)
    for hidden in ("What you can do", "Workplace", "Follow-up", "Add a note"):
        assert hidden not in text(page)
    for row in page.context["measurements"].page.rows:
        measurement = text(looking.get(f"{TAB}measurements/{row.pk}/"))
        assert row.reason in measurement
        for hidden in ("To the conversation", "You may contact", "follow-up/"):
            assert hidden not in measurement


@pytest.mark.parametrize("page", PAGES)
def test_staff_send_nothing(looking: Client, page: str) -> None:
    answer = looking.post(f"{TAB}{page}", {"words": "New carrier"})

    assert answer.status_code in (302, 405)
    if answer.status_code == 302:
        assert answer["Location"] == reverse("admin:index")


@pytest.mark.parametrize(
    "page",
    [
        *("/queries/", "/queries/nps/follow-up/", "/queries/nps/months/note/", "/alerts/"),
        *("/queries/nps/predictions/", "/queries/nps/follow-up/promoters/", "/team/"),
    ],
)
def test_staff_see_no_other_page_of_the_shop(looking: Client, page: str) -> None:
    answer = looking.get(page)

    assert answer.status_code == 302
    assert answer["Location"] == reverse("admin:index")


@pytest.mark.parametrize("subject", ["followups", "passives", "promoters"])
def test_staff_take_home_nothing_that_is_the_team_s_own(looking: Client, subject: str) -> None:
    assert looking.get(f"{TAB}download/{subject}.csv").status_code == 404


def test_another_shop_is_looked_at_by_its_link(
    looking: Client, fietsenzo: Seller, other_market: Market
) -> None:
    other_market.response(5, submitted_at=NOW - DAY, reason="Torn pages.")
    assert "Torn pages." not in text(looking.get(TAB))

    page = text(looking.get(f"{TAB}?shop={other_market.shop.pk}", follow=True))

    assert "You are looking at Boekenhoek as the marketplace" in page
    assert "Torn pages." in page
    assert "Never came." not in page
    theirs = fietsenzo.responses.first()
    assert theirs
    assert looking.get(f"{TAB}measurements/{theirs.pk}/").status_code == 404


@pytest.mark.parametrize("shop", ["0", "999999", "x", "9" * 30, ""])
def test_shop_that_is_none_is_not_found(sam_s: Client, shop: str) -> None:
    assert sam_s.get(f"{TAB}?shop={shop}").status_code == 404
    assert sam_s.get(TAB)["Location"] == reverse("admin:index")


@pytest.mark.parametrize(
    "permissions", [(), ("view_shopscore",), ("view_surveyresponse",)], ids="-".join
)
def test_staff_without_both_permissions_do_not_look(
    log_in: Callable[[User], Client], market: Market, permissions: tuple[str, ...]
) -> None:
    market.response(9, submitted_at=NOW - DAY)
    browser = log_in(staff(*permissions))

    for path in (f"{TAB}?shop={market.shop.pk}", TAB):
        assert browser.get(path)["Location"] == reverse("admin:index")
    start = browser.get(reverse("admin:index")).content.decode()
    assert f"{TAB}?shop=" not in start


def test_who_lost_a_permission_looks_no_longer(looking: Client) -> None:
    User.objects.get(email="sam@markt.example").user_permissions.clear()

    assert looking.get(TAB)["Location"] == reverse("admin:index")


def test_who_is_no_staff_looks_at_no_shop(
    log_in: Callable[[User], Client], market: Market, dirk: User
) -> None:
    market.response(9, submitted_at=NOW - DAY, reason="Fast and kind.")
    dirk.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))
    customer = User.objects.create_user("no@where.example", name="No", language="en")
    customer.user_permissions.set(Permission.objects.filter(codename__in=PERMISSIONS))

    assert log_in(dirk).get(f"{TAB}?shop={market.shop.pk}").status_code == 404
    assert log_in(customer).get(f"{TAB}?shop={market.shop.pk}").status_code == 403


def test_staff_in_a_team_have_that_shop_alone(
    log_in: Callable[[User], Client], market: Market, other_shop: Seller
) -> None:
    sam = staff(*PERMISSIONS)
    Membership.objects.create(user=sam, seller=market.shop, role="analyst")

    assert log_in(sam).get(f"{TAB}?shop={other_shop.pk}").status_code == 404
    scores = log_in(sam).get(reverse("admin:shop_scores"))
    assert f"{TAB}?shop=" not in scores.content.decode()


def test_looking_writes_nothing(looking: Client) -> None:
    events, memberships = Event.objects.count(), Membership.objects.count()

    looking.get(TAB)

    assert (Event.objects.count(), Membership.objects.count()) == (events, memberships)


def test_names_of_shops_lead_to_their_tabs(looking: Client, fietsenzo: Seller) -> None:
    imported(fietsenzo, *[0] * 40, submitted_at=NOW - 30 * DAY)

    overview = reverse("admin:shop_scores")
    scores = looking.get(overview, {"period": "2026-02"}).content.decode()
    year = looking.get(overview, {"period": "year"}).content.decode()
    start = looking.get(reverse("admin:index")).content.decode()

    assert f'<a href="{TAB}?shop={fietsenzo.pk}&amp;month=2026-02">Fietsenzo</a>' in scores
    assert f'<a href="{TAB}?shop={fietsenzo.pk}">Fietsenzo</a>' in year
    assert f'<a href="{TAB}?shop={fietsenzo.pk}&amp;month=2026-02">Fietsenzo</a>' in start


def test_shop_without_measurements_says_so(
    log_in: Callable[[User], Client], other_shop: Seller
) -> None:
    page = log_in(staff(*PERMISSIONS)).get(f"{TAB}?shop={other_shop.pk}", follow=True)

    assert "Nobody answered about this shop yet." in text(page)


# Months in a row below the standard


@pytest.mark.parametrize(
    ("verdicts", "count"),
    [("", 0), ("M", 0), ("N", 1), ("NNMNNN", 3), ("NNN", 3), ("NNFN", 1), ("NM", 0)],
)
def test_months_in_a_row_are_counted_from_the_latest(verdicts: str, count: int) -> None:
    class Month:
        def __init__(self, letter: str) -> None:
            self.verdict = {"M": Verdict.MET, "N": Verdict.NOT_MET, "F": Verdict.TOO_FEW}[letter]

    assert in_a_row([Month(letter) for letter in verdicts], Verdict.NOT_MET) == count


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "live"])
def test_start_page_says_how_many_months_in_a_row(
    looking: Client, fietsenzo: Seller, other_shop: Seller, alice: User, kept: bool
) -> None:
    for months in range(1, 5):
        moment = NOW - 30 * months * DAY
        scores = [10] * 40 if months == 4 else [0] * 40
        imported(fietsenzo, *scores, submitted_at=moment)
        imported(other_shop, *([10] if months == 2 else [0]) * 40, submitted_at=moment)
    if kept:
        keep_counts()
    late = imported(fietsenzo, *[10] * 60, submitted_at=NOW - 60 * DAY)
    for response in late:
        exclude(response, reason="Strike", by=Actor.user(alice), now=NOW)

    start = looking.get(reverse("admin:index"))

    assert {shop.name: shop.months_below for shop in start.context["below_most"]} == {
        "Fietsenzo": 3,
        "Boekenhoek": 1,
    }


@pytest.mark.parametrize("shops", [1, 3])
def test_months_in_a_row_of_many_shops_cost_as_much(
    django_assert_num_queries: DjangoAssertNumQueries, db: None, shops: int
) -> None:
    for number in range(shops):
        shop = Seller.objects.create(name=f"Winkel {number}", country="NL", joined_on=TODAY)
        imported(shop, *[0] * GUIDELINE, submitted_at=NOW - 30 * DAY)
    keep_counts()
    last = months_back(month_start(TODAY), 2)[0]
    scores = shop_scores(Period.of_months(last, last), today=TODAY)

    with django_assert_num_queries(4):
        found = with_months_below(scores.shops, last, today=TODAY)

    assert [shop.months_below for shop in found] == [1] * shops

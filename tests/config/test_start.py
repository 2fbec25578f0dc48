"""What staff read when they begin, and the search that finds all kinds at once."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from insights.models import ServiceStandard
from queries.models import CustomerQuery
from sellers.events import Actor
from sellers.held import hold, look_whether_held
from sellers.models import MailServer, RefusedAddress, User
from tests.conftest import NOON, Market, admin_url, text
from tests.guards import switch_guards
from tests.queries.test_staff_mail import HANDLES, handed_over, member

START, SEARCH = reverse("admin:index"), reverse("admin:search")
HOUR = timedelta(hours=1)
LAST_MONTH = NOON - timedelta(days=31)


def analyst(*permissions: str) -> User:
    """Return a member of staff who may do just this."""
    user = User.objects.create_user(
        "analyst@markt.example", name="Analyst", language="en", is_staff=True
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def standard(value: int, *, begins: date) -> None:
    """Store a standard that takes five measurements, also one that is dated back."""
    switch_guards(on=False)
    ServiceStandard.objects.create(
        value=value, valid_from=begins, announced_on=date(2026, 1, 1), minimum_measurements=5
    )
    switch_guards(on=True)


@pytest.mark.parametrize(
    ("hours", "chip"), [(1, "chip "), (18, "chip today"), (24, "chip late"), (47, "chip late")]
)
def test_who_waits_is_listed_with_how_long(
    client: Client, market: Market, hours: int, chip: str
) -> None:
    query = handed_over(market)
    client.force_login(member("sam", *HANDLES))

    with travel(NOON + hours * HOUR, tick=False):
        page = client.get(START)

    (waiting,) = page.context["waiting_longest"]
    assert waiting.handover.query == query
    assert f'<span class="{chip}">' in text(page)
    assert admin_url(CustomerQuery, "change", query.pk) + "#settle" in text(page)


def test_longest_come_first_and_the_others_are_a_click_away(
    client: Client, market: Market, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(member("sam", *HANDLES))
    handed_over(market)
    with django_assert_num_queries(7):
        client.get(START)
    for _ in range(6):
        handed_over(market)

    with django_assert_num_queries(7):
        page = client.get(START)

    listed = [each.handover.unanswered_since for each in page.context["waiting_longest"]]
    assert (len(listed), listed) == (5, sorted(listed))
    assert "All 7" in text(page)


@pytest.mark.usefixtures("owner_db")
def test_shops_are_listed_only_when_the_whole_interval_lies_below(
    client: Client, market: Market, other_market: Market
) -> None:
    standard(0, begins=date(2026, 2, 1))
    for score in [0] * 8 + [9] * 2:
        market.response(score, submitted_at=LAST_MONTH)
    for score in [0] * 5 + [9] * 4:
        other_market.response(score, submitted_at=LAST_MONTH)
    client.force_login(analyst("view_shopscore"))

    with travel(NOON, tick=False):
        page = client.get(START)

    assert [shop.name for shop in page.context["below"]] == [market.shop.name]
    assert page.context["scores"].judged == 2


@pytest.mark.usefixtures("owner_db")
def test_coming_standard_says_what_it_would_have_changed(client: Client, market: Market) -> None:
    standard(0, begins=date(2026, 2, 1))
    standard(30, begins=date(2027, 1, 1))
    for score in [9] * 5 + [0] * 4:
        market.response(score, submitted_at=LAST_MONTH)
    client.force_login(analyst("view_shopscore"))

    with travel(NOON, tick=False):
        page = text(client.get(START))

    assert "With +30, 1 shop more would not have met the standard" in page


@pytest.mark.parametrize(("minutes", "is_late"), [(-1, False), (10, False), (16, True)])
def test_closings_past_their_decision_are_counted(
    client: Client, market: Market, minutes: int, is_late: bool
) -> None:
    closed = market.closing().closed_at
    client.force_login(analyst("view_invitation"))

    with travel(closed + 24 * HOUR + timedelta(minutes=minutes), tick=False):
        page = client.get(START)

    behind = page.context["backlog"]
    assert (behind.closings, behind.deciding_is_late) == (int(minutes >= 0), is_late)
    assert ("look here" in text(page)) is is_late


def test_mail_server_that_is_left_alone_is_told(client: Client, db: None) -> None:
    MailServer.objects.update(paused_until=NOON + HOUR)
    RefusedAddress.objects.create(email="gone@old.example", refused_at=NOON - HOUR)
    RefusedAddress.objects.create(email="away@old.example", refused_at=NOON - 25 * HOUR)
    client.force_login(analyst("view_invitation"))

    with travel(NOON, tick=False):
        page = client.get(START)

    assert page.context["backlog"].refused == 1
    assert "The mail server did not answer" in text(page)


def test_who_may_nothing_reads_whom_to_ask(client: Client, db: None) -> None:
    client.force_login(analyst())

    page = client.get(START)

    assert "You may not look at any list yet" in text(page)
    assert not [part for part in ("waiting", "scores", "backlog") if part in page.context]


@pytest.mark.parametrize(
    ("permissions", "kinds"),
    [
        (("view_seller", "view_customer", "view_customerquery", "view_order"), 4),
        (("view_customer",), 1),
        ((), 0),
    ],
)
def test_search_finds_all_kinds_that_somebody_may_look_at(
    client: Client, market: Market, permissions: tuple[str, ...], kinds: int
) -> None:
    market.shop.name = "Zebra lamps"
    market.shop.save()
    market.query(market.new_customer(name="Zebra Jansen"))
    market.order("zebra-1")
    client.force_login(analyst(*permissions))

    page = client.get(SEARCH, {"q": "zebra"})

    assert len(page.context["kinds"]) == kinds


@pytest.mark.parametrize("words", ["", "   ", "nothing like it", "\0", "x" * 121, "%", "'--"])
def test_search_for_nothing_answers_calmly(client: Client, market: Market, words: str) -> None:
    client.force_login(analyst("view_seller", "view_customer"))

    page = client.get(SEARCH, {"q": words})

    assert page.status_code == 200
    assert page.context["kinds"] == []


def test_search_is_for_staff(client: Client, market: Market) -> None:
    client.force_login(market.agent)

    assert client.get(SEARCH, {"q": "a"}).status_code == 302


def test_superuser_sees_that_the_database_is_held_and_releases_it(
    client: Client, market: Market
) -> None:
    closed_at = market.closing().closed_at
    hold(by=Actor.SYSTEM, now=NOON)
    client.force_login(User.objects.create_superuser("root@markt.example", language="en"))
    release = reverse("admin:release")

    with travel(closed_at + 25 * HOUR, tick=False):
        assert release in client.get(START).content.decode()
        assert client.get(release).context["backlog"].closings == 1
        client.post(release)

        assert release not in client.get(START).content.decode()
    assert not look_whether_held(now=NOON)


def test_staff_who_are_no_superusers_do_not_release(client: Client, db: None) -> None:
    hold(by=Actor.SYSTEM, now=NOON)
    client.force_login(analyst("view_invitation"))

    assert "Until it is released" in text(client.get(START))
    assert client.post(reverse("admin:release")).status_code == 403
    assert look_whether_held(now=NOON)

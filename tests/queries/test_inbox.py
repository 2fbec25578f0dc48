"""The inbox."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from queries import actions
from queries.enums import Channel
from queries.models import CustomerQuery, Visit
from queries.models.messages import EXCERPT
from queries.worklist import ROWS_PER_PAGE, Urgency, View
from sellers.events import Actor
from sellers.models import Event, User
from tests.conftest import NOON, Market, text
from tests.queries.conftest import HOUR, NOW

pytestmark = pytest.mark.usefixtures("_one_o_clock")

INBOX = "/queries/"


def subjects(response: HttpResponse) -> list[str]:
    """Return the rows of an inbox in their order."""
    return [item.query.subject for item in response.context["pane"].page.items]


def counted(response: HttpResponse) -> dict[str, int]:
    """Return how many queries each view says it has."""
    return {view.name: view.count for view in response.context["pane"].views}


def test_inbox_shows_what_is_due_first(bob_s: Client, market: Market) -> None:
    market.query(subject="second", asked_at=NOON)
    market.query(subject="third", asked_at=NOON + HOUR)
    market.query(subject="first", asked_at=NOON - HOUR)

    assert subjects(bob_s.get(INBOX)) == ["first", "second", "third"]


def test_inbox_has_a_heading_for_each_urgency(bob_s: Client, market: Market) -> None:
    market.query(subject="late", asked_at=NOW - timedelta(hours=30))
    market.query(subject="late too", asked_at=NOW - timedelta(hours=24))
    market.query(subject="today", asked_at=NOW - timedelta(hours=23))
    market.query(subject="tomorrow", asked_at=NOW)

    pane = bob_s.get(INBOX).context["pane"]

    assert [
        (group.urgency, count.number, [item.query.subject for item in group.items])
        for group, count in pane.groups
    ] == [
        (Urgency.LATE, 2, ["late", "late too"]),
        (Urgency.TODAY, 1, ["today"]),
        (Urgency.LATER, 1, ["tomorrow"]),
    ]


def test_inbox_shows_closed_queries_latest_first(bob_s: Client, market: Market) -> None:
    market.closing(subject="earlier", closed_at=NOON - HOUR)
    market.closing(subject="later", closed_at=NOON)

    assert subjects(bob_s.get(INBOX, {"view": "closed"})) == ["later", "earlier"]
    assert subjects(bob_s.get(INBOX, {"state": "closed"})) == ["later", "earlier"]  # of before


@pytest.fixture
def one_in_each_view(market: Market, alice: User) -> None:
    """Queries of every kind, by the subject that says which."""
    by, now = market.actor, NOON
    market.query(subject="nobody's")
    actions.assign(market.query(subject="Bob's"), assignee=market.agent, by=by, now=now)
    actions.assign(market.query(subject="Alice's"), assignee=alice, by=by, now=now)
    actions.snooze(market.query(subject="asleep"), until=NOW + HOUR, by=by, now=now)
    actions.snooze(market.query(subject="woke"), until=NOW, by=by, now=now)
    actions.reply(market.query(subject="answered"), body="Here.", by=by, now=now)
    actions.hand_over(market.query(subject="theirs"), reason="Lost.", by=by, now=now)
    market.closing(subject="over")


EVERY_VIEW = {
    View.YOUR_TURN: {"nobody's", "Bob's", "Alice's", "woke"},
    View.MINE: {"Bob's"},
    View.UNASSIGNED: {"nobody's", "woke"},
    View.SNOOZED: {"asleep"},
    View.WAITING: {"answered"},
    View.WITH_MARKETPLACE: {"theirs"},
    View.CLOSED: {"over"},
    View.ALL: {
        *("nobody's", "Bob's", "Alice's", "woke", "asleep", "answered", "theirs", "over"),
    },
}


@pytest.mark.usefixtures("one_in_each_view")
@pytest.mark.parametrize("view", View)
def test_every_view_shows_and_counts_what_is_in_it(
    bob_s: Client, other_market: Market, view: View
) -> None:
    other_market.query(subject="next door")

    page = bob_s.get(INBOX, {"view": view})

    assert set(subjects(page)) == EVERY_VIEW[view]
    assert counted(page) == {view: len(some) for view, some in EVERY_VIEW.items()}
    assert page.context["pane"].current.name == view


@pytest.mark.usefixtures("one_in_each_view")
def test_views_keep_the_search_and_count_what_it_finds(bob_s: Client) -> None:
    page = bob_s.get(INBOX, {"q": "Bob", "channel": "web", "after": "1", "view": "all"})

    assert subjects(page) == ["Bob's"]
    for view in page.context["pane"].views:
        assert view.url == f"?q=Bob&channel=web&view={view.name}"
        assert len(subjects(bob_s.get(INBOX + view.url))) == view.count


def test_a_search_says_nothing_of_all_that_waits(bob_s: Client) -> None:
    assert "wait for your answer" in text(bob_s.get(INBOX))

    page = text(bob_s.get(INBOX, {"q": "nothing"}))

    assert "wait for your answer" not in page
    assert "data-waiting=" not in page


def test_what_is_nowhere_is_looked_for_in_no_other_list(bob_s: Client) -> None:
    closed = text(bob_s.get(INBOX, {"q": "nothing", "view": "closed"}))
    everywhere = text(bob_s.get(INBOX, {"q": "nothing", "view": "all"}))

    assert "The numbers of the other lists" in closed
    assert "The numbers of the other lists" not in everywhere
    assert "Try fewer words." in everywhere


def test_what_only_grows_is_counted_up_to_a_thousand(
    bob_s: Client, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queries.worklist.COUNTED_UP_TO", 2)
    for _ in range(3):
        actions.reply(market.query(), body="Here.", by=market.actor, now=NOON)
        market.query()
        market.closing()

    views = {view.name: view for view in bob_s.get(INBOX).context["pane"].views}
    searched = {view.name: view for view in bob_s.get(INBOX, {"q": "parcel"}).context["pane"].views}

    assert (views["closed"].count, views["closed"].more) == (2, True)
    for view in ("your_turn", "waiting_for_customer"):
        assert (views[view].count, views[view].more) == (3, False)
    assert (searched["your_turn"].count, searched["your_turn"].more) == (3, False)
    for view in ("waiting_for_customer", "closed"):
        assert (searched[view].count, searched[view].more) == (2, True)


def test_inbox_leaves_out_another_shop(
    bob_s: Client, dirk: User, market: Market, other_market: Market
) -> None:
    market.query(subject="Squeaking brakes")
    other_market.query(subject="Torn cover")
    dirk_s = Client()
    dirk_s.force_login(dirk)

    for browser, own, foreign in (
        (bob_s, "Squeaking brakes", "Torn cover"),
        (dirk_s, "Torn cover", "Squeaking brakes"),
    ):
        page = text(browser.get(INBOX))
        assert own in page
        assert foreign not in page


@pytest.mark.parametrize(
    "words",
    ["squeaking", "47-11", "DE VRIES", "Vries@klant.example"],
    ids=["subject", "order", "name", "email"],
)
def test_inbox_searches(bob_s: Client, market: Market, words: str) -> None:
    customer = market.new_customer(name="Mevrouw de Vries", email="vries@klant.example")
    market.query(customer, subject="Squeaking brakes", order_reference="47-11")
    market.query(subject="Flat tyre")

    assert subjects(bob_s.get(INBOX, {"q": words})) == ["Squeaking brakes"]


def test_inbox_narrows_by_channel(bob_s: Client, market: Market) -> None:
    found = market.query(subject="Squeaking brakes")
    CustomerQuery.objects.filter(pk=found.pk).update(channel=Channel.EMAIL)
    market.query(subject="Flat tyre")

    assert subjects(bob_s.get(INBOX, {"channel": "email"})) == ["Squeaking brakes"]


@pytest.mark.parametrize(
    "search",
    [
        "?state=asleep",
        "?channel=pigeon",
        "?page=0",
        "?page=99",
        "?page=last",
        "?view=asleep",
        "?after=1",
        "?after=99999999T999999.999999-1",
        "?before=20261126T000000.000000-999999999999999999",
        "?view=closed&since=2026-02-30&agent=99&survey=lost&score=11&band=best&reason=opted_out",
        "?view=closed&since=2026-03-02&until=2026-03-01",
        "?q=%00",
        "?q=%25",
        "?state=your_turn&state=closed&q=&channel=",
    ],
)
def test_inbox_survives_any_url(bob_s: Client, market: Market, search: str) -> None:
    market.query()
    market.closing()

    assert bob_s.get(INBOX + search).status_code == 200


def test_inbox_has_pages_that_keep_the_search(bob_s: Client, market: Market) -> None:
    for number in range(ROWS_PER_PAGE + 1):
        market.query(subject=f"Squeaking brakes {number}")

    first = bob_s.get(INBOX, {"q": "brakes"})
    second = bob_s.get(INBOX + first.context["pane"].after)
    back = bob_s.get(INBOX + second.context["pane"].before)

    assert first.context["pane"].after.startswith("?q=brakes&view=your_turn&after=")
    assert (len(subjects(first)), len(subjects(second))) == (ROWS_PER_PAGE, 1)
    assert first.context["pane"].before == second.context["pane"].after == ""
    assert subjects(back) == subjects(first)


@pytest.mark.parametrize("view", [View.YOUR_TURN, View.UNASSIGNED, View.ALL, View.WAITING])
def test_next_page_shows_exactly_the_next_while_all_of_this_one_change(
    bob_s: Client, market: Market, view: View
) -> None:
    """What is asked at one moment, and much of it was: the number decides."""
    asked = [market.query(asked_at=NOON) for _ in range(3 * ROWS_PER_PAGE)]
    if view is View.WAITING:
        for query in asked:
            actions.reply(query, body="Here.", by=market.actor, now=NOON)
    in_order = asked[::-1] if view is View.ALL else asked

    seen = []
    url = f"?view={view}"
    while url:
        page = bob_s.get(INBOX + url).context["pane"]
        shown = [item.query for item in page.page.items]
        seen += shown
        for query in shown:
            if view is View.WAITING:
                actions.receive_reaction(query, body="And?", by=Actor.CUSTOMER, now=NOW)
            else:
                actions.reply(query, body="Here.", by=market.actor, now=NOW)
        url = page.after

    assert [query.pk for query in seen] == [query.pk for query in in_order]


def test_page_that_is_empty_by_now_is_the_first(bob_s: Client, market: Market) -> None:
    market.query(subject="Flat tyre")

    page = bob_s.get(INBOX, {"after": "20991231T000000.000000-1"})

    assert subjects(page) == ["Flat tyre"]


def test_inbox_gives_htmx_the_rows_alone(bob_s: Client, market: Market) -> None:
    market.query(subject="Squeaking brakes")

    page = bob_s.get(INBOX)
    fragment = bob_s.get(INBOX, headers={"HX-Request": "true"})

    assert "Squeaking brakes" in text(fragment)
    assert "<html" in text(page)
    assert "<html" not in text(fragment)
    assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize("count", [1, 3])
def test_every_view_asks_the_database_as_often_for_many_as_for_one(
    bob_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    by, now = market.actor, NOON
    for _each in range(count):
        market.query()
        actions.assign(market.query(), assignee=market.agent, by=by, now=now)
        actions.snooze(market.query(), until=NOW + HOUR, by=by, now=now)
        actions.reply(market.query(), body="Here.", by=by, now=now)
        actions.hand_over(market.query(), reason="Lost.", by=by, now=now)
        market.closing()

    shown = {}
    for view, words in product(View, ("", "parcel")):
        of_closed = view is View.CLOSED  # who can be chosen as who closed
        with django_assert_num_queries(10 + of_closed + bool(words)):
            page = bob_s.get(INBOX, {"view": view, "q": words})
        shown[view, words] = len(subjects(page))

    of_several = {View.YOUR_TURN: 2, View.ALL: 6}
    assert shown == {(view, words): of_several.get(view, 1) * count for view, words in shown}


@pytest.mark.parametrize(
    ("asked_ago", "kind", "words"),
    [
        pytest.param(timedelta(hours=1), "later", "tomorrow 12:00", id="fresh"),
        pytest.param(timedelta(hours=23), "today", "before 14:00", id="today"),
        pytest.param(timedelta(hours=24), "late", "0 min late", id="24 hours"),
        pytest.param(timedelta(hours=28), "late", "4 h late", id="28 hours"),
    ],
)
def test_inbox_says_how_much_it_presses(
    bob_s: Client, market: Market, asked_ago: timedelta, kind: str, words: str
) -> None:
    market.query(asked_at=NOW - asked_ago)

    page = text(bob_s.get(INBOX))

    assert f'class="chip {kind}"' in page
    assert f">{words}</time>" in page


def test_what_nobody_waits_for_is_not_due(bob_s: Client, market: Market) -> None:
    actions.reply(market.query(), body="Here.", by=market.actor, now=NOON)

    assert 'class="chip' not in text(bob_s.get(INBOX, {"view": "waiting_for_customer"}))


def test_item_shows_the_last_words_and_whose_it_is(bob_s: Client, market: Market) -> None:
    query = market.query()
    actions.assign(query, assignee=market.agent, by=market.actor, now=NOON)
    actions.receive_reaction(query, body="It is " + "very " * 60, by=Actor.CUSTOMER, now=NOON)

    [item] = bob_s.get(INBOX).context["pane"].page.items

    assert item.excerpt.startswith("It is very very")
    assert len(item.excerpt) == EXCERPT
    assert item.query.assignee == market.agent


def test_item_is_unread_until_it_is_read_and_again_when_the_customer_writes(
    bob_s: Client, market: Market
) -> None:
    query = market.query(asked_at=NOON - 2 * HOUR)

    def is_unread() -> bool:
        [item] = bob_s.get(INBOX).context["pane"].page.items
        unread: bool = item.is_unread
        return unread

    assert is_unread()
    Visit.objects.create(query=query, user=market.agent, read_until=NOON, seen_at=NOON)
    assert not is_unread()
    actions.receive_reaction(query, body="And?", by=Actor.CUSTOMER, now=NOW)
    assert is_unread()


def test_a_query_opened_beside_the_list_comes_without_another_list(
    bob_s: Client, market: Market
) -> None:
    query = market.query(subject="Flat tyre")
    other = market.query(subject="Torn seat")
    beside = {"HX-Request": "true", "HX-Target": "panes"}

    whole = text(bob_s.get(query.get_absolute_url()))
    part = text(bob_s.get(query.get_absolute_url(), headers=beside))

    assert str(other) in whole
    assert str(other) not in part
    assert 'id="list"' not in part
    assert 'id="panes"' in part
    assert "<title>Flat tyre" in part


# The poll


POLL = "/queries/poll/"


def poll(browser: Client, mark: str = "", **search: str) -> HttpResponse:
    """Ask whether the list is still as it was."""
    return browser.get(POLL, search, headers={"If-None-Match": mark} if mark else {})


def test_poll_says_in_one_statement_that_nothing_changed(
    bob_s: Client, market: Market, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    market.query(subject="Flat tyre")
    first = poll(bob_s)
    assert "Flat tyre" in text(first)

    with django_assert_num_queries(4):  # session, user, shops, and this
        again = poll(bob_s, first["ETag"])

    assert (again.status_code, again.content) == (304, b"")


def _ask(market: Market, _query: CustomerQuery) -> None:
    market.query()


def _assign(market: Market, query: CustomerQuery) -> None:
    actions.assign(query, assignee=market.agent, by=market.actor, now=NOW)


def _react(_market: Market, query: CustomerQuery) -> None:
    actions.receive_reaction(query, body="And?", by=Actor.CUSTOMER, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_ask, id="asked"),
        pytest.param(_assign, id="assigned"),
        pytest.param(_react, id="reaction"),
    ],
)
def test_poll_gives_the_list_when_something_happened(
    bob_s: Client, market: Market, change: Callable[[Market, CustomerQuery], object]
) -> None:
    query = market.query()
    mark = poll(bob_s)["ETag"]

    change(market, query)

    assert poll(bob_s, mark).status_code == 200


def test_poll_does_not_care_what_happens_next_door(
    bob_s: Client, market: Market, other_market: Market
) -> None:
    market.query()
    mark = poll(bob_s)["ETag"]

    other_market.query()

    assert poll(bob_s, mark).status_code == 304


def test_poll_sees_what_was_committed_later_than_what_came_after_it(
    bob_s: Client, market: Market
) -> None:
    query = market.query()
    last = Event.objects.latest("pk")
    mark = poll(bob_s)["ETag"]

    Event.objects.create(
        pk=last.pk - 1_000,  # given out before, committed now
        kind=last.kind,
        at=last.at,
        seller=query.seller,
        object_label=last.object_label,
        object_pk=query.pk,
        actor=last.actor,
    )

    assert poll(bob_s, mark).status_code == 200


@pytest.mark.parametrize("moment", ["due", "wakes"])
def test_poll_gives_the_list_when_a_moment_passes(
    bob_s: Client, market: Market, moment: str
) -> None:
    query = market.query(asked_at=NOW - timedelta(hours=24) + timedelta(minutes=10))
    until = NOW + timedelta(minutes=10 if moment == "wakes" else 20)
    actions.snooze(query, until=until, by=market.actor, now=NOW)
    mark = poll(bob_s)["ETag"]

    with travel(NOW + timedelta(minutes=9), tick=False):
        assert poll(bob_s, mark).status_code == 304
    with travel(NOW + timedelta(minutes=10), tick=False):
        assert poll(bob_s, mark).status_code == 200


def test_poll_works_for_a_browser_that_takes_compressed_answers(
    bob_s: Client, market: Market
) -> None:
    market.query()
    packed = bob_s.get(POLL, headers={"Accept-Encoding": "gzip"})
    assert packed["ETag"].startswith("W/")

    again = bob_s.get(POLL, headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})

    assert again.status_code == 304

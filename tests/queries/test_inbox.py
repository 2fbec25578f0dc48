"""The inbox."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from queries import actions
from queries.enums import Channel, QueryState
from queries.models import CustomerQuery
from queries.worklist import ROWS_PER_PAGE
from sellers.events import Actor
from sellers.models import User
from tests.conftest import NOON, Market, text
from tests.queries.conftest import HOUR, NOW

pytestmark = pytest.mark.usefixtures("_one_o_clock")

INBOX = "/queries/"


def subjects(response: HttpResponse) -> list[str]:
    """Return the rows of an inbox in their order."""
    return [item.query.subject for item in response.context["pane"].page.items]


def test_inbox_shows_what_waits_longest_first(bob_s: Client, market: Market) -> None:
    market.query(subject="second", asked_at=NOON)
    market.query(subject="third", asked_at=NOON + HOUR)
    market.query(subject="first", asked_at=NOON - HOUR)

    assert subjects(bob_s.get(INBOX)) == ["first", "second", "third"]


def test_inbox_sorts_by_the_turn_and_not_by_the_question(bob_s: Client, market: Market) -> None:
    asked_long_ago = market.query(subject="reacted just now", asked_at=NOON - 9 * HOUR)
    market.query(subject="asked at noon", asked_at=NOON)
    actions.reply(asked_long_ago, by=market.actor, body="Here.", now=NOON)
    actions.receive_reaction(asked_long_ago, body="And?", by=Actor.CUSTOMER, now=NOON + HOUR)

    assert subjects(bob_s.get(INBOX)) == ["asked at noon", "reacted just now"]


def test_inbox_shows_closed_queries_latest_first(bob_s: Client, market: Market) -> None:
    market.closing(subject="earlier", closed_at=NOON - HOUR)
    market.closing(subject="later", closed_at=NOON)

    assert subjects(bob_s.get(INBOX, {"state": "closed"})) == ["later", "earlier"]


def test_inbox_counts_every_state(bob_s: Client, market: Market, other_market: Market) -> None:
    market.query()
    market.query()
    market.closing()
    other_market.query()

    tabs = bob_s.get(INBOX).context["states"]

    assert [(tab.name, tab.count, tab.current) for tab in tabs] == [
        ("your_turn", 2, True),
        ("waiting_for_customer", 0, False),
        ("with_marketplace", 0, False),
        ("closed", 1, False),
    ]


def test_inbox_pills_keep_the_search_and_count_what_it_finds(bob_s: Client, market: Market) -> None:
    market.query(subject="Squeaking brakes")
    market.query(subject="Flat tyre")
    market.closing(subject="Brakes again")

    page = bob_s.get(INBOX, {"q": "brakes", "channel": "web", "page": "1"})

    assert [(tab.count, tab.url) for tab in page.context["states"]] == [
        (1, "?q=brakes&channel=web&state=your_turn"),
        (0, "?q=brakes&channel=web&state=waiting_for_customer"),
        (0, "?q=brakes&channel=web&state=with_marketplace"),
        (1, "?q=brakes&channel=web&state=closed"),
    ]
    for tab in page.context["states"]:
        assert len(subjects(bob_s.get(INBOX + tab.url))) == tab.count


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
    for _ in range(ROWS_PER_PAGE + 1):
        market.query(subject="Squeaking brakes")

    first = bob_s.get(INBOX, {"q": "brakes"})
    second = bob_s.get(INBOX, {"q": "brakes", "page": 2})

    assert len(subjects(first)) == ROWS_PER_PAGE
    assert "?q=brakes&page=2" in text(first)
    assert len(subjects(second)) == 1


def test_inbox_gives_htmx_the_rows_alone(bob_s: Client, market: Market) -> None:
    market.query(subject="Squeaking brakes")

    page = bob_s.get(INBOX)
    fragment = bob_s.get(INBOX, headers={"HX-Request": "true"})

    assert "Squeaking brakes" in text(fragment)
    assert "<html" in text(page)
    assert "<html" not in text(fragment)
    assert "HX-Request" in page["Vary"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("state", [QueryState.YOUR_TURN, QueryState.CLOSED])
def test_inbox_asks_the_database_as_often_for_many_as_for_one(
    bob_s: Client,
    market: Market,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
    state: QueryState,
) -> None:
    for _ in range(count):
        market.query()
        market.closing()

    with django_assert_num_queries(6):
        page = bob_s.get(INBOX, {"state": state})

    assert len(subjects(page)) == count


@pytest.mark.parametrize(
    ("asked_ago", "tag"),
    [
        pytest.param(timedelta(hours=1), None, id="fresh"),
        pytest.param(timedelta(hours=18), "Open for a long time", id="18 hours"),
        pytest.param(timedelta(hours=24), "Overdue", id="24 hours"),
    ],
)
def test_inbox_marks_what_is_pressing(
    bob_s: Client, market: Market, asked_ago: timedelta, tag: str | None
) -> None:
    market.query(asked_at=NOW - asked_ago)

    page = text(bob_s.get(INBOX))

    assert [mark for mark in ("Overdue", "Open for a long time") if mark in page] == (
        [tag] if tag else []
    )

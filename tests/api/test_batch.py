"""The platform tells of many things at once, in any order, and more than once."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient as Program

from queries import actions
from queries.customers import erase_customer
from queries.enums import QueryEvent, QueryState
from queries.feeding import drop_given_up, give_up_waiting
from queries.feeding import waiting as waiting_module
from queries.feeding.feed import ONE_BY_ONE
from queries.models import (
    Closing,
    Customer,
    CustomerQuery,
    FedRow,
    Message,
    Order,
    WaitingItem,
)
from queries.standing import Happening, merged
from sellers.enums import Scope
from sellers.events import Actor
from sellers.models import Event, User
from surveys.feeding import feed_told
from tests.api.conftest import Register
from tests.api.feeding import (
    HOUR,
    HOW_OFTEN_STORED,
    Told,
    by_external_id,
    item,
    marketplace,
    shop,
    shuffled,
)
from tests.conftest import NOON, at_once, refused_by

LATER = NOON + timedelta(hours=12)
BATCH = "/api/v1/marketplace/mp/batch/"


@pytest.fixture(autouse=True)
def half_a_day_later(db: None) -> Iterator[None]:
    """Half a day after all began."""
    with time_machine.travel(LATER, tick=False):
        yield


def post(platform: Program, told: list[Told]) -> list[dict[str, Any]]:
    """Tell of many things; return what became of each."""
    answer = platform.post(BATCH, json.dumps({"items": told}), content_type="application/json")
    assert answer.status_code == 207, answer.content
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def outcomes(results: list[dict[str, Any]]) -> list[str]:
    """Return what became of each, in a word."""
    return [each["outcome"] for each in results]


def test_of_each_it_is_said_what_became_of_it(platform: Program) -> None:
    told = [
        *shop(),
        item("query", "q1"),
        item("query", "q1"),
        item("message", "g1", query="nowhere"),
        item("closing", "x1", actor="nobody"),
        {"kind": "parcel", "external_id": "p1"},
        "parcel",
    ]

    results = post(platform, told)

    assert outcomes(results) == [
        *["created"] * 4,
        "unchanged",
        "waiting",
        *["rejected"] * 3,
    ]
    assert [each["status"] for each in results] == [201] * 4 + [200, 202, 400, 400, 400]
    assert results[5]["waits_for"] == {"kind": "query", "external_id": "nowhere"}
    assert results[6]["problem"]["violations"][0]["name"] == "actor"
    assert results[7]["problem"]["violations"][0]["name"] == "kind"


def test_order_within_a_batch_matters_not(platform: Program) -> None:
    told = [*shop(), item("order", "o1"), item("query", "q1"), item("message", "g1", NOON + HOUR)]

    assert outcomes(post(platform, told[::-1])) == ["created"] * len(told)


@pytest.mark.parametrize("body", [{}, [], {"items": []}, {"items": {}}, {"items": [{}] * 1001}])
def test_batch_has_one_to_a_thousand_items(platform: Program, body: Any) -> None:
    answer = platform.post(BATCH, json.dumps(body), content_type="application/json")

    assert (answer.status_code, answer.json()["violations"][0]["name"]) == (400, "items")


def test_larger_than_the_limit_is_refused_before_it_is_read(platform: Program) -> None:
    large = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
    answer = platform.post(BATCH, b"{" * large, content_type="application/json")

    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"


class _Undone(Exception):
    """All that was fed in is to be forgotten again."""


def as_fed(platform: Program, parts: list[list[Told]]) -> tuple[Any, Any]:
    """Return which rows and events come of parts that are fed in one after the other; undo it."""
    found: tuple[Any, Any] = ({}, [])
    with suppress(_Undone), transaction.atomic():
        for part in parts:
            results = post(platform, part)
            assert [each for each in results if each["outcome"] == "rejected"] == []
        assert not WaitingItem.objects.exists()
        found = by_external_id(), events()
        raise _Undone
    return found


def events() -> list[tuple[str, str, str, Any]]:
    """Return what happened to queries, by the ids of the platform."""
    ids = dict(FedRow.objects.filter(kind="query").values_list("object_pk", "external_id"))
    happened = Event.objects.filter(object_label="queries.CustomerQuery")
    rows = happened.values_list("object_pk", "kind", "at", "actor", "user__email", "details")
    return sorted(
        (ids[pk], kind, at.isoformat(), actor, user or "", sorted(details))
        for pk, kind, at, actor, user, details in rows
    )


def in_parts(told: list[Told], size: int) -> list[list[Told]]:
    """Divide what is told."""
    return [told[start : start + size] for start in range(0, len(told), size)]


def test_bulk_makes_the_same_rows_and_events_as_one_by_one(platform: Program) -> None:
    told = marketplace(15)

    one_by_one = as_fed(platform, in_parts(told, 1))
    in_bulk = as_fed(platform, [told])

    assert len(one_by_one[0]) > 60
    kinds = {kind for kind, _external_id in one_by_one[0]}
    assert kinds == {"query", "message", "handover", "closing", "opt_out", "bounce"}
    assert in_bulk[0] == one_by_one[0]
    assert in_bulk[1] == one_by_one[1]


@pytest.mark.parametrize(("seed", "size"), [(1, 1), (2, 7), (3, 40), (4, 1000)])
def test_any_order_and_twice_settles_the_same(platform: Program, seed: int, size: int) -> None:
    told = marketplace(12)

    in_order, _events = as_fed(platform, [told])
    shuffled_rows, _events = as_fed(platform, in_parts(shuffled(told, seed), size))

    assert shuffled_rows == in_order


@pytest.mark.parametrize("count", [3, 9])
def test_bulk_asks_the_database_as_often_for_many_as_for_few(
    platform: Program, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    told = marketplace(count)
    one_by_one = [each for each in told if each["kind"] in ONE_BY_ONE]
    post(platform, one_by_one)

    with django_assert_max_num_queries(60):
        results = post(platform, [each for each in told if each not in one_by_one])

    assert set(outcomes(results)) == {"created"}


def as_it_stands() -> dict[str, object]:
    """Return the columns of the only query, but for how often it was stored."""
    columns = CustomerQuery.objects.values().get()
    return {name: value for name, value in columns.items() if name not in HOW_OFTEN_STORED}


def test_what_a_shop_did_meanwhile_stays(platform: Program) -> None:
    post(platform, [*shop(), item("query", "q1")])
    query = CustomerQuery.objects.get()
    owner = Actor.user(User.objects.get(name="Eva"))
    actions.need_no_reply(query, body="", by=owner, now=NOON + 3 * HOUR)
    stands = as_it_stands()

    told = [
        item("message", "g1", NOON + HOUR),
        item("handover", "h1", NOON + HOUR),
        item("handback", "b1", NOON + HOUR),
        item("closing", "x1", NOON + 2 * HOUR),
    ]
    results = post(platform, told)

    assert outcomes(results) == ["created", *["rejected"] * 3]
    assert [each["problem"]["code"] for each in results[1:]] == ["worked_on_since"] * 3
    assert as_it_stands() == stands
    assert query.messages.filter(sent_at=NOON + HOUR).exists()


def test_what_a_shop_handed_over_here_goes_on_as_the_platform_tells(platform: Program) -> None:
    """Also when the shop answered there, which it cannot do here meanwhile."""
    post(platform, [*shop(), item("query", "q1")])
    owner = Actor.user(User.objects.get(name="Eva"))
    query = CustomerQuery.objects.get()
    actions.hand_over(query, reason="We cannot decide this.", by=owner, now=NOON + HOUR)

    results = post(
        platform,
        [
            item("message", "g1", NOON + 2 * HOUR, author="seller", agent="m1"),
            item("message", "g2", NOON + 3 * HOUR),
            item("handback", "b1", NOON + 4 * HOUR),
        ],
    )

    query.refresh_from_db()
    handover = query.handovers.get()
    assert outcomes(results) == ["created"] * 3
    assert query.state == QueryState.YOUR_TURN
    assert (handover.unanswered_since, handover.answered_at) == (NOON + 3 * HOUR, None)
    assert (handover.handed_back_at, handover.outcome) == (NOON + 4 * HOUR, "handed_back")
    assert handover.handed_back_client is not None


def test_reaction_wakes_what_sleeps(platform: Program) -> None:
    post(platform, [*shop(), item("query", "q1")])
    owner = Actor.user(User.objects.get(name="Eva"))
    query, until = CustomerQuery.objects.get(), LATER + 9 * HOUR
    actions.snooze(query, until=until, by=owner, now=NOON + HOUR)

    told = [item("message", f"g{n}", NOON + n * HOUR) for n in (2, 3)]
    post(platform, told)

    query.refresh_from_db()
    assert (query.snoozed_until, query.snooze_cut_short) == (None, until)


def test_late_words_wake_nobody(platform: Program) -> None:
    told = [item("message", "g2", NOON + 2 * HOUR), item("message", "g1", NOON + HOUR)]
    post(platform, [*shop(), item("query", "q1"), told[0]])
    owner = Actor.user(User.objects.get(name="Eva"))
    query, until = CustomerQuery.objects.get(), LATER + 9 * HOUR
    actions.snooze(query, until=until, by=owner, now=NOON + 3 * HOUR)

    post(platform, [told[1]])

    query.refresh_from_db()
    assert query.snoozed_until == until
    assert query.messages.count() == 3


def test_late_reply_turns_out_to_be_none(platform: Program) -> None:
    post(platform, [*shop(), item("query", "q1", NOON - 90 * HOUR)])
    post(platform, [item("message", "g1", NOON)])
    judged = CustomerQuery.objects.get().first_reply_result

    post(platform, [item("closing", "x1", NOON - 89 * HOUR)])

    query = CustomerQuery.objects.get()
    assert (judged, query.first_reply_result) == ("late", "")
    assert Closing.objects.get().reopened_at == NOON


def test_closing_that_was_decided_about_stays(platform: Program) -> None:
    post(platform, [*shop(), item("query", "q1"), item("closing", "x1", NOON + HOUR)])
    Closing.objects.update(survey_decided_at=NOON + 6 * HOUR)

    post(platform, [item("message", "g1", NOON + 2 * HOUR)])

    closing = Closing.objects.get()
    assert closing.reopened_at == NOON + 6 * HOUR
    assert CustomerQuery.objects.get().state == QueryState.YOUR_TURN


# What waits, and what was erased


@pytest.mark.usefixtures("committed_db")
def test_child_and_parent_at_the_same_moment_find_each_other(register: Register) -> None:
    client = register(scopes=[Scope.MARKETPLACE_WRITE], seller=None).client
    feed_told("mp", shop(), client=client, now=LATER)

    for number in range(8):
        query = item("query", f"q{number}")
        message = item("message", f"g{number}", NOON + HOUR, query=f"q{number}")
        tell = partial(feed_told, "mp", client=client, now=LATER)
        at_once(partial(tell, [message]), partial(tell, [query]))

    assert Message.objects.count() == 16
    assert not WaitingItem.objects.exists()


def test_waiting_is_listed_and_given_up_after_a_week(platform: Program) -> None:
    post(platform, [item("message", "g1"), item("closing", "x1")])
    listed = platform.get("/api/v1/marketplace/mp/waiting/").json()["results"]
    in_time = give_up_waiting(now=LATER + timedelta(days=7))
    late = give_up_waiting(now=LATER + timedelta(days=7, seconds=1))
    given_up = platform.get("/api/v1/marketplace/mp/waiting/").json()["results"]

    assert [each["waits_for"]["kind"] for each in listed] == ["query", "member"]
    assert (in_time, late) == (0, 2)
    assert [each["problem"]["code"] for each in given_up] == ["waited_too_long"] * 2
    assert [each.said for each in WaitingItem.objects.all()] == [None, None]
    assert drop_given_up(now=LATER + timedelta(days=38)) == 2


def test_given_up_can_be_told_again(platform: Program) -> None:
    post(platform, [item("message", "g1", NOON + HOUR)])
    give_up_waiting(now=LATER + timedelta(days=8))
    post(platform, [*shop(), item("query", "q1")])

    (result,) = post(platform, [item("message", "g1", NOON + HOUR)])

    assert result["outcome"] == "created"
    assert not WaitingItem.objects.exists()


def test_newest_that_waits_is_taken_up_with_what_is_older(platform: Program) -> None:
    post(platform, [item("opt_out", "c1", NOON + 2 * HOUR, opted_out=False)])
    alone = post(platform, [item("opt_out", "c1", NOON + HOUR)])
    with_parent = post(platform, [item("opt_out", "c1", NOON + HOUR), item("customer", "c1")])

    fed = FedRow.objects.get(kind="opt_out")
    assert outcomes(alone + with_parent) == ["waiting", "unchanged", "created"]
    assert alone[0]["effects"] == with_parent[0]["effects"] == ["older_than_known"]
    assert fed.told_of_at == NOON + 2 * HOUR
    assert not WaitingItem.objects.exists()


def test_what_waited_and_cannot_be_is_listed(platform: Program) -> None:
    post(platform, [item("message", "g1", NOON - HOUR)])
    post(platform, [*shop(), item("query", "q1")])

    (listed,) = platform.get("/api/v1/marketplace/mp/waiting/").json()["results"]
    assert listed["problem"]["code"] == "before_it_was_asked"
    assert listed["rejected_at"]


def test_not_too_much_waits(platform: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_module, "MOST_WAITING", 2)

    results = post(platform, [item("message", f"g{n}") for n in range(3)])

    assert outcomes(results) == ["waiting", "waiting", "rejected"]
    assert results[2]["problem"]["code"] == "too_much_waits"


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_what_waits_asks_once(
    platform: Program, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    post(platform, [item("message", f"g{n}") for n in range(count)])

    with django_assert_num_queries(2):
        answer = platform.get("/api/v1/marketplace/mp/waiting/")

    assert len(answer.json()["results"]) == count


def test_erased_customer_comes_back_by_no_message(platform: Program) -> None:
    told = [
        *shop(),
        item("order", "o1"),
        item("query", "q1"),
        item("message", "g1", NOON + HOUR),
        item("closing", "x1", NOON + 2 * HOUR),
    ]
    post(platform, told)
    erase_customer(Customer.objects.get(external_id="K-1"), by=Actor.SYSTEM, now=LATER)

    known = set(FedRow.objects.values_list("kind", flat=True))
    query, message = post(platform, [told[4], told[5]])

    assert known == {"seller", "member", "query"}
    assert not Order.objects.exists()
    assert query["outcome"] == "waiting"  # whose it is nobody knows any more
    assert message["problem"]["code"] == "query_is_erased"
    assert not Message.objects.exists()


# Which closings and hand-overs stand: queries/standing.py

R, C = QueryEvent.REACTED, QueryEvent.CLOSED
H, B = QueryEvent.HANDED_OVER, QueryEvent.HANDED_BACK


@pytest.mark.parametrize(
    ("known", "told", "refused"),
    [
        pytest.param([], [(1, C)], [], id="closed"),
        pytest.param([(1, C)], [(2, C)], [0], id="closed already"),
        pytest.param([(2, C)], [(1, C)], [0], id="closed later already"),
        pytest.param([(1, C)], [(2, R), (3, C)], [], id="opened and closed again"),
        pytest.param([(3, C)], [(1, C), (2, R)], [], id="told late"),
        pytest.param([(3, C)], [(1, C), (2, C)], [0, 1], id="two of them late"),
        pytest.param([(1, C), (3, R)], [(2, C), (4, C)], [0], id="one of them late"),
        pytest.param([], [(1, C), (1, R)], [], id="words of the same moment come first"),
        pytest.param([], [(1, H), (2, C)], [], id="closed by the marketplace"),
        pytest.param([(1, H)], [(2, H)], [0], id="handed over already"),
        pytest.param([(1, H)], [(3, H), (2, B)], [], id="came back in between"),
        pytest.param([(1, H), (4, B)], [(3, H)], [0], id="handed over, and the return is missing"),
        pytest.param([(1, H), (4, B)], [(2, B)], [0], id="came back later already"),
        pytest.param([(1, H), (4, B)], [(3, H), (2, B)], [], id="both told late"),
        pytest.param([], [(1, B)], [0], id="came back from nowhere"),
        pytest.param([(3, H)], [(1, C)], [0], id="handed over later, so not closed"),
        pytest.param([(3, H)], [(1, C), (2, R)], [], id="opened before it was handed over"),
        pytest.param([(1, C)], [(2, H)], [0], id="closed, so not handed over"),
        pytest.param(
            [(1, H), (5, B)], [(2, C), (3, R)], [0], id="words stay when a closing has no place"
        ),
        pytest.param([(1, H)], [(2, R), (3, C)], [], id="words leave it there"),
    ],
)
def test_what_passes_a_query_on_needs_it_in_hand(
    known: list[tuple[int, QueryEvent]], told: list[tuple[int, QueryEvent]], refused: list[int]
) -> None:
    happened = [Happening(NOON + hours * HOUR, kind) for hours, kind in known]
    new = [Happening(NOON + hours * HOUR, kind, n) for n, (hours, kind) in enumerate(told)]

    found, numbers = merged(happened, new)

    assert sorted(numbers) == refused
    assert len(found) == len(known) + len(told) - len(refused)


@given(st.lists(st.sampled_from([R, H, B, C]), min_size=1, max_size=14), st.randoms())
def test_what_can_have_been_settles_the_same_in_any_order(
    kinds: list[QueryEvent], chance: Random
) -> None:
    all_told = [Happening(NOON + n * HOUR, kind, n) for n, kind in enumerate(kinds)]
    happened = [replace(each, number=None) for each in merged((), all_told)[0]]
    known: list[Happening] = []
    waiting: list[Happening] = []

    for told in chance.sample(happened, len(happened)):
        new = [*waiting, told]
        numbered = [replace(each, number=number) for number, each in enumerate(new)]
        found, refused = merged(known, numbered)
        known = [replace(each, number=None) for each in found]
        waiting = [new[number] for number in refused]

    assert (known, waiting) == (happened, [])


# What the database refuses


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("fed_once", {"external_id": "s2"}),
        ("fed_source_known_form", {"source": "No Source"}),
        ("fed_id_known_form", {"external_id": "a/b"}),
        ("fed_kind_known", {"kind": "parcel"}),
    ],
)
def test_database_refuses_such_a_row(platform: Program, guard: str, change: Told) -> None:
    known = {"source": "mp", "kind": "seller", "external_id": "s1", "object_pk": 1}
    FedRow.objects.create(**known | {"external_id": "s2"}, told_of_at=NOON)

    with refused_by(guard):
        FedRow.objects.create(**known | change, told_of_at=NOON)


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("fed_stays_the_same_row", {"object_pk": 0}),
        ("fed_stays_the_same_row", {"external_id": "s9"}),
        ("fed_only_gets_newer", {"told_of_at": NOON - HOUR}),
    ],
)
def test_known_row_stays_the_same(platform: Program, guard: str, change: Told) -> None:
    post(platform, [item("seller", "s1")])

    with refused_by(guard):
        FedRow.objects.update(**change)


def test_known_row_stays(platform: Program) -> None:
    post(platform, [item("seller", "s1")])

    with refused_by("fed_stays"):
        FedRow.objects.all().delete()


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("waiting_once", {"external_id": "g2"}),
        ("waiting_kinds_known", {"parent_kind": "parcel"}),
        ("waiting_or_given_up", {"said": None}),
        ("waiting_or_given_up", {"given_up_at": NOON}),
    ],
)
def test_database_refuses_to_let_wait(platform: Program, guard: str, change: Told) -> None:
    post(platform, [item("message", "g1"), item("message", "g2")])

    with refused_by(guard):
        WaitingItem.objects.filter(external_id="g1").update(**change)


def test_opening_turns_out_to_have_been_earlier_but_never_later(platform: Program) -> None:
    post(platform, [*shop(), item("query", "q1"), item("closing", "x1", NOON + HOUR)])
    post(platform, [item("message", "g1", NOON + 3 * HOUR)])

    Closing.objects.update(reopened_at=NOON + 2 * HOUR)
    with refused_by("closing_reopened_once"):
        Closing.objects.update(reopened_at=NOON + 3 * HOUR)
    Closing.objects.update(survey_decided_at=NOON + 9 * HOUR)
    with refused_by("closing_reopened_once"):
        Closing.objects.update(reopened_at=NOON + HOUR)

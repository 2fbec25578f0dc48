"""Who works on a query and when: assigned, snoozed and woken, one or many at once."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from queries import actions
from queries.enums import QueryEvent, QueryState
from queries.models import Closing, CustomerQuery, asleep, at_turn
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, User
from tests.conftest import (
    NOON,
    Market,
    at_once,
    refused_by,
    text,
    wait_until_somebody_waits,
)
from tests.queries.conftest import HOUR, NOW

DAY = timedelta(days=1)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def kinds(query: CustomerQuery) -> list[str]:
    """Return what was written of a query since it was asked."""
    return list(Event.objects.about([query]).order_by("pk").values_list("kind", flat=True))[1:]


def assignee_of(query: CustomerQuery) -> User | None:
    """Return whose a query is."""
    return CustomerQuery.objects.get(pk=query.pk).assignee


# Assigning


def test_assign_says_whose_it_was(market: Market, alice: User) -> None:
    query = market.query()

    first = actions.assign(query, assignee=alice, by=market.actor, now=NOON)
    then = actions.assign(query, assignee=None, by=market.actor, now=NOON)

    assert (first, then, assignee_of(query)) == (None, alice, None)
    details = Event.objects.filter(kind=QueryEvent.ASSIGNED).order_by("pk")
    assert list(details.values_list("details", flat=True)) == [
        {"assignee": alice.pk, "was": None},
        {"assignee": None, "was": alice.pk},
    ]


def test_assign_refuses_who_cannot_answer(market: Market, cora: User, dirk: User) -> None:
    query = market.query()
    gone = User.objects.create_user("gone@fietsenzo.example", name="Gone", is_active=False)
    gone.memberships.create(seller=market.shop, role="agent")

    for person in (cora, dirk, gone):
        with pytest.raises(actions.CannotAnswer):
            actions.assign(query, assignee=person, by=market.actor, now=NOON)

    assert assignee_of(query) is None
    assert kinds(query) == []


def test_assign_refuses_what_is_closed_and_what_is_theirs(market: Market) -> None:
    assign = partial(actions.assign, assignee=market.agent, by=market.actor, now=NOON)
    query = market.query()
    assign(query)

    with pytest.raises(actions.AlreadyAssigned):
        assign(query)
    with pytest.raises(actions.QueryIsClosed):
        assign(market.closing().query)

    assert kinds(query) == ["query.assigned"]


def test_of_two_who_take_it_at_once_the_second_learns_it(
    committed_db: None, market: Market, alice: User
) -> None:
    query = market.query()

    def take(person: User) -> User | None:
        return actions.assign(
            CustomerQuery.objects.get(pk=query.pk), assignee=person, by=market.actor, now=NOON
        )

    were = at_once(partial(take, alice), partial(take, market.agent))

    assert None in were
    assert len({*were}) == 2
    assert len(kinds(query)) == 2


def test_who_is_removed_at_once_is_given_nothing(
    committed_db: None, market: Market, alice: User
) -> None:
    queries = [market.query() for _ in range(5)]
    membership = market.shop.memberships.get(user=market.agent)
    owner = Actor.user(alice)

    def assign() -> None:
        for query in queries:
            with suppress(actions.CannotAnswer):
                actions.assign(query, assignee=market.agent, by=market.actor, now=NOON)

    def remove() -> None:
        actions.remove_member(membership, hand_to=None, by=owner, now=NOON)

    at_once(assign, remove)

    assert not CustomerQuery.objects.filter(assignee=market.agent).exists()


# Snoozing


def test_snooze_takes_it_out_of_the_list_and_moves_no_deadline(market: Market) -> None:
    query = market.query()
    before = CustomerQuery.objects.values("due_at", "long_open_at", "state", "turn_since").get()

    actions.snooze(query, until=NOON + DAY, by=market.actor, now=NOON)

    just_before = NOON + DAY - timedelta(microseconds=1)
    assert list(CustomerQuery.objects.filter(asleep(now=just_before))) == [query]
    assert not CustomerQuery.objects.filter(at_turn(now=just_before)).exists()
    assert not CustomerQuery.objects.filter(asleep(now=NOON + DAY)).exists()
    assert list(CustomerQuery.objects.filter(at_turn(now=NOON + DAY))) == [query]
    after = CustomerQuery.objects.values("due_at", "long_open_at", "state", "turn_since").get()
    assert after == before
    assert kinds(query) == ["query.snoozed"]


def test_a_reaction_wakes_it_and_the_moment_is_one_click_away(market: Market) -> None:
    query = market.query()
    actions.snooze(query, until=NOON + DAY, by=market.actor, now=NOON)

    actions.receive_reaction(query, body="Thanks!", by=Actor.CUSTOMER, now=NOON + HOUR)

    query.refresh_from_db()
    assert (query.snoozed_until, query.snooze_cut_short) == (None, NOON + DAY)
    actions.snooze(query, until=NOON + DAY, by=market.actor, now=NOON + HOUR)
    assert (query.snoozed_until, query.snooze_cut_short) == (NOON + DAY, None)


def test_snooze_refuses_what_does_not_wait_for_the_shop(market: Market) -> None:
    answered = market.query()
    actions.reply(answered, body="Here.", by=market.actor, now=NOON)
    until = NOON + DAY

    with pytest.raises(actions.NotYourTurn):
        actions.snooze(answered, until=until, by=market.actor, now=NOON)
    with pytest.raises(actions.QueryIsClosed):
        actions.snooze(market.closing().query, until=until, by=market.actor, now=NOON)
    with pytest.raises(actions.MomentIsPast):
        actions.snooze(market.query(), until=NOON, by=market.actor, now=NOON)


def test_what_is_closed_does_not_sleep(market: Market) -> None:
    query = market.query()
    actions.snooze(query, until=NOON + DAY, by=market.actor, now=NOON)

    actions.close(query, by=market.actor, now=NOON + HOUR)

    query.refresh_from_db()
    assert query.snoozed_until is None
    with refused_by("query_closed_does_not_sleep"):
        CustomerQuery.objects.filter(pk=query.pk).update(snoozed_until=NOON + DAY)


def test_wake_puts_it_back_once(market: Market) -> None:
    query = market.query()
    actions.snooze(query, until=NOON + DAY, by=market.actor, now=NOON)

    actions.wake(query, by=market.actor, now=NOON + HOUR)

    assert CustomerQuery.objects.filter(at_turn(now=NOON + HOUR)).exists()
    assert kinds(query) == ["query.snoozed", "query.woken"]
    with pytest.raises(actions.NotSnoozed):
        actions.wake(query, by=market.actor, now=NOON + HOUR)


# Many at once


def test_assign_all_can_be_undone_by_what_it_returns(market: Market, alice: User) -> None:
    theirs, free, closed = market.query(), market.query(), market.closing().query
    actions.assign(theirs, assignee=alice, by=market.actor, now=NOON)
    wanted = dict.fromkeys((closed, free, theirs), market.agent)

    were = actions.assign_all(wanted, by=market.actor, now=NOON)

    assert were == {theirs: alice, free: None}
    assert assignee_of(theirs) == assignee_of(free) == market.agent
    actions.assign_all(were, by=market.actor, now=NOON)
    assert (assignee_of(theirs), assignee_of(free)) == (alice, None)


def test_close_all_leaves_what_is_not_the_shops_to_close(market: Market) -> None:
    open_ones, closed = [market.query(), market.query()], market.closing().query
    theirs = market.query()
    actions.hand_over(theirs, reason="Lost.", by=market.actor, now=NOON)

    count = actions.close_all([*open_ones, closed, theirs], by=market.actor, now=NOON)

    assert count == 2
    assert Closing.objects.filter(query__in=open_ones, predicted_score=None).count() == 2
    assert Closing.objects.filter(query=closed).count() == 1
    theirs.refresh_from_db()
    assert theirs.state == QueryState.WITH_MARKETPLACE


def test_two_who_assign_the_same_many_never_wait_for_each_other(
    committed_db: None, market: Market, alice: User
) -> None:
    queries = [market.query() for _ in range(10)]

    def assign(person: User, some: list[CustomerQuery]) -> object:
        fresh = [CustomerQuery.objects.get(pk=query.pk) for query in some]
        return actions.assign_all(dict.fromkeys(fresh, person), by=market.actor, now=NOON)

    at_once(partial(assign, alice, queries), partial(assign, market.agent, queries[::-1]))

    assert len({assignee_of(query) for query in queries}) == 1


# The pages


pages = pytest.mark.usefixtures("_one_o_clock")


def post(browser: Client, query: CustomerQuery, what: str, **form: Any) -> HttpResponse:
    """Press a button beside a conversation, in the list of what is nobody's."""
    return browser.post(f"/queries/{query.pk}/{what}/?view=unassigned", form)


@pages
def test_take_it(bob_s: Client, market: Market) -> None:
    query = market.query()

    page = post(bob_s, query, "assign", assignee=market.agent.pk)

    assert page["Location"] == f"/queries/{query.pk}/?view=unassigned"
    assert assignee_of(query) == market.agent


@pages
@pytest.mark.parametrize("assignee", ["cora", "dirk", "0", "x", "%00"])
def test_nobody_else_can_be_chosen(
    bob_s: Client, market: Market, cora: User, dirk: User, assignee: str
) -> None:
    people = {"cora": cora.pk, "dirk": dirk.pk}
    query = market.query()

    post(bob_s, query, "assign", assignee=people.get(assignee, assignee))

    assert assignee_of(query) is None
    assert "Choose somebody who may answer" in text(bob_s.get("/queries/"))


@pages
@pytest.mark.parametrize(
    ("form", "until"),
    [
        ({"until": "hours"}, "2026-03-10 17:00"),
        ({"until": "tomorrow"}, "2026-03-11 09:00"),
        ({"until": "moment", "moment": "2026-03-29T09:30"}, "2026-03-29 09:30"),
        ({"until": "moment", "moment": "2026-10-25T09:30"}, "2026-10-25 09:30"),
        ({"until": "moment", "moment": "2026-03-29T02:30"}, None),  # the clock skips it
        ({"until": "moment", "moment": "2020-01-01T09:00"}, None),
        ({"until": "moment", "moment": "2099-01-01T09:00"}, None),
        ({"until": "moment", "moment": "soon"}, None),
        ({"until": "moment"}, None),
        ({"until": "again"}, None),
        ({"until": "never"}, None),
        ({}, None),
    ],
)
def test_snooze_by_a_button_or_a_moment(
    bob_s: Client, market: Market, form: dict[str, str], until: str | None
) -> None:
    query = market.query()
    with travel(datetime(2026, 3, 10, 13, tzinfo=AMSTERDAM), tick=False):
        page = post(bob_s, query, "snooze", **form)

        query.refresh_from_db()
        if until is None:
            assert query.snoozed_until is None
            assert page["Location"].startswith(f"/queries/{query.pk}/")
            assert 'class="message error"' in text(bob_s.get("/queries/"))
        else:
            assert query.snoozed_until is not None
            assert f"{query.snoozed_until.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}" == until
            assert page["Location"] == "/queries/?view=unassigned"


@pages
def test_snooze_again(bob_s: Client, market: Market) -> None:
    query = market.query()
    actions.snooze(query, until=NOW + DAY, by=market.actor, now=NOON)
    actions.receive_reaction(query, body="Thanks!", by=Actor.CUSTOMER, now=NOON)
    assert "snooze it again" in text(bob_s.get(query.get_absolute_url()))

    post(bob_s, query, "snooze", until="again")

    query.refresh_from_db()
    assert query.snoozed_until == NOW + DAY
    assert "Wake it" in text(bob_s.get(query.get_absolute_url()))
    post(bob_s, query, "wake")
    assert "Wake it" not in text(bob_s.get(query.get_absolute_url()))


def bulk(browser: Client, then: str, *queries: CustomerQuery, **form: Any) -> HttpResponse:
    """Press a button below the list with some queries ticked."""
    ticked = {"query": [query.pk for query in queries]}
    return browser.post("/queries/bulk/?view=your_turn", {"then": then, **ticked, **form})


@pages
def test_many_are_assigned_and_given_back(bob_s: Client, market: Market, alice: User) -> None:
    first, second, theirs = market.query(), market.query(), market.query()
    actions.assign(theirs, assignee=alice, by=market.actor, now=NOON)
    everybody_s = (first, second, theirs)

    page = bulk(bob_s, "assign", *everybody_s, assignee=market.agent.pk)
    assert page["Location"] == "/queries/?view=your_turn"
    assert {assignee_of(query) for query in everybody_s} == {market.agent}
    assert "3 queries are assigned to Bob." in text(bob_s.get("/queries/"))

    actions.assign(second, assignee=alice, by=market.actor, now=NOW)  # meanwhile
    bulk(bob_s, "undo")

    assert [assignee_of(query) for query in everybody_s] == [None, alice, alice]
    assert "Undone: 2 queries" in text(bob_s.get("/queries/"))
    bulk(bob_s, "undo")
    assert [assignee_of(query) for query in everybody_s] == [None, alice, alice]


@pages
def test_undo_is_offered_in_the_shop_it_is_about(
    bob_s: Client, market: Market, other_shop: Seller
) -> None:
    query = market.query()
    bulk(bob_s, "assign", query, assignee=market.agent.pk)
    assert "Undo" in text(bob_s.get("/queries/"))
    there = other_shop.memberships.create(user=market.agent, role=Role.AGENT)
    bob_s.post(reverse("sellers:shop", args=[there.pk]))

    assert "Undo" not in text(bob_s.get("/queries/"))
    bulk(bob_s, "undo")

    assert assignee_of(query) == market.agent


@pytest.mark.parametrize("then", ["assign", "undo"])
def test_many_are_given_to_nobody_who_leaves_at_that_moment(
    committed_db: None, market: Market, alice: User, then: str
) -> None:
    query, browser, owner = market.query(), Client(), Actor.user(alice)
    browser.force_login(alice)
    membership = market.shop.memberships.get(user=market.agent)
    actions.assign(query, assignee=market.agent, by=owner, now=NOON)
    if then == "undo":
        bulk(browser, "assign", query, assignee=alice.pk)
    else:
        actions.assign(query, assignee=None, by=owner, now=NOON)

    removed = threading.Event()

    def remove() -> None:
        with transaction.atomic():
            actions.remove_member(membership, hand_to=None, by=owner, now=NOON)
            removed.set()
            wait_until_somebody_waits()

    def press() -> HttpResponse:
        removed.wait(timeout=10)
        return bulk(browser, then, query, assignee=market.agent.pk)

    _nothing, page = at_once(remove, press)

    assert page["Location"] == "/queries/?view=your_turn"
    assert "Choose somebody who may answer for this shop." in text(browser.get("/queries/"))
    assert assignee_of(query) != market.agent


@pages
def test_undo_is_offered_for_two_minutes(bob_s: Client, market: Market) -> None:
    bulk(bob_s, "assign", market.query(), assignee=market.agent.pk)

    assert "Undo" in text(bob_s.get("/queries/"))
    with travel(NOW + timedelta(minutes=2), tick=False):
        assert "Undo" not in text(bob_s.get("/queries/"))


@pages
def test_undo_is_offered_in_the_shop_of_those_queries(
    bob_s: Client, market: Market, other_shop: Seller
) -> None:
    bulk(bob_s, "assign", market.query(), assignee=market.agent.pk)
    other = Membership.objects.create(user=market.agent, seller=other_shop, role=Role.AGENT)

    bob_s.post(f"/shop/{other.pk}/")
    assert "Undo" not in text(bob_s.get("/queries/"))

    bob_s.post(f"/shop/{market.agent.memberships.get(seller=market.shop).pk}/")
    assert "Undo" in text(bob_s.get("/queries/"))


@pages
def test_closing_many_asks_first_and_says_who_waits(bob_s: Client, market: Market) -> None:
    waits, answered = market.query(subject="Flat tyre"), market.query(subject="Torn seat")
    actions.reply(answered, body="Here.", by=market.actor, now=NOON)
    over = market.closing().query

    page = text(bulk(bob_s, "close", waits, answered, over))

    assert "Close 2 queries?" in page
    assert "1 of them still waits for your answer." in page
    assert "1 that you ticked stays as it is" in page
    assert Closing.objects.count() == 1

    bulk(bob_s, "close_now", waits, answered)

    assert Closing.objects.count() == 3
    assert "2 queries are closed." in text(bob_s.get("/queries/"))


@pages
def test_nothing_to_close_asks_nothing(bob_s: Client, market: Market) -> None:
    page = bulk(bob_s, "close", market.closing().query)

    assert page["Location"] == "/queries/?view=your_turn"
    assert "Nothing to close" in text(bob_s.get("/queries/"))


@pages
def test_what_is_to_be_closed_comes_as_in_the_list(bob_s: Client, market: Market) -> None:
    late, later = market.query(asked_at=NOON - DAY), market.query(asked_at=NOON)
    latest = market.query(asked_at=NOON + HOUR)

    page = bulk(bob_s, "close", latest, later, late)

    assert page.context["chosen"] == [late, later, latest]


@pages
@pytest.mark.parametrize("then", ["assign", "close", "close_now"])
def test_what_is_ticked_of_another_shop_stays_as_it_is(
    bob_s: Client, market: Market, other_market: Market, then: str
) -> None:
    foreign = other_market.query(subject="Torn cover")
    before = CustomerQuery.objects.filter(pk=foreign.pk).values().get()
    own = market.query()

    page = bulk(bob_s, then, own, foreign, assignee=market.agent.pk)
    alone = bulk(bob_s, then, foreign, assignee=market.agent.pk)

    assert CustomerQuery.objects.filter(pk=foreign.pk).values().get() == before
    assert "Torn cover" not in text(page)
    assert alone.status_code == 302
    assert "Tick one or more queries" in text(bob_s.get("/queries/"))


@pages
@pytest.mark.parametrize("then", ["", "delete"])
def test_bulk_survives_anything(bob_s: Client, market: Market, then: str) -> None:
    form = {"then": then, "query": ["x", "-1", "9" * 30, str(market.query().pk)]}

    assert bob_s.post("/queries/bulk/", form).status_code == 302
    form["then"] = "assign"
    assert bob_s.post("/queries/bulk/", {**form, "assignee": "x"}).status_code == 302


@pages
def test_analyst_has_nothing_to_tick(
    log_in: Callable[[User], Client], market: Market, cora: User
) -> None:
    query = market.query()
    browser = log_in(cora)

    page = text(browser.get("/queries/"))

    assert "checkbox" not in page.partition("<dialog")[0]
    assert 'id="bulk"' not in page
    assert bulk(browser, "close_now", query).status_code == 403


# What is taken home


def rows(page: HttpResponse) -> list[list[str]]:
    """Return the lines of a CSV file."""
    lines = b"".join(page.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    return [line.split(",") for line in lines]


@pages
def test_the_list_is_taken_home_as_it_is_shown(
    bob_s: Client, market: Market, other_market: Market
) -> None:
    market.query(subject="=1+1", asked_at=NOON)
    market.query(subject="Flat tyre", asked_at=NOON - HOUR)
    market.closing(subject="Over")
    other_market.query(subject="Next door")

    page = bob_s.get("/queries/export/", {"view": "your_turn"})
    header, *lines = rows(page)

    assert header[:3] == ["query", "subject", "customer"]
    assert [line[1] for line in lines] == ["Flat tyre", "'=1+1"]
    assert page["Content-Disposition"] == (
        f'attachment; filename="queries-fietsenzo-{NOW:%Y-%m-%d}.csv"'
    )


@pages
@pytest.mark.parametrize("count", [1, 3])
def test_many_are_taken_home_or_closed_with_as_few_statements_as_one(
    bob_s: Client, market: Market, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    queries = [market.query() for _each in range(count)]

    with django_assert_num_queries(4):
        assert len(rows(bob_s.get("/queries/export/", {"view": "all"}))) == 1 + count
    with django_assert_num_queries(11):
        assert len(bulk(bob_s, "close", *queries).context["chosen"]) == count


@pages
def test_only_what_is_ticked_is_taken_home(
    bob_s: Client, market: Market, other_market: Market
) -> None:
    chosen, foreign = market.query(subject="Flat tyre"), other_market.query()
    market.query(subject="Torn seat")

    ticked = {"then": "export", "query": [chosen.pk, foreign.pk]}
    page = bob_s.post("/queries/bulk/?view=all", ticked, follow=True)

    assert page.redirect_chain == [(f"/queries/export/?view=all&query={chosen.pk}", 302)]
    assert [line[1] for line in rows(page)[1:]] == ["Flat tyre"]


@pages
def test_a_file_of_what_cannot_be_is_refused(bob_s: Client, market: Market) -> None:
    market.query()

    page = bob_s.get("/queries/export/", {"view": "closed", "since": "2026-02-30"})

    assert page.status_code == 400
    assert "This is not a date" in text(page)

"""Statements whose SQL the ORM makes once: the same as those it makes each time."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from sellers.made_once import FoundOnce, MadeOnce, Sql, ValuesOnce, update_sql
from surveys import answers
from surveys.enums import InvitationState
from surveys.models import Invitation
from tests.conftest import NOON, Market, at_once

KINDS = {"pk": int, "state": str, "now": datetime}


def sent(*, pk: int, state: str, now: datetime) -> Sql:
    """Let an invitation have been sent, twice with the same moment."""
    return update_sql(Invitation.objects.filter(pk=pk), state=state, sent_at=now, bounced_at=now)


def test_the_same_as_what_the_orm_sends(market: Market) -> None:
    invitation = market.invitation()
    statement = MadeOnce(KINDS, sent)
    for state, now in ((InvitationState.SENT, NOON), (InvitationState.ANSWERED, NOON.now(UTC))):
        values = {"pk": invitation.pk, "state": state.value, "now": now}

        assert statement.with_values(**values) == (sent(**values)[0], list(sent(**values)[1]))


def test_made_once() -> None:
    calls = []

    def make(**values: object) -> Sql:
        calls.append(values)
        return "SELECT %s, %s, %s, 7", [*values.values()]

    statement = MadeOnce({"number": int, "text": str, "day": date}, make)
    for number in range(3):
        filled = statement.with_values(number=number, text="x", day=None)
        assert filled == ("SELECT %s, %s, %s, 7", [number, "x", None])

    assert len(calls) == 2  # again with other marks, to see that nothing is computed of them


def test_what_is_always_the_same_stays() -> None:
    statement = MadeOnce({"n": int}, lambda n: ("%s %s %s %s", [True, n, None, [1, 2]]))

    assert statement.with_values(n=5)[1] == [True, 5, None, [1, 2]]


def test_value_that_got_lost_is_noticed() -> None:
    statement = MadeOnce({"n": int, "m": int}, lambda n, **_: ("%s", [n]))

    with pytest.raises(AssertionError, match=r"no place for \['m'\]"):
        statement.with_values(n=1, m=2)


def test_an_answer_takes_few_statements(market: Market) -> None:
    made = {market.invitation().pk for _ in range(2)}
    surveys = list(Invitation.objects.select_related("closing").filter(pk__in=made))
    market.answer(surveys[0], 9)

    with CaptureQueriesContext(connection) as sent_statements:
        response = market.answer(surveys[1], 9, submitted_at=NOON + timedelta(days=3))

    assert len(sent_statements) == 3  # a savepoint, all that is stored, and the release
    surveys[1].refresh_from_db()
    assert surveys[1].state == InvitationState.ANSWERED
    assert surveys[1].answered_at == response.submitted_at
    with pytest.raises(answers.AlreadyAnswered):
        market.answer(surveys[1], 2)


def _invitation(*, pk: int) -> QuerySet[Invitation]:
    return Invitation.objects.filter(pk=pk)


def test_row_is_found_as_the_orm_finds_it(market: Market) -> None:
    found_once = FoundOnce({"pk": int}, _invitation, along=("seller", "query", "query__assignee"))
    for _number in range(2):  # made the first time, filled the second
        invitation = market.invitation()

        with CaptureQueriesContext(connection) as statements:
            found = found_once.first(pk=invitation.pk)
            assert found is not None
            assert found.query.assignee is None
        assert len(statements) == 1
        known = Invitation.objects.select_related("seller", "query").get(pk=invitation.pk)
        for one, other in (
            (found, known),
            (found.seller, known.seller),
            (found.query, known.query),
        ):
            fields = [each.attname for each in other._meta.concrete_fields]
            assert [getattr(one, each) for each in fields] == [
                getattr(other, each) for each in fields
            ]

    assert found_once.first(pk=0) is None


def test_column_that_was_not_wanted_is_read_when_it_is(market: Market) -> None:
    invitation = market.invitation()
    found_once = FoundOnce({"pk": int}, _invitation, only={"": ("id", "state")})
    found = found_once.first(pk=invitation.pk)

    assert found is not None
    assert "seller_id" in found.get_deferred_fields()
    assert (found.state, found.seller_id) == (invitation.state, invitation.seller_id)


def test_what_is_computed_of_a_value_is_noticed() -> None:
    statement = MadeOnce({"n": int}, lambda n: ("%s %s", [n, n + 1]))

    with pytest.raises(AssertionError, match="computed of its values"):
        statement.with_values(n=1)


def _sent_since(*, since: datetime) -> QuerySet[Invitation, tuple[object, ...]]:
    rows = Invitation.objects.filter(sent_at__gte=since).order_by("pk")
    return rows.values_list("pk", "state", "sent_at", "query__subject")


def test_rows_of_values_are_those_that_the_orm_finds(market: Market) -> None:
    for _number in range(3):
        market.invitation()
    rows = ValuesOnce({"since": datetime}, _sent_since)

    for since in (NOON - timedelta(days=900), NOON, NOON + timedelta(days=900)):
        with CaptureQueriesContext(connection) as statements:
            assert rows.all(since=since) == list(_sent_since(since=since))
        assert len(statements) == 2


@pytest.fixture
def _threads_take_turns() -> Iterator[None]:
    """Let threads take turns after some thousandths of the usual time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_threads_take_turns")
def test_many_threads_make_a_statement_at_once(committed_db: None) -> None:
    for _round in range(20):
        rows = ValuesOnce({"since": datetime}, _sent_since)
        found = at_once(*[partial(rows.all, since=NOON)] * 8)

        assert found == [[]] * 8

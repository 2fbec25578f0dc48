"""Who of the shop works on a query, and when: assigned, snoozed, woken; one or many at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from queries.actions.endings import close
from queries.actions.turns import (
    QueryIsClosed,
    WithMarketplace,
    lock,
    record_about,
)
from queries.enums import QueryEvent, QueryState
from queries.models import CustomerQuery
from sellers.actions import hold_team
from sellers.events import Actor
from sellers.models import User


class CannotAnswer(Exception):
    """Only who may answer for the shop can be given its queries."""


class AlreadyAssigned(Exception):
    """It is theirs already; or nobody's."""


class NotYourTurn(Exception):
    """Only what the shop is to answer can be snoozed."""


class MomentIsPast(Exception):
    """A snooze ends later than it begins."""


class NotSnoozed(Exception):
    """It does not sleep, or not any more."""


@transaction.atomic
def assign(
    query: CustomerQuery,
    *,
    assignee: User | None,
    version: int | None = None,
    by: Actor,
    now: datetime,
) -> User | None:
    """Give an open query to somebody of the shop, or to nobody; return whose it was.

    Raises QueryIsClosed, CannotAnswer, AlreadyAssigned, and MovedOn when it has another version.
    """
    hold_team(query.seller)  # nobody is removed meanwhile
    lock(query, version=version)
    if query.is_closed:
        raise QueryIsClosed
    if assignee and not User.objects.answering_for(query.seller).filter(pk=assignee.pk).exists():
        raise CannotAnswer
    was = query.assignee
    if was == assignee:
        raise AlreadyAssigned
    query.assignee = assignee
    query.save(update_fields=["assignee"])
    ids = {"assignee": assignee.pk if assignee else None, "was": was.pk if was else None}
    record_about(QueryEvent.ASSIGNED, query, by=by, now=now, **ids)
    return was


@transaction.atomic
def snooze(query: CustomerQuery, *, until: datetime, by: Actor, now: datetime) -> None:
    """Take a query out of what is at turn until a moment; its due moment stays.

    It wakes by itself, as the moment passes or the customer writes. Raises QueryIsClosed,
    NotYourTurn or MomentIsPast.
    """
    lock(query)
    if query.is_closed:
        raise QueryIsClosed
    if query.state != QueryState.YOUR_TURN:
        raise NotYourTurn
    if until <= now:
        raise MomentIsPast
    query.snoozed_until, query.snooze_cut_short = until, None
    query.save(update_fields=["snoozed_until", "snooze_cut_short"])
    record_about(QueryEvent.SNOOZED, query, by=by, now=now, until=until)


@transaction.atomic
def wake(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Put a query back among what is at turn. Raises NotSnoozed."""
    lock(query)
    if not query.is_asleep(now=now):
        raise NotSnoozed
    query.snoozed_until = None
    query.save(update_fields=["snoozed_until"])
    record_about(QueryEvent.WOKEN, query, by=by, now=now)


@transaction.atomic
def assign_all(
    assignees: Mapping[CustomerQuery, User | None], *, by: Actor, now: datetime
) -> dict[CustomerQuery, User | None]:
    """Give many queries to somebody each; return whose those that changed hands were.

    What is closed or theirs already stays as it is. Raises CannotAnswer: then nothing changed.
    """
    were = {}
    for query in _in_order(assignees):
        try:
            were[query] = assign(query, assignee=assignees[query], by=by, now=now)
        except (QueryIsClosed, AlreadyAssigned):
            continue
    return were


@transaction.atomic
def close_all(
    queries: Iterable[CustomerQuery],
    *,
    predicted_score: int | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Close many queries, with one prediction for all or none; return how many were.

    What is closed already or with the marketplace stays as it is. Raises PredictionMissing, and
    then none is closed.
    """
    closed = 0
    for query in _in_order(queries):
        try:
            close(query, predicted_score=predicted_score, by=by, now=now)
        except (QueryIsClosed, WithMarketplace):
            continue
        closed += 1
    return closed


def _in_order(queries: Iterable[CustomerQuery]) -> list[CustomerQuery]:
    """Return queries in the order in which all lock them: two people never wait for each other."""
    return sorted(queries, key=lambda query: query.pk)

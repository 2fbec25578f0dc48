"""Which closings lead to a survey, and why the others do not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from queries.enums import ActorType
from surveys.enums import SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the marketplace has set for its survey."""

    enabled: bool
    delay: timedelta
    cooldown: timedelta
    stale_after: timedelta
    answer_window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a closing, its query and its customer when the survey is decided.

    `actor_type` is who closed, an `ActorType`. `duplicate` is whether the query was closed as one
    of another, which is surveyed instead. `logged_by_seller` is whether nobody but the seller
    knows of the contact: who logs contacts would choose who is surveyed. `query_surveyed` is
    whether another closing of the same query got a survey that did not bounce. `last_surveyed_at`
    is when the customer last got any survey, from whichever seller.
    """

    actor_type: str
    closed_at: datetime
    reopened: bool
    duplicate: bool
    logged_by_seller: bool
    has_email: bool
    undeliverable: bool
    opted_out: bool
    query_surveyed: bool
    last_surveyed_at: datetime | None


def is_due(closed_at: datetime, *, now: datetime, rules: Rules) -> bool:
    """Return whether the survey of a closing is to be decided by now.

    Raises ValueError for a moment without a time zone.
    """
    return _elapsed(closed_at, now) >= rules.delay


def decide(facts: Facts, *, now: datetime, rules: Rules) -> SuppressionReason | None:
    """Return why the customer gets no survey, or None when the survey is to be sent.

    Of several reasons the first in this order is given: one of the marketplace, of the closing, of
    the query, of the customer. So a seller reads the reason that reaches furthest. The cooldown
    comes last: it is the only one that passes, and it reveals the customer's contact with others.

    Raises ValueError when the closing is not due yet or a moment has no time zone.
    """
    if not is_due(facts.closed_at, now=now, rules=rules):
        raise ValueError(f"The closing of {facts.closed_at} is not due at {now}.")
    late = _elapsed(facts.closed_at, now) - rules.delay
    last = facts.last_surveyed_at
    reasons = {
        SuppressionReason.DISABLED: not rules.enabled,
        SuppressionReason.SYSTEM_CLOSED: facts.actor_type == ActorType.SYSTEM,
        SuppressionReason.REOPENED: facts.reopened,
        SuppressionReason.STALE: late > rules.stale_after,
        SuppressionReason.DUPLICATE: facts.duplicate,
        SuppressionReason.ALREADY_SURVEYED: facts.query_surveyed,
        SuppressionReason.LOGGED_BY_SELLER: facts.logged_by_seller,
        SuppressionReason.NO_ADDRESS: not facts.has_email,
        SuppressionReason.UNDELIVERABLE: facts.undeliverable,
        SuppressionReason.OPTED_OUT: facts.opted_out,
        SuppressionReason.CUSTOMER_COOLDOWN: last and _elapsed(last, now) < rules.cooldown,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def _elapsed(start: datetime, end: datetime) -> timedelta:
    """Return the time that really passed from `start` to `end`."""
    if start.utcoffset() is None or end.utcoffset() is None:
        raise ValueError(f"Moments need a time zone: {start!r}, {end!r}.")
    # Two moments of the same zone subtract as wall clocks, an hour off across a clock change.
    return end.astimezone(UTC) - start.astimezone(UTC)

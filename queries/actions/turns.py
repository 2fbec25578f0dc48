"""What all actions share: the lock on a query, whose turn it is, for which side somebody acts."""

from collections.abc import Container, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from django.conf import settings
from django.db.models import F, Field, Value
from django.db.models.functions import Greatest

from queries.deadlines import deadlines
from queries.enums import ActorType, HandOverOutcome, QueryEvent, QueryState
from queries.models import CustomerQuery
from queries.office_hours import hours_between
from queries.seen import Seen
from queries.visits import newer_of_others
from queries.waiting import judged, waits_since
from sellers.events import Actor, record
from sellers.models import HolidayChange, Membership, Seller, User

SECOND_CLICK_WITHIN: Final = timedelta(minutes=1)  # the same words again are no second message
FIRST_REPLY: Final = ("first_replied_at", "first_reply_took", "first_reply_result")
TURN: Final = (
    "state",
    "turn_since",
    "reply_needed_since",
    "long_open_at",
    "due_at",
    *FIRST_REPLY,
    "snoozed_until",
    "snooze_cut_short",
    "duplicate_of",
)


class DaysOff(Protocol):
    """What knows the days off of a shop."""

    def __call__(self, seller: Seller, *, since: datetime) -> Container[date]:
        """Return those around a moment."""


class QueryIsClosed(Exception):
    """The query is closed already; reopen it first."""


class QueryIsOpen(Exception):
    """The query is not closed, so it cannot be reopened."""


class QueryIsErased(Exception):
    """The texts of the query were erased: it is closed for good."""


class WithMarketplace(Exception):
    """The marketplace has the query in hand: the shop only reads until it comes back."""


class PredictionMissing(Exception):
    """The shop wants a predicted score with each closing of its people."""


class MovedOn(Exception):
    """It is not any more as who acts read it, or others wrote what their page does not show."""


def lock(query: CustomerQuery, *, version: int | None = None) -> None:
    """Wait for whoever works on this query, then see it as they left it.

    Raises MovedOn when that is another version than the one that was read, if it says so.
    """
    query.refresh_from_db(from_queryset=CustomerQuery.objects.select_for_update(no_key=True))
    if version is not None and query.version != version:
        raise MovedOn


def pass_turn(query: CustomerQuery, state: QueryState, *, after: QueryEvent, now: datetime) -> None:
    """Say whose turn it is, and whether the customer waits, after something happened."""
    move(query, state, after=after, now=now)
    query.save(update_fields=TURN)


def move(
    query: CustomerQuery,
    state: QueryState,
    *,
    after: QueryEvent,
    now: datetime,
    days_off: DaysOff | None = None,
) -> None:
    """Let a query stand as it does after something happened, and store nothing.

    Who was at turn already stays so since the same moment. What the shop takes up while nobody
    waits is due as if a wait began now. What is closed does not sleep, and what is open is no
    duplicate. `days_off` is for who knows them of many queries already.
    """
    with_shop = query.state == QueryState.YOUR_TURN
    result = judged(after, with_shop=with_shop, due_at=query.due_at, now=now)
    query.first_reply_result = query.first_reply_result or result or ""
    since = waits_since(query.reply_needed_since, after, now=now)
    begins = since is not None and query.reply_needed_since is None
    taken_up = since is None and state == QueryState.YOUR_TURN and not with_shop
    if (begins or taken_up) and query.first_replied_at:
        _set_deadlines(query, since or now, days_off=days_off or days_off_of)
    query.reply_needed_since = since
    if query.state != state:
        query.state, query.turn_since = state, now
    if query.is_closed:
        query.snoozed_until = query.snooze_cut_short = None
    else:
        query.duplicate_of = None


def how_it_stands(query: CustomerQuery) -> dict[str, str | int | None]:
    """Return what `pass_turn` may change, so that it can be put back."""
    values = {field.name: field.value_from_object(query) for field in _turn_fields()}
    return {
        name: value if value is None or isinstance(value, int) else str(value)
        for name, value in values.items()
    }


def put_back(query: CustomerQuery, before: Mapping[str, str | int | None]) -> None:
    """Let a locked query stand as it did."""
    for field in _turn_fields():
        if field.name in before:
            setattr(query, field.attname, field.to_python(before[field.name]))
    query.save(update_fields=before)


def _turn_fields() -> "list[Field[Any, Any]]":
    return [field for field in CustomerQuery._meta.concrete_fields if field.name in TURN]


def days_off_of(seller: Seller, *, since: datetime) -> Container[date]:
    """Return the days off of a shop around a moment, as staff have them now."""
    return HolidayChange.objects.days_off(seller.country, seller.region, year=since.year)


def _set_deadlines(query: CustomerQuery, since: datetime, *, days_off: DaysOff) -> None:
    moments = deadlines(since, days_off=days_off(query.seller, since=since))
    query.long_open_at, query.due_at = moments.long_open_at, moments.due_at


def note_first_reply(
    query: CustomerQuery, *, now: datetime, days_off: DaysOff | None = None
) -> None:
    """Note when the first reply is sent and, of the shop's own, how long it took; store nothing."""
    if query.first_replied_at is not None:
        return
    query.first_replied_at = now
    if not query.is_with_marketplace:
        days = (days_off or days_off_of)(query.seller, since=query.asked_at)
        query.first_reply_took = hours_between(
            query.asked_at, now, zone=settings.MARKETPLACE_ZONE, holidays=days
        )


def wait_for_answer(query: CustomerQuery, *, after: QueryEvent, by: Actor, now: datetime) -> None:
    """Make it the turn of who answers in a locked query; a closing is undone.

    That is the seller; of what is with the marketplace, staff.
    """
    if query.is_closed:
        undo_closing(query, by=by, now=now)
    if query.snoozed_until and query.snoozed_until > now:
        query.snooze_cut_short = query.snoozed_until
    query.snoozed_until = None
    if query.is_with_marketplace:
        answered = query.handovers.open().filter(unanswered_since=None)
        answered.update(unanswered_since=now, answered_at=None)
        pass_turn(query, QueryState.WITH_MARKETPLACE, after=after, now=now)
    else:
        pass_turn(query, QueryState.YOUR_TURN, after=after, now=now)


def undo_closing(query: CustomerQuery, *, by: Actor, now: datetime) -> None:
    """Note that the last closing was reopened, never earlier than it was made or decided about.

    `now` was read before we waited for the lock, and clocks of two servers differ a little; of what
    the marketplace tells it may be long ago.
    """
    query.closings.not_reopened().update(
        reopened_at=Greatest(Value(now), F("closed_at"), F("survey_decided_at"))
    )
    if query.assignee and not _may_answer(query.assignee, query):
        query.assignee = None  # whoever left meanwhile
        query.save(update_fields=["assignee"])
    record_about(QueryEvent.REOPENED, query, by=by, now=now)


def _may_answer(user: User, query: CustomerQuery) -> bool:
    return User.objects.answering_for(query.seller).filter(pk=user.pk).exists()


def actor_type(by: Actor, query: CustomerQuery) -> ActorType:
    """Return for which side somebody answers or closes; ValueError for a customer, who cannot.

    Marketplace staff who also belong to the shop act for the shop, and the marketplace's platform
    for the side that it names.
    """
    if by.client and by.client.seller_id:
        return ActorType.SELLER
    if by.client:
        return ActorType(by.side or ActorType.MARKETPLACE)
    if by.account is None:
        return ActorType(by.kind)
    if not by.account.is_staff:
        return ActorType.SELLER
    of_shop = Membership.objects.of_user(by.account).filter(seller=query.seller_id)
    return ActorType.SELLER if of_shop.exists() else ActorType.MARKETPLACE


def refuse_shop(query: CustomerQuery, *, by: Actor) -> None:
    """Raise WithMarketplace when the shop wants to write in what it handed over.

    What its people did at the marketplace's platform is done already.
    """
    if by.is_platform:
        return
    if query.is_with_marketplace and actor_type(by, query) == ActorType.SELLER:
        raise WithMarketplace


def refuse_unseen(query: CustomerQuery, *, seen: Seen | None, by: Actor) -> None:
    """Raise MovedOn when others wrote what the page of who acts does not show."""
    if seen and by.account and newer_of_others(query, seen=seen, user=by.account):
        raise MovedOn


def refuse_unpredicted(query: CustomerQuery, predicted_score: int | None, *, by: Actor) -> None:
    """Raise PredictionMissing when the shop wants a prediction and one of its people has none."""
    wanted = predicted_score is None and query.seller.requires_prediction
    if wanted and actor_type(by, query) == ActorType.SELLER:
        raise PredictionMissing


def record_about(
    kind: QueryEvent, query: CustomerQuery, *, by: Actor, now: datetime, **details: object
) -> None:
    """Write what happened to a query."""
    record(kind, query, seller_id=query.seller_id, by=by, now=now, **details)


def end_handover(
    query: CustomerQuery, outcome: HandOverOutcome, *, by: Actor, now: datetime
) -> None:
    """Note how the hand-over ended, never earlier than it began: clocks differ a little."""
    query.handovers.open().update(
        handed_back_at=Greatest(Value(now), F("handed_over_at")),
        handed_back_by=by.account,
        handed_back_client=by.client,
        outcome=outcome,
    )

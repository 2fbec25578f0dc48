"""What a customer does with the link: answer once, or ask for no more surveys."""

from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Coalesce

from queries.identity import lock_customer
from queries.models import Customer
from sellers.events import RECORD_NEW, Actor, record, recorded
from sellers.guards import REFUSALS
from sellers.made_once import MadeOnce, Sql, update_sql
from sellers.models import Event
from surveys.enums import Band, InvitationState, SurveyEvent
from surveys.followups.opening import opening
from surveys.models import Invitation, SurveyOptOut, SurveyOptOuts, SurveyResponse, Topic
from surveys.periods import month_of


class UnknownLink(Exception):
    """The link leads to no invitation."""


class AlreadyAnswered(Exception):
    """The first answer is final; there cannot be a second one."""


class AnswerTooLate(Exception):
    """The answer window of the invitation is over."""


class AnswerNotStored(Exception):
    """The database refuses it, for which the customer can do nothing: the clocks differ."""


def _answered(*, digest: str, opened_at: datetime, now: datetime) -> Sql:
    """Let an invitation be answered, unless it cannot be answered any more."""
    # A worker can die after the mail left and before it could note so: then it was sent by now,
    # even when the next worker found it too late to send. Without an end it never was.
    over = (InvitationState.ANSWERED, InvitationState.EXPIRED)
    answerable = Invitation.objects.exclude(state__in=over).filter(
        token_digest=digest, expires_at__gt=now
    )
    return update_sql(
        answerable,
        state=InvitationState.ANSWERED,
        reason="",
        answered_at=now,
        opened_at=opened_at,
        sent_at=Coalesce("sent_at", now),
    )


ANSWERED: Final = MadeOnce({"digest": str, "opened_at": datetime, "now": datetime}, _answered)
# Find, lock, check and write in one statement: of two answers at once the second waits here for
# the first, and then finds nothing to write. The customer waits for it.
STORE: Final = """
    WITH answered AS ({answered} RETURNING id, seller_id, query_id, closing_id),
    new AS (
        INSERT INTO surveys_surveyresponse
            (invitation_id, seller_id, query_id, closed_by,
             score, submitted_at, month, reason, may_contact)
        SELECT answered.id, answered.seller_id, answered.query_id, closing.closed_by,
               %s, %s, %s, %s, %s
          FROM answered
          JOIN queries_closing AS closing ON closing.id = answered.closing_id
        RETURNING id, invitation_id, seller_id, query_id, closed_by, score, submitted_at,
                  (SELECT closing_id FROM answered) AS closing_id
    ),
    recorded AS ({record}),
    ticked AS (
        INSERT INTO surveys_responsetopic (response_id, topic_id)
        SELECT new.id, unnest(%s::bigint[]) FROM new
    )
    {opened}
    SELECT id, invitation_id, seller_id, query_id, closed_by FROM new
"""


def submit(
    digest: str,
    *,
    score: int,
    reason: str,
    topics: Iterable[Topic],
    may_contact: bool | None,
    opened_at: datetime | None,
    by: Actor,
    now: datetime,
) -> SurveyResponse:
    """Store the answer of the customer whose link has this digest, for ever.

    Raises UnknownLink, AlreadyAnswered, AnswerTooLate, or AnswerNotStored.

    The month it belongs to is decided here, in the marketplace's time zone.
    """
    response = SurveyResponse(
        score=score,
        submitted_at=now,
        month=month_of(now, settings.MARKETPLACE_ZONE),
        reason=reason,
        may_contact=may_contact,
    )
    _store(response, topics, digest=digest, opened_at=opened_at, by=by)
    return response


def _store(
    response: SurveyResponse,
    topics: Iterable[Topic],
    *,
    digest: str,
    opened_at: datetime | None,
    by: Actor,
) -> None:
    """Store a response with its topics, its event and its task; then it knows what it is about."""
    now = response.submitted_at
    answered, found = ANSWERED.with_values(digest=digest, opened_at=opened_at, now=now)
    fields = (response.score, now, response.month, response.reason, response.may_contact)
    event = recorded(SurveyEvent.MEASURED, SurveyResponse._meta.label, by=by, now=now)
    ticked = [topic.pk for topic in topics]
    opened, due = "", list[Any]()
    if response.band == Band.DETRACTOR:
        opened, due = opening(response.score, submitted_at=now)
        opened = f", opened AS ({opened})"
    store = STORE.format(answered=answered, record=RECORD_NEW, opened=opened)
    # Alone it is a transaction by itself: to begin and end one are two more messages.
    within = transaction.atomic() if connection.in_atomic_block else nullcontext()
    with within, connection.cursor() as cursor:
        try:
            cursor.execute(store, [*found, *fields, *event, ticked, *due])
        except DatabaseError as error:
            if isinstance(error.__cause__, REFUSALS):
                raise AnswerNotStored from error
            raise
        stored = cursor.fetchone()
    if stored is None:
        raise _why_not(digest)
    about = ("pk", "invitation_id", "seller_id", "query_id", "closed_by")
    for name, value in zip(about, stored, strict=True):
        setattr(response, name, value)


def _why_not(digest: str) -> Exception:
    """Return why nothing can be stored for a link."""
    states = Invitation.objects.filter(token_digest=digest).values_list("state", flat=True)
    if not states:
        return UnknownLink()
    return AlreadyAnswered() if InvitationState.ANSWERED in states else AnswerTooLate()


@transaction.atomic
def opt_out(customer: Customer, *, by: Actor, now: datetime) -> SurveyOptOut:
    """Send this customer no surveys any more, from any shop; twice is once."""
    customer = lock_customer(customer)
    opted_out, is_new = SurveyOptOut.objects.get_or_create(
        customer=customer, defaults={"opted_out_at": now}
    )
    # No shop's: sellers do not learn of it (docs/decisions/0006-opt-out-and-the-seller.md).
    if is_new:
        record(SurveyEvent.OPTED_OUT, customer, seller_id=None, by=by, now=now)
    return opted_out


@transaction.atomic
def wish_for_surveys(
    customer: Customer, *, opted_out: bool, by: Actor, now: datetime
) -> bool | None:
    """Opt out or undo that at a moment which may be past, unless something newer is known.

    Returns whether it was news, None when it is older. What is kept is the number by which this
    person opted out last, and when, in whatever order they are told of.
    """
    customer = lock_customer(customer)
    people = Customer.objects.one_person_with(customer)
    known = SurveyOptOut.objects.of_person(customer)
    undone = Event.objects.about(people).filter(kind=SurveyEvent.OPT_OUT_UNDONE, at__gt=now)
    if undone.exists() or known.filter(opted_out_at__gt=now).exists():
        return None
    was_opted_out = known.exists()
    if opted_out:
        opt_out(customer, by=by, now=now)
        _undo(known.exclude(customer=customer), by=by, now=now)
        known.update(opted_out_at=now)
    else:
        undo_opt_out(customer, by=by, now=now)
    return was_opted_out != opted_out


@transaction.atomic
def undo_opt_out(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Let this person be surveyed again, by whichever number they opted out; twice is once."""
    customer = lock_customer(customer)
    _undo(SurveyOptOut.objects.of_person(customer), by=by, now=now)


def _undo(opt_outs: SurveyOptOuts, *, by: Actor, now: datetime) -> None:
    """Delete opt-outs, and leave of each the trace without which the database keeps it."""
    for opted_out in opt_outs.select_related("customer"):
        opted_out.delete()
        record(SurveyEvent.OPT_OUT_UNDONE, opted_out.customer, seller_id=None, by=by, now=now)

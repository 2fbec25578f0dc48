"""What a shop does with a task: who has it, the steps, the contact with the customer, the end."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from queries import actions as conversations
from queries.actions.turns import SECOND_CLICK_WITHIN
from queries.models import CustomerQuery, Message
from sellers.actions import hold_team
from sellers.events import Actor, record
from sellers.models import User
from surveys.enums import CallOutcome, ContactKind, FollowUpEvent, FollowUpState
from surveys.followup_rules import may_be_called, may_be_written
from surveys.models import FINISHED, FollowUp, FollowUpContact, FollowUpTick, PlaybookStep, Topic


class Lapsed(Exception):
    """The task does not count any more: its measurement was excluded or erased."""


class IsFinished(Exception):
    """The task is finished; reopen it first."""


class IsOpen(Exception):
    """The task is not finished, so it cannot be reopened."""


class CannotAnswer(Exception):
    """Only who may answer for the shop can be given its tasks."""


class AlreadyAssigned(Exception):
    """It is theirs already; or nobody's."""


class NotWanted(Exception):
    """The customer does not want to be contacted in this way."""


class NoteMissing(Exception):
    """To finish a task it must be said what was done."""


class LessonMissing(Exception):
    """Where the customer was not won back, it must be said what the team can learn."""


@transaction.atomic
def assign(followup: FollowUp, *, assignee: User | None, by: Actor, now: datetime) -> User | None:
    """Give an open task to somebody of the shop, or to nobody; return whose it was.

    Raises Lapsed, IsFinished, CannotAnswer or AlreadyAssigned.
    """
    hold_team(followup.seller)  # nobody is removed meanwhile
    query = _hold_query(followup)
    _lock_open(followup)
    if followup.contacts.replies().exists():
        conversations.hand_on_reaction(query, assignee=assignee, by=by, now=now)
    if assignee and not User.objects.answering_for(followup.seller).filter(pk=assignee.pk).exists():
        raise CannotAnswer
    was = followup.assignee
    if was == assignee:
        raise AlreadyAssigned
    followup.assignee = assignee
    followup.save(update_fields=["assignee"])
    ids = {"assignee": assignee.pk if assignee else None, "was": was.pk if was else None}
    _record(FollowUpEvent.ASSIGNED, followup, by=by, now=now, **ids)
    return was


@transaction.atomic
def assign_all(
    assignees: Mapping[FollowUp, User | None], *, by: Actor, now: datetime
) -> dict[FollowUp, User | None]:
    """Give many tasks to somebody each; return whose those that changed hands were.

    What is finished, lapsed or theirs already stays as it is. Raises CannotAnswer: then nothing
    changed.
    """
    were = {}
    for followup in sorted(assignees, key=_in_order):
        try:
            were[followup] = assign(followup, assignee=assignees[followup], by=by, now=now)
        except (Lapsed, IsFinished, AlreadyAssigned):
            continue
    return were


@transaction.atomic
def tick(followup: FollowUp, *, step: PlaybookStep, by: Actor, now: datetime) -> None:
    """Note that a step of the playbook is done; twice is once. Raises Lapsed or IsFinished."""
    _lock_open(followup)
    _tick(followup, step, by=by, now=now)


@transaction.atomic
def untick(followup: FollowUp, *, step: PlaybookStep, by: Actor, now: datetime) -> None:
    """Note that a step is not done after all; twice is once. Raises Lapsed or IsFinished."""
    _lock_open(followup)
    count, _models = followup.ticks.filter(step=step).delete()
    if count:
        _record(FollowUpEvent.UNTICKED, followup, by=by, now=now, step=step.pk)


@transaction.atomic
def reply(
    followup: FollowUp, *, body: str, send_key: UUID | None = None, by: Actor, now: datetime
) -> Message:
    """Write to the customer in the conversation, which stays closed when it is.

    What the customer writes back opens it again, for whoever has the task. The same form
    (`send_key`) writes once. Raises Lapsed, IsFinished, NotWanted, QueryIsErased or
    WithMarketplace.
    """
    query = _hold_query(followup)
    followup.refresh_from_db(fields=["assignee"])  # somebody else's since the page was opened
    message = conversations.write_after_closing(
        query, body=body, send_key=send_key, assignee=followup.assignee, by=by, now=now
    )
    _lock_open(followup)
    if followup.contacts.filter(message=message).exists():  # the same form again
        return message
    if not may_be_written(followup.wish, replies=followup.contacts.replies().count()):
        raise NotWanted
    _contact(followup, ContactKind.REPLY, message=message, by=by, now=now)
    return message


@transaction.atomic
def log_call(
    followup: FollowUp, *, outcome: CallOutcome, note: str, by: Actor, now: datetime
) -> FollowUpContact:
    """Keep what came of a phone call; only who was reached was contacted.

    The same by the same agent within a minute is kept once. Raises Lapsed, IsFinished or NotWanted.
    """
    _lock_open(followup)
    if not may_be_called(followup.wish):
        raise NotWanted
    said = {"kind": ContactKind.CALL, "outcome": outcome, "note": note, "made_by": by.account}
    if kept := followup.contacts.filter(**said, made_at__gt=now - SECOND_CLICK_WITHIN).first():
        return kept
    return _contact(followup, ContactKind.CALL, outcome=outcome, note=note, by=by, now=now)


@transaction.atomic
def finish(
    followup: FollowUp,
    *,
    state: FollowUpState,
    note: str,
    promised: str = "",
    lesson: str = "",
    cause_topic: Topic | None = None,
    cause: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """End a task: resolved, or not recoverable. The score stays what it is.

    Raises Lapsed, IsFinished, NoteMissing or LessonMissing.
    """
    assert state in FINISHED, "A task ends in one of two ways."
    _lock_open(followup)
    if not note:
        raise NoteMissing
    if state == FollowUpState.NOT_RECOVERABLE and not lesson:
        raise LessonMissing
    followup.state, followup.finished_at = state, now
    followup.note, followup.promised, followup.lesson = note, promised, lesson
    followup.cause_topic, followup.cause = cause_topic, cause
    followup.save(
        update_fields=[
            "state",
            "finished_at",
            "note",
            "promised",
            "lesson",
            "cause_topic",
            "cause",
        ]
    )
    kind = (
        FollowUpEvent.RESOLVED if state == FollowUpState.RESOLVED else FollowUpEvent.NOT_RECOVERABLE
    )
    _record(kind, followup, by=by, now=now)


@transaction.atomic
def reopen(followup: FollowUp, *, by: Actor, now: datetime) -> None:
    """Open a finished task again; what was written when it ended stays. Raises Lapsed or IsOpen."""
    _lock(followup)
    if not followup.is_finished:
        raise IsOpen
    contacted = followup.contacted_at is not None
    followup.state = FollowUpState.CONTACTED if contacted else FollowUpState.TO_DO
    followup.finished_at = None
    followup.save(update_fields=["state", "finished_at"])
    _record(FollowUpEvent.REOPENED, followup, by=by, now=now)


def _in_order(followup: FollowUp) -> tuple[int, int]:
    """Return where a task comes among many: all lock their queries in one order."""
    return followup.response.query_id or 0, followup.pk


def _hold_query(followup: FollowUp) -> CustomerQuery:
    """Wait for whoever works on the query of a task; only who holds it assigns the task.

    It is locked before its task, as by who erases a person.
    """
    query = followup.response.query
    assert query, "Nobody follows up on what was imported."
    queries = CustomerQuery.objects.select_for_update(no_key=True)
    query.refresh_from_db(from_queryset=queries)
    return query


def _lock(followup: FollowUp) -> None:
    """Wait for whoever works on this task, then see it as they left it. Raises Lapsed."""
    locked = FollowUp.objects.select_for_update(of=("self",), no_key=True)
    followup.refresh_from_db(from_queryset=locked.select_related("response"))
    if followup.lapsed_at:
        raise Lapsed


def _lock_open(followup: FollowUp) -> None:
    """Lock a task and refuse it when it is finished. Raises Lapsed or IsFinished."""
    _lock(followup)
    if followup.is_finished:
        raise IsFinished


def _contact(
    followup: FollowUp,
    kind: ContactKind,
    *,
    message: Message | None = None,
    outcome: CallOutcome | str = "",
    note: str = "",
    by: Actor,
    now: datetime,
) -> FollowUpContact:
    """Keep one contact of a locked task; unless nobody was reached, the customer was contacted."""
    assert by.account, "Somebody of the shop made it."
    contact = FollowUpContact.objects.create(
        followup=followup,
        kind=kind,
        message=message,
        outcome=outcome,
        note=note,
        made_at=now,
        made_by=by.account,
    )
    reached = outcome != CallOutcome.NOT_REACHED
    if reached and followup.contacted_at is None:
        followup.state, followup.contacted_at = FollowUpState.CONTACTED, now
        followup.save(update_fields=["state", "contacted_at"])
    if reached:
        for step in followup.playbook.steps.filter(is_contact=True):
            _tick(followup, step, by=by, now=now)
    details = {"contact": contact.pk, "how": kind, "outcome": outcome}
    _record(FollowUpEvent.CONTACTED, followup, by=by, now=now, **details)
    return contact


def _tick(followup: FollowUp, step: PlaybookStep, *, by: Actor, now: datetime) -> None:
    assert by.account, "Somebody of the shop did it."
    _row, is_new = FollowUpTick.objects.get_or_create(
        followup=followup, step=step, defaults={"ticked_at": now, "ticked_by": by.account}
    )
    if is_new:
        _record(FollowUpEvent.TICKED, followup, by=by, now=now, step=step.pk)


def _record(
    kind: FollowUpEvent, followup: FollowUp, *, by: Actor, now: datetime, **details: object
) -> None:
    record(kind, followup, seller_id=followup.seller_id, by=by, now=now, **details)

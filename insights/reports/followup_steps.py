"""One follow-up task: its playbook as a checklist, what happened, and all playbooks together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sellers.events import by_whom, kind_in_words
from sellers.models import Event, User
from surveys.enums import ContactKind, FollowUpEvent, SurveyEvent
from surveys.followup_rules import DUE_AFTER, WORST_DUE_AFTER, WORST_SCORES
from surveys.models import FollowUp, FollowUpContact, Playbook, PlaybookStep
from surveys.nps import PASSIVE_FROM

HOUR: Final = 3_600
LOW_SCORES: Final = range(PASSIVE_FROM)


@dataclass(frozen=True, slots=True)
class CheckedStep:
    """One step of the playbook, and who ticked it when."""

    step: PlaybookStep
    ticked_by: User | None = None
    ticked_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Return whether it was ticked."""
        return self.ticked_at is not None


def checklist(followup: FollowUp) -> tuple[CheckedStep, ...]:
    """Return the steps that the task opened with, in two statements."""
    ticks = {tick.step_id: tick for tick in followup.ticks.select_related("ticked_by")}
    return tuple(
        CheckedStep(step, ticks[step.pk].ticked_by, ticks[step.pk].ticked_at)
        if step.pk in ticks
        else CheckedStep(step)
        for step in followup.playbook.steps.order_by("position")
    )


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened to a task: when, what and by whom; `words` may be empty."""

    at: datetime
    kind: str
    what: str
    who: str
    words: str = ""
    message_pk: int | None = None


def followup_history(
    followup: FollowUp, *, contacts: Iterable[FollowUpContact], steps: Iterable[CheckedStep]
) -> tuple[HistoryLine, ...]:
    """Return all that happened to a task, the latest first; two statements."""
    by_pk = {contact.pk: contact for contact in contacts}
    labels = {each.step.pk: each.step.label for each in steps}
    events = list(
        Event.objects.about([followup]).select_related("user", "client").order_by("-at", "-pk")
    )
    people = User.objects.in_bulk({each.details.get("assignee") for each in events} - {None})
    lines = [
        HistoryLine(
            at=each.at,
            kind=each.kind,
            what=kind_in_words(each.kind),
            who=by_whom(each.user, each.client),
            words=_words(each, people=people, labels=labels, contacts=by_pk),
            message_pk=_message(each, contacts=by_pk),
        )
        for each in events
    ]
    answered = HistoryLine(
        at=followup.opened_at,
        kind=SurveyEvent.MEASURED,
        what=_("The customer answered"),
        who="",
    )
    return (*lines, answered)


def _words(
    event: Event,
    *,
    people: Mapping[int, User],
    labels: Mapping[int, str],
    contacts: Mapping[int, FollowUpContact],
) -> str:
    """Return what an event was about, in words that the database keeps elsewhere."""
    details = event.details
    match event.kind:
        case FollowUpEvent.ASSIGNED:
            assignee = details.get("assignee")
            return str(people[assignee]) if assignee in people else _("Nobody’s")
        case FollowUpEvent.TICKED | FollowUpEvent.UNTICKED:
            return labels.get(details.get("step", 0), "")
        case FollowUpEvent.CONTACTED:
            contact = contacts.get(details.get("contact", 0))
            return _contact_in_words(contact) if contact else ""
        case _:
            return ""


def _contact_in_words(contact: FollowUpContact) -> str:
    if contact.kind == ContactKind.REPLY:
        return str(contact.get_kind_display())
    said = f"{contact.get_kind_display()}: {contact.get_outcome_display()}"
    return f"{said}. {contact.note}" if contact.note else said


def _message(event: Event, *, contacts: Mapping[int, FollowUpContact]) -> int | None:
    contact = contacts.get(event.details.get("contact", 0))
    return contact.message_id if contact else None


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One thing to do, and after which of the scores 0 to 6."""

    label: str
    holds: tuple[bool, ...]


def all_playbooks() -> tuple[MatrixRow, ...]:
    """Return what to do after each low score, of the playbooks that hold now; two statements."""
    playbooks = list(Playbook.objects.newest().with_steps())
    steps = {book.score: [step.label for step in book.steps.all()] for book in playbooks}
    return (*_due_rows(), *_step_rows(steps))


def _due_rows() -> Iterator[MatrixRow]:
    for after, scores in (
        (WORST_DUE_AFTER, WORST_SCORES),
        (DUE_AFTER, range(max(WORST_SCORES) + 1, PASSIVE_FROM)),
    ):
        hours = int(after.total_seconds()) // HOUR
        label = ngettext("Within %(hours)d hour", "Within %(hours)d hours", hours)
        yield MatrixRow(label % {"hours": hours}, tuple(score in scores for score in LOW_SCORES))


def _step_rows(steps: Mapping[int, Sequence[str]]) -> Iterator[MatrixRow]:
    for label in in_one_order(steps.values()):
        yield MatrixRow(label, tuple(label in steps.get(score, ()) for score in LOW_SCORES))


def in_one_order(lists: Iterable[Sequence[str]]) -> list[str]:
    """Return what is in any of the lists once, each behind what it follows in its own list."""
    merged: list[str] = []
    for each in lists:
        place = 0
        for label in each:
            if label not in merged:
                merged.insert(place, label)
            place = merged.index(label) + 1
    return merged

"""What the shops of the demo do about their low scores.

Most customers are contacted in time and most are won back. Of the last days some wait still: due
today, overdue, contacted and not finished.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from config.demo.rows import ContactRow, FollowUpRow, FreePks, Rows, TickRow
from config.demo.threads import Contact, pick
from sellers.enums import Role
from surveys.enums import CallOutcome, ContactKind, FollowUpState
from surveys.followup_rules import WORST_SCORES, due_at
from surveys.models import Playbook, SurveyResponse

LATE: Final = 0.14  # of those who are contacted
LOST: Final = 0.16  # of those who are finished
LEFT_OPEN: Final = 0.12  # after contact, for weeks
UNTOUCHED: Final = 0.2  # while it is new
TICKS_SINCE: Final = timedelta(days=180)  # nobody asks which steps of older tasks were done


@dataclass(frozen=True, slots=True)
class Steps:
    """A playbook by its numbers: its own, those of its steps, and that of contact."""

    playbook_id: int
    step_ids: tuple[int, ...]
    contact_id: int


@dataclass(frozen=True, slots=True)
class _Course:
    """How it went: when the customer was contacted, and when and how it ended, if ever."""

    contacted_at: datetime | None
    finished_at: datetime | None
    state: FollowUpState


def steps_by_score() -> dict[int, Steps]:
    """Return the playbook that holds of each low score."""
    found = {}
    for playbook in Playbook.objects.newest().with_steps():
        steps = list(playbook.steps.all())
        contact = next(step.pk for step in steps if step.is_contact)
        found[playbook.score] = Steps(playbook.pk, tuple(step.pk for step in steps), contact)
    return found


class Follower:
    """Follows up on one low score after another, with chances of its own."""

    def __init__(self, pks: FreePks, *, playbooks: dict[int, Steps], now: datetime) -> None:
        self._rng = Random("follow-up")  # noqa: S311  no secrets here, but the same every time
        self._pks = pks
        self._playbooks = playbooks
        self._now = now

    def follow_up(
        self,
        contact: Contact,
        response: SurveyResponse,
        rows: Rows,
        *,
        topic_ids: list[int],
    ) -> None:
        """Note in `rows` the task of a low score that counts, and what became of it."""
        rng, texts = self._rng, contact.texts
        due = due_at(response.score, submitted_at=response.submitted_at)
        course = self._course(response, due=due)
        steps, pk = self._playbooks[response.score], next(self._pks.followups)
        assignee = self._assignee(contact, response.score)
        ended = course.finished_at is not None
        lost = course.state == FollowUpState.NOT_RECOVERABLE
        endings = texts.followup_losses if lost else texts.followup_notes
        rows.followups.append(
            FollowUpRow(
                id=pk,
                response_id=response.id,
                seller_id=response.seller_id,
                playbook_id=steps.playbook_id,
                assignee_id=assignee,
                state=course.state,
                opened_at=response.submitted_at,
                due_at=due,
                escalated_at=self._told(course, due=due),
                contacted_at=course.contacted_at,
                finished_at=course.finished_at,
                note=pick(rng, endings) if ended else "",
                promised=pick(rng, texts.followup_promises) if ended and rng.random() < 0.5 else "",
                cause_topic_id=topic_ids[0] if ended and topic_ids else None,
                cause=pick(rng, texts.followup_causes) if ended and rng.random() < 0.4 else "",
                lesson=pick(rng, texts.followup_lessons) if lost else "",
            )
        )
        if course.contacted_at:
            called = response.may_contact is not None
            self._note_contact(
                contact, course.contacted_at, rows, called=called, followup_id=pk, by_id=assignee
            )
        if course.contacted_at and response.submitted_at >= self._now - TICKS_SINCE:
            done = steps.step_ids if ended else (steps.contact_id,)
            self._tick(done, course.contacted_at, rows, followup_id=pk, by_id=assignee)

    def _course(self, response: SurveyResponse, *, due: datetime) -> _Course:
        rng, opened_at = self._rng, response.submitted_at
        share = 1.05 + rng.random() if rng.random() < LATE else 0.04 + 0.8 * rng.random() ** 2
        contacted_at = opened_at + (due - opened_at) * share
        finished_at = contacted_at + timedelta(hours=1 + rng.expovariate(1 / 30))
        if contacted_at >= self._now or (due > self._now and rng.random() < UNTOUCHED):
            return _Course(None, None, FollowUpState.TO_DO)
        refused = response.may_contact is False
        recent = not refused and self._now - opened_at < timedelta(days=21)
        if finished_at >= self._now or (recent and rng.random() < LEFT_OPEN):
            state = FollowUpState.TO_DO if refused else FollowUpState.CONTACTED
            return _Course(None if refused else contacted_at, None, state)
        lost = rng.random() < LOST
        state = FollowUpState.NOT_RECOVERABLE if lost else FollowUpState.RESOLVED
        return _Course(None if refused else contacted_at, finished_at, state)

    def _told(self, course: _Course, *, due: datetime) -> datetime | None:
        """Return when it was told that the task is overdue, if it was."""
        until = course.contacted_at or course.finished_at or self._now
        return due if due < until else None

    def _assignee(self, contact: Contact, score: int) -> int:
        """Return who follows up: on the worst scores somebody else than who was scored."""
        if score not in WORST_SCORES:
            return contact.agent_id
        agents = contact.stored_shop.agents
        others = [(pk, person) for pk, person in agents if pk != contact.agent_id]
        owners = [pk for pk, person in others if person.role == Role.OWNER]
        return next(iter(owners or [pk for pk, _ in others]), contact.agent_id)

    def _note_contact(
        self,
        contact: Contact,
        moment: datetime,
        rows: Rows,
        *,
        called: bool,
        followup_id: int,
        by_id: int,
    ) -> None:
        """Note a call, or a reply to who did not say whether they may be called."""
        rows.contacts.append(
            ContactRow(
                id=next(self._pks.contacts),
                followup_id=followup_id,
                kind=ContactKind.CALL if called else ContactKind.REPLY,
                outcome=CallOutcome.SPOKEN if called else "",
                note=pick(self._rng, contact.texts.followup_calls) if called else "",
                made_at=moment,
                made_by_id=by_id,
            )
        )

    def _tick(
        self,
        step_ids: Iterable[int],
        moment: datetime,
        rows: Rows,
        *,
        followup_id: int,
        by_id: int,
    ) -> None:
        """Note steps that were done."""
        rows.ticks.extend(
            TickRow(
                id=next(self._pks.ticks),
                followup_id=followup_id,
                step_id=step_id,
                ticked_at=moment,
                ticked_by_id=by_id,
            )
            for step_id in step_ids
        )

"""What a shop does after a low score, and what came of it; the score itself never changes."""

from datetime import date, datetime
from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.models import Message
from sellers.guards import never_emptied, not_ahead
from sellers.models import LineField, Seller, User
from surveys.enums import CallOutcome, ContactKind, ContactWish, FollowUpState, Lapse
from surveys.followup_rules import contact_wish
from surveys.models.appreciations import as_the_customer_wishes, only_emptied, reply_only_goes
from surveys.models.playbooks import Playbook, PlaybookStep
from surveys.models.responses import SurveyResponse
from surveys.models.topics import Topic
from surveys.nps import PASSIVE_FROM

OPEN: Final = (FollowUpState.TO_DO, FollowUpState.CONTACTED)
FINISHED: Final = (FollowUpState.RESOLVED, FollowUpState.NOT_RECOVERABLE)


class FollowUps(models.QuerySet["FollowUp"]):
    """Follow-up tasks, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep those of this shop."""
        return self.filter(seller=seller)

    def counting(self) -> Self:
        """Leave out what lapsed."""
        return self.filter(lapsed_at=None)

    def open(self) -> Self:
        """Keep what is not finished; a partial index."""
        return self.counting().filter(state__in=OPEN)

    def to_do(self) -> Self:
        """Keep those whose customer was not contacted yet; a partial index."""
        return self.counting().filter(state=FollowUpState.TO_DO)

    def late(self, *, now: datetime) -> Self:
        """Keep those that should have been taken up by now, whatever contact the customer wants."""
        return self.to_do().filter(due_at__lte=now)

    def due_between(self, after: datetime, before: datetime) -> Self:
        """Keep those that are to be taken up after a moment and before another."""
        return self.to_do().filter(due_at__gt=after, due_at__lt=before)

    def finished(self) -> Self:
        """Keep what was resolved, or could not be."""
        return self.counting().filter(state__in=FINISHED)

    def assigned_to(self, user: User | None) -> Self:
        """Keep what somebody, or nobody, is to do."""
        return self.filter(assignee=user)

    def with_people(self) -> Self:
        """Fetch what a list shows of each: measurement, query, customer and assignee."""
        return self.select_related(
            "assignee",
            "cause_topic",
            "response__query__customer",
            "response__query__seller",
            "response__invitation__closing__agent",
        )


class FollowUp(models.Model):
    """One low score that a shop follows up on.

    It goes to do → contacted → resolved or not recoverable. What does not count any more has
    lapsed, whatever its state.
    """

    response = models.OneToOneField(
        SurveyResponse,
        on_delete=models.PROTECT,
        related_name="followup",
        verbose_name=_("measurement"),
    )
    seller = models.ForeignKey(
        Seller,
        on_delete=models.PROTECT,
        related_name="followups",
        db_index=False,
        verbose_name=_("seller"),
    )
    playbook = models.ForeignKey(
        Playbook,
        on_delete=models.PROTECT,
        related_name="followups",
        db_index=False,
        verbose_name=_("playbook"),
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="followups",
        db_index=False,
        null=True,
        blank=True,
        verbose_name=_("assigned to"),
    )
    state = models.CharField(_("state"), max_length=20, choices=FollowUpState)
    opened_at = models.DateTimeField(_("opened"))
    due_at = models.DateTimeField(_("contact due"))
    escalated_at = models.DateTimeField(_("told to be overdue"), null=True, blank=True)
    contacted_at = models.DateTimeField(_("first contact"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, default="", db_default="")
    promised = LineField(_("promised"), max_length=300, blank=True, default="", db_default="")
    cause_topic = models.ForeignKey(
        Topic,
        on_delete=models.PROTECT,
        related_name="followups",
        db_index=False,
        null=True,
        blank=True,
        verbose_name=_("root cause"),
    )
    cause = LineField(
        _("root cause in own words"), max_length=200, blank=True, default="", db_default=""
    )
    lesson = models.TextField(_("lesson"), blank=True, default="", db_default="")
    lapsed_at = models.DateTimeField(_("lapsed"), null=True, blank=True)
    lapse = models.CharField(
        _("why it lapsed"), max_length=10, choices=Lapse, blank=True, default="", db_default=""
    )

    objects = FollowUps.as_manager()

    class Meta:
        verbose_name = _("follow-up task")
        verbose_name_plural = _("follow-up tasks")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=FollowUpState.TO_DO, contacted_at=None)
                | models.Q(state=FollowUpState.CONTACTED, contacted_at__isnull=False)
                | models.Q(state__in=FINISHED),
                name="followup_contacted_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN, finished_at=None)
                | models.Q(state__in=FINISHED, finished_at__isnull=False),
                name="followup_finished_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN)
                | ~models.Q(note="")
                | models.Q(lapsed_at__isnull=False),
                name="followup_finished_with_note",
                violation_error_message=_("Say what was done: a note is needed to finish."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=FollowUpState.NOT_RECOVERABLE)
                | ~models.Q(lesson="")
                | models.Q(lapsed_at__isnull=False),
                name="followup_lost_with_lesson",
                violation_error_message=_("Say what your team can learn from it."),
            ),
            models.CheckConstraint(
                condition=models.Q(lapsed_at=None, lapse="")
                | models.Q(lapsed_at__isnull=False, lapse__in=Lapse.values),
                name="followup_lapsed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(lapse=Lapse.ERASED)
                | models.Q(note="", promised="", cause="", lesson=""),
                name="followup_erased_is_empty",
            ),
            models.CheckConstraint(
                condition=models.Q(due_at__gt=models.F("opened_at")), name="followup_due_later"
            ),
        ]
        indexes = [
            # What a shop has to do, the most pressing first: whom nobody contacted yet.
            models.Index(
                fields=["seller", "-state", "due_at", "id"],
                condition=models.Q(state__in=OPEN, lapsed_at=None),
                name="followup_open",
            ),
            # What was finished last.
            models.Index(
                fields=["seller", "-finished_at", "-id"],
                condition=models.Q(state__in=FINISHED, lapsed_at=None),
                name="followup_finished",
            ),
            # What was learned last; few of the finished ones say it.
            models.Index(
                fields=["seller", "-finished_at", "-id"],
                condition=models.Q(state__in=FINISHED, lapsed_at=None) & ~models.Q(lesson=""),
                name="followup_lessons",
            ),
            # What became due and nobody was told of.
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state=FollowUpState.TO_DO, lapsed_at=None, escalated_at=None),
                name="followup_to_escalate",
            ),
            # Those of the last weeks, whatever became of them.
            models.Index(
                fields=["seller", "opened_at"],
                condition=models.Q(lapsed_at=None),
                name="followup_of_a_period",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="followup_stays", operation=pgtrigger.Delete),
            never_emptied("followups_stay"),
            not_ahead("followup_not_ahead", "contacted_at", "finished_at", "lapsed_at"),
            pgtrigger.ReadOnly(
                name="followup_of_one_measurement",
                fields=["response", "seller", "playbook", "opened_at", "due_at"],
            ),
            pgtrigger.Protect(
                name="followup_stays_erased",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__lapse=Lapse.ERASED)
                & ~pgtrigger.Q(new__lapse=Lapse.ERASED),
            ),
            pgtrigger.Protect(
                name="followup_first_contact_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__contacted_at__isnull=False)
                & pgtrigger.Q(old__contacted_at__df=pgtrigger.F("new__contacted_at")),
            ),
            # Of what is finished the words can only be emptied, until it is opened again.
            pgtrigger.Protect(
                name="followup_end_stands",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.finished_at IS NOT NULL AND NEW.finished_at IS NOT NULL AND ("
                    "(OLD.finished_at, OLD.state, OLD.cause_topic_id) IS DISTINCT FROM "
                    "(NEW.finished_at, NEW.state, NEW.cause_topic_id) OR "
                    + " OR ".join(
                        f"NEW.{words} NOT IN ('', OLD.{words})"
                        for words in ("note", "promised", "cause", "lesson")
                    )
                    + ")"
                ),
            ),
            pgtrigger.Trigger(
                name="followup_of_a_low_score",
                when=pgtrigger.After,  # the measurement may come with the same statement
                operation=pgtrigger.Insert,
                func=f"""
                IF NOT EXISTS (
                    SELECT FROM surveys_surveyresponse response
                      JOIN surveys_playbook playbook ON playbook.id = NEW.playbook_id
                     WHERE response.id = NEW.response_id
                       AND response.seller_id = NEW.seller_id
                       AND response.score < {PASSIVE_FROM}
                       AND response.closed_by = 'seller'
                       AND response.imported_at IS NULL
                       AND playbook.score = response.score
                ) THEN
                    RAISE EXCEPTION 'A follow-up is of a low score that counts for its shop';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_open(self) -> bool:
        """Return whether something is left to be done."""
        return self.state in OPEN and self.lapsed_at is None

    @property
    def is_finished(self) -> bool:
        """Return whether it was resolved, or could not be."""
        return self.state in FINISHED

    @property
    def wish(self) -> ContactWish:
        """Return what the customer said about being contacted."""
        return contact_wish(may_contact=self.response.may_contact)

    def is_late(self, *, now: datetime) -> bool:
        """Return whether it should have been taken up by now."""
        return self.state == FollowUpState.TO_DO and self.lapsed_at is None and now >= self.due_at

    def due_on(self) -> date:
        """Return the day, of the marketplace, on which it is due."""
        return self.due_at.astimezone(settings.MARKETPLACE_ZONE).date()


class FollowUpTick(models.Model):
    """One step of the playbook that was done for one task."""

    followup = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="ticks")
    step = models.ForeignKey(PlaybookStep, on_delete=models.PROTECT, related_name="ticks")
    ticked_at = models.DateTimeField(_("ticked"))
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="ticks",
        verbose_name=_("ticked by"),
    )

    class Meta:
        verbose_name = _("step that was done")
        verbose_name_plural = _("steps that were done")
        constraints = [
            models.UniqueConstraint(fields=["followup", "step"], name="followup_step_ticked_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="followup_step_of_its_playbook",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                IF NOT EXISTS (
                    SELECT FROM surveys_followup followup
                      JOIN surveys_playbookstep step USING (playbook_id)
                     WHERE followup.id = NEW.followup_id AND step.id = NEW.step_id
                ) THEN
                    RAISE EXCEPTION 'A step belongs to the playbook that the task opened with';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.step)


class FollowUpContacts(models.QuerySet["FollowUpContact"]):
    """Contacts about low scores, narrowed by adjectives."""

    def replies(self) -> Self:
        """Keep what was written to the customer."""
        return self.filter(kind=ContactKind.REPLY)


class FollowUpContact(models.Model):
    """One time that the customer was written to or called from a task."""

    followup = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="contacts")
    kind = models.CharField(_("how"), max_length=10, choices=ContactKind)
    message = models.OneToOneField(
        Message,
        on_delete=models.SET_NULL,
        related_name="followup_contact",
        null=True,
        blank=True,
        verbose_name=_("message"),
    )
    outcome = models.CharField(_("what came of it"), max_length=20, choices=CallOutcome, blank=True)
    note = models.TextField(_("note"), blank=True)
    made_at = models.DateTimeField(_("moment"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="followup_contacts",
        verbose_name=_("by"),
    )

    objects = FollowUpContacts.as_manager()

    class Meta:
        verbose_name = _("contact about a low score")
        verbose_name_plural = _("contacts about low scores")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=ContactKind.CALL, outcome__in=CallOutcome.values)
                | models.Q(kind=ContactKind.REPLY, outcome="", note=""),
                name="followup_call_has_outcome",
            ),
        ]
        triggers = [
            as_the_customer_wishes(
                "followup_contact_wished_for",
                response="(SELECT response_id FROM surveys_followup WHERE id = NEW.followup_id)",
            ),
            pgtrigger.Protect(name="followup_contact_stays", operation=pgtrigger.Delete),
            never_emptied("followup_contacts_stay"),
            not_ahead("followup_contact_not_ahead", "made_at"),
            pgtrigger.ReadOnly(
                name="followup_contact_never_changes",
                # Not the note, which erasing a person empties, and the message, which goes then.
                fields=["followup", "kind", "outcome", "made_at", "made_by"],
            ),
            only_emptied("followup_contact_note_only_emptied", "note"),
            reply_only_goes("followup_contact_reply_only_goes"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

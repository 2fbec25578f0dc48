"""What staff advise to do after each low score: one playbook per score, in versions."""

from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sellers.enums import Language
from sellers.guards import never_emptied, not_ahead
from sellers.models import LineField
from surveys.enums import Band
from surveys.nps import BAND_SCORES

_LOW: Final = BAND_SCORES[Band.DETRACTOR]


class Playbooks(models.QuerySet["Playbook"]):
    """Playbooks, narrowed by adjectives."""

    def newest(self) -> Self:
        """Keep the version that holds now of each score, by score."""
        return self.order_by("score", "-version").distinct("score")

    def with_steps(self) -> Self:
        """Fetch the steps too, in their order."""
        return self.prefetch_related(
            models.Prefetch("steps", queryset=PlaybookStep.objects.order_by("position"))
        )


class Playbook(models.Model):
    """One version of what to do after one score; a task keeps the version it opened with."""

    score = models.PositiveSmallIntegerField(_("score"))
    version = models.PositiveIntegerField(_("version"))
    intro_nl = LineField(_("introduction in Dutch"), max_length=300)
    intro_en = LineField(_("introduction in English"), max_length=300)
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="playbooks",
        null=True,
        blank=True,
        verbose_name=_("published by"),
    )

    objects = Playbooks.as_manager()

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")
        constraints = [
            models.UniqueConstraint(fields=["score", "version"], name="playbook_version_once"),
            models.CheckConstraint(
                condition=models.Q(score__range=(min(_LOW), max(_LOW))),
                name="playbook_of_a_low_score",
            ),
            models.CheckConstraint(
                condition=~models.Q(intro_nl="") & ~models.Q(intro_en=""),
                name="playbook_in_both_languages",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="playbook_never_changes", operation=pgtrigger.Delete | pgtrigger.Update
            ),
            never_emptied("playbooks_stay"),
            not_ahead("playbook_not_ahead", "published_at"),
        ]

    def __str__(self) -> str:
        return f"{self.score} · {self.version}"

    @property
    def intro(self) -> str:
        """Return the introduction in the reader's language."""
        return in_readers_language(self, "intro")


class PlaybookStep(models.Model):
    """One step of a version of a playbook; never changes either."""

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"))
    label_nl = LineField(_("step in Dutch"), max_length=120)
    label_en = LineField(_("step in English"), max_length=120)
    hint_nl = LineField(_("explanation in Dutch"), max_length=300, blank=True)
    hint_en = LineField(_("explanation in English"), max_length=300, blank=True)
    is_contact = models.BooleanField(
        _("ticked by itself"),
        default=False,
        help_text=_("Contact from the task ticks this step."),
    )

    class Meta:
        verbose_name = _("step of a playbook")
        verbose_name_plural = _("steps of a playbook")
        constraints = [
            models.UniqueConstraint(fields=["playbook", "position"], name="playbook_step_in_order"),
            models.CheckConstraint(
                condition=~models.Q(label_nl="") & ~models.Q(label_en=""),
                name="playbook_step_in_both_languages",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="playbook_step_never_changes", operation=pgtrigger.Delete | pgtrigger.Update
            ),
            never_emptied("playbook_steps_stay"),
            pgtrigger.Trigger(
                name="playbook_step_before_its_tasks",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                IF EXISTS (SELECT FROM surveys_followup WHERE playbook_id = NEW.playbook_id) THEN
                    RAISE EXCEPTION 'Tasks opened with this version: publish the next one';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return what to do, in the reader's language."""
        return in_readers_language(self, "label")

    @property
    def hint(self) -> str:
        """Return how to do it, in the reader's language; may be empty."""
        return in_readers_language(self, "hint")


def in_readers_language(row: models.Model, name: str) -> str:
    """Return a text of a row that has it in every language."""
    dutch = translation.get_language() == Language.DUTCH
    return str(getattr(row, f"{name}_{'nl' if dutch else 'en'}"))

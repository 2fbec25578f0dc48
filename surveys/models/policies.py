"""What the marketplace has set for its surveys, and when."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.guards import CLOCKS_DIFFER, never_emptied
from sellers.models import LAST_DAY, LineField
from surveys.eligibility import Rules

LONGEST: Final = timedelta(days=366)
END_OF_TIME: Final = datetime.combine(LAST_DAY, time(), UTC)


class SurveyPolicies(models.QuerySet["SurveyPolicy"]):
    """What the marketplace has set for its surveys, now and before."""

    def in_force(self, *, now: datetime) -> "SurveyPolicy":
        """Return the policy that holds; the first one is there from the installation on."""
        return self.filter(valid_from__lte=now).latest("valid_from")


class SurveyPolicy(models.Model):
    """The rules of the surveys from one moment on, until a later policy takes over.

    A policy that holds or held never changes: a new one is added, so the list is the history.
    """

    valid_from = models.DateTimeField(_("valid from"))
    enabled = models.BooleanField(_("surveys are sent"), default=True)
    delay = models.DurationField(_("from closing to deciding"), default=timedelta(hours=24))
    cooldown = models.DurationField(
        _("rest between two surveys of one customer"), default=timedelta(days=30)
    )
    answer_window = models.DurationField(_("time to answer"), default=timedelta(days=14))
    stale_after = models.DurationField(_("too late after"), default=timedelta(days=7))
    note = LineField(_("why"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="survey_policies",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("set by"),
    )

    objects = SurveyPolicies.as_manager()

    class Meta:
        verbose_name = _("survey policy")
        verbose_name_plural = _("survey policies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_from__lt=END_OF_TIME),
                name="policy_begins_some_day",
                violation_error_message=_("Choose a day from 1900 to 2999."),
            ),
            models.UniqueConstraint(
                fields=["valid_from"],
                name="policy_one_per_moment",
                violation_error_message=_("Another policy begins at that very moment."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    delay__gte=timedelta(0),
                    cooldown__gte=timedelta(0),
                    stale_after__gte=timedelta(0),
                    answer_window__gt=timedelta(0),
                ),
                name="policy_times_not_negative",
                violation_error_message=_(
                    "A time cannot be negative, and there must be some to answer."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    delay__lte=LONGEST,
                    cooldown__lte=LONGEST,
                    stale_after__lte=LONGEST,
                    answer_window__lte=LONGEST,
                ),
                name="policy_times_within_a_year",
                violation_error_message=_("No time can be longer than a year."),
            ),
        ]
        triggers = [
            never_emptied("policies_stay"),
            pgtrigger.Protect(
                name="policy_not_dated_back",
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition(f"NEW.valid_from < now() - {CLOCKS_DIFFER}"),
            ),
            pgtrigger.Protect(
                name="policy_in_force_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.valid_from <= now()"),
            ),
            pgtrigger.Protect(
                name="policy_in_force_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.valid_from <= now() AND OLD.* IS DISTINCT FROM NEW.*"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m-%d %H:%M}"

    def as_rules(self) -> Rules:
        """Return the plain value that `eligibility.py` reasons about."""
        return Rules(
            enabled=self.enabled,
            delay=self.delay,
            cooldown=self.cooldown,
            stale_after=self.stale_after,
            answer_window=self.answer_window,
        )

"""What a user wants to be told of, and how."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.enums import AlertKind
from sellers.models.shops import User
from sellers.quiet_hours import quiet_end

LOW_SCORE: Final = 6
UNMAILED_AT_FIRST: Final = (AlertKind.NEW_QUERY,)  # a mail for each would fill a busy mailbox
HIGHEST_SCORE: Final = 10


class AlertPreferencesOfUsers(models.QuerySet["AlertPreferences"]):
    """What users chose."""

    def by_user(self, users: Iterable[int]) -> "dict[int, AlertPreferences]":
        """Return what each of these users wants, by primary key, also who never chose."""
        pks = set(users)
        chosen = {one.user_id: one for one in self.filter(user__in=pks)}
        return {pk: chosen.get(pk) or _at_first(pk) for pk in sorted(pks)}


class AlertPreferences(models.Model):
    """What one user switched off, from which score on they are told, and when they want no mail.

    What is off is stored and not what is on, so that a kind that comes later is on for everybody.
    Who never chose is told of everything, but of new queries not by mail.
    """

    user = models.OneToOneField(
        User,
        on_delete=models.CASCADE,
        related_name="alert_preferences",
        verbose_name=_("user"),
    )
    unlisted = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("not in the list")
    )
    unmailed = ArrayField(
        models.CharField(max_length=20), default=list, blank=True, verbose_name=_("not by e-mail")
    )
    low_score_at_most = models.PositiveSmallIntegerField(
        _("low score"), default=LOW_SCORE, validators=[MaxValueValidator(HIGHEST_SCORE)]
    )
    quiet_from = models.TimeField(_("no mails from"), null=True, blank=True)
    quiet_until = models.TimeField(_("no mails until"), null=True, blank=True)

    objects = AlertPreferencesOfUsers.as_manager()

    class Meta:
        verbose_name = _("alerts of a user")
        verbose_name_plural = _("alerts of users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    unlisted__contained_by=AlertKind.values, unmailed__contained_by=AlertKind.values
                ),
                name="alert_preferences_kinds_known",
            ),
            models.CheckConstraint(
                condition=models.Q(low_score_at_most__lte=HIGHEST_SCORE),
                name="alert_preferences_low_score_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~models.Q(quiet_from=models.F("quiet_until")),
                name="alert_preferences_quiet_hours_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.user_id}"

    def lists(self, kind: AlertKind) -> bool:
        """Return whether the portal lists alerts of this kind."""
        return kind not in self.unlisted

    def mails(self, kind: AlertKind) -> bool:
        """Return whether alerts of this kind are mailed."""
        return kind not in self.unmailed

    def quiet_end(self, *, now: datetime) -> datetime | None:
        """Return until when no mail is wanted, or None when mail is welcome."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        zone = settings.MARKETPLACE_ZONE
        return quiet_end(now, start=self.quiet_from, end=self.quiet_until, zone=zone)


def _at_first(user_id: int) -> AlertPreferences:
    """Return what a user wants who never chose, not stored."""
    return AlertPreferences(user_id=user_id, unmailed=[*UNMAILED_AT_FIRST])

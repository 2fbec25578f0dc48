"""When the clock last ticked, for who watches whether it does."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _


class Clock(models.Model):
    """The only row there is: beat sends a task each minute, and a worker notes it here."""

    ticked_at = models.DateTimeField(_("last tick"), null=True)

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clock")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="clock_is_one")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}"

    @classmethod
    def tick(cls, *, now: datetime) -> None:
        """Note a tick; one that comes late takes nothing back."""
        earlier = models.Q(ticked_at=None) | models.Q(ticked_at__lt=now)
        cls.objects.filter(earlier).update(ticked_at=now)

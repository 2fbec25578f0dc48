"""Who has a query open, and how far they have read it."""

from datetime import datetime, timedelta
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.models.queries import CustomerQuery
from sellers.models import User

HERE_FOR: Final = timedelta(seconds=45)  # after the last sign of a browser
TYPING_FOR: Final = timedelta(seconds=20)


class Visits(models.QuerySet["Visit"]):
    """Visits, narrowed by adjectives."""

    def here(self, *, now: datetime) -> Self:
        """Keep those of who has the query open."""
        return self.filter(seen_at__gt=now - HERE_FOR)

    def of_others(self, user: User) -> Self:
        """Keep those of colleagues."""
        return self.exclude(user=user)


class Visit(models.Model):
    """How far one person has read a query, and whether they have it open or write in it."""

    query = models.ForeignKey(CustomerQuery, on_delete=models.CASCADE, related_name="visits")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visits"
    )
    read_until = models.DateTimeField()
    seen_at = models.DateTimeField()
    typed_at = models.DateTimeField(null=True, blank=True)

    objects = Visits.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.UniqueConstraint(fields=["query", "user"], name="visit_one_per_person"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    def is_typing(self, *, now: datetime) -> bool:
        """Return whether they wrote something a moment ago."""
        return self.typed_at is not None and now - self.typed_at < TYPING_FOR

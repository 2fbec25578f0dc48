"""How often somebody was wrong lately: counted here, for it must hold when Redis is away."""

from datetime import datetime, timedelta
from typing import Final

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

COUNT: Final = """
    INSERT INTO sellers_guesscount AS counted (key, since, count) VALUES (%(key)s, %(now)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        since = CASE WHEN counted.since > %(over)s THEN counted.since ELSE excluded.since END,
        count = CASE WHEN counted.since > %(over)s THEN counted.count ELSE 0 END + 1
    RETURNING count, since
"""


class GuessCounts(models.QuerySet["GuessCount"]):
    """Counts of guesses."""

    def add(self, key: str, *, window: timedelta, now: datetime) -> tuple[int, datetime]:
        """Count one more guess; return how many there are in this window, and since when.

        One statement, so that guesses at the same time are all counted. A window begins with its
        first guess, and no later one makes it longer.
        """
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"key": key, "now": now, "over": now - window})
            count, since = cursor.fetchone()
        return count, since

    def take_back(self, key: str) -> None:
        """Count one guess less: it was right."""
        self.filter(pk=key, count__gt=0).update(count=models.F("count") - 1)


class GuessCount(models.Model):
    """How many guesses there were at one account, from one network, or in one browser.

    Its key is a digest: who reads the table learns neither accounts nor IPs.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(_("guesses"))
    since = models.DateTimeField(_("since"), db_index=True)

    objects = GuessCounts.as_manager()

    class Meta:
        verbose_name = _("count of guesses")
        verbose_name_plural = _("counts of guesses")

    def __str__(self) -> str:
        return f"{self.count} since {self.since}"

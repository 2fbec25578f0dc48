"""What the tab and its pages begin with: a month, or of a small shop twelve months together."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from insights.reports.months import (
    History,
    MonthScore,
    PeriodScore,
    shop_history,
    twelve_months_together,
)
from insights.views.parameters import asked_month
from sellers.access import ShopRequest
from surveys.periods import month_start, months_back

SHORT: Final = 25  # different answers in a month: a small shop reads its months together
MONTHS_NEEDED: Final = 3  # with their topics: the running one, the last finished one, one before


@dataclass(frozen=True, slots=True)
class Shown:
    """The months of the shop, the one that is `chosen`, and the `score` that is shown first.

    That is the score of the chosen month, unless the months of a small shop are read together.
    """

    history: History
    chosen: MonthScore
    score: PeriodScore

    @property
    def kept_month(self) -> date | None:
        """Return the month to ask the other pages for, None for what they begin with anyway."""
        return None if self.chosen.running else self.chosen.month


def shown_score(request: ShopRequest, *, today: date) -> Shown:
    """Return what is asked for (`?month=2026-08`), or what the shop is best told first."""
    asked = asked_month(request, today=today)
    detailed = months_back(asked or month_start(today), MONTHS_NEEDED)
    history = shop_history(request.seller, today=today, detailed=detailed, short=SHORT)
    chosen = (history.find(asked) if asked else None) or history.leading
    if asked or not history.is_small or not history.measured:
        return Shown(history, chosen, chosen)
    return Shown(history, chosen, twelve_months_together(request.seller, history))

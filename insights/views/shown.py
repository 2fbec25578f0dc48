"""What the tab and its pages begin with: a month, or of a small shop twelve months together."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from insights.reports.months import (
    POOLED_MONTHS,
    History,
    MonthScore,
    PeriodScore,
    shop_history,
    twelve_months_together,
)
from insights.views.parameters import asked_month
from sellers.access import ShopRequest
from surveys.periods import Period, month_start, months_back

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


def opening_month(request: ShopRequest, *, today: date) -> tuple[date, MonthScore | None]:
    """Return the month that is asked for, or what a page of one month has most to show of.

    With it comes the running month, where another one is shown because it has too few yet.
    """
    if asked := asked_month(request, today=today):
        return asked, None
    history = shop_history(request.seller, today=today)
    return history.opening.month, None if history.opening.running else history.running


def opening_period(request: ShopRequest, *, today: date) -> tuple[Period, MonthScore | None]:
    """Return the same as days; of a small shop they are twelve months together, as on the tab."""
    if asked := asked_month(request, today=today):
        return Period.of_months(asked, asked), None
    history = shop_history(request.seller, today=today)
    if history.is_small:
        months = months_back(history.running.month, POOLED_MONTHS)
        return Period.of_months(months[0], months[-1]), None
    month = history.opening.month
    passed_over = None if history.opening.running else history.running
    return Period.of_months(month, month), passed_over


def shown_score(request: ShopRequest, *, today: date) -> Shown:
    """Return what is asked for (`?month=2026-08`), or what the shop is best told first."""
    asked = asked_month(request, today=today)
    detailed = months_back(asked or month_start(today), MONTHS_NEEDED)
    history = shop_history(request.seller, today=today, detailed=detailed, short=SHORT)
    chosen = (history.find(asked) if asked else None) or history.leading
    if asked or not history.is_small or not history.measured:
        return Shown(history, chosen, chosen)
    return Shown(history, chosen, twelve_months_together(request.seller, history))

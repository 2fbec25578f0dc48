"""The months side by side, with the standard across them."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from insights.poster.paper import LEFT, RIGHT, VERDICT_COLOURS, Colour, Paper
from insights.reports.months import MonthScore
from insights.wording import NO_SCORE, month_name, short, short_month_name, signed

STEP: Final = 25  # points of NPS between two lines
TOP: Final = 183.0
BOTTOM: Final = 232.0
AXIS: Final = 10.0  # room for the numbers at the left
LABEL: Final = 3.8  # room for the score below a bar that goes down


class Chart:
    """The months side by side, with the standard across them."""

    def __init__(self, paper: Paper, months: Sequence[MonthScore]) -> None:
        values = [float(one.nps) for one in months if one.nps is not None]
        values += [float(one.standard.value) for one in months if one.standard]
        self._paper, self._months = paper, months
        self._lowest = STEP * min(0, int(min(values, default=0) // STEP))
        self._highest = STEP * max(1, -int(-max(values, default=0) // STEP))
        self._floor = BOTTOM - LABEL if self._lowest < 0 else BOTTOM
        self._place = (RIGHT - LEFT - AXIS) / len(months)

    def draw(self) -> None:
        """Draw the lines behind, the bars, the standard, and at last the numbers."""
        step = STEP if self._highest - self._lowest <= 4 * STEP else 2 * STEP
        for score in range(self._lowest, self._highest + 1, step):
            y = self._y(score)
            self._paper.text(LEFT + 7, y + 1, signed(score), 8, colour="soft", align="right")
            colour: Colour = "soft" if score == 0 else "line"
            self._paper.line((LEFT + AXIS, y), (RIGHT, y), colour=colour, width=0.15)
        for place, month in enumerate(self._months):
            self._bar(self._x(place + 0.5), month)
        self._standard()
        for place, month in enumerate(self._months):
            self._numbers(self._x(place + 0.5), month)

    def _bar(self, x: float, month: MonthScore) -> None:
        if month.note:
            self._paper.disc(x, TOP - 2.5, 0.9, "ink")
        if month.nps is None:
            return
        zero, end, width = self._y(0), self._y(month.nps), self._place * 0.56
        height = max(abs(zero - end), 0.5)
        self._paper.box(
            x - width / 2,
            min(zero, end),
            width,
            height,
            VERDICT_COLOURS.get(month.verdict, "soft"),
            outline=month.running or (month.could_be_chance and not month.indicative),
            dash=0.8 if month.running else 0,
        )

    def _standard(self) -> None:
        """Draw the standard as steps, and write its values above the chart."""
        words: list[str] = []
        before: int | None = None
        for place, month in enumerate(self._months):
            value = month.standard.value if month.standard else None
            if value is not None:
                y, begin, end = self._y(value), self._x(place), self._x(place + 1)
                self._paper.line((begin, y), (end, y), colour="ink", width=0.4)
                if before is not None:
                    self._paper.line((begin, self._y(before)), (begin, y), colour="ink", width=0.4)
                if before != value:
                    words.append(self._standard_in_words(month, value, first=not place))
            before = value
        if words:
            width = self._paper.text(RIGHT, 177, " · ".join(words), 9.5, align="right", width=120)
            x = RIGHT - width - 2
            self._paper.line((x - 6, 175.8), (x, 175.8), colour="ink", width=0.4)

    def _standard_in_words(self, month: MonthScore, value: int, *, first: bool) -> str:
        if first:
            return _("standard %(standard)s") % {"standard": signed(value)}
        since = {"standard": signed(value), "month": month_name(month.month)}
        return _("%(standard)s since %(month)s") % since

    def _numbers(self, x: float, month: MonthScore) -> None:
        """Write a month's name and count below it, and its score at the end of its bar."""
        total = f"n {short(month.tally.total)}" if month.tally.total else NO_SCORE
        name = short_month_name(month.month)
        self._paper.text(x, BOTTOM + 5, name, 8.5, colour="soft", align="centre")
        self._paper.text(x, BOTTOM + 9.5, total, 8, colour="soft", align="centre")
        if month.nps is not None:
            end = self._y(month.nps)
            y = end - 1.4 if month.nps >= 0 else max(end, self._y(0) + 0.5) + LABEL
            self._paper.label(x, y, signed(month.displayed), 9, bold=True, align="centre")

    def _x(self, place: float) -> float:
        return LEFT + AXIS + self._place * place

    def _y(self, score: float | Fraction) -> float:
        span = self._highest - self._lowest
        return self._floor - (self._floor - TOP) * float(score - self._lowest) / span

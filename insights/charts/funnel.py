"""From customer query to measurement: one bar per step, and what went no further at each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from insights.reports.funnel import Funnel

NARROWEST: Final = 0.5  # percent of the width: one among thousands can still be seen


@dataclass(frozen=True, slots=True)
class FunnelPart:
    """What went no further at a step; `width` is in percent of all closings."""

    label: str
    count: int
    width: float


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step that closings reach: its `count` is that of its parts and the next step together."""

    label: str
    count: int
    width: float
    parts: tuple[FunnelPart, ...]


def funnel_steps(funnel: Funnel) -> tuple[FunnelStep, ...]:
    """Return the steps of a month from top to bottom; none when nothing was closed."""
    if not funnel.closed:
        return ()
    reasons = sorted(funnel.suppressed.items(), key=lambda each: (-each[1], each[0]))
    stopped = [
        *reasons,
        (_("still to be decided"), funnel.undecided),
        (_("on its way to the customer"), funnel.to_be_sent),
        (_("refused by the customer's mail server"), funnel.bounced),
    ]
    unanswered = [
        (_("not answered in time"), funnel.expired),
        (_("can still be answered"), funnel.answerable),
    ]
    steps = [
        _step(funnel, _("Closed"), funnel.closed, stopped),
        _step(funnel, _("Sent"), funnel.sent, unanswered),
    ]
    if not funnel.not_counting:
        return (*steps, _step(funnel, _("Answered"), funnel.answered))
    foreign = [(_("closed by the marketplace, does not count for you"), funnel.not_counting)]
    return (
        *steps,
        _step(funnel, _("Answered"), funnel.answered, foreign),
        _step(funnel, _("Counts for you"), funnel.counting),
    )


def _step(
    funnel: Funnel, label: str, count: int, parts: Iterable[tuple[str, int]] = ()
) -> FunnelStep:
    return FunnelStep(
        label=label,
        count=count,
        width=_width(count, funnel.closed),
        parts=tuple(
            FunnelPart(name, number, _width(number, funnel.closed))
            for name, number in parts
            if number
        ),
    )


def _width(count: int, closed: int) -> float:
    return max(round(100 * count / closed, 2), NARROWEST) if count else 0.0

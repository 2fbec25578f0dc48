"""From customer query to measurement: one bar per step, and what went no further at each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from insights.reports.funnel import Funnel
from surveys.progress import reason_codes

STOPPED: Final = ("undecided", "to_be_sent", "bounced")
UNANSWERED: Final = ("expired", "answerable")
NARROWEST: Final = 0.5  # percent of the width: one among thousands can still be seen


@dataclass(frozen=True, slots=True)
class FunnelPart:
    """What went no further at a step: its `outcome`; `width` is in percent of all closings."""

    outcome: str
    label: str
    count: int
    width: float


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step that closings reach: its `count` is that of its parts and the next step together."""

    outcome: str
    label: str
    count: int
    width: float
    parts: tuple[FunnelPart, ...]


def funnel_steps(funnel: Funnel) -> tuple[FunnelStep, ...]:
    """Return the steps of a month from top to bottom; none when nothing was closed."""
    if not funnel.closed:
        return ()
    reasons = sorted(funnel.suppressed.items(), key=lambda each: (-each[1], each[0]))
    codes, words = reason_codes(), outcome_names()
    stopped = [
        *((codes[reason], reason, count) for reason, count in reasons),
        *((name, words[name], getattr(funnel, name)) for name in STOPPED),
    ]
    unanswered = [(name, words[name], getattr(funnel, name)) for name in UNANSWERED]
    foreign = [("not_counting", words["not_counting"], funnel.not_counting)]
    steps = (
        _step(funnel, "closed", stopped),
        _step(funnel, "sent", unanswered),
        _step(funnel, "answered", foreign),
    )
    return (*steps, _step(funnel, "counting")) if funnel.not_counting else steps


def outcome_names() -> Mapping[str, str]:
    """Return what each count of a funnel is called, reasons for no survey among them."""
    return {
        "closed": _("Closed"),
        "undecided": _("still to be decided"),
        "to_be_sent": _("on its way to the customer"),
        "bounced": _("refused by the customer's mail server"),
        "sent": _("Sent"),
        "expired": _("not answered in time"),
        "answerable": _("can still be answered"),
        "answered": _("Answered"),
        "not_counting": _("closed by the marketplace, does not count for you"),
        "counting": _("Counts for you"),
        **{code: words for words, code in reason_codes().items()},
    }


def _step(funnel: Funnel, outcome: str, parts: Iterable[tuple[str, str, int]] = ()) -> FunnelStep:
    count = getattr(funnel, outcome)
    return FunnelStep(
        outcome=outcome,
        label=outcome_names()[outcome],
        count=count,
        width=_width(count, funnel.closed),
        parts=tuple(
            FunnelPart(name, label, number, _width(number, funnel.closed))
            for name, label, number in parts
            if number
        ),
    )


def _width(count: int, closed: int) -> float:
    return max(round(100 * count / closed, 2), NARROWEST) if count else 0.0

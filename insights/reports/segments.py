"""The score of one period apart for each channel, subject, agent, language or kind of customer."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    Func,
    TextChoices,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insights.chance import beyond_chance, p_value, side_of
from insights.scores import JudgedScore
from insights.topics import HIDDEN_BELOW
from queries.enums import Channel
from sellers.enums import Language
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import SurveyResponse, asked_before, in_band
from surveys.nps import Tally
from surveys.periods import Period

MOST_SEGMENTS: Final = 20  # the largest; a shop can have a thousand subjects
AGENT_NAME: Final = Coalesce(
    NullIf("invitation__closing__agent__name", Value("")),
    "invitation__closing__agent__email",
    output_field=CharField(),
)


class Dimension(TextChoices):
    """What measurements are grouped by, as it was when the query was closed."""

    CHANNEL = "channel", gettext_lazy("Channel")
    SUBJECT = "subject", gettext_lazy("Subject of the query")
    AGENT = "agent", gettext_lazy("Agent")
    LANGUAGE = "language", gettext_lazy("Language")
    CUSTOMER = "customer", gettext_lazy("New or returning")

    @property
    def key(self) -> Any:
        """Return the expression to group by; null for an imported measurement."""
        match self:
            case Dimension.CHANNEL | Dimension.SUBJECT | Dimension.AGENT:
                return F(f"invitation__closing__{self.value}")
            case Dimension.LANGUAGE:
                return F("query__language")
            case Dimension.CUSTOMER:
                return Case(
                    When(query=None, then=None),
                    When(asked_before(), then=Value("returning")),
                    default=Value("new"),
                    output_field=CharField(),
                )


class SumOfGroups(Func):
    """The sum of an aggregate over all groups, also over those that are not fetched."""

    function = "SUM"
    window_compatible = True
    output_field = BigIntegerField()


@dataclass(frozen=True, slots=True)
class Group:
    """The measurements with one value; `key` is None where that is not known."""

    key: str | int | None
    label: str
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(JudgedScore):
    """A group large enough to show, beside the `rest`: all the other measurements.

    `key` is what the list of measurements is narrowed to, `link` how it is asked for that; both are
    empty where the list has no such choice. `is_sure` when it differs by more than chance.
    """

    label: str
    rest: Tally
    is_sure: bool = False
    key: str = ""
    link: str = ""

    @property
    def differs(self) -> str:
        """Return "above" or "below" when it differs from the rest by more than chance, else ""."""
        return side_of(self.tally, self.rest) if self.is_sure else ""


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """The score of a period, apart for each segment: the largest first.

    `other` is what is too small to show, together; None when there is nothing of the kind. Segments
    and `other` add up to `total`.
    """

    by: Dimension
    period: Period
    total: JudgedScore
    segments: tuple[Segment, ...]
    other: Segment | None

    @property
    def rows(self) -> tuple[Segment, ...]:
        """Return the segments and what is left, in the order in which they are shown."""
        return (*self.segments, self.other) if self.other else self.segments


def segment_report(seller: Seller, *, by: Dimension, period: Period, today: date) -> SegmentReport:
    """Count the measurements of a period in each segment, in one statement.

    What is grouped in other ways is counted too, once the period is over: the segments of all are
    one family, so that none is claimed here that would not be claimed beside the others.
    """
    groups, total = _groups(seller, by, period)
    shown, left = groups_to_show(groups, total)
    is_over = period.last is not None and period.last < today
    sure = _beyond_chance(seller, period, {by: shown}, total) if is_over else ()
    return SegmentReport(
        by=by,
        period=period,
        total=JudgedScore(tally=total),
        segments=tuple(
            Segment(
                label=group.label,
                tally=group.tally,
                rest=total - group.tally,
                is_sure=(by, group.key) in sure,
                key=_choice(by, group.key),
                link=_link(by, group.key, period),
            )
            for group in shown
        ),
        other=Segment(label=_("Other"), tally=left, rest=total - left) if left.total else None,
    )


def _beyond_chance(
    seller: Seller,
    period: Period,
    counted: Mapping[Dimension, Sequence[Group]],
    total: Tally,
) -> Collection[tuple[Dimension, str | int | None]]:
    """Return which segments of every dimension differ from the rest by more than chance."""
    tests: dict[tuple[Dimension, str | int | None], float | None] = {}
    for by in Dimension:
        shown = counted.get(by)
        if shown is None:
            shown, _left = groups_to_show(_groups(seller, by, period)[0], total)
        tests |= {(by, group.key): p_value(group.tally, total - group.tally) for group in shown}
    return beyond_chance(tests)


def groups_to_show(groups: Sequence[Group], total: Tally) -> tuple[Sequence[Group], Tally]:
    """Return the groups to show, largest first, and the tally of all that is left.

    A group with fewer than 5 measurements is not shown: on so few an agent or a subject cannot be
    judged, and colleagues would. What is not shown must not be found by subtraction either. All
    measurements together are known, they are above on the page; so when only 1 to 4 are left,
    the smallest group that could be shown is left too. Then what is left is at least 5 of two
    groups or more, and nobody can say which part is whose. When no group remains, nothing is
    shown but the whole. It is no secret from the shop, which reads each of its measurements.
    """
    shown = sorted(
        (group for group in groups if group.tally.total >= HIDDEN_BELOW),
        key=lambda group: -group.tally.total,
    )
    left = total - _sum(shown)
    if shown and 0 < left.total < HIDDEN_BELOW:
        left += shown.pop().tally
    return shown, left


def _groups(seller: Seller, by: Dimension, period: Period) -> tuple[list[Group], Tally]:
    """Count the largest groups, and all measurements."""
    name = AGENT_NAME if by is Dimension.AGENT else F("key")
    in_each = {band.value: Count("score", filter=in_band(band)) for band in Band}
    in_all = {f"all_{band}": Window(SumOfGroups(F(band.value))) for band in Band}
    rows = (
        SurveyResponse.objects.for_seller(seller)
        .submitted_in(period)
        .counting()
        .order_by()
        .annotate(key=by.key, name=name)
        .values("key", "name")
        .annotate(size=Count("score"), **in_each)
        .annotate(**in_all)
        .order_by("-size", "name", "key")[:MOST_SEGMENTS]
    )
    counted = list(rows)
    total = _tally(counted[0], "all_") if counted else Tally()
    groups = [Group(row["key"], _label(by, row), _tally(row)) for row in counted]
    return groups, total


def _tally(row: Mapping[str, Any], prefix: str = "") -> Tally:
    # The database adds up in decimals.
    return Tally(**{f"{band}s": int(row[f"{prefix}{band}"]) for band in Band})


def _sum(groups: Iterable[Group]) -> Tally:
    return reduce(add, (group.tally for group in groups), Tally())


def _label(by: Dimension, row: Mapping[str, Any]) -> str:
    """Return the name of a group as a seller reads it."""
    key = row["key"]
    if key is None and by is Dimension.AGENT:
        return _("Unknown (imported, or closed by a program)")
    if key is None:
        return _("Unknown (imported)")
    match by:
        case Dimension.CHANNEL:
            return str(Channel(key).label)
        case Dimension.SUBJECT:
            return key or _("Erased query")
        case Dimension.AGENT:
            return str(row["name"])
        case Dimension.LANGUAGE:
            return str(Language(key).label)
        case Dimension.CUSTOMER:
            return _("Returning") if key == "returning" else _("New")


def _choice(by: Dimension, key: str | int | None) -> str:
    """Return how the list of measurements calls a group; empty for what it cannot tell apart."""
    if by is Dimension.SUBJECT:
        return str(key or "")
    return "none" if key is None else str(key)


def _link(by: Dimension, key: str | int | None, period: Period) -> str:
    """Return how the list of measurements is asked for exactly these."""
    wanted = _choice(by, key)
    if not wanted:
        return ""
    return urlencode({"since": period.first, "until": period.last, by.value: wanted})

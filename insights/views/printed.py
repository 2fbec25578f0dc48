"""The parts of the tab that depend on nothing but its numbers, printed once for the same ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from insights.charts.differences import differences
from insights.charts.distribution import band_bar, histogram
from insights.charts.history import history_chart
from insights.charts.scale import scale
from insights.reports.topics import TopicRow, topic_report
from insights.views.shown import Shown
from queries.choices import Choice, changed_url
from surveys.models import Topic


@dataclass(frozen=True, slots=True)
class Printed:
    """The parts as HTML, and the topic that costs most, if any does."""

    month_menu: SafeString
    month: SafeString
    month_facts: SafeString
    history: SafeString
    details: SafeString
    costliest: TopicRow | None


def print_score(
    shown: Shown, *, asked: date | None, reading: str, topics: Sequence[Topic], may_note: bool
) -> Printed:
    """Print the score a page begins with, the months around it, its bands and its topics.

    `asked` is the month that was asked for, `reading` how the months are to be read; `topics` are
    all topics, also those no longer asked; `may_note` whether the reader notes what was different.
    """
    score, history = shown.score, shown.history
    report = topic_report(score, topics=topics)
    chart = history_chart(history, chosen=shown.chosen, reading=reading)
    context = {
        "history": history,
        "chosen": shown.chosen,
        "shown": score,
        "may_note": may_note,
        "kept_month": shown.kept_month,
        "twelve_months": history.twelve_months(shown.chosen),
        "bands": band_bar(score),
        "histogram": histogram(score),
        "scale": scale(score, running=score.running),
        "chart": chart,
        "readings": tuple(readings(asked, chart.reading)),
        "topics": report,
        "differences": differences(report),
    }
    return Printed(
        month_menu=render_to_string("insights/_month_menu.html", context),
        month=render_to_string("insights/_month.html", context),
        month_facts=render_to_string("insights/_month_facts.html", context),
        history=render_to_string("insights/_history.html", context),
        details=render_to_string("insights/_details.html", context),
        costliest=report.costliest,
    )


def readings(asked: date | None, current: str) -> Iterator[Choice]:
    """Yield how the months can be read; a month that was asked for stays."""
    here = {"month": f"{asked:%Y-%m}"} if asked else {}
    yield Choice("nps", _("NPS"), changed_url(here, reading=None), current == "nps")
    shares = changed_url(here, reading="shares")
    yield Choice("shares", _("Share of each band"), shares, current == "shares")

"""The tab "NPS after customer contact": its first page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from insights.charts.differences import differences
from insights.charts.distribution import band_bar, histogram
from insights.charts.history import history_chart
from insights.charts.scale import scale
from insights.looking import LOOKS_AT_SHOPS
from insights.reports.to_do import first_steps, what_to_do
from insights.reports.topics import topic_report
from insights.views.measurements import measurement_list
from insights.views.parameters import asked_month, is_no_month, today, with_renamed_parameters
from insights.views.shown import Shown, shown_score
from queries.choices import Choice, changed_url
from sellers.access import ShopRequest, shop_page
from surveys.models import Topic

LATEST_ROWS: Final = 5


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
@with_renamed_parameters
def nps(request: ShopRequest) -> HttpResponse:
    """Show how the shop does and what to do first; the months, the topics, the latest rows.

    What costs more is on pages of its own.
    """
    now = timezone.now()
    day = today(now)
    if request.htmx:
        found = measurement_list(request, today=day, most=LATEST_ROWS)
        return render(request, "insights/_measurements.html", {"measurements": found})
    shown = shown_score(request, today=day)
    context = {"tab": "overview", "now": now, "zone": settings.TIME_ZONE}
    if not shown.history.measured:
        context["first_steps"] = first_steps(request.seller, now=now)
        context["standard"] = shown.chosen.standard
        return render(request, "insights/nps.html", context)
    context |= {
        "measurements": measurement_list(request, today=day, most=LATEST_ROWS),
        "asked_month": asked_month(request, today=day),
        "is_no_month": is_no_month(request, today=day),
        "learning_url": settings.LEARNING_URL,
    }
    return render(request, "insights/nps.html", context | _score(request, shown, now=now))


def _score(request: ShopRequest, shown: Shown, *, now: datetime) -> dict[str, object]:
    """Return what the page shows of the score it begins with, and of the months around it."""
    score, reading = shown.score, request.GET.get("reading", "")
    topics = topic_report(score, topics=Topic.objects.all())
    chart = history_chart(shown.history, chosen=shown.chosen, reading=reading)
    return {
        "history": shown.history,
        "chosen": shown.chosen,
        "shown": score,
        "may_note": request.membership.may_manage_team,
        "kept_month": shown.kept_month,
        "twelve_months": shown.history.twelve_months(shown.chosen),
        "bands": band_bar(score),
        "histogram": histogram(score),
        "scale": scale(score, running=score.running),
        "chart": chart,
        "readings": tuple(_readings(request, chart.reading)),
        "topics": topics,
        "differences": differences(topics),
        "to_do": ()
        if request.is_staff_looking
        else what_to_do(request.seller, topics=topics, user=request.user, now=now),
    }


def _readings(request: ShopRequest, current: str) -> Iterator[Choice]:
    """Yield how the months can be read."""
    here = request.GET.dict()
    yield Choice("nps", _("NPS"), changed_url(here, reading=None), current == "nps")
    shares = changed_url(here, reading="shares")
    yield Choice("shares", _("Share of each band"), shares, current == "shares")

"""The tab "NPS after customer contact"."""

from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from insights.charts.distribution import band_bar, histogram
from insights.charts.history import history_chart
from insights.charts.scale import scale
from insights.charts.waterfall import waterfall
from insights.reports.followups import Part, count_followups
from insights.reports.months import History, MonthScore, shop_history
from insights.reports.topics import topic_report
from insights.views.measurements import measurement_list
from insights.views.parameters import (
    chosen_month,
    is_no_month,
    today,
    with_renamed_parameters,
)
from sellers.access import ShopRequest, shop_page
from surveys.models import Topic
from surveys.periods import previous_month

TO_DO: Final = (Part.LATE, Part.TODAY, Part.OPEN)  # what the tab says of the follow-ups


@vary_on_headers("HX-Request")
@shop_page()
@with_renamed_parameters
def nps(request: ShopRequest) -> HttpResponse:
    """Show a month, the history, the distribution, the topics, and the latest measurements.

    What costs more is on pages of its own, which the tab fetches when it is there.
    """
    now = timezone.now()
    day = today(now)
    month = chosen_month(request, today=day)
    measurements = measurement_list(request, today=day, has_form=False)
    if request.htmx:
        return render(request, "insights/_measurements.html", {"measurements": measurements})
    detailed = [month, previous_month(month)]
    history = shop_history(request.seller, today=day, detailed=detailed)
    chosen = history.find(month) or history.running
    context = {
        "measurements": measurements,
        "history": history,
        "chosen": chosen,
        "is_no_month": is_no_month(request, today=day),
        "chart": history_chart(history, chosen=chosen, reading=request.GET.get("reading", "")),
        "zone": settings.TIME_ZONE,
        "learning_url": settings.LEARNING_URL,
        "compares_shops": settings.PEER_BENCHMARK,
        "followups": count_followups(request.seller, user=request.user, now=now, parts=TO_DO),
        "now": now,
    }
    return render(request, "insights/nps.html", context | _month(history, chosen))


def _month(history: History, chosen: MonthScore) -> dict[str, object]:
    """Return what the page shows of one month."""
    topics = topic_report(chosen, topics=Topic.objects.all())
    return {
        "twelve_months": history.twelve_months(chosen),
        "bands": band_bar(chosen),
        "histogram": histogram(chosen),
        "scale": scale(chosen, running=chosen.running),
        "topics": topics,
        "waterfall": waterfall(topics),
    }

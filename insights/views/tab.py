"""The tab "NPS after customer contact": its first page."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.vary import vary_on_headers

from insights.looking import LOOKS_AT_SHOPS
from insights.reports.to_do import first_steps, what_to_do
from insights.views.measurements import measurement_list
from insights.views.parameters import asked_month, is_no_month, today, with_renamed_parameters
from insights.views.printed import print_score
from insights.views.shown import Shown, shown_score
from sellers.access import ShopRequest, shop_page
from sellers.kept import kept
from sellers.made_once import FoundOnce
from surveys.models import Topic

TOPICS: Final = FoundOnce({}, Topic.objects.all)


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
        found = measurement_list(request, today=day, is_whole=False)
        return render(request, "insights/_measurements.html", {"measurements": found})
    shown = shown_score(request, today=day)
    context = {"tab": "overview", "now": now, "zone": settings.TIME_ZONE}
    if not shown.history.measured:
        context["first_steps"] = first_steps(request.seller, now=now)
        context["standard"] = shown.chosen.standard
        return render(request, "insights/nps.html", context)
    return render(request, "insights/nps.html", context | _score(request, shown, now=now))


def _score(request: ShopRequest, shown: Shown, *, now: datetime) -> dict[str, object]:
    """Return what the page shows of a shop with measurements, much of it as printed before."""
    day = today(now)
    asked = asked_month(request, today=day)
    reading = "shares" if request.GET.get("reading") == "shares" else "nps"
    printed = kept(
        print_score,
        shown,
        asked=asked,
        reading=reading,
        topics=TOPICS.all(),
        may_note=request.membership.may_manage_team,
    )
    return {
        "history": shown.history,
        "chosen": shown.chosen,
        "shown": shown.score,
        "kept_month": shown.kept_month,
        "printed": printed,
        "to_do": ()
        if request.is_staff_looking
        else what_to_do(
            request.seller,
            costliest=printed.costliest,
            small_in=shown.score.period if shown.score.months > 1 else None,
            now=now,
        ),
        "measurements": measurement_list(request, today=day, is_whole=False),
        "asked_month": asked,
        "is_no_month": is_no_month(request, today=day),
        "learning_url": settings.LEARNING_URL,
    }

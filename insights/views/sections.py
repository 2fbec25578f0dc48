"""The other pages of the tab: what its first page leads to."""

import re
from collections.abc import Mapping

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from insights.charts.funnel import funnel_steps
from insights.charts.history import history_chart
from insights.charts.peers import strip
from insights.charts.segments import segment_chart
from insights.charts.waterfall import waterfall
from insights.looking import LOOKS_AT_SHOPS
from insights.reports.first_replies import month_first_replies
from insights.reports.funnel import month_bridge, month_funnel
from insights.reports.months import shop_history
from insights.reports.peers import LEAST_SHOPS, compare_with_peers
from insights.reports.response import who_answered
from insights.reports.segments import Dimension, segment_report
from insights.reports.topics import topic_comments, topic_report
from insights.reports.words import word_report
from insights.standards import GUIDELINE
from insights.views.parameters import (
    asked_days,
    asked_month,
    asked_period,
    chosen_month,
    today,
    with_renamed_parameters,
)
from insights.views.printed import readings
from insights.views.shown import opening_month, opening_period, shown_score
from insights.wording import month_name, share_in_words
from queries.choices import Choice, changed_url
from sellers.access import ShopRequest, shop_page
from surveys.models import Topic
from surveys.periods import Period, last_day, previous_month


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
def comments(request: ShopRequest) -> HttpResponse:
    """Show a few comments on a topic in a month."""
    month = chosen_month(request, today=today(timezone.now()))
    by_topic = topic_comments(request.seller, month=month)
    topic = request.GET.get("topic", "")
    found = by_topic.get(int(topic), ()) if re.fullmatch(r"[0-9]{1,18}", topic) else ()
    template = "insights/_topic_comments.html" if request.htmx else "insights/comments.html"
    return render(request, template, {"month": month, "comments": found})


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
def funnel(request: ShopRequest) -> HttpResponse:
    """Show what became of the closings of a month, and how many first replies came in time."""
    now = timezone.now()
    month, running = opening_month(request, today=today(now))
    counted = month_funnel(request.seller, month=month)
    replies = month_first_replies(request.seller, month=month, now=now)
    context = {
        "month": month,
        "running": running,
        "funnel": counted,
        "bridge": month_bridge(request.seller, counted, month=month),
        "last_day": last_day(month),
        "funnel_steps": funnel_steps(counted),
        "first_replies": share_in_words(replies),
    }
    name = _("From customer query to measurement")
    return _section(request, "insights/_funnel.html", name, context, tab="funnel")


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
def peers(request: ShopRequest) -> HttpResponse:
    """Show between which places the shop is; raise Http404 where that is not wanted."""
    if not settings.PEER_BENCHMARK:
        raise Http404
    day = today(timezone.now())
    compared = compare_with_peers(request.seller, today=day)
    context = {
        "peers": compared,
        "own": strip(compared.rank.places) if compared.rank else None,
        "least_measurements": GUIDELINE,
        "least_shops": LEAST_SHOPS,
    }
    return _section(request, "insights/_peers.html", _("Other shops"), context, tab="peers")


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
@with_renamed_parameters
def segments(request: ShopRequest) -> HttpResponse:
    """Show the score of a month, or of the days `since` up to `until`, apart per segment."""
    now = timezone.now()
    day = today(now)
    by, here = _dimension(request), request.GET.dict()
    asked = asked_period(request)
    period, running = (asked, None) if asked else opening_period(request, today=day)
    report = segment_report(request.seller, by=by, period=period, today=day)
    context = {
        "running": running,
        "segments": report,
        "chart": segment_chart(report),
        "who": None if request.htmx else who_answered(request.seller, period=period, now=now),
        "period": period,
        "pills": [
            Choice(one.value, str(one.label), changed_url(here, by=one.value), one is by)
            for one in Dimension
        ],
    }
    name = _("Who is happier")
    return _section(request, "insights/_segments.html", name, context, tab="segments")


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
def response(request: ShopRequest) -> HttpResponse:
    """Show who answered in the months that the tab begins with; a few facts for its card."""
    now = timezone.now()
    score = shown_score(request, today=today(now)).score
    who = who_answered(request.seller, period=score.period, now=now)
    context = {"who": who, "shown": score, "period": score.period}
    if request.htmx:
        return render(request, "insights/_response_facts.html", context)
    return _section(request, "insights/_response.html", _("Who answered"), context, tab="segments")


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
def words(request: ShopRequest) -> HttpResponse:
    """Show the words of a month, of the days `since` up to `until`, or of twelve months."""
    day, here = today(timezone.now()), request.GET.dict()
    period = asked_days(request, today=day)
    month = asked_month(request, today=day) or previous_month(day)
    label, code = capfirst(month_name(month)), f"{month:%Y-%m}"
    whole, one = (changed_url(here, since=None, until=None, month=each) for each in (None, code))
    context = {
        "words": word_report(request.seller, period=period, today=day),
        "pills": [
            Choice("year", _("12 months"), whole, current=period is None),
            Choice("month", label, one, current=period == Period.of_months(month, month)),
        ],
    }
    name = _("Words of customers")
    return _section(request, "insights/_words.html", name, context, tab="words")


@shop_page(staff_with=LOOKS_AT_SHOPS)
def months(request: ShopRequest) -> HttpResponse:
    """Show the months as a table, as scores or as shares of the bands."""
    day = today(timezone.now())
    history = shop_history(request.seller, today=day)
    asked = asked_month(request, today=day)
    chosen = (history.find(asked) if asked else None) or history.leading
    chart = history_chart(history, chosen=chosen, reading=request.GET.get("reading", ""))
    context = {
        "chart": chart,
        "readings": tuple(readings(asked, chart.reading)),
        "chosen": chosen,
        "history": history,
        "may_note": request.membership.may_manage_team,
    }
    return _section(request, "insights/_history_table.html", _("Months"), context, tab="overview")


@shop_page(staff_with=LOOKS_AT_SHOPS)
def topics(request: ShopRequest) -> HttpResponse:
    """Show what each topic brought and cost, its tip, and what customers say of it."""
    shown = shown_score(request, today=today(timezone.now()))
    report = topic_report(shown.score, topics=Topic.objects.all())
    context = {"topics": report, "shown": shown.score, "waterfall": waterfall(report)}
    name = _("View your score in detail")
    return _section(request, "insights/_topics.html", name, context, tab="overview")


@shop_page(staff_with=LOOKS_AT_SHOPS)
def computation(request: ShopRequest) -> HttpResponse:
    """Show where each number comes from."""
    shown = shown_score(request, today=today(timezone.now()))
    context = {"shown": shown.score, "zone": settings.TIME_ZONE}
    name = _("How is this computed?")
    return _section(request, "insights/_computation.html", name, context, tab="computation")


@shop_page(staff_with=LOOKS_AT_SHOPS)
def downloads(request: ShopRequest) -> HttpResponse:
    """Show what can be taken home: the chosen month on paper, and the numbers as files."""
    shown = shown_score(request, today=today(timezone.now()))
    month = shown.chosen.month
    is_together = shown.score.months > 1
    context = {"month": month, "last_day": last_day(month), "is_together": is_together}
    return _section(request, "insights/_downloads.html", _("Download"), context, tab="overview")


def _section(
    request: ShopRequest, fragment: str, name: str, context: Mapping[str, object], *, tab: str
) -> HttpResponse:
    """Answer with the section alone, or as a page of this name below the others of the tab."""
    if request.htmx:
        return render(request, fragment, context)
    asked = asked_month(request, today=today(timezone.now()))
    page = {"name": name, "fragment": fragment, "tab": tab, "asked_month": asked}
    return render(request, "insights/section.html", {**context, **page})


def _dimension(request: ShopRequest) -> Dimension:
    """Return what measurements are to be grouped by; the channel when nothing is asked for."""
    try:
        return Dimension(request.GET.get("by", ""))
    except ValueError:
        return Dimension.CHANNEL

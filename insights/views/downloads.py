"""What a shop takes home: its months, topics and measurements as files, and a month on paper."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from typing import Final

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
)
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insights.exports.appreciations import happy_table
from insights.exports.followups import followups_table
from insights.exports.measurements import measurements_table
from insights.exports.months import months_table
from insights.exports.topics import topics_table
from insights.exports.words import words_table
from insights.filters import ChosenFilter, FollowUpFilter, MeasurementFilter
from insights.looking import LOOKS_AT_SHOPS
from insights.poster import poster
from insights.reports.appreciations import Shown, shown
from insights.reports.first_replies import first_replies_by_month
from insights.reports.months import MonthScore, shop_history
from insights.reports.response import who_answered, who_answered_by_month
from insights.reports.topics import topic_report
from insights.reports.words import word_report
from insights.views.parameters import (
    asked_days,
    asked_period,
    chosen_month,
    default_period,
    is_no_month,
    today,
    with_renamed_parameters,
)
from insights.views.shown import shown_score
from insights.wording import no_month_in_words
from queries.downloads import csv_response, saved_as, streamed
from queries.exports.files import json_pieces, write_xlsx
from queries.exports.tables import Table
from sellers.access import ShopRequest, shop_page
from surveys.enums import Band
from surveys.filters import PERIOD
from surveys.models import FollowUp, SurveyResponse, Topic
from surveys.periods import Period, previous_month

EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@shop_page(staff_with=LOOKS_AT_SHOPS)
@with_renamed_parameters
def download(request: ShopRequest, subject: str, extension: str) -> HttpResponseBase:
    """Give a table as a file: what the page shows with the same parameters."""
    now = timezone.now()
    try:
        make, write = TABLES[subject], FILES[extension]
    except KeyError as error:
        raise Http404 from error
    if request.is_staff_looking and subject not in OF_THE_TAB:
        raise Http404
    try:
        table, days = make(request, now)
    except ValueError as error:
        return _refusal(error)
    file = write(request, table, now)
    return saved_as(file, f"nps-{subject}", request.seller, days, extension=extension)


@require_safe
@shop_page(staff_with=LOOKS_AT_SHOPS)
def report(request: ShopRequest) -> HttpResponseBase:
    """Give a month as a PDF of one page, or what the tab shows first."""
    now = timezone.now()
    day = today(now)
    if is_no_month(request, today=day):
        return _refusal(ValueError(no_month_in_words(request.GET["month"], today=day)))
    shown = shown_score(request, today=day)
    score, zone = shown.score, settings.MARKETPLACE_ZONE
    topics = topic_report(score, topics=Topic.objects.all())
    who = who_answered(request.seller, period=score.period, now=now)
    pdf = poster(
        request.seller, shown.history, shown.chosen, score, topics, who, now=now, zone=zone
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    return saved_as(response, "nps", request.seller, _days(score.period), extension="pdf")


def _months(request: ShopRequest, now: datetime) -> tuple[Table, str]:
    day = today(now)
    history = shop_history(request.seller, today=day)
    months = [one.month for one in history.months]
    replies = first_replies_by_month(request.seller, months=months, now=now)
    who = who_answered_by_month(request.seller, months=months, now=now)
    return months_table(history, first_replies=replies, who_answered=who), day.isoformat()


def _topics(request: ShopRequest, now: datetime) -> tuple[Table, str]:
    month = _month(request, now)
    topics = list(Topic.objects.all())
    report = topic_report(month, topics=topics)
    return topics_table(report, topics=topics), f"{month.month:%Y-%m}"


def _month(request: ShopRequest, now: datetime) -> MonthScore:
    """Return the month that is asked for, with what its topics need.

    Raises ValueError when there is no such month: a file would be taken for the month asked for.
    """
    day = today(now)
    if is_no_month(request, today=day):
        raise ValueError(no_month_in_words(request.GET["month"], today=day))
    chosen = chosen_month(request, today=day)
    history = shop_history(request.seller, today=day, detailed=[chosen, previous_month(chosen)])
    return history.find(chosen) or history.running


def _words(request: ShopRequest, now: datetime) -> tuple[Table, str]:
    """Return the words of the days that are asked for; raise ValueError when those are none."""
    day = today(now)
    if is_no_month(request, today=day):
        raise ValueError(no_month_in_words(request.GET["month"], today=day))
    if request.GET.keys() & set(PERIOD) and asked_period(request) is None:
        raise ValueError(_("A period needs both of its days."))
    report = word_report(request.seller, period=asked_days(request, today=day), today=day)
    return words_table(report), _days(report.period)


def _measurements(request: ShopRequest, now: datetime) -> tuple[Table, str]:
    """Return the measurements that are asked for; raise ValueError when something cannot be."""
    mine = SurveyResponse.objects.for_seller(request.seller)
    chosen = MeasurementFilter(request.GET, mine, request=request)
    _refuse_wrong(chosen)
    period = chosen.days(otherwise=default_period(request, today=today(now)))
    rows = chosen.qs.submitted_in(period)
    return measurements_table(rows, seller=request.seller), _days(period)


def _followups(request: ShopRequest, now: datetime) -> tuple[Table, str]:
    """Return the tasks that are asked for; raise ValueError when something cannot be."""
    mine = FollowUp.objects.for_seller(request.seller)
    chosen = FollowUpFilter(request.GET, mine, request=request)
    _refuse_wrong(chosen)
    rows = chosen.of(user=request.user, now=now).order_by(*chosen.part_shown.keys)
    return followups_table(rows), today(now).isoformat()


def _happy(request: ShopRequest, now: datetime, *, band: Band) -> tuple[Table, str]:
    """Return the passives or promoters that are asked for; raise ValueError for what cannot be."""
    which, day = request.GET.get("show", ""), today(now)
    if which not in list(Shown):
        raise ValueError(_("“%(choice)s” cannot be chosen of this list.") % {"choice": which})
    rows = shown(request.seller, band, Shown(which), today=day)
    return happy_table(rows, band=band), day.isoformat()


def _refuse_wrong(chosen: ChosenFilter) -> None:
    """Raise ValueError that says what was chosen and cannot be."""
    if chosen.is_wrong:
        wrong = chosen.errors.items()
        raise ValueError("\n".join(f"{name}: {said}" for name, some in wrong for said in some))


def _days(period: Period) -> str:
    """Return the days of a period as a part of a file's name: 2026-10, 2026-10-05-2026-10-11."""
    if period.month:
        return f"{period.month:%Y-%m}"
    return "-".join(str(day) for day in (period.first, period.last) if day)


def _refusal(error: ValueError) -> HttpResponse:
    """Say what is wrong; who gets a file does not look whether it is what was asked for."""
    return HttpResponseBadRequest(f"{error}\n", content_type="text/plain; charset=utf-8")


def _csv(request: ShopRequest, table: Table, now: datetime) -> HttpResponseBase:
    return csv_response(table, dialect=request.GET.get("dialect", ""))


def _json(request: ShopRequest, table: Table, now: datetime) -> HttpResponseBase:
    about = {
        "shop": request.seller.name,
        "downloaded_at": now.astimezone(settings.MARKETPLACE_ZONE).isoformat(),
        "time_zone": settings.TIME_ZONE,
    }
    pieces = json_pieces(table, about=about, zone=settings.MARKETPLACE_ZONE)
    return streamed(pieces, content_type="application/json")


def _xlsx(request: ShopRequest, table: Table, now: datetime) -> HttpResponseBase:
    with ExitStack() as until_written:
        file = until_written.enter_context(tempfile.TemporaryFile())
        write_xlsx(table, file, zone=settings.MARKETPLACE_ZONE)
        until_written.pop_all()  # the response closes it
    file.seek(0)
    return FileResponse(file, content_type=EXCEL)


TABLES: Final[dict[str, Callable[[ShopRequest, datetime], tuple[Table, str]]]] = {
    "months": _months,
    "topics": _topics,
    "words": _words,
    "measurements": _measurements,
    "followups": _followups,
    "passives": partial(_happy, band=Band.PASSIVE),
    "promoters": partial(_happy, band=Band.PROMOTER),
}
OF_THE_TAB: Final = ("months", "topics", "words", "measurements")  # the others are the team's own
FILES: Final[dict[str, Callable[[ShopRequest, Table, datetime], HttpResponseBase]]] = {
    "csv": _csv,
    "json": _json,
    "xlsx": _xlsx,
}

"""What a shop takes home: its months, topics and measurements as files, and a month on paper."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import (
    FileResponse,
    Http404,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from insights import reports
from insights.exports import (
    Dialect,
    Table,
    csv_pieces,
    json_pieces,
    measurements_table,
    months_table,
    topics_table,
    write_xlsx,
)
from insights.filters import MeasurementFilter
from insights.poster import poster
from insights.views.address import chosen_month, today
from sellers.access import ShopRequest, shop_page
from sellers.enums import Language
from surveys.models import SurveyResponse, Topic
from surveys.periods import previous_month

EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@shop_page()
def download(request: ShopRequest, subject: str, extension: str) -> HttpResponseBase:
    """Give a table as a file: what the page shows with the same parameters."""
    now = timezone.now()
    try:
        make, write = TABLES[subject], FILES[extension]
    except KeyError as error:
        raise Http404 from error
    response = write(request, make(request, now), now)
    return _named(response, request, subject, today(now).isoformat(), extension=extension)


@require_safe
@shop_page()
def report(request: ShopRequest) -> HttpResponseBase:
    """Give a month as a PDF of one page."""
    now = timezone.now()
    history, month = _history(request, now)
    topics = reports.topic_report(month, history.before(month), topics=Topic.objects.all())
    zone = settings.MARKETPLACE_ZONE
    pdf = poster(request.seller, history, month, topics, now=now, zone=zone)
    response = HttpResponse(pdf, content_type="application/pdf")
    return _named(response, request, f"{month.month:%Y-%m}", extension="pdf")


def _months(request: ShopRequest, now: datetime) -> Table:
    return months_table(reports.history(request.seller, today=today(now)))


def _topics(request: ShopRequest, now: datetime) -> Table:
    history, month = _history(request, now)
    topics = list(Topic.objects.all())
    report = reports.topic_report(month, history.before(month), topics=topics)
    return topics_table(report, topics=topics)


def _history(request: ShopRequest, now: datetime) -> tuple[reports.History, reports.MonthScore]:
    """Return the months, and the one in the address with what its topics need."""
    chosen = chosen_month(request, today=today(now))
    history = reports.history(
        request.seller, today=today(now), detailed=[chosen, previous_month(chosen)]
    )
    return history, history.find(chosen) or history.running


def _measurements(request: ShopRequest, now: datetime) -> Table:
    mine = SurveyResponse.objects.for_seller(request.seller)
    chosen = MeasurementFilter(request.GET, mine, seller=request.seller, today=today(now))
    return measurements_table(chosen.qs, seller=request.seller)


def _csv(request: ShopRequest, table: Table, now: datetime) -> HttpResponseBase:
    usual = (
        Dialect.EXCEL_NL if translation.get_language() == Language.DUTCH else Dialect.INTERNATIONAL
    )
    try:
        dialect = Dialect(request.GET.get("dialect", usual))
    except ValueError:
        dialect = usual
    pieces = csv_pieces(table, dialect=dialect, zone=settings.MARKETPLACE_ZONE)
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")


def _json(request: ShopRequest, table: Table, now: datetime) -> HttpResponseBase:
    about = {
        "shop": request.seller.name,
        "downloaded_at": now.astimezone(settings.MARKETPLACE_ZONE).isoformat(),
        "time_zone": settings.TIME_ZONE,
    }
    pieces = json_pieces(table, about=about, zone=settings.MARKETPLACE_ZONE)
    return StreamingHttpResponse(pieces, content_type="application/json")


def _xlsx(request: ShopRequest, table: Table, now: datetime) -> HttpResponseBase:
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    write_xlsx(table, file, zone=settings.MARKETPLACE_ZONE)
    file.seek(0)
    return FileResponse(file, content_type=EXCEL)


def _named(
    response: HttpResponseBase, request: ShopRequest, *parts: str, extension: str
) -> HttpResponseBase:
    """Let a browser save the answer as a file: nps-measurements-fietsenzo-2026-11-22.csv."""
    subject, *rest = parts
    shop = slugify(request.seller.name, allow_unicode=True)
    name = "-".join(part for part in ("nps", subject, shop, *rest) if part)
    header = content_disposition_header(as_attachment=True, filename=f"{name}.{extension}")
    response["Content-Disposition"] = header
    return response


TABLES: Final[dict[str, Callable[[ShopRequest, datetime], Table]]] = {
    "months": _months,
    "topics": _topics,
    "measurements": _measurements,
}
FILES: Final[dict[str, Callable[[ShopRequest, Table, datetime], HttpResponseBase]]] = {
    "csv": _csv,
    "json": _json,
    "xlsx": _xlsx,
}

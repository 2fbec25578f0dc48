"""The measurements one by one: a list that can be narrowed, and one of them with its neighbours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.forms import BoundField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from insights.filters import WITHIN_BANDS, MeasurementFilter
from insights.looking import LOOKS_AT_SHOPS
from insights.reports.measurements import (
    LATEST_ROWS,
    ROWS_PER_PAGE,
    MeasurementPage,
    Sort,
    latest_measurements,
    measurement_page,
    neighbours,
)
from insights.views.parameters import (
    asked_month,
    default_period,
    today,
    with_renamed_parameters,
)
from insights.wording import band_name, period_name
from queries.choices import Choice, changed_url
from sellers.access import ShopRequest, shop_page
from surveys.enums import Band
from surveys.filters import PERIOD
from surveys.models import SurveyResponse, SurveyResponses
from surveys.periods import Period, month_start, months_back, previous_month

TYPED: Final = (*PERIOD, "search")
SELECTED: Final = ("topic", "words", "channel", "agent", "language", "customer")
# Chosen outside the form, which keeps them.
ELSEWHERE: Final = ("month", "band", "score", "subject", "word", "excluded", "sort")
CURSORS: Final = ("after", "before")
NOT_NARROWING: Final = (*PERIOD, "sort")

Here = dict[str, str]  # what is chosen on the page, by the name of the parameter


@dataclass(frozen=True, slots=True)
class MeasurementList:
    """What a page shows of the list: its rows, and every choice that can be made or undone.

    `is_whole` is whether it is more than the latest rows; then `fields` and `hidden` make its form.
    `number` is how many rows it has, None when that was not counted. `everything` undoes all that
    narrows the list, `is_shorter` is whether the period is a part of the days that were asked for,
    `same` is the query string to come back to it. `previous` and `next` may be
    empty.
    """

    page: MeasurementPage
    is_whole: bool
    number: int | None
    period: Period
    is_shorter: bool
    pills: tuple[Choice, ...]
    chosen: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    periods: tuple[Choice, ...]
    fields: tuple[BoundField, ...]
    hidden: dict[str, str]
    narrowed: bool
    everything: str
    same: str
    previous: str
    next: str

    @property
    def is_open(self) -> bool:
        """Return whether something that was typed is wrong, so that it must be seen."""
        return any(field.errors for field in self.fields if field.name in TYPED)


@vary_on_headers("HX-Request")
@shop_page(staff_with=LOOKS_AT_SHOPS)
@with_renamed_parameters
def measurements(request: ShopRequest) -> HttpResponse:
    """Show the list on a page of its own."""
    found = measurement_list(request, today=today(timezone.now()))
    fragment, context = "insights/_measurements.html", {"measurements": found}
    if request.htmx:
        return render(request, fragment, context)
    asked = asked_month(request, today=today(timezone.now()))
    page = {
        "name": _("Score per customer query"),
        "fragment": fragment,
        "tab": "measurements",
        "asked_month": asked,
    }
    return render(request, "insights/section.html", context | page)


@shop_page(staff_with=LOOKS_AT_SHOPS)
@with_renamed_parameters
def measurement(request: ShopRequest, response_id: int) -> HttpResponse:
    """Show one measurement, with the way to its neighbours in the list it was found in."""
    mine = SurveyResponse.objects.for_seller(request.seller)
    response = get_object_or_404(mine.with_contact().with_exclusions(), pk=response_id)
    chosen = MeasurementFilter(request.GET, mine, request=request)
    otherwise = _default_period(response, today=today(timezone.now()))
    period = chosen.days(otherwise=otherwise)
    here = request.GET.dict()
    if not (chosen.period or period.is_recent):
        here |= {"since": f"{period.first}", "until": f"{period.last}"}
    before, after = neighbours(chosen.qs.submitted_in(period), response, sort=chosen.order)
    context = {
        "month": period.month,
        "measurement": response,
        "exclusions": response.every_exclusion,
        "counts": response.counts,
        "before": before,
        "after": after,
        "same": changed_url(here),
        "back": changed_url(here, after=before),  # the list that begins with this one
    }
    return render(request, "insights/measurement.html", context)


def measurement_list(
    request: ShopRequest, *, today: date, is_whole: bool = True
) -> MeasurementList:
    """Return the list that is asked for, or the first rows of it and no form.

    Where it has no form, it gets one as soon as something is wrong in it.
    """
    mine = SurveyResponse.objects.for_seller(request.seller)
    chosen = MeasurementFilter(request.GET, mine, request=request)
    asked = chosen.period or default_period(request, today=today)
    period = chosen.days(otherwise=asked)
    if is_whole or chosen.chosen or request.GET.keys() & set(CURSORS):
        page = measurement_page(
            chosen.qs.submitted_in(period),
            of_every_band=chosen.of_every_band().submitted_in(period),
            sort=chosen.order,
            size=ROWS_PER_PAGE if is_whole else LATEST_ROWS,
            after=_cursor(mine, request.GET.get("after", "")),
            before=_cursor(mine, request.GET.get("before", "")),
        )
    else:
        page = latest_measurements(request.seller, period)
    here = {name: str(value) for name, value in request.GET.items() if name not in CURSORS}
    narrowing = [name for name in chosen.chosen if name not in NOT_NARROWING]
    pills = tuple(_pills(page, chosen, here))
    return MeasurementList(
        page=page,
        is_whole=is_whole,
        number=next((pill.count for pill in pills if pill.current), None),
        period=period,
        is_shorter=period != asked,
        pills=pills,
        chosen=tuple(_chosen(chosen, here)),
        sorts=tuple(_sorts(chosen, here)),
        periods=tuple(_periods(asked, here, today=today)),
        fields=tuple(_fields(chosen)) if is_whole or chosen.is_wrong else (),
        hidden={name: here[name] for name in ELSEWHERE if here.get(name)},
        narrowed=bool(narrowing),
        everything=changed_url(here, **dict.fromkeys(narrowing)),
        same=changed_url(here),
        previous=changed_url(here, before=page.rows[0].pk) if page.has_previous else "",
        next=changed_url(here, after=page.rows[-1].pk) if page.has_next else "",
    )


def _default_period(response: SurveyResponse, *, today: date) -> Period:
    """Return in which list a measurement is found: the last 28 days, or its own month."""
    recent = Period.recent(today)
    start, _end = recent.bounds(settings.MARKETPLACE_ZONE)
    is_recent = start is not None and response.submitted_at >= start
    return recent if is_recent else Period.of_months(response.month, response.month)


def _cursor(mine: SurveyResponses, pk: str) -> SurveyResponse | None:
    """Return the measurement that a page begins or ends at, if there is such a one."""
    return mine.filter(pk=pk).first() if re.fullmatch(r"[0-9]{1,18}", pk) else None


def _fields(chosen: MeasurementFilter) -> Iterator[BoundField]:
    return (chosen.form[name] for name in (*TYPED, *SELECTED))


def _pills(page: MeasurementPage, chosen: MeasurementFilter, here: Here) -> Iterator[Choice]:
    """Yield the bands, and what staff excluded if there is any."""
    excluded = "excluded" in chosen.chosen
    whole = not excluded and "score" not in chosen.chosen
    wanted, every = chosen.chosen.get("band"), page.tally.total
    rest = {name: value for name, value in here.items() if name not in WITHIN_BANDS}
    yield Choice("all", _("All"), changed_url(rest), whole and wanted is None, every)
    for band in Band:
        count, current = page.tally.count(band), whole and wanted == band
        yield Choice(band, band_name(band), changed_url(rest, band=band), current, count)
    if excluded or page.excluded:
        url = changed_url(rest, excluded="yes")
        yield Choice("excluded", _("Excluded"), url, excluded, page.excluded)


def _chosen(chosen: MeasurementFilter, here: Here) -> Iterator[Choice]:
    """Yield what can be undone and is not one of the pills."""
    if chosen.period:
        without = changed_url(here, since=None, until=None)
        yield Choice("period", capfirst(period_name(chosen.period)), without)
    band = ["band"] if chosen.chosen.keys() & {"score", "excluded"} else []
    for name in (*band, "score", "search", "subject", "word", *SELECTED):
        if name in chosen.chosen:
            field, wanted = chosen.form.fields[name], str(chosen.chosen[name])
            names = {str(value): str(label) for value, label in getattr(field, "choices", ())}
            choice = {"filter": field.label, "choice": names.get(wanted, wanted)}
            undone = changed_url(here, **{name: None})
            yield Choice(name, _("%(filter)s: %(choice)s") % choice, undone)


def _sorts(chosen: MeasurementFilter, here: Here) -> Iterator[Choice]:
    """Yield the orders there are."""
    for sort in Sort:
        query = changed_url(here, sort=None if sort == Sort.LATEST else sort.value)
        yield Choice(sort.value, str(sort.label), query, current=sort == chosen.order)


def _periods(period: Period, here: Here, *, today: date) -> Iterator[Choice]:
    """Yield the periods that are asked for most."""
    latest = Period.recent(today)
    recent = changed_url(here, since=None, until=None, month=None)
    label = capfirst(period_name(latest))
    yield Choice("recent", label, recent, current=period.is_recent)
    month = month_start(today)
    last_month = previous_month(month)
    for name, label, first, last in (
        ("month", _("This month"), month, month),
        ("last-month", _("Last month"), last_month, last_month),
        ("year", _("12 months"), months_back(month, 12)[0], month),
    ):
        each = Period.of_months(first, last)
        query = changed_url(here, since=each.first, until=each.last)
        yield Choice(name, label, query, current=period == each)

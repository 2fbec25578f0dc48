"""The measurements one by one: a list that can be narrowed, and one of them with its neighbours."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.forms import BoundField
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from insights import reports
from insights.filters import PERIOD, MeasurementFilter
from insights.views.address import today
from insights.wording import band_name, period_name
from sellers.access import ShopRequest, shop_page
from sellers.models import Seller
from surveys.enums import Band
from surveys.models import SurveyResponse, SurveyResponses
from surveys.periods import (
    Period,
    day_start,
    last_day,
    month_start,
    months_back,
    previous_month,
)

FIELDS: Final = (*PERIOD, "search")
SELECTS: Final = ("topic", "words", "channel", "agent", "language", "customer")
# Chosen outside the form, which keeps them.
ELSEWHERE: Final = ("month", "band", "score", "subject", "excluded", "sort")
MONTHS_OF_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Link:
    """One choice that can be made or undone; `count` is how many measurements it shows."""

    name: str
    label: str
    address: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Select:
    """One filter with its choices."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MeasurementList:
    """What a page shows of the list: rows, and links to every other choice.

    `chosen` undoes one choice each, `everything` all at once; the period stays. `fields`, `selects`
    and `hidden` make the form, where there is one; `whole` is the page that has it. `same` is what
    is chosen as a part of an address, for the links to one measurement.
    """

    page: reports.MeasurementPage
    period: Period
    narrowed: bool
    same: str
    pills: tuple[Link, ...]
    chosen: tuple[Link, ...]
    sorts: tuple[Link, ...]
    periods: tuple[Link, ...]
    fields: tuple[BoundField, ...]
    selects: tuple[Select, ...]
    hidden: Mapping[str, str]
    whole: str
    everything: str
    previous: str
    next: str

    @property
    def is_open(self) -> bool:
        """Return whether something in the form is wrong, so that it must be seen."""
        return any(field.errors for field in self.fields)


@dataclass(frozen=True, slots=True)
class Address:
    """What is chosen in an address, and links with some of it changed."""

    choices: Mapping[str, str]

    def but(self, **changes: str | int | date | None) -> str:
        """Return the address with other choices; None undoes one."""
        return f"?{self.query(**changes)}#measurements"

    def without(self, names: Iterable[str]) -> str:
        """Return the address with some choices undone."""
        return self.but(**dict.fromkeys(names))

    def query(self, **changes: str | int | date | None) -> str:
        """Return what stands behind the question mark."""
        choices = {**self.choices, **changes}
        return urlencode({name: choice for name, choice in choices.items() if choice is not None})


@vary_on_headers("HX-Request")
@shop_page()
def measurements(request: ShopRequest) -> HttpResponse:
    """Show the list on a page of its own."""
    day = today(timezone.now())
    shown = measurement_list(request.GET, seller=request.seller, today=day, has_form=True)
    template = "insights/_measurements.html" if request.htmx else "insights/measurements.html"
    return render(request, template, {"measurements": shown})


@shop_page()
def measurement(request: ShopRequest, response_id: int) -> HttpResponse:
    """Show one measurement, with the way to its neighbours in the list it was found in."""
    mine = SurveyResponse.objects.for_seller(request.seller)
    response = get_object_or_404(mine.with_contact(), pk=response_id)
    day = today(timezone.now())
    narrowed = MeasurementFilter(
        request.GET, mine, seller=request.seller, today=day, usual=_usual(response, today=day)
    )
    before, after = reports.neighbours(narrowed.qs, response, sort=narrowed.order)
    address = _address(request.GET, narrowed)
    context = {
        "month": narrowed.period.month,
        "measurement": response,
        "exclusions": response.exclusions.order_by("-excluded_at", "-pk"),
        "before": before,
        "after": after,
        "same": address.query(),
        # The list that begins with this one.
        "back": address.query(after=before),
    }
    return render(request, "insights/measurement.html", context)


def measurement_list(
    parameters: QueryDict,
    *,
    seller: Seller,
    today: date,
    has_form: bool,
    usual: Period | None = None,
) -> MeasurementList:
    """Return the list that an address asks for; links keep the month of the tab.

    Without a period in the address it is of the `usual` one, and of the last 28 days when there is
    none. Where it has no form, it gets one as soon as something is wrong in it.
    """
    mine = SurveyResponse.objects.for_seller(seller)
    narrowed = MeasurementFilter(parameters, mine, seller=seller, today=today, usual=usual)
    page = reports.measurements(
        narrowed.qs,
        of_every_band=narrowed.of_every_band,
        sort=narrowed.order,
        after=_cursor(mine, parameters.get("after", "")),
        before=_cursor(mine, parameters.get("before", "")),
    )
    address = _address(parameters, narrowed)
    here = _address(parameters, narrowed, "month")
    form = narrowed.form if has_form or narrowed.is_wrong else None
    return MeasurementList(
        page=page,
        period=narrowed.period,
        narrowed=bool(_undoable(narrowed)),
        same=address.query(),
        pills=tuple(_pills(page, narrowed, here)),
        chosen=tuple(_chosen(narrowed, here)),
        sorts=tuple(_sorts(narrowed, here)),
        periods=tuple(_periods(narrowed, here)),
        fields=tuple(form[name] for name in FIELDS) if form else (),
        selects=tuple(_select(form[name]) for name in SELECTS) if form else (),
        hidden={name: here.choices[name] for name in ELSEWHERE if name in here.choices},
        whole=f"{reverse('insights:measurements')}?{address.query()}",
        everything=here.without(_undoable(narrowed)),
        previous=here.but(before=page.rows[0].pk) if page.has_previous else "",
        next=here.but(after=page.rows[-1].pk) if page.has_next else "",
    )


def _address(parameters: QueryDict, narrowed: MeasurementFilter, *others: str) -> Address:
    """Return what the address asks for, without what was not understood."""
    names = [*narrowed.chosen, *(name for name in others if parameters.get(name))]
    choices = {name: str(parameters[name]) for name in names}
    if narrowed.period == narrowed.usual and not narrowed.usual.is_recent:
        choices |= zip(PERIOD, map(str, (narrowed.usual.first, narrowed.usual.last)), strict=True)
    return Address(choices)


def _usual(response: SurveyResponse, *, today: date) -> Period:
    """Return in which list a measurement is found: the last 28 days, or its own month."""
    latest = Period.recent(today)
    assert latest.first is not None
    if response.submitted_at >= day_start(latest.first, settings.MARKETPLACE_ZONE):
        return latest
    return Period.of_months(response.month, response.month)


def _cursor(mine: SurveyResponses, number: str) -> SurveyResponse | None:
    """Return the measurement that a page begins or ends at, if there is such a one."""
    return mine.filter(pk=number).first() if re.fullmatch(r"[0-9]{1,18}", number) else None


def _undoable(narrowed: MeasurementFilter) -> list[str]:
    """Return which choices leave out measurements of the period."""
    return [name for name in narrowed.chosen if name not in (*PERIOD, "sort")]


def _pills(
    page: reports.MeasurementPage, narrowed: MeasurementFilter, address: Address
) -> Iterator[Link]:
    """Yield the bands, and what does not count if there is any."""
    names: dict[Band | None, str] = {None: _("All")}
    names.update((band, band_name(band)) for band in Band)
    excluded = "excluded" in narrowed.chosen
    whole = not excluded and "score" not in narrowed.chosen
    for band, label in names.items():
        yield Link(
            band or "all",
            label,
            address.but(band=band, score=None, excluded=None),
            current=whole and narrowed.chosen.get("band") == band,
            count=page.tally.count(band) if band else page.tally.total,
        )
    if excluded or page.excluded:
        found = address.but(excluded="yes", band=None, score=None)
        yield Link("excluded", _("Excluded"), found, current=excluded, count=page.excluded)


def _chosen(narrowed: MeasurementFilter, address: Address) -> Iterator[Link]:
    """Yield what can be undone and is not one of the pills."""
    if narrowed.period != narrowed.usual:
        yield Link("period", capfirst(period_name(narrowed.period)), address.without(PERIOD))
    names = ["score", "search", "subject", *SELECTS]
    if narrowed.chosen.keys() & {"score", "excluded"}:
        names.insert(0, "band")
    for name in names:
        if name in narrowed.chosen:
            wanted, field = narrowed.chosen[name], narrowed.form.fields[name]
            choices = {str(value): str(label) for value, label in getattr(field, "choices", ())}
            choice = choices.get(str(wanted), wanted)
            label = _("%(filter)s: %(choice)s") % {"filter": field.label, "choice": choice}
            yield Link(name, label, address.without([name]))


def _sorts(narrowed: MeasurementFilter, address: Address) -> Iterator[Link]:
    """Yield the orders there are."""
    for sort in reports.Sort:
        wanted = None if sort == reports.Sort.LATEST else sort.value
        current = sort == narrowed.order
        yield Link(sort.value, str(sort.label), address.but(sort=wanted), current=current)


def _periods(narrowed: MeasurementFilter, address: Address) -> Iterator[Link]:
    """Yield the periods that are asked for most."""
    month = month_start(narrowed.today)
    last_month = previous_month(month)
    year = months_back(month, MONTHS_OF_YEAR)[0]
    yield Link(
        "recent",
        capfirst(period_name(Period.recent(narrowed.today))),
        address.without((*PERIOD, "month")),
        current=narrowed.period.is_recent,
    )
    for name, label, first, last in (
        ("month", _("This month"), month, last_day(month)),
        ("last-month", _("Last month"), last_month, last_day(last_month)),
        ("year", _("12 months"), year, last_day(month)),
    ):
        current = narrowed.period == Period(first, last)
        yield Link(name, label, address.but(**{"from": first, "to": last}), current=current)


def _select(field: BoundField) -> Select:
    """Return a field as the template writes it; Django's own way takes ten times as long."""
    wanted = field.value() or ""
    options = tuple(
        Option(str(value), str(label), selected=str(value) == wanted)
        for value, label in field.field.choices  # type: ignore[attr-defined]  # no types
    )
    return Select(field.name, str(field.label), options)

"""Staff's overview: all shops against the standard."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from insights.admin.standards import today
from insights.charts.spread import spread_chart
from insights.exports.files import Dialect, csv_pieces
from insights.exports.shops import shops_table
from insights.models import ShopScore
from insights.reports import HISTORY_MONTHS, POOLED_MONTHS
from insights.reports.shops import (
    Order,
    ShopScores,
    shop_scores,
)
from insights.reports.shops import ShopScore as Score
from sellers.enums import Language
from sellers.models import Seller
from surveys.nps import Verdict
from surveys.periods import Period, month_start, months_back

SHOPS_PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column of the overview, and the address that sorts by it."""

    label: Promise
    address: str
    order: str  # "ascending" or "descending" when sorted by it, else empty


class OverviewForm(forms.Form):
    """What the overview shows, from its address; what makes no sense there is left out."""

    period = forms.ChoiceField(required=False, label=_("Period"))
    verdict = forms.ChoiceField(
        required=False,
        label=_("Verdict"),
        choices=[
            ("", _("all shops")),
            (Verdict.NOT_MET.value, _("standard not met")),
            (Verdict.TOO_FEW.value, _("too few for a verdict")),
            (Verdict.MET.value, _("standard met")),
        ],
    )
    q = forms.CharField(required=False, max_length=120, label=_("Name of the shop"))
    sort = forms.ChoiceField(
        required=False,
        widget=forms.HiddenInput,
        choices=[(sign + order, order) for order in Order for sign in ("", "-")],
    )

    def __init__(self, asked: QueryDict, periods: Iterable[tuple[str, str]]) -> None:
        super().__init__(asked)
        self.fields["period"] = forms.ChoiceField(
            required=False, label=_("Period"), choices=list(periods)
        )
        self.full_clean()

    def list_of(self, scores: ShopScores) -> list[Score]:
        """Return the shops that are asked for, in the order that is asked for."""
        chosen = self.cleaned_data
        return scores.listed(
            search=chosen.get("q", ""),
            verdict=Verdict(chosen["verdict"]) if chosen.get("verdict") else None,
            order=Order(self.sorted_by.removeprefix("-")),
            descending=self.sorted_by.startswith("-"),
        )

    @property
    def sorted_by(self) -> str:
        """Return what is sorted by, with a minus in front when descending."""
        return self.cleaned_data.get("sort") or str(Order.NAME)


def periods(day: date) -> dict[str, tuple[str, Period]]:
    """Return what the overview can be of, by how its address says it: {word: (label, period)}."""
    running, *finished = reversed(months_back(month_start(day), HISTORY_MONTHS))
    year = months_back(running, POOLED_MONTHS)
    still = gettext("%(month)s, still running") % {"month": date_format(running, "F Y")}
    return {
        f"{running:%Y-%m}": (still, Period.of_months(running, running)),
        "days": (gettext("last 28 days"), Period.recent(day)),
        "year": (gettext("twelve months, this one included"), Period.of_months(year[0], year[-1])),
        **{
            f"{month:%Y-%m}": (date_format(month, "F Y"), Period.of_months(month, month))
            for month in finished
        },
    }


@admin.register(ShopScore)
class ShopScorePage(admin.ModelAdmin):
    """All shops against the standard; the numbers are those of each shop's own tab."""

    HEADINGS: Final = {
        Order.NAME: _("Shop"),
        Order.MEASUREMENTS: _("Measurements"),
        Order.NPS: _("NPS"),
        Order.CHANGE: _("Trend"),
        Order.VERDICT: _("Verdict"),
    }

    def get_urls(self) -> list[URLPattern]:
        """Have the overview and its download; a shop's own page is the seller's."""
        guarded = self.admin_site.admin_view
        return [
            path("", guarded(self.changelist_view), name="insights_shopscore_changelist"),
            path("download/", guarded(self.download), name="insights_shopscore_download"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: a shop is added as a seller."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the marketplace, how its shops are spread, and a page of them."""
        form, scores = self._asked(request)
        shops = Paginator(form.list_of(scores), SHOPS_PER_PAGE)
        page = shops.get_page(request.GET.get("page"))
        address = request.GET.copy()
        address.pop("page", None)
        context = self.admin_site.each_context(request) | {
            "title": _("Shop scores"),
            "opts": self.opts,
            "form": form,
            "scores": scores,
            "chart": spread_chart(scores),
            "verdicts": {str(verdict): count for verdict, count in scores.verdicts.items()},
            "headings": [self._heading(request, form, order) for order in self.HEADINGS],
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "ellipsis": Paginator.ELLIPSIS,
            "address": address.urlencode(),
            "opens_sellers": self.admin_site.get_model_admin(Seller).has_view_permission(request),
        }
        return TemplateResponse(request, "admin/insights/shopscore/overview.html", context)

    def download(self, request: HttpRequest) -> StreamingHttpResponse:
        """Give all shops that are asked for, of all pages, as CSV."""
        form, scores = self._asked(request)
        period = form.cleaned_data.get("period") or f"{today():%Y-%m}"
        is_dutch = get_language() == Language.DUTCH
        pieces = csv_pieces(
            shops_table(form.list_of(scores)),
            dialect=Dialect.EXCEL_NL if is_dutch else Dialect.INTERNATIONAL,
            zone=settings.MARKETPLACE_ZONE,
        )
        return StreamingHttpResponse(
            pieces,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="shops-{period}-{today()}.csv"'},
        )

    def _asked(self, request: HttpRequest) -> tuple[OverviewForm, ShopScores]:
        """Count what the address asks for; raise PermissionDenied for who may not see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        day = today()
        choices = periods(day)
        form = OverviewForm(
            request.GET, [(word, label) for word, (label, _each) in choices.items()]
        )
        word = form.cleaned_data.get("period") or f"{day:%Y-%m}"
        return form, shop_scores(choices[word][1], today=day)

    def _heading(self, request: HttpRequest, form: OverviewForm, order: Order) -> Heading:
        """Return a heading; following it once more turns the order around."""
        address = request.GET.copy()
        address.pop("page", None)
        address["sort"] = f"-{order}" if form.sorted_by == order else order
        current = {order: "ascending", f"-{order}": "descending"}.get(form.sorted_by, "")
        return Heading(self.HEADINGS[order], f"?{address.urlencode()}", current)

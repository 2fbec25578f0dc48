"""Staff's overview: all shops against the standard."""

from dataclasses import replace
from datetime import date
from typing import Final

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from insights.admin.standards import today
from insights.charts.spread import spread_chart
from insights.exports.shops import shops_table
from insights.looking import looks_at_shops
from insights.reports.months import HISTORY_MONTHS, POOLED_MONTHS
from insights.reports.shops import Order, ShopScore, ShopScores, shop_scores, with_handling
from queries.downloads import csv_response
from queries.timeouts import CLOSE_AFTER
from sellers.models import Seller
from surveys.nps import Verdict
from surveys.periods import Period, month_start, months_back

SHOPS_PER_PAGE: Final = 100
SHARES: Final = [
    (Order.HANDED_OVER, _("Handed over")),
    (Order.CLOSED_BY_ITSELF, _("Closed by itself")),
    (Order.NEVER_CLOSED, _("Never closed")),
]
HEADINGS: Final = [
    (Order.NAME, _("Shop")),
    (Order.MEASUREMENTS, _("Measurements")),
    (Order.NPS, _("NPS")),
    (Order.CHANGE, _("Trend")),
    (Order.VERDICT, _("Verdict")),
    *SHARES,
]


class OverviewForm(forms.Form):
    """What the overview shows; what makes no sense in its URL is left out."""

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

    def __init__(self, asked: QueryDict, day: date) -> None:
        super().__init__(asked)
        self.day, self.periods = day, periods(day)
        self.fields["period"] = forms.ChoiceField(
            required=False,
            label=_("Period"),
            choices=[(name, label) for name, (label, _period) in self.periods.items()],
        )
        self.full_clean()

    @property
    def period_name(self) -> str:
        """Return how the URL names the period: the running month when it names none."""
        return self.cleaned_data.get("period") or next(iter(self.periods))

    @property
    def sorted_by(self) -> str:
        """Return what is sorted by, with a minus in front when descending."""
        return self.cleaned_data.get("sort") or str(Order.NAME)

    @property
    def order(self) -> Order:
        """Return what is sorted by."""
        return Order(self.sorted_by.removeprefix("-"))

    @property
    def is_descending(self) -> bool:
        """Return whether the highest comes first."""
        return self.sorted_by.startswith("-")

    @property
    def sorts_by_share(self) -> bool:
        """Return whether the shares of all shops are needed to know which come first."""
        return self.order in dict(SHARES)

    def scores(self) -> ShopScores:
        """Count the shops in the period that is asked for."""
        _label, period = self.periods[self.period_name]
        scores = shop_scores(period, today=self.day)
        if self.sorts_by_share:
            shops = with_handling(scores.shops, period, now=timezone.now())
            return replace(scores, shops=tuple(shops))
        return scores

    def completed(self, shops: list[ShopScore], period: Period) -> list[ShopScore]:
        """Return these shops with their shares, unless they have them already."""
        if self.sorts_by_share or not shops:
            return shops
        return with_handling(shops, period, now=timezone.now())

    def list_of(self, scores: ShopScores) -> list[ShopScore]:
        """Return the shops that are asked for, in the order that is asked for."""
        chosen = self.cleaned_data
        return scores.listed(
            search=chosen.get("q", ""),
            verdict=Verdict(chosen["verdict"]) if chosen.get("verdict") else None,
            order=self.order,
            descending=self.is_descending,
        )


def periods(day: date) -> dict[str, tuple[str, Period]]:
    """Return what the overview can be of, by the name in its URL: {name: (label, period)}."""
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


@admin.site.admin_view
@permission_required("insights.view_shopscore", raise_exception=True)
def overview(request: HttpRequest) -> TemplateResponse:
    """Show the marketplace, how its shops are spread, and a page of them."""
    form = OverviewForm(request.GET, today())
    scores = form.scores()
    page = Paginator(form.list_of(scores), SHOPS_PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = form.completed(list(page.object_list), scores.period)
    context = admin.site.each_context(request) | {
        "title": _("Shop scores"),
        "form": form,
        "scores": scores,
        "is_finished": scores.period.last is not None and scores.period.last < form.day,
        "chart": spread_chart(scores),
        "verdicts": {str(verdict): count for verdict, count in scores.verdicts.items()},
        "headings": HEADINGS,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "ellipsis": Paginator.ELLIPSIS,
        "close_after": CLOSE_AFTER,
        "looks_at_shops": looks_at_shops(request.user),
        "opens_sellers": admin.site.get_model_admin(Seller).has_view_permission(request),
    }
    return TemplateResponse(request, "admin/insights/shop_scores.html", context)


@admin.site.admin_view
@permission_required("insights.view_shopscore", raise_exception=True)
def download(request: HttpRequest) -> HttpResponseBase:
    """Give all shops that are asked for, of all pages, as CSV."""
    form = OverviewForm(request.GET, today())
    scores = form.scores()
    response = csv_response(shops_table(form.completed(form.list_of(scores), scores.period)))
    name = f"shops-{form.period_name}-{form.day}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

"""Staff's view of the service standard, and of all shops against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from insights.charts.spread import spread_chart
from insights.exports.files import Dialect, csv_pieces
from insights.exports.shops import shops_table
from insights.models import ServiceStandard, ShopScore
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
from surveys.periods import Period, month_start, months_back, next_month

JUDGES = ("value", "minimum_measurements", "valid_from", "announced_on")
LABELS = ("label_nl", "label_en")
SHOPS_PER_PAGE: Final = 100


def today() -> date:
    """Return the marketplace's day."""
    return timezone.localdate(timezone=settings.MARKETPLACE_ZONE)


def in_words(end: date | None) -> str:
    """Return until when a standard holds."""
    if end is None:
        return gettext("without end")
    return gettext("until %(day)s") % {"day": date_format(end)}


class StandardForm(forms.ModelForm):
    """Refuses what would judge a finished month anew; asks only for what may still change."""

    follows_on = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Follows on the standard before it"),
        help_text=_(
            "The standard before it holds until this one begins: "
            "never a day with two standards, or with none."
        ),
    )
    previous: ServiceStandard | None = None  # what gets its end where this one begins

    class Meta:
        help_texts = {
            "valid_from": _(
                "A month is judged by the standard of its last day: begin on the first of a month."
            ),
            "announced_on": _("From this day on sellers see what is coming."),
        }

    def clean_valid_from(self) -> date:
        """Begin today or later."""
        first: date = self.cleaned_data["valid_from"]
        if first < today():
            raise ValidationError(
                _("A standard begins today or later: a month that is over keeps its standard.")
            )
        return first

    def clean_valid_until(self) -> date | None:
        """End today or later, or never."""
        end: date | None = self.cleaned_data["valid_until"]
        if end and end < today():
            raise ValidationError(
                _("A standard ends today or later: a month that is over keeps its standard.")
            )
        return end

    def clean(self) -> dict[str, Any]:
        """Announce it in time, and say of each standard in its way what to do about it."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first = cleaned.get("valid_from", self.instance.valid_from)
        end = cleaned.get("valid_until", self.instance.valid_until)
        announced = cleaned.get("announced_on")
        if first and announced and announced >= first:
            self.add_error("announced_on", _("Announce a standard before the day it begins."))
        if not first or self.errors.keys() & {"valid_from", "valid_until"}:
            return cleaned
        if end and end <= first:  # PostgreSQL fails on such a period, so it is not asked
            self.add_error("valid_until", _("“Valid until” must be later than “valid from”."))
            return cleaned
        others = ServiceStandard.objects.exclude(pk=self.instance.pk)
        if cleaned.get("follows_on"):
            self.previous = others.not_over(today()).latest_before(first)
        for other in others.overlapping(first, end):
            if other != self.previous:
                self._explain(other, first)
        return cleaned

    def _explain(self, other: ServiceStandard, first: date) -> None:
        """Say what is in the way, from when until when, and what to do about it."""
        facts = {
            "standard": f"{other.value:+d}",
            "label": other.label,
            "first": date_format(other.valid_from),
            "end": in_words(other.valid_until),
        }
        if other.valid_from < first:
            message = _(
                "Another standard holds then: %(standard)s (%(label)s), from %(first)s %(end)s. "
                "Tick “Follows on the standard before it”, and it ends on the day this one begins."
            )
            self.add_error("valid_from", message % facts)
        else:
            message = _(
                "Another standard holds by then: %(standard)s (%(label)s), from %(first)s %(end)s. "
                "Let this one end on %(first)s at the latest, or change or delete that one first."
            )
            self.add_error("valid_until", message % facts)

    def _post_clean(self) -> None:
        """Ask the model about what will be stored: by then the one before it has its end."""
        with transaction.atomic():
            self.shorten_previous()
            super()._post_clean()  # type: ignore[misc]  # the stubs do not know it
            transaction.set_rollback(True)

    def shorten_previous(self) -> None:
        """Let the one before it end where this one begins, if it holds longer now."""
        if self.previous:
            first = self.cleaned_data["valid_from"]
            lasting = ServiceStandard.objects.overlapping(first, None)
            lasting.filter(pk=self.previous.pk).update(valid_until=first)


@admin.register(ServiceStandard)
class ServiceStandardPage(admin.ModelAdmin):
    """Which NPS is asked from when on; the database refuses two at once."""

    form = StandardForm
    fields = (*JUDGES[:3], "follows_on", "valid_until", "announced_on", *LABELS)
    list_display = ("value", "minimum_measurements", "valid_from", "valid_until", "announced_on")
    list_filter = ("valid_from",)
    search_fields = LABELS
    ordering = ("-valid_from", "-pk")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what is usual: announced today, from the first of the month after next."""
        begins = next_month(next_month(month_start(today())))
        latest = ServiceStandard.objects.latest_before(begins)
        asked = {"minimum_measurements": latest.minimum_measurements} if latest else {}
        return asked | {"valid_from": begins, "announced_on": today()}

    def get_fields(self, request: HttpRequest, obj: ServiceStandard | None = None) -> Any:
        """Ask what comes before it only while its first day may change."""
        begun = obj and obj.valid_from < today()
        return [name for name in self.fields if not begun or name != "follows_on"]

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceStandard | None = None) -> Any:
        """Keep what judged a day that is over; the labels may always be better worded."""
        if not obj or obj.valid_from >= today():
            return ()
        is_over = obj.valid_until and obj.valid_until < today()
        return (*JUDGES, "valid_until") if is_over else JUDGES

    def has_delete_permission(
        self, request: HttpRequest, obj: ServiceStandard | None = None
    ) -> bool:
        """Allow only what never judged a day that is over."""
        unused = obj is None or obj.valid_from >= today()
        return unused and super().has_delete_permission(request, obj)

    @transaction.atomic
    def save_model(
        self, request: HttpRequest, obj: ServiceStandard, form: forms.ModelForm, change: bool
    ) -> None:
        """Store it, and the end of the one before it; never do two hold meanwhile."""
        assert isinstance(form, StandardForm)
        form.shorten_previous()
        super().save_model(request, obj, form, change)
        if form.previous:
            self._end(request, form.previous, obj.valid_from)
        day = obj.valid_until
        if day and not ServiceStandard.objects.filter(valid_from=day).exists():
            warning = _(
                "From %(day)s on there is no standard: add the one that follows, or months that "
                "end then get no verdict."
            )
            text = warning % {"day": date_format(day)}
            self.message_user(request, text, messages.WARNING)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: ServiceStandard) -> None:
        """Delete it; the one before it holds on in its place."""
        previous = ServiceStandard.objects.filter(valid_until=obj.valid_from).first()
        super().delete_model(request, obj)
        if previous:
            self._end(request, previous, obj.valid_until)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ServiceStandard]) -> None:
        """Delete each as by its own page."""
        for standard in queryset:
            self.delete_model(request, standard)

    def _end(self, request: HttpRequest, standard: ServiceStandard, day: date | None) -> None:
        """Store another end of a standard, and say so."""
        if standard.valid_until == day:
            return
        standard.valid_until = day
        standard.save(update_fields=["valid_until"])
        text = _("The standard %(standard)s now holds %(end)s.") % {
            "standard": f"{standard.value:+d}",
            "end": in_words(day),
        }
        self.log_change(request, standard, str(text))
        self.message_user(request, text)


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

"""Imports, which staff exclude from the scores as a whole, or include again."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from queries.admin import ReadOnlyPage
from sellers import forms as typed
from sellers.admin import Line, actor
from surveys.admin.measurements import ExclusionInline
from surveys.enums import SurveyEvent
from surveys.exclusions import AlreadyExcluded, AlreadyLifted, exclude_import, lift_import
from surveys.imports.effect import changed_months
from surveys.models import ImportBatch, MeasurementExclusion
from surveys.models.exclusions import REASON_LENGTH

SHOWN_MONTHS: Final = 100


class ReasonForm(forms.Form):
    """Asks why."""

    reason = typed.Line(
        label=_("Reason"),
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )


class ExcludedFilter(admin.SimpleListFilter):
    """What staff excluded as a whole, or what they did not."""

    title = _("excluded by staff")
    parameter_name = "excluded"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return yes and no."""
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the chosen ones."""
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(is_out=self.value() == "yes")


@admin.register(ImportBatch)
class ImportBatchPage(ReadOnlyPage):
    """Which files were imported: read, and excluded or included again as a whole."""

    list_display = (
        "number",
        "file_name",
        "imported_at",
        "who",
        "stored",
        "skipped",
        "shops",
        "months",
        "counts",
    )
    list_display_links = ("number", "file_name")
    list_filter = (ExcludedFilter, "format")
    list_select_related = ("imported_by",)
    search_fields = ("file_name", "sha256")
    fields = (
        *("file_name", "format", "sha256", "imported_at", "who"),
        *("stored", "skipped", "shops", "months", "counts", "measurements"),
    )
    readonly_fields = ("who", "months", "counts", "measurements")
    inlines = (ExclusionInline,)
    change_form_template = "admin/surveys/importbatch/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportBatch]:
        """Say of each whether it is excluded."""
        out = MeasurementExclusion.objects.in_force().filter(batch=OuterRef("pk"))
        batches: QuerySet[ImportBatch] = super().get_queryset(request)
        return batches.annotate(is_out=Exists(out))

    def get_urls(self) -> list[URLPattern]:
        """Add the page that excludes an import, or includes it again."""
        view = self.admin_site.admin_view(self.counting_view)
        page = path("<int:pk>/counting/", view, name="surveys_importbatch_counting")
        return [page, *super().get_urls()]

    @admin.display(description="#", ordering="pk")
    def number(self, batch: ImportBatch) -> str:
        """Return how it is called in sentences."""
        return str(batch.pk)

    @admin.display(description=_("imported by"), ordering="imported_by__email")
    def who(self, batch: ImportBatch) -> str:
        """Return who brought it in."""
        return str(batch.imported_by or gettext("the command on the server"))

    @admin.display(description=_("months"), ordering="first_month")
    def months(self, batch: ImportBatch) -> str:
        """Return the first and the last month that got any."""
        both = dict.fromkeys([batch.first_month, batch.last_month])
        return " – ".join(date_format(month, "YEAR_MONTH_FORMAT") for month in both)

    @admin.display(description=_("in the scores"), boolean=True)
    def counts(self, batch: Any) -> bool:
        """Return whether staff left it in."""
        return not batch.is_out

    @admin.display(description=_("measurements"))
    def measurements(self, batch: ImportBatch) -> str:
        """Lead to the list of what came with it."""
        url = reverse("admin:surveys_surveyresponse_changelist")
        label = gettext("All measurements of this import")
        return format_html('<a href="{}?batch={}">{}</a>', url, str(batch.pk), label)

    def lines_about(self, row: ImportBatch) -> Iterable[Line]:
        """Return what happened to it: its events are about the shops whose months changed."""
        yield Line(row.imported_at, str(SurveyEvent.IMPORTED.label), self.who(row))
        for each in row.exclusions.select_related("excluded_by", "lifted_by"):
            out, back = SurveyEvent.IMPORT_EXCLUDED, SurveyEvent.IMPORT_COUNTS_AGAIN
            yield Line(each.excluded_at, f"{out.label}: {each.reason}", str(each.excluded_by))
            if each.lifted_at:
                yield Line(each.lifted_at, f"{back.label}: {each.lift_reason}", str(each.lifted_by))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the page that decides, who may."""
        context = {**(extra_context or {}), "decides": any(self._rights(request).values())}
        return super().change_view(request, object_id, form_url, context)

    def counting_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what an exclusion, or its end, changes; then, with a reason, do it."""
        batch = get_object_or_404(ImportBatch, pk=pk)
        exclusion = batch.exclusions.in_force().first()
        verb = "lift" if exclusion else "exclude"
        if not self._rights(request)[verb]:
            raise PermissionDenied
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            self._decide(request, batch, verb=request.POST.get("verb", ""), **form.cleaned_data)
            return redirect("admin:surveys_importbatch_change", pk)
        months = changed_months(batch, is_excluded=exclusion is not None)
        context = self.admin_site.each_context(request) | {
            "title": gettext("Include again") if exclusion else gettext("Exclude from the score"),
            "opts": self.opts,
            "batch": batch,
            "exclusion": exclusion,
            "verb": verb,
            "form": form,
            "months": months[:SHOWN_MONTHS],
            "more": len(months) - SHOWN_MONTHS,
            "shops": len({month.seller for month in months}),
            "total": sum(abs(each.now.total - each.after.total) for each in months),
            "month_count": len(months),
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        template = "admin/surveys/importbatch/counting.html"
        return TemplateResponse(request, template, context, status=status)

    def _rights(self, request: HttpRequest) -> dict[str, bool]:
        """Return whether the reader may exclude, and include again."""
        return {
            "exclude": request.user.has_perm("surveys.add_measurementexclusion"),
            "lift": request.user.has_perm("surveys.change_measurementexclusion"),
        }

    def _decide(self, request: HttpRequest, batch: ImportBatch, *, verb: str, reason: str) -> None:
        """Do what was confirmed, and not its opposite when a colleague was first."""
        by, now = actor(request), timezone.now()
        try:
            if verb == "exclude":
                exclude_import(batch, reason=reason, by=by, now=now)
                said = ngettext(
                    "%(count)d measurement is excluded.",
                    "%(count)d measurements are excluded.",
                    batch.stored,
                )
            else:
                lift_import(batch, reason=reason, by=by, now=now)
                said = ngettext(
                    "%(count)d measurement is included again.",
                    "%(count)d measurements are included again.",
                    batch.stored,
                )
        except (AlreadyExcluded, AlreadyLifted):
            self.message_user(request, gettext("A colleague did this already."), messages.WARNING)
        else:
            self.message_user(request, said % {"count": batch.stored}, messages.SUCCESS)

"""Measurements, which never change, and which of them staff excluded."""

from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm, TextInput
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from queries.admin import ReadOnlyInline, ReadOnlyPage
from sellers.admin import actor
from surveys.enums import Band
from surveys.exclusions import AlreadyExcluded, AlreadyLifted, exclude, lift
from surveys.models import (
    ImportBatch,
    MeasurementExclusion,
    SurveyResponse,
    SurveyResponses,
)

DIGITS_OF_A_KEY = 19  # as many may be too large for the database


class BandFilter(admin.SimpleListFilter):
    """Promoters, passives or detractors."""

    title = _("band")
    parameter_name = "band"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the three bands."""
        return list(Band.choices)

    def queryset(self, request: HttpRequest, queryset: SurveyResponses) -> SurveyResponses:  # type: ignore[override]
        """Keep the chosen band."""
        wanted = self.value() or ""
        return queryset.in_band(Band(wanted)) if wanted in Band.values else queryset


class CountingFilter(admin.SimpleListFilter):
    """What staff excluded, or what they did not."""

    title = _("excluded by staff")
    parameter_name = "excluded"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return yes and no."""
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: SurveyResponses) -> SurveyResponses:  # type: ignore[override]
        """Keep the chosen ones."""
        match self.value():
            case "yes":
                return queryset.excluded()
            case "no":
                return queryset.counting()
        return queryset


class ImportFilter(admin.SimpleListFilter):
    """What came with one of the latest imports; any other by the link on its page."""

    title = _("import")
    parameter_name = "batch"
    SHOWN = 20

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the latest imports."""
        latest = ImportBatch.objects.order_by("-pk")[: self.SHOWN]
        return [(str(batch.pk), str(batch)) for batch in latest]

    def has_output(self) -> bool:
        """Return whether it is there: also without a choice, for a link may name one."""
        return bool(self.lookup_choices) or self.value() is not None

    def queryset(self, request: HttpRequest, queryset: SurveyResponses) -> SurveyResponses:  # type: ignore[override]
        """Keep what came with the chosen import; nothing when there is none of that number."""
        wanted = self.value()
        if wanted is None:
            return queryset
        is_number = wanted.isdecimal() and len(wanted) < DIGITS_OF_A_KEY
        return queryset.filter(batch=int(wanted)) if is_number else queryset.none()


class ExclusionForm(ModelForm):
    """Asks why."""

    class Meta:
        model = MeasurementExclusion
        fields = ("reason",)
        widgets = {"reason": TextInput(attrs={"class": "vLargeTextField"})}


class ExclusionInline(ReadOnlyInline):
    """When a measurement or an import was excluded, why, and when it was included again."""

    model = MeasurementExclusion
    fields = ("reason", "excluded_at", "excluded_by", "lifted_at", "lifted_by", "lift_reason")
    ordering = ("pk",)


@admin.register(SurveyResponse)
class SurveyResponsePage(ReadOnlyPage):
    """Measurements: searched and read, never changed; staff decide which are excluded."""

    list_display = (
        "score",
        "query",
        "seller",
        "closed_by",
        "submitted_at",
        "month",
        "reason_start",
    )
    list_filter = (BandFilter, CountingFilter, ImportFilter, "closed_by", "topics")
    search_fields = ("query__subject", "seller__name", "reason")
    list_select_related = ("query", "seller")
    readonly_fields = ("topics",)
    inlines = (ExclusionInline,)
    actions = ("exclude_from_score", "include_again")
    MOST_AT_ONCE = 500  # a slip of "select all" does no harm

    @admin.display(description=_("most important reason"))
    def reason_start(self, response: SurveyResponse) -> str:
        """Return the beginning of the reason, so that a row stays a row."""
        return Truncator(response.reason).chars(60)

    def has_exclude_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may exclude measurements."""
        return request.user.has_perm("surveys.add_measurementexclusion")

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may include measurements again."""
        return request.user.has_perm("surveys.change_measurementexclusion")

    @admin.action(permissions=["exclude"], description=_("Exclude from the score…"))
    def exclude_from_score(
        self, request: HttpRequest, queryset: SurveyResponses
    ) -> HttpResponse | None:
        """Ask for the reason that the sellers will read; then, when confirmed, exclude."""
        chosen = self._few(request, queryset)
        if chosen is None:
            return None
        counting = chosen.for_shops().counting()
        responses = list(counting.select_related("seller").order_by("-pk"))
        if not responses:
            self.message_user(request, _("None of these counts for a shop now."), messages.ERROR)
            return None
        form = ExclusionForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self._exclude(request, responses, reason=form.cleaned_data["reason"])
            return None
        context = self.admin_site.each_context(request) | {
            "title": _("Exclude from the score"),
            "opts": self.opts,
            "responses": responses,
            "form": form,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/surveys/surveyresponse/exclude.html", context)

    @admin.action(permissions=["lift"], description=_("Include again"))
    def include_again(self, request: HttpRequest, queryset: SurveyResponses) -> None:
        """Lift the exclusions of the chosen measurements."""
        chosen = self._few(request, queryset)
        if chosen is not None:
            exclusions = MeasurementExclusion.objects.filter(response__in=chosen, lifted_at=None)
            lift_all(self, request, exclusions)

    def _few(self, request: HttpRequest, responses: SurveyResponses) -> SurveyResponses | None:
        """Return the chosen measurements, or None when they are too many; say so then."""
        chosen = responses.order_by("pk").values_list("pk", flat=True)[: self.MOST_AT_ONCE + 1]
        pks = list(chosen)
        if len(pks) > self.MOST_AT_ONCE:
            limit = _("Choose at most %(most)d measurements.") % {"most": self.MOST_AT_ONCE}
            self.message_user(request, limit, messages.ERROR)
            return None
        return SurveyResponse.objects.filter(pk__in=pks)

    @transaction.atomic
    def _exclude(
        self, request: HttpRequest, responses: list[SurveyResponse], *, reason: str
    ) -> None:
        """Exclude all with one reason."""
        done = 0
        for response in responses:
            with suppress(AlreadyExcluded):  # by a colleague, while the reason was typed
                exclude(response, reason=reason, by=actor(request), now=timezone.now())
                done += 1
        text = ngettext(
            "%(count)d measurement is excluded.",
            "%(count)d measurements are excluded.",
            done,
        )
        self.message_user(request, text % {"count": done}, messages.SUCCESS)


@admin.register(MeasurementExclusion)
class MeasurementExclusionPage(ReadOnlyPage):
    """Every time that staff excluded something: by whom, why, and until when."""

    list_display = (
        "response",
        "batch",
        "seller",
        "reason",
        "excluded_at",
        "excluded_by",
        "lifted_at",
        "lifted_by",
    )
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("reason", "response__seller__name")
    list_select_related = ("response__seller", "batch", "excluded_by", "lifted_by")
    actions = ("include_again",)

    @admin.display(description=_("seller"), ordering="response__seller__name")
    def seller(self, exclusion: MeasurementExclusion) -> str:
        """Return whose measurement it is."""
        return str(exclusion.response.seller) if exclusion.response else ""

    def has_lift_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may include measurements again."""
        return request.user.has_perm("surveys.change_measurementexclusion")

    @admin.action(permissions=["lift"], description=_("Include again"))
    def include_again(self, request: HttpRequest, queryset: QuerySet[MeasurementExclusion]) -> None:
        """Lift the chosen exclusions; an import is included again on its own page."""
        lift_all(self, request, queryset.filter(lifted_at=None, response__isnull=False))


@transaction.atomic
def lift_all(
    page: admin.ModelAdmin, request: HttpRequest, exclusions: QuerySet[MeasurementExclusion]
) -> None:
    """Include these measurements again."""
    done = 0
    for exclusion in exclusions.select_related("response").order_by("pk"):
        with suppress(AlreadyLifted):  # by a colleague, at the same time
            lift(exclusion, by=actor(request), now=timezone.now())
            done += 1
    if not done:
        none = _("None of the chosen measurements is excluded.")
        page.message_user(request, none, messages.WARNING)
        return
    text = ngettext(
        "%(count)d measurement is included again.",
        "%(count)d measurements are included again.",
        done,
    )
    page.message_user(request, text % {"count": done}, messages.SUCCESS)

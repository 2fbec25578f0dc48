"""The service standards with their history; announcing another one is how they change."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from insights.actions import (
    DayIsTaken,
    HasBegun,
    StandardRefused,
    announce_standard,
    change_standard,
    withdraw_standard,
)
from insights.models import ServiceStandard, holding_standards
from insights.standards import Objection, objections, standard_on
from sellers.admin import EventHistory, actor
from surveys.periods import month_start, next_month

# Beside which field it is said, and how.
SAID = {
    Objection.BEGINS_TOO_EARLY: (
        "valid_from",
        _("A standard begins tomorrow or later: a day that has begun keeps its standard."),
    ),
    Objection.ANNOUNCED_IN_THE_PAST: (
        "announced_on",
        _("Announce a standard, or a change of it, today or later: nobody could read it before."),
    ),
    Objection.ANNOUNCED_TOO_LATE: (
        "announced_on",
        _("Announce a standard before the day it begins."),
    ),
}


def today() -> date:
    """Return the marketplace's day."""
    return timezone.localdate(timezone=settings.MARKETPLACE_ZONE)


class StandardForm(forms.ModelForm):
    """Says what is wrong with a standard, and asks twice before it judges the running month."""

    confirmed = forms.BooleanField(required=False)
    asks_twice = False

    class Meta:
        help_texts = {
            "valid_from": _(
                "A month is judged by the standard of its last day: begin on the first of a month. "
                "The standard before it holds until then."
            ),
            "announced_on": _("From this day on sellers see what is coming."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = today()
        label = gettext("Judge %(month)s by this standard") % {"month": self._month}
        self.fields["confirmed"].label = label

    @property
    def _month(self) -> str:
        return date_format(self.day, "F Y")

    def clean(self) -> dict[str, Any]:
        """Object to days that make no sense, unless they are as they were."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, announced = cleaned.get("valid_from"), cleaned.get("announced_on")
        is_as_it_was = self.instance.pk and not set(self.changed_data) & set(ServiceStandard.TERMS)
        if first is None or announced is None or is_as_it_was:
            return cleaned
        for objection in objections(valid_from=first, announced_on=announced, today=self.day):
            if objection is Objection.JUDGES_RUNNING_MONTH:
                self._ask_twice()
            else:
                self.add_error(*SAID[objection])
        return cleaned

    def _ask_twice(self) -> None:
        """Show the box, and say which month is judged anew."""
        self.asks_twice = True
        if not self.cleaned_data["confirmed"]:
            text = gettext(
                "The running month, %(month)s, would be judged by this standard once it begins. "
                "Tick the box if you mean that, or let the standard begin on %(next)s."
            )
            following = date_format(next_month(self.day))
            self.add_error("confirmed", text % {"month": self._month, "next": following})


@admin.register(ServiceStandard)
class ServiceStandardPage(EventHistory):
    """Which NPS is asked from when on."""

    form = StandardForm
    fields = (*ServiceStandard.TERMS, *ServiceStandard.LABELS)
    list_display = (*ServiceStandard.TERMS, "set_by")
    list_select_related = ("set_by",)
    list_filter = ("valid_from",)
    search_fields = ServiceStandard.LABELS
    ordering = ("-valid_from",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the defaults: announced today, from the first of the month after next."""
        begins = next_month(next_month(month_start(today())))
        held = standard_on(holding_standards(), begins)
        asked = {"minimum_measurements": held.minimum} if held else {}
        return asked | {"valid_from": begins, "announced_on": today()}

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceStandard | None = None) -> Any:
        """Keep the terms of what has begun; the labels may always be better worded."""
        return ServiceStandard.TERMS if obj and obj.has_begun(today=today()) else ()

    def has_delete_permission(
        self, request: HttpRequest, obj: ServiceStandard | None = None
    ) -> bool:
        """Allow only what has not begun."""
        unused = obj is None or not obj.has_begun(today=today())
        return unused and super().has_delete_permission(request, obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let the form look once more when a colleague, or midnight, was a moment faster."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except (DayIsTaken, HasBegun, StandardRefused):
            return super().changeform_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the box only where the form asks twice."""
        page = context["adminform"]
        if page.form.asks_twice:
            page.fieldsets.append((None, {"fields": ("confirmed",)}))
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: ServiceStandard, form: forms.ModelForm, change: bool
    ) -> None:
        """Announce it, or change it."""
        act = change_standard if change else announce_standard
        confirmed = form.cleaned_data["confirmed"]
        act(obj, by=actor(request), now=timezone.now(), confirmed=confirmed)

    def delete_model(self, request: HttpRequest, obj: ServiceStandard) -> None:
        """Withdraw it."""
        withdraw_standard(obj, by=actor(request), now=timezone.now())

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ServiceStandard]) -> None:
        """Withdraw each as by its own page."""
        for standard in queryset:
            self.delete_model(request, standard)

"""Staff's view of the service standard."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from insights.models import ServiceStandard

JUDGES = ("value", "minimum_measurements", "valid_from", "announced_on")


def today() -> date:
    """Return the marketplace's day."""
    return timezone.localdate(timezone=settings.MARKETPLACE_ZONE)


class StandardForm(forms.ModelForm):
    """Refuses what would judge a finished month anew; asks only for what may still change."""

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


@admin.register(ServiceStandard)
class ServiceStandardPage(admin.ModelAdmin):
    """Which NPS is asked from when on; the database refuses two at once."""

    form = StandardForm
    list_display = ("value", "minimum_measurements", "valid_from", "valid_until", "announced_on")
    list_filter = ("valid_from",)
    search_fields = ("label_nl", "label_en")
    ordering = ("-valid_from", "-pk")

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

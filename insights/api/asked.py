"""Of which month or days a program asks a report."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from insights.reports.months import history_month
from insights.reports.segments import Dimension
from insights.wording import no_month_in_words
from sellers.api.fields import SentSerializer
from surveys.filters import DAY
from surveys.periods import Period, month_start

DATE: Final[Mapping[str, Any]] = {
    "required": False,
    "validators": DAY["validators"],
    "error_messages": DAY["error_messages"],
}


def today() -> date:
    """Return the day in the marketplace's zone."""
    return timezone.localdate(timezone=settings.MARKETPLACE_ZONE)


class AskedSerializer(SentSerializer):
    """What a report is asked with."""

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """Return what is asked for. Raises ValidationError."""
        asked = cls(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        validated: dict[str, Any] = asked.validated_data
        return validated


class AskedMonthSerializer(AskedSerializer):
    """One of the 24 months, or the running one; `of` always has it."""

    month = serializers.CharField(
        required=False,
        help_text="One of the last 24 months, such as 2026-10; without it the running one.",
    )

    def validate_month(self, written: str) -> date:
        """Return the month; raise ValidationError when it is none of the history."""
        month = history_month(written, today=today())
        if month is None:
            raise serializers.ValidationError(no_month_in_words(written, today=today()))
        return month

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Add the running month where none is asked for."""
        return {"month": month_start(today()), **super().validate(attrs)}


class AskedPeriodSerializer(AskedSerializer):
    """A row of days, both included; `of` has it as `period`, None when nothing is asked for."""

    since = serializers.DateField(**DATE, help_text="First day; together with `until`.")
    until = serializers.DateField(**DATE, help_text="Last day; together with `since`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse half a period, and one that ends before it begins."""
        first, last = attrs.get("since"), attrs.get("until")
        if (first is None) != (last is None):
            missing = "since" if first is None else "until"
            raise serializers.ValidationError({missing: [_("A period needs both of its days.")]})
        if first and last and last < first:
            reason = _("The period ends before it begins. Choose a later day.")
            raise serializers.ValidationError({"until": [reason]})
        period = Period(first, last) if first else None
        return {**super().validate(attrs), "period": period}


class AskedSegmentsSerializer(AskedMonthSerializer, AskedPeriodSerializer):
    """What measurements are grouped by, of a month or a row of days."""

    by = serializers.ChoiceField(
        choices=Dimension.choices, default=Dimension.CHANNEL, help_text="What to group by."
    )

"""What programs read of surveys."""

from rest_framework import serializers

from sellers.api.fields import MomentField
from surveys.progress import Step


class StepSerializer(serializers.Serializer[Step]):
    """One step of what became of a survey, in the words of the page."""

    what = serializers.CharField(source="label")
    at = MomentField(source="moment", allow_null=True)
    detail = serializers.CharField(help_text="Why, or what it means; empty when that is clear.")
    done = serializers.BooleanField(help_text="Whether it has happened.")


class FateSerializer(serializers.Serializer[dict[str, list[Step]]]):
    """What became of the survey after the last closing."""

    steps = StepSerializer(many=True, help_text="Empty while it was never closed.")

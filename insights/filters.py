"""What the list of measurements can be narrowed by, from the address bar."""

import django_filters
from django.utils.translation import gettext_lazy as _

from surveys.enums import Band
from surveys.models import SurveyResponse, SurveyResponses
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE


class MeasurementFilter(django_filters.FilterSet):  # type: ignore[misc]  # no types
    """One band, or one score."""

    band = django_filters.ChoiceFilter(method="keep_band", choices=Band.choices, label=_("Band"))
    score = django_filters.TypedChoiceFilter(
        field_name="score",
        lookup_expr="exact",
        coerce=int,
        choices=[(score, str(score)) for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)],
        label=_("Score"),
    )

    class Meta:
        model = SurveyResponse
        fields: tuple[str, ...] = ()

    def keep_band(self, responses: SurveyResponses, name: str, band: str) -> SurveyResponses:
        """Keep one band."""
        return responses.in_band(Band(band))

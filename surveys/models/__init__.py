"""The nouns of the survey engine, in the order in which data flows."""

from surveys.models.exclusions import MeasurementExclusion
from surveys.models.invitations import (
    REACHED_CUSTOMER,
    Invitation,
    Invitations,
    SurveyOptOut,
)
from surveys.models.policies import SurveyPolicies, SurveyPolicy
from surveys.models.responses import (
    ResponseTopic,
    SurveyResponse,
    SurveyResponses,
    asked_before,
    in_band,
    in_months,
    submitted_in,
)
from surveys.models.topics import Topic, Topics, label_field

__all__ = [
    "REACHED_CUSTOMER",
    "Invitation",
    "Invitations",
    "MeasurementExclusion",
    "ResponseTopic",
    "SurveyOptOut",
    "SurveyPolicies",
    "SurveyPolicy",
    "SurveyResponse",
    "SurveyResponses",
    "Topic",
    "Topics",
    "asked_before",
    "in_band",
    "in_months",
    "label_field",
    "submitted_in",
]

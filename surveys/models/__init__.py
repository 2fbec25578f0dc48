"""The nouns of the survey engine, in the order in which data flows."""

from surveys.models.appreciations import (
    Approach,
    Approaches,
    Improvement,
    QuoteConsent,
    QuoteConsents,
)
from surveys.models.batches import ImportBatch, ImportBatches
from surveys.models.exclusions import MeasurementExclusion
from surveys.models.followups import (
    FINISHED,
    OPEN,
    FollowUp,
    FollowUpContact,
    FollowUps,
    FollowUpTick,
)
from surveys.models.invitations import (
    REACHED_CUSTOMER,
    Invitation,
    Invitations,
    SurveyOptOut,
    SurveyOptOuts,
)
from surveys.models.playbooks import Playbook, Playbooks, PlaybookStep, in_readers_language
from surveys.models.policies import SurveyPolicies, SurveyPolicy
from surveys.models.referrals import Referral, Referrals, ReferralTotal
from surveys.models.responses import (
    IMPORTED,
    ResponseTopic,
    SurveyResponse,
    SurveyResponses,
    asked_before,
    exclusion_reason,
    in_band,
    in_months,
    is_excluded,
    submitted_in,
    tallies_of_scores,
)
from surveys.models.topics import Topic, Topics, label_field

__all__ = [
    "FINISHED",
    "IMPORTED",
    "OPEN",
    "REACHED_CUSTOMER",
    "Approach",
    "Approaches",
    "FollowUp",
    "FollowUpContact",
    "FollowUpTick",
    "FollowUps",
    "ImportBatch",
    "ImportBatches",
    "Improvement",
    "Invitation",
    "Invitations",
    "MeasurementExclusion",
    "Playbook",
    "PlaybookStep",
    "Playbooks",
    "QuoteConsent",
    "QuoteConsents",
    "Referral",
    "ReferralTotal",
    "Referrals",
    "ResponseTopic",
    "SurveyOptOut",
    "SurveyOptOuts",
    "SurveyPolicies",
    "SurveyPolicy",
    "SurveyResponse",
    "SurveyResponses",
    "Topic",
    "Topics",
    "asked_before",
    "exclusion_reason",
    "in_band",
    "in_months",
    "in_readers_language",
    "is_excluded",
    "label_field",
    "submitted_in",
    "tallies_of_scores",
]

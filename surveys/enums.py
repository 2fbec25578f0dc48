"""The fixed choices of the survey engine."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sellers.enums import UNDELIVERABLE, EventKind


class Band(TextChoices):
    """The three groups that the NPS divides customers into."""

    PROMOTER = "promoter", _("Promoter")
    PASSIVE = "passive", _("Passive")
    DETRACTOR = "detractor", _("Detractor")


class SuppressionReason(TextChoices):
    """Why a closing got no survey; the label answers the seller's "why no survey?"."""

    REOPENED = "reopened", _("query was reopened")
    CUSTOMER_COOLDOWN = "customer_cooldown", _("customer was surveyed recently")
    OPTED_OUT = "opted_out", _("customer does not want surveys")
    LOGGED_BY_SELLER = "logged_by_seller", _("contact was logged by the shop")
    NO_ADDRESS = "no_address", _("customer has no e-mail address")
    SYSTEM_CLOSED = "system_closed", _("query was closed automatically")
    ALREADY_SURVEYED = "already_surveyed", _("query was surveyed before")
    DUPLICATE = "duplicate", _("another query about the same is surveyed instead")
    STALE = "stale", _("survey would have come too late")
    DISABLED = "disabled", _("surveys were switched off")
    UNDELIVERABLE = UNDELIVERABLE, _("mail to this address was refused for good")


class InvitationState(TextChoices):
    """How far an invitation has come."""

    SUPPRESSED = "suppressed", _("No survey")
    DECIDED = "decided", _("To be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    ANSWERED = "answered", _("Answered")
    EXPIRED = "expired", _("Expired")
    BOUNCED = "bounced", _("Bounced")


class ContactWish(TextChoices):
    """What a customer answered when asked whether the shop may contact them."""

    ALLOWED = "allowed", _("May be contacted")
    REFUSED = "refused", _("Wants no contact")
    NOT_SAID = "not_said", _("Did not say whether you may make contact")


class FollowUpState(TextChoices):
    """How far the follow-up of a low score has come."""

    TO_DO = "to_do", _("To do")
    CONTACTED = "contacted", _("Contacted")
    RESOLVED = "resolved", _("Resolved")
    NOT_RECOVERABLE = "not_recoverable", _("Not recoverable")


class Lapse(TextChoices):
    """Why a follow-up task does not count any more."""

    EXCLUDED = "excluded", _("The measurement was excluded")
    ERASED = "erased", _("What the customer said was erased")


class ContactKind(TextChoices):
    """How a customer was contacted from a task."""

    REPLY = "reply", _("Reply in the conversation")
    CALL = "call", _("Phone call")


class CallOutcome(TextChoices):
    """What came of a phone call."""

    SPOKEN = "spoken", _("Spoken")
    NOT_REACHED = "not_reached", _("Not reached")
    CALLS_BACK = "calls_back", _("Calls back")


class FollowUpEvent(EventKind):
    """What happens to follow-up tasks; that one was opened, its measurement says."""

    ASSIGNED = "followup.assigned", _("Follow-up assigned")
    CONTACTED = "followup.contacted", _("Customer contacted from the follow-up")
    TICKED = "followup.step_ticked", _("Step of the playbook ticked")
    UNTICKED = "followup.step_unticked", _("Step of the playbook unticked")
    RESOLVED = "followup.resolved", _("Follow-up resolved")
    NOT_RECOVERABLE = "followup.not_recoverable", _("Follow-up ended: not recoverable")
    REOPENED = "followup.reopened", _("Follow-up reopened")
    OVERDUE = "followup.overdue", _("Follow-up is overdue")
    LAPSED = "followup.lapsed", _("Follow-up does not count any more")
    COUNTS_AGAIN = "followup.counts_again", _("Follow-up counts again")
    PLAYBOOK_PUBLISHED = "playbook.published", _("Playbook published")


class ConsentWay(TextChoices):
    """How a customer allowed to be quoted."""

    IN_THREAD = "in_thread", _("In the conversation")
    BY_EMAIL = "by_email", _("By e-mail")
    BY_PHONE = "by_phone", _("By phone")
    IN_PERSON = "in_person", _("In person")


class SurveyEvent(EventKind):
    """What happens to measurements, and to what decides about surveys.

    Not what becomes of each survey: its invitation says so itself, and a burst of decisions
    would be as many events again.
    """

    MEASURED = "measurement.created", _("Survey answered")
    IMPORTED = "measurement.imported", _("Measurements imported")
    EXCLUDED = "measurement.excluded", _("Excluded from the score")
    COUNTS_AGAIN = "measurement.counts_again", _("Counts for the score again")
    IMPORT_EXCLUDED = "import.excluded", _("Import excluded from the score")
    IMPORT_COUNTS_AGAIN = "import.counts_again", _("Import counts for the score again")
    WORDS_ERASED = "measurement.words_erased", _("Words of the answer erased")
    OPTED_OUT = "survey.opted_out", _("Customer wants no surveys")
    OPT_OUT_UNDONE = "survey.opt_out_undone", _("Customer wants surveys again")
    POLICY_CREATED = "policy.created", _("Survey policy added")
    POLICY_CHANGED = "policy.changed", _("Survey policy changed")
    POLICY_DELETED = "policy.deleted", _("Survey policy deleted")
    TOPIC_CREATED = "topic.created", _("Detail topic added")
    TOPIC_CHANGED = "topic.changed", _("Detail topic changed")
    TOPIC_DELETED = "topic.deleted", _("Detail topic deleted")


class AppreciationEvent(EventKind):
    """What a shop does with passives and promoters; each is about the measurement."""

    THANKED = "promoter.thanked", _("Promoter thanked")
    ASKED = "passive.asked", _("Asked what would have made it a 9 or 10")
    IMPROVEMENT_NOTED = "passive.improvement_noted", _("Noted what would have made it a 9 or 10")
    QUOTE_ALLOWED = "quote.allowed", _("Permission to quote recorded")
    QUOTE_WITHDRAWN = "quote.withdrawn", _("Permission to quote withdrawn")
    REFERRAL_RECORDED = "referral.recorded", _("Referral recorded")
    REFERRAL_WITHDRAWN = "referral.withdrawn", _("Referral withdrawn")

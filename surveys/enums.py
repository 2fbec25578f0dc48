"""The fixed choices of the survey engine."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


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
    NO_ADDRESS = "no_address", _("customer has no e-mail address")
    SYSTEM_CLOSED = "system_closed", _("query was closed automatically")
    ALREADY_SURVEYED = "already_surveyed", _("query was surveyed before")
    STALE = "stale", _("survey would have come too late")
    DISABLED = "disabled", _("surveys were switched off")


class InvitationState(TextChoices):
    """How far an invitation has come."""

    SUPPRESSED = "suppressed", _("No survey")
    DECIDED = "decided", _("To be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    ANSWERED = "answered", _("Answered")
    EXPIRED = "expired", _("Expired")
    BOUNCED = "bounced", _("Bounced")

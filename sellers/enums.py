"""The closed lists of this app."""

from enum import StrEnum
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Language(TextChoices):
    """A language that Nazorg speaks completely."""

    DUTCH = "nl", "Nederlands"
    ENGLISH = "en", "English"


class MailState(TextChoices):
    """How far a mail has come."""

    DECIDED = "decided", _("To be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    BOUNCED = "bounced", _("Bounced")
    SUPPRESSED = "suppressed", _("Not sent")


class NoticeKind(StrEnum):
    """What a notice of this app is about; other apps have kinds of their own."""

    RESET = "password_reset"
    WEBHOOK_FAILING = "webhook_failing"
    WEBHOOK_OFF = "webhook_off"


UNDELIVERABLE: Final = "undeliverable"  # a reason of every kind of mail


class UnsentReason(TextChoices):
    """Why a notice was not sent after all."""

    NO_USER = "no_user", _("there is no such user")
    INACTIVE = "inactive", _("user may not log in")
    STALE = "stale", _("notice would have come too late")
    UNKNOWN = "unknown", _("this version knows no such notice")
    UNDELIVERABLE = UNDELIVERABLE, _("mail to this address was refused for good")


class TroubleKind(TextChoices):
    """What staff are told of when it is behind."""

    DECIDING = "deciding", _("surveys are decided too late")
    INVITATIONS = "invitations", _("surveys wait to be mailed")
    MAIL = "mail", _("other mail waits: passwords, replies, alerts")
    RETRIED = "retried", _("mails are tried again and again")
    SERVER = "server", _("the mail server refuses our log-in or our sender")
    BOUNCES = "bounces", _("many mails come back")
    ALERTS = "alerts", _("alerts are not made of what happens")
    DIGEST = "digest", _("the weekly overview was not made")
    WEBHOOKS = "webhooks", _("calls of webhooks wait")
    WEBHOOKS_READING = "webhooks_reading", _("webhooks are not told what happens")


class UnsentInvitationReason(TextChoices):
    """Why the mail of an invitation to a team was not sent after all."""

    ACCEPTED = "accepted", _("invitation was accepted already")
    WITHDRAWN = "withdrawn", _("invitation was withdrawn")
    EXPIRED = "expired", _("invitation had expired")
    UNDELIVERABLE = UNDELIVERABLE, _("mail to this address was refused for good")


class Role(TextChoices):
    """What a user is to a shop."""

    OWNER = "owner", _("Owner")
    AGENT = "agent", _("Agent")
    ANALYST = "analyst", _("Analyst")


class ActorKind(TextChoices):
    """Who can do something."""

    USER = "user", _("User")
    CUSTOMER = "customer", _("Customer")
    SYSTEM = "system", _("System")
    CLIENT = "client", _("API client")


class Scope(TextChoices):
    """What an API client may be allowed to do."""

    QUERIES_READ = "queries:read", _("read customer queries")
    QUERIES_WRITE = "queries:write", _("answer and close customer queries")
    INSIGHTS_READ = "insights:read", _("read scores and measurements")
    FOLLOWUPS_WRITE = "followups:write", _("work on follow-up tasks")
    MARKETPLACE_WRITE = "marketplace:write", _("feed in shops, customers, orders and queries")


# What a client gets that does not say what it wants: reading of its own.
DEFAULT_SCOPES: Final = (Scope.QUERIES_READ, Scope.INSIGHTS_READ)
SELLER_SCOPES: Final = tuple(scope for scope in Scope if scope is not Scope.MARKETPLACE_WRITE)


class HolidayKind(TextChoices):
    """What staff say of a day."""

    DAY_OFF = "day_off", _("A day off")
    WORKING_DAY = "working_day", _("Not a day off")


class EventKind(TextChoices):
    """What can happen, written "noun.verb"; each app lists its own in a subclass."""


class SellerEvent(EventKind):
    """What happens to shops and their people."""

    SELLER_CREATED = "seller.created", _("Seller added")
    SELLER_CHANGED = "seller.changed", _("Seller changed")
    SELLER_DELETED = "seller.deleted", _("Seller deleted")
    USER_CREATED = "user.created", _("User added")
    USER_CHANGED = "user.changed", _("User changed")
    USER_DELETED = "user.deleted", _("User deleted")
    PASSWORD_CHANGED = "user.password_changed", _("Password of a user changed by staff")
    SECOND_FACTOR_REMOVED = (
        "user.second_factor_removed",
        _("Two-step verification of a user removed by staff"),
    )
    MEMBERSHIP_CREATED = "membership.created", _("Membership added")
    MEMBERSHIP_CHANGED = "membership.changed", _("Role changed")
    MEMBERSHIP_DELETED = "membership.deleted", _("Membership ended")
    HOLIDAY_CREATED = "holiday.created", _("Holiday added")
    HOLIDAY_CHANGED = "holiday.changed", _("Holiday changed")
    HOLIDAY_DELETED = "holiday.deleted", _("Holiday deleted")
    TEAM_INVITED = "team_invitation.made", _("Somebody invited to the team")
    TEAM_INVITED_AGAIN = "team_invitation.repeated", _("Invitation to the team sent again")
    TEAM_INVITATION_WITHDRAWN = "team_invitation.withdrawn", _("Invitation to the team withdrawn")
    TEAM_INVITATION_ACCEPTED = "team_invitation.accepted", _("Invitation to the team accepted")
    ALERTS_CHOSEN = "alerts.chosen", _("Alerts chosen")
    CLIENT_CREATED = "api_client.created", _("API client made")
    CLIENT_ROTATED = "api_client.rotated", _("API client got another secret")
    CLIENT_REVOKED = "api_client.revoked", _("API client revoked")
    ADDRESS_REFUSED = "address.refused", _("Address refused all mail for good")
    ADDRESS_LIFTED = "address.lifted", _("Address may be mailed again")
    DATABASE_HELD = "database.held", _("Everything that leaves was put on hold")
    DATABASE_RELEASED = "database.released", _("Held database released")
    WEBHOOK_CREATED = "webhook.created", _("Webhook added")
    WEBHOOK_CHANGED = "webhook.changed", _("Webhook changed")
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated", _("Webhook given a new secret")
    WEBHOOK_SECRET_ENDED = "webhook.secret_ended", _("Old secret of a webhook ended")
    WEBHOOK_TESTED = "webhook.tested", _("Test event sent to a webhook")
    WEBHOOK_REPLAYED = "webhook.replayed", _("Events sent to a webhook again")
    WEBHOOK_OFF = "webhook.off", _("Webhook switched off")
    WEBHOOK_ON = "webhook.on", _("Webhook switched on")
    WEBHOOK_DELETED = "webhook.deleted", _("Webhook removed")


class Right(StrEnum):
    """Something a member of a shop may do there."""

    READ = "read"
    ANSWER = "answer"  # reply to, close and reopen customer queries
    MANAGE_TEAM = "manage_team"  # invite, change roles, remove


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.AGENT: frozenset({Right.READ, Right.ANSWER}),
    Role.ANALYST: frozenset({Right.READ}),
}


class AlertKind(TextChoices):
    """What a user can be told of by the portal; who is told of what is decided above."""

    LOW_SCORE = "low_score", _("Low score")
    TASK_DUE = "task_due", _("Follow-up task due soon")
    TASK_OVERDUE = "task_overdue", _("Follow-up task overdue")
    NEW_QUERY = "new_query", _("New query")
    DEADLINE = "deadline", _("Reply due soon")
    STANDARD = "standard", _("Service standard crossed")
    DIGEST = "digest", _("Weekly overview")

    @property
    def needs(self) -> Right:
        """Return what a member must be allowed to do to be told of it."""
        return Right.READ if self in (AlertKind.STANDARD, AlertKind.DIGEST) else Right.ANSWER


class WebhookKind(TextChoices):
    """What a webhook can tell; the apps above say of which events (sellers/webhooks/kinds.py)."""

    QUERY_CREATED = "query.created", _("Query asked")
    QUERY_REOPENED = "query.reopened", _("Query reopened")
    QUERY_CLOSED = "query.closed", _("Query closed")
    MEASUREMENT_CREATED = "measurement.created", _("Survey answered")
    FOLLOWUP_OPENED = "followup.opened", _("Follow-up task opened, or opened again")
    FOLLOWUP_OVERDUE = "followup.overdue", _("Follow-up task is overdue")
    FOLLOWUP_FINISHED = "followup.finished", _("Follow-up task finished")
    STANDARD_ANNOUNCED = "standard.announced", _("Service standard announced")
    TEST = "webhook.test", _("Test event")


# What somebody can choose; a test goes to every webhook.
WEBHOOK_CHOICES: Final = tuple(kind for kind in WebhookKind if kind != WebhookKind.TEST)


class OffReason(TextChoices):
    """Why nothing is sent to a webhook."""

    BY_HAND = "by_hand", _("somebody switched it off")
    GONE = "gone", _("its server answered that it is gone for good (410)")
    FAILING = "failing", _("nothing could be delivered for five days")
    SECRET_LOST = "secret_lost", _("its secret cannot be read any more")


class DeliveryState(TextChoices):
    """How far one event has come on its way to one webhook."""

    WAITING = "waiting", _("To be sent")
    SENDING = "sending", _("Being sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")
    CANCELLED = "cancelled", _("Not sent: switched off")


class CallFailure(TextChoices):
    """Why a server gave no answer."""

    FORBIDDEN = "forbidden", _("this address may not be called")
    NO_ADDRESS = "no_address", _("the name leads to no address")
    NO_CONNECTION = "no_connection", _("no connection")
    CERTIFICATE = "certificate", _("no trusted certificate for this name")
    TIMEOUT = "timeout", _("no answer in time")
    BROKEN_OFF = "broken_off", _("the connection broke off, or was no HTTP")

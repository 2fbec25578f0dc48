"""The tenant (users, shops, memberships), the mail that leaves, and everything that happened."""

from sellers.models.alerts import AlertPreferences
from sellers.models.bounds import FIRST_DAY, LAST_DAY, days_that_exist
from sellers.models.clients import (
    BOTH_SECRETS_FOR,
    ERASED,
    ApiAnswer,
    ApiClient,
    ApiClients,
    new_secret,
)
from sellers.models.clock import Clock
from sellers.models.events import START, Event, EventCursor, Events, Position
from sellers.models.guesses import GuessCount, GuessCounts
from sellers.models.holidays import HolidayChange, HolidayChanges
from sellers.models.installation import Installation
from sellers.models.lines import LineField
from sellers.models.links import PrivateLink
from sellers.models.mailings import (
    PAUSE,
    TO_BE_SENT,
    MailDay,
    Mailing,
    Mailings,
    MailServer,
    MailServers,
    Notice,
    Notices,
    RefusedAddress,
    RefusedAddresses,
    Trouble,
    UnansweredMail,
)
from sellers.models.shops import Membership, Memberships, Seller, User, Users
from sellers.models.team import LINK_WORKS_FOR, TeamInvitation, TeamInvitations
from sellers.models.webhooks import (
    Webhook,
    WebhookCursor,
    WebhookDelivery,
    Webhooks,
    WebhookTry,
)

__all__ = [
    "BOTH_SECRETS_FOR",
    "ERASED",
    "FIRST_DAY",
    "LAST_DAY",
    "LINK_WORKS_FOR",
    "PAUSE",
    "START",
    "TO_BE_SENT",
    "AlertPreferences",
    "ApiAnswer",
    "ApiClient",
    "ApiClients",
    "Clock",
    "Event",
    "EventCursor",
    "Events",
    "GuessCount",
    "GuessCounts",
    "HolidayChange",
    "HolidayChanges",
    "Installation",
    "LineField",
    "MailDay",
    "MailServer",
    "MailServers",
    "Mailing",
    "Mailings",
    "Membership",
    "Memberships",
    "Notice",
    "Notices",
    "Position",
    "PrivateLink",
    "RefusedAddress",
    "RefusedAddresses",
    "Seller",
    "TeamInvitation",
    "TeamInvitations",
    "Trouble",
    "UnansweredMail",
    "User",
    "Users",
    "Webhook",
    "WebhookCursor",
    "WebhookDelivery",
    "WebhookTry",
    "Webhooks",
    "days_that_exist",
    "new_secret",
]

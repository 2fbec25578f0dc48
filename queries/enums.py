"""The closed lists of this app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sellers.enums import EventKind


class QueryState(TextChoices):
    """Whose turn it is."""

    YOUR_TURN = "your_turn", _("Your turn")
    WAITING = "waiting_for_customer", _("Waiting for customer")
    WITH_MARKETPLACE = "with_marketplace", _("With marketplace")
    CLOSED = "closed", _("Closed")


class Channel(TextChoices):
    """How the customer asked."""

    WEB = "web", _("Web form")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    DIRECT_MESSAGE = "direct_message", _("Direct message")


class Author(TextChoices):
    """Which side wrote a message."""

    CUSTOMER = "customer", _("Customer")
    SELLER = "seller", _("Seller")
    MARKETPLACE = "marketplace", _("Marketplace")


class ActorType(TextChoices):
    """Who closed a query; only what a seller closed can count for that seller."""

    SELLER = "seller", _("Seller")
    MARKETPLACE = "marketplace", _("Marketplace")
    SYSTEM = "system", _("System")


class QueryEvent(EventKind):
    """What happens to queries and to the people who ask."""

    ASKED = "query.asked", _("Query asked")
    PHONE_CONTACT_LOGGED = "query.phone_contact_logged", _("Contact by phone logged")
    REPLIED = "query.replied", _("Replied to the customer")
    REACTED = "query.reacted", _("Customer wrote back")
    CLOSED = "query.closed", _("Query closed")
    REOPENED = "query.reopened", _("Query reopened")
    TEXTS_ERASED = "query.texts_erased", _("Texts of the query erased")
    CUSTOMER_CREATED = "customer.created", _("Customer added")
    CUSTOMER_CHANGED = "customer.changed", _("Customer changed")
    CUSTOMER_EXPORTED = "customer.exported", _("Copy of all about the customer made")
    CUSTOMER_ERASED = "customer.erased", _("Customer erased")

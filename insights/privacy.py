"""What this app knows about a person: that a shop's people were told of their score or query."""

from datetime import datetime
from typing import Any

from insights.models import Alert
from queries.models import Customer
from queries.privacy import as_plain
from sellers.events import Actor

MODELS = (Alert,)


def erase(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Forget that anybody was told of this customer; a mail that is on its way tells it no more."""
    Alert.objects.of_customer(customer).delete()


def move(customer: Customer, *, into: Customer) -> None:
    """Do nothing: an alert is about a query or an answer, and these move."""


def stored_about(customer: Customer) -> dict[str, Any]:
    """Return what the shops' people were told of this customer."""
    alerts = Alert.objects.of_customer(customer).select_related("seller")
    return {
        "alerts": [
            as_plain(alert, without=["mail"]) | {"seller": alert.seller.name}
            for alert in alerts.order_by("happened_at", "pk")
        ]
    }

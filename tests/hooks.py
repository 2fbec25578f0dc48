"""Ways to let webhooks be told, without the clock of the tasks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import LazySettings

from sellers import actions
from sellers.enums import WEBHOOK_CHOICES
from sellers.events import Actor
from sellers.models import Event, Seller, User, Webhook
from sellers.targets import TargetRules
from sellers.webhooks.reading import queue
from sellers.webhooks.sending import send_due
from tests.conftest import NOON

ALL = [kind.value for kind in WEBHOOK_CHOICES]


def allow_this_machine(settings: LazySettings) -> None:
    """Let webhooks call the servers of the tests."""
    settings.WEBHOOK_TARGETS = TargetRules(ports=frozenset({443}), this_machine=True)


@dataclass(frozen=True)
class Hook:
    """A webhook, and the secret that its receiver has."""

    row: Webhook
    secret: str

    @property
    def fresh(self) -> Webhook:
        """Return it as it is stored now."""
        return Webhook.objects.select_related("seller").get(pk=self.row.pk)


def hook_of(
    seller: Seller | None,
    url: str,
    *,
    by: User,
    kinds: Iterable[str] = ALL,
    now: datetime = NOON,
) -> Hook:
    """Add a webhook."""
    return Hook(
        *actions.add_webhook(seller, url=url, kinds=list(kinds), by=Actor.user(by), now=now)
    )


def tell(*, now: datetime = NOON) -> int:
    """Queue all that happened, also in the transaction of a test; twice is once."""
    return queue(list(Event.objects.order_by("pk")), Webhook.objects.on(), now=now)


def send(*, now: datetime = NOON) -> Counter[str]:
    """Send what is due, in no time."""
    return send_due(clock=lambda: now)

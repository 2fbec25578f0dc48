"""What a webhook says, signed as Standard Webhooks wants it.

Which row, in which version, and where to read it. Nothing that a customer wrote, no name: what may
be known of it is asked with a token, when it is needed, and not kept in somebody's log.
"""

import base64
import json
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from standardwebhooks import Webhook as Signer

from sellers.models import Webhook, WebhookDelivery
from sellers.sealing import unseal
from sellers.webhooks.kinds import source_of

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a secret in the form that receivers expect."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def public_id(pk: int) -> str:
    """Return how the API calls a row."""
    return str(pk)


def payload(delivery: WebhookDelivery) -> dict[str, Any]:
    """Return what is said: the same at every try.

    The version of a row is the number of the last event about it. Whoever changes a row holds it
    until it is stored, so a later event about it has a higher number.
    """
    source, row = source_of(delivery.kind), public_id(delivery.object_pk)
    return {
        "type": delivery.kind,
        "timestamp": delivery.event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "data": {
            "id": row,
            "object": source.noun,
            "version": delivery.event_id,
            "url": settings.SITE_URL + source.path.format(row),
        },
    }


def body_of(delivery: WebhookDelivery) -> str:
    """Return the payload as it is sent."""
    return json.dumps(payload(delivery), separators=(",", ":"))


def signed_headers(delivery: WebhookDelivery, body: str, *, now: datetime) -> dict[str, str]:
    """Return the headers of one try, signed now, with both secrets while one replaces the other.

    Raises CannotBeUnsealed.
    """
    moment = now.astimezone(UTC)  # `sign` drops the zone of any other
    signatures = [
        Signer(secret).sign(delivery.message_id, moment, body)
        for secret in valid_secrets(delivery.webhook, now=now)
    ]
    return {
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": "Nazorg-Webhooks/1",
    }


def valid_secrets(webhook: Webhook, *, now: datetime) -> list[str]:
    """Return with what is signed, the newest first. Raises CannotBeUnsealed."""
    sealed = [webhook.secret]
    if webhook.old_secret_until and now < webhook.old_secret_until:
        sealed.append(webhook.old_secret)
    return [unseal(each) for each in sealed]

"""What somebody is writing is kept until it is sent: per person, query, and reply or note."""

from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.db import transaction

from queries.enums import DraftKind
from queries.models import CustomerQuery, Draft, Message
from sellers.models import User


@transaction.atomic
def save_draft(
    query: CustomerQuery,
    *,
    kind: DraftKind,
    body: str,
    predicted_score: int | None = None,
    send_key: UUID | None = None,
    user: User,
    now: datetime,
) -> Draft | None:
    """Keep what somebody is writing, in place of what they wrote before; no words, no draft.

    A browser may save once more after it sent: what was sent is no draft any more, so the lock
    waits for a reply that is being stored.
    """
    locked = CustomerQuery.objects.select_for_update(no_key=True).get(pk=query.pk)
    mine = locked.drafts.filter(user=user, kind=kind)
    if not body.strip() or locked.erased_at or sent_already(locked, send_key, body=body, user=user):
        mine.delete()
        return None
    kept = {"body": body, "predicted_score": predicted_score, "saved_at": now}
    draft, _ = Draft.objects.update_or_create(query=locked, user=user, kind=kind, defaults=kept)
    return draft


def drop_draft(query: CustomerQuery, *, kind: DraftKind, user: User) -> None:
    """Forget what somebody was writing: it was sent. In the transaction that stores it."""
    query.drafts.filter(user=user, kind=kind).delete()


def sent_already(
    query: CustomerQuery, send_key: UUID | None, *, body: str, user: User | None
) -> Message | None:
    """Return the message that was sent with this form, if it was and still stands."""
    if send_key is None:
        return None
    sent = query.messages.standing().filter(send_key=send_key, agent=user, body=body)
    return sent.first()


def key_of(draft: Draft | None) -> UUID:
    """Return the key of a form: of one draft always the same, in however many tabs it is open."""
    return uuid5(NAMESPACE_OID, f"{draft._meta.label} {draft.pk}") if draft else uuid4()

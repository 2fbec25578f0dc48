"""What is a reader's own to set."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from sellers.enums import Language, SellerEvent
from sellers.events import Actor, record
from sellers.models import Membership, User


@transaction.atomic
def change_own_settings(
    user: User,
    *,
    name: str,
    language: Language,
    signatures: Mapping[int, str],
    now: datetime,
) -> None:
    """Store what somebody is called, reads, and writes below replies; {membership pk: signature}.

    The event says what changed, and of what is about a person not how.
    """
    # Memberships before their user: who ends one locks them in that order.
    theirs = Membership.objects.of_user(user).filter(pk__in=signatures).order_by("pk")
    memberships = list(theirs.select_for_update(of=("self",)))
    before = User.objects.select_for_update().get(pk=user.pk)
    changes: dict[str, object] = {}
    if before.name != name:
        changes["name"] = None
    if before.language != language:
        changes["language"] = [before.language, language]
    user.name, user.language = name, language
    user.save(update_fields=["name", "language"])
    for membership in memberships:
        if membership.signature != signatures[membership.pk]:
            membership.signature = signatures[membership.pk]
            membership.save(update_fields=["signature"])
    if changes:
        by = Actor.user(user)
        record(SellerEvent.USER_CHANGED, user, seller_id=None, by=by, now=now, changes=changes)

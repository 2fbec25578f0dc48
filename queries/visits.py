"""Who has a query open, how far they have read it, and what is newer than what they see."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Greatest

from queries.models import CustomerQuery, Visit, Visits
from queries.seen import Seen
from sellers.models import User


def newer_of_others(query: CustomerQuery, *, seen: Seen, user: User) -> int:
    """Return how many messages and notes of others are newer than what somebody sees.

    What a program sent in their name is not theirs.
    """
    messages = query.messages.standing().filter(pk__gt=seen.message)
    messages = messages.exclude(agent=user, client=None)
    notes = query.notes.filter(pk__gt=seen.note).exclude(author=user)
    return messages.count() + notes.count()


@transaction.atomic
def note_visit(
    query: CustomerQuery, *, seen: Seen, is_typing: bool, user: User, now: datetime
) -> Visits:
    """Note that somebody has a query open, and has read what they see; return who else has."""
    read_until = max(
        [
            query.asked_at,
            *query.messages.filter(pk=seen.message).values_list("sent_at", flat=True),
            *query.notes.filter(pk=seen.note).values_list("written_at", flat=True),
        ]
    )
    here = {"seen_at": now} | ({"typed_at": now} if is_typing else {})
    Visit.objects.update_or_create(
        query=query,
        user=user,
        defaults=here | {"read_until": Greatest("read_until", read_until)},
        create_defaults=here | {"read_until": read_until},
    )
    others = query.visits.of_others(user).here(now=now)
    return others.select_related("user").order_by("user__name", "user_id")

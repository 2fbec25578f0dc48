"""What a low score asks of its shop: until when, who, and how the customer may be contacted."""

from datetime import datetime, timedelta
from typing import Final

from surveys.enums import Band, ContactWish
from surveys.nps import LOWEST_SCORE, band

WORST_SCORES: Final = range(LOWEST_SCORE, 3)  # somebody else than who was scored follows up
WORST_DUE_AFTER: Final = timedelta(hours=24)
DUE_AFTER: Final = timedelta(hours=48)


def due_at(score: int, *, submitted_at: datetime) -> datetime:
    """Return until when who gave this score is to be contacted.

    The clock runs at nights and weekends too: it is UTC, elapsed time. ValueError for the score of
    a passive or a promoter, whom nobody need follow up.
    """
    if band(score) != Band.DETRACTOR:
        raise ValueError(score)
    return submitted_at + (WORST_DUE_AFTER if score in WORST_SCORES else DUE_AFTER)


def contact_wish(*, may_contact: bool | None) -> ContactWish:
    """Return what the customer said about being contacted."""
    if may_contact is None:
        return ContactWish.NOT_SAID
    return ContactWish.ALLOWED if may_contact else ContactWish.REFUSED


def may_be_called(wish: ContactWish) -> bool:
    """Return whether the customer wants a phone call: only who said so."""
    return wish == ContactWish.ALLOWED


def may_be_written(wish: ContactWish, *, replies: int) -> bool:
    """Return whether one more reply in the conversation is fine, after so many that were sent.

    Who said nothing gets one; what the customer writes back opens the query, and that is answered
    as any other.
    """
    return wish == ContactWish.ALLOWED or (wish == ContactWish.NOT_SAID and not replies)

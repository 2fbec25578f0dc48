"""An owner says something of a month, and takes it back."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from insights.enums import MonthNoteEvent
from insights.models import MonthNote
from insights.reports.months import history_months
from sellers.actions.team import lock_team
from sellers.events import Actor, record
from sellers.models import Seller


class MonthIsNotShown(Exception):
    """The month is none of the history."""


class NothingToPutBack(Exception):
    """The note was never changed."""


@transaction.atomic
def note_month(
    seller: Seller, *, month: date, words: str, by: Actor, now: datetime
) -> MonthNote | None:
    """Store the note of a month; none at all removes it, and what it said can be put back.

    Returns None where there was none to remove. Raises NotAnOwner, MonthIsNotShown.
    """
    note = _locked(seller, month, by=by, now=now)
    if note is None:
        if not words:
            return None
        note = MonthNote(seller=seller, month=month)
    if note.words != words:
        note.before, note.words = note.words, words
        _store(note, by=by, now=now)
    return note


@transaction.atomic
def put_note_back(seller: Seller, *, month: date, by: Actor, now: datetime) -> MonthNote:
    """Let a note say what it said before; once more undoes that.

    Raises NotAnOwner, MonthIsNotShown, NothingToPutBack.
    """
    note = _locked(seller, month, by=by, now=now)
    if note is None:
        raise NothingToPutBack
    note.before, note.words = note.words, note.before
    _store(note, by=by, now=now)
    return note


def _locked(seller: Seller, month: date, *, by: Actor, now: datetime) -> MonthNote | None:
    """Return the note that there is; nobody else changes it meanwhile, for the team is held."""
    lock_team(seller, by=by)
    if month not in history_months(now.astimezone(settings.MARKETPLACE_ZONE).date()):
        raise MonthIsNotShown
    return MonthNote.objects.for_seller(seller).filter(month=month).first()


def _store(note: MonthNote, *, by: Actor, now: datetime) -> None:
    note.save()
    kind = MonthNoteEvent.WRITTEN if note.words else MonthNoteEvent.REMOVED
    record(kind, note, seller_id=note.seller_id, by=by, now=now, month=note.month)

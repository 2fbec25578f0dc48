"""Every mail leaves this way: it is claimed, built, handed over, and noted how that went.

A mail is claimed and committed before it leaves, so no transaction waits for a mail server. A
worker that dies in between leaves a claim that lapses; then the same mail is sent again. What is
found and locked is what is due; rows that somebody else works on are skipped
(docs/decisions/0012-all-mail-leaves-one-way.md). The loop is in sellers/sending.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core.mail import EmailMessage
from django.db import transaction

from sellers.enums import MailState
from sellers.models import Mailing
from sellers.refusals import DeliveryOutcome

M = TypeVar("M", bound=Mailing)

# Longer than an SMTP conversation, of which each step may take EMAIL_TIMEOUT: after this the
# worker must be gone.
CLAIM_LASTS = timedelta(minutes=15)
# One minute, two, four … until about four hours and a quarter.
FIRST_RETRY_AFTER = timedelta(minutes=1)
MOST_DOUBLINGS = 8


class Mailer(ABC, Generic[M]):
    """What the sending loop asks about one model of mails; each app registers its own."""

    model: type[M]
    is_urgent = False  # leaves before what is not

    def prepare(self, mailing: M, *, now: datetime) -> Iterable[str]:
        """Set what changes with every claim, before it is stored; return the fields."""
        return ()

    @abstractmethod
    def reason_not_to_send(self, mailing: M, *, now: datetime) -> str:
        """Return why a claimed mail should not leave any more, or nothing."""

    @abstractmethod
    def email(self, mailing: M) -> EmailMessage:
        """Return the mail to its one recipient."""


_mailers: dict[type[Mailing], Mailer[Any]] = {}


def register(mailer: Mailer[Any]) -> None:
    """Let the mails of one more model be sent; each app does this when it is ready."""
    _mailers[mailer.model] = mailer


def mailer_of(mailing: Mailing) -> Mailer[Any]:
    """Return what knows about this mail."""
    return _mailers[type(mailing)]


def waiting(*, now: datetime, most: int) -> int:
    """Return how many mails may leave now, counting at most so many of each kind."""
    due = [model.objects.to_send(now=now) for model in _mailers]
    return sum(mails[:most].count() for mails in due)


@transaction.atomic
def claim(*, now: datetime) -> Mailing | None:
    """Claim the mail that is to leave next, None if none waits.

    Urgent kinds come first; of a kind, what waits longest.
    """
    for mailer in sorted(_mailers.values(), key=lambda mailer: not mailer.is_urgent):
        due = mailer.model.objects.to_send(now=now).order_by("next_try_at", "pk")
        locked = due.with_contents().select_for_update(skip_locked=True, of=("self",))
        mailing: Mailing | None = locked.first()
        if mailing is not None:
            changed = mailer.prepare(mailing, now=now)
            mailing.state, mailing.next_try_at = MailState.SENDING, now + CLAIM_LASTS
            mailing.save(update_fields=["state", "next_try_at", *changed])
            return mailing
    return None


def reason_not_to_send(mailing: Mailing, *, now: datetime) -> str:
    """Return what has come between the mail's being wanted and its leaving, if anything."""
    return mailer_of(mailing).reason_not_to_send(mailing, now=now)


def build(mailing: Mailing) -> EmailMessage:
    """Return a claimed mail as it is to leave."""
    email = mailer_of(mailing).email(mailing)
    email.extra_headers["Message-ID"] = mailing.message_id
    return email


def suppress(mailing: Mailing, *, reason: str) -> None:
    """Note that a claimed mail is not wanted any more, and why."""
    _note(mailing, state=MailState.SUPPRESSED, reason=reason)


def settle(mailing: Mailing, outcome: DeliveryOutcome, *, now: datetime) -> MailState:
    """Note how the try to send a claimed mail ended; return the state it is in then."""
    match outcome:
        case DeliveryOutcome.TAKEN:
            return _note(mailing, state=MailState.SENT, sent_at=now)
        case DeliveryOutcome.BOUNCED:
            return _note(mailing, state=MailState.BOUNCED, bounced_at=now)
        case DeliveryOutcome.OUR_FAULT:  # nothing is wrong with the mail
            return _note(mailing, state=MailState.DECIDED, next_try_at=now)
    wait = FIRST_RETRY_AFTER * 2 ** min(mailing.tries, MOST_DOUBLINGS)
    tries = mailing.tries + 1
    return _note(mailing, state=MailState.DECIDED, tries=tries, next_try_at=now + wait)


def _note(mailing: Mailing, *, state: MailState, **changes: object) -> MailState:
    """Store how a claimed mail fared, unless the row has moved on.

    A customer may have answered meanwhile, or the claim has lapsed and somebody else has it.
    """
    mails = type(mailing).objects.filter(
        pk=mailing.pk, state=MailState.SENDING, next_try_at=mailing.next_try_at
    )
    mails.update(state=state, **changes)
    return state

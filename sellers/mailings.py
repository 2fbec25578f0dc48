"""Every mail leaves this way: it is claimed, built, handed over, and noted how that went.

A mail is claimed and committed before it leaves, so no transaction waits for a mail server. A
worker that dies in between leaves a claim that lapses; then the same mail is sent again. What is
found and locked is what is due; rows that somebody else works on are skipped
(docs/decisions/0012-all-mail-leaves-one-way.md). The loop is in sellers/sending.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Min

from sellers.addresses import MAIL_KEY, normalised_email
from sellers.enums import UNDELIVERABLE, MailState, SellerEvent
from sellers.events import Actor, record
from sellers.lines import one_line
from sellers.models import (
    TO_BE_SENT,
    MailDay,
    Mailing,
    Mailings,
    RefusedAddress,
    UnansweredMail,
)
from sellers.refusals import DeliveryOutcome

M = TypeVar("M", bound=Mailing)

# Longer than an SMTP conversation, of which each step may take EMAIL_TIMEOUT: after this the
# worker must be gone.
CLAIM_LASTS = timedelta(minutes=15)
# One minute, two, four … until about four hours and a quarter.
FIRST_RETRY_AFTER = timedelta(minutes=1)
MOST_DOUBLINGS = 8
# After some two days: whoever installs a version that can build the mail has done so by then.
MOST_TRIES_TO_BUILD = 16


class Mailer(ABC, Generic[M]):
    """What the sending loop asks about one model of mails; each app registers its own."""

    model: type[M]
    is_urgent = False  # leaves before what is not

    def prepare(self, mailing: M, *, now: datetime) -> Iterable[str]:
        """Set what changes with every claim, before it is stored; return the fields."""
        return ()

    @abstractmethod
    def recipient(self, mailing: M) -> str:
        """Return the e-mail address that it goes to, or nothing."""

    @abstractmethod
    def reason_not_to_send(self, mailing: M, *, now: datetime) -> str:
        """Return why a claimed mail should not leave any more, or nothing."""

    @abstractmethod
    def email(self, mailing: M) -> EmailMessage:
        """Return the mail to its one recipient."""

    def lock(self, mailing: M) -> None:
        """Lock what `bounced` will change; whoever erases locks it before the mail, too."""

    def bounced(self, mailing: M, *, now: datetime) -> None:
        """Do what is to be done about a mail that did not arrive."""


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


def oldest(*, now: datetime) -> datetime | None:
    """Return since when the mail may leave that waits longest, None if none waits."""
    return min(oldest_by_kind(now=now).values(), default=None)


def oldest_by_kind(*, now: datetime) -> dict[type[Mailing], datetime]:
    """Return since when the mail of each kind may leave that waits longest; of what waits."""
    moments = {
        model: model.objects.to_send(now=now).aggregate(oldest=Min("next_try_at"))["oldest"]
        for model in _mailers
    }
    return {model: moment for model, moment in moments.items() if moment}


def is_tried_in_vain() -> bool:
    """Return whether a mail is to be sent that was tried for hours."""
    tried = [
        model.objects.filter(state__in=TO_BE_SENT, tries__gte=MOST_DOUBLINGS) for model in _mailers
    ]
    return any(mails.exists() for mails in tried)


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
    mailer = mailer_of(mailing)
    if reason := mailer.reason_not_to_send(mailing, now=now):
        return reason
    refused = RefusedAddress.objects.of(mailer.recipient(mailing)).exists()
    return UNDELIVERABLE if refused else ""


def build(mailing: Mailing) -> EmailMessage:
    """Return a claimed mail as it is to leave."""
    email = mailer_of(mailing).email(mailing)
    email.extra_headers["Message-ID"] = mailing.message_id_header
    if mailing.return_path:  # the envelope's sender, which is not who the mail is from
        email.extra_headers.setdefault("From", email.from_email)
        email.from_email = mailing.return_path
    _clean_headers(email)
    return email


def _clean_headers(email: EmailMessage) -> None:
    """Let no name or subject begin another header, or be read in another direction."""
    email.subject, email.from_email = _in_a_header(email.subject), _in_a_header(email.from_email)
    email.to, email.reply_to = [*map(_in_a_header, email.to)], [*map(_in_a_header, email.reply_to)]
    for name, value in email.extra_headers.items():
        email.extra_headers[name] = _in_a_header(value)


def _in_a_header(text: object) -> str:
    return " ".join(one_line(str(text)).split())


@transaction.atomic
def suppress(mailing: Mailing, *, reason: str, now: datetime) -> None:
    """Note that a claimed mail is not wanted any more, and why."""
    mailer_of(mailing).lock(mailing)
    noted = _claimed(mailing).update(state=MailState.SUPPRESSED, reason=reason)
    if noted and reason == UNDELIVERABLE:
        mailer_of(mailing).bounced(mailing, now=now)


def settle(mailing: Mailing, outcome: DeliveryOutcome, *, now: datetime) -> MailState:
    """Note how the try to send a claimed mail ended; return the state it is in then."""
    match outcome:
        case DeliveryOutcome.TAKEN:
            return _note(mailing, state=MailState.SENT, sent_at=now)
        case DeliveryOutcome.BOUNCED | DeliveryOutcome.REJECTED:
            return _note_bounced(mailing, now=now, of_address=outcome is DeliveryOutcome.BOUNCED)
        case DeliveryOutcome.OUR_FAULT:  # nothing is wrong with the mail
            return _note(mailing, state=MailState.DECIDED, next_try_at=now)
        case DeliveryOutcome.SILENT | DeliveryOutcome.HUNG_UP if not _may_repeat(mailing, now=now):
            return _note(mailing, state=MailState.SENT, sent_at=now)
        case DeliveryOutcome.UNSENDABLE if mailing.tries >= MOST_TRIES_TO_BUILD:
            return _note_bounced(mailing, now=now, of_address=False)
    wait = FIRST_RETRY_AFTER * 2 ** min(mailing.tries, MOST_DOUBLINGS)
    tries = mailing.tries + 1
    return _note(mailing, state=MailState.DECIDED, tries=tries, next_try_at=now + wait)


def _may_repeat(mailing: Mailing, *, now: datetime) -> bool:
    """Return whether a mail that a server may have leaves once more: only the first time."""
    _noted, is_first = UnansweredMail.objects.get_or_create(
        message_key=mailing.message_key, defaults={"noted_at": now}
    )
    return is_first


def find_bounced(key: str) -> Mailing | None:
    """Return the mail that has this return path or Message-ID: a bounce message is about it."""
    found = MAIL_KEY.match(key)
    if found is None:
        return None
    models = [model for model in _mailers if model._meta.model_name == found[1].lower()]
    mails = [model.objects.filter(pk=found[2], message_key=UUID(found[3])) for model in models]
    return mails[0].first() if mails else None


@transaction.atomic
def bounce(mailing: Mailing, *, of_address: bool = True, now: datetime) -> bool:
    """Note that a mail which was sent did not arrive after all; twice is once.

    `of_address` is whether that says something about all mail to this address. Returns whether
    it was new. What was answered meanwhile did arrive, and stays.
    """
    mailer_of(mailing).lock(mailing)
    sent = type(mailing).objects.filter(pk=mailing.pk, state__in=(*TO_BE_SENT, MailState.SENT))
    if not sent.update(state=MailState.BOUNCED, bounced_at=now):
        return False
    MailDay.add(now.astimezone(UTC).date(), left=0, bounced=1)
    if of_address:
        _refuse_recipient(mailing, now=now)
    mailer_of(mailing).bounced(mailing, now=now)
    return True


@transaction.atomic
def _note_bounced(mailing: Mailing, *, now: datetime, of_address: bool) -> MailState:
    """Note that a claimed mail was refused for good; of an address, that it takes no mail."""
    mailer_of(mailing).lock(mailing)
    if _claimed(mailing).update(state=MailState.BOUNCED, bounced_at=now):
        if of_address:
            _refuse_recipient(mailing, now=now)
        mailer_of(mailing).bounced(mailing, now=now)
    return MailState.BOUNCED


@transaction.atomic
def refuse_address(email: str, *, by: Actor, now: datetime) -> bool:
    """Let no mail go to an address any more, until staff lift that; twice is once.

    Returns whether it was new. Of what is told late the earliest moment is kept.
    """
    address, is_new = RefusedAddress.objects.get_or_create(
        email=normalised_email(email), defaults={"refused_at": now}
    )
    if is_new:
        record(SellerEvent.ADDRESS_REFUSED, address, seller_id=None, by=by, now=now)
    elif now < address.refused_at:
        RefusedAddress.objects.filter(pk=address.pk).update(refused_at=now)
    return is_new


def _refuse_recipient(mailing: Mailing, *, now: datetime) -> None:
    if email := mailer_of(mailing).recipient(mailing):
        refuse_address(email, by=Actor.SYSTEM, now=now)


def _note(mailing: Mailing, *, state: MailState, **changes: object) -> MailState:
    """Store how a claimed mail fared, unless the row has moved on."""
    _claimed(mailing).update(state=state, **changes)
    return state


def _claimed(mailing: Mailing) -> Mailings[Mailing]:
    """Return the row of a claimed mail, or none when it has moved on.

    A customer may have answered meanwhile, or the claim has lapsed and somebody else has it.
    """
    return type(mailing).objects.filter(
        pk=mailing.pk, state=MailState.SENDING, next_try_at=mailing.next_try_at
    )

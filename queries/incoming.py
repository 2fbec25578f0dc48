"""What becomes of a mail that is received: classed first, then placed, ignored, or held for staff.

A machine's mail never reopens a query, moves a deadline or stops a survey. A person's finds its
conversation by the address that it was sent to, and counts as the customer's when it comes from
an address that we know of that customer. The mail itself is read in queries/received/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Sum
from django.db.models.functions import Coalesce, Length

from queries.actions import QueryIsErased, receive_from_other, receive_reaction
from queries.attachments import (
    MAX_FILES,
    AttachmentRefused,
    CheckedFile,
    check_file,
    too_many,
)
from queries.enums import (
    Author,
    HeldReason,
    IncomingState,
    MessageVia,
    NotKeptReason,
    QueryEvent,
)
from queries.models import CustomerQuery, IncomingMail, MailNotKept, Message, ThreadLink
from queries.received import MailKind, ReceivedMail, UnreadableMail, UnreadableReason, read
from sellers import mailings
from sellers.addresses import normalised_email
from sellers.events import Actor, record
from sellers.refusals import is_of_address
from sellers.tokens import REPLY_ADDRESS

MAY_BE_PERSON: Final = (MailKind.REPLY, MailKind.LIST)
MOST_A_DAY: Final = 50  # of one conversation: else two machines answer each other for ever
HELD_FOR: Final = timedelta(days=30)
# What waits for staff; the last one may go over it, and so may mails that come at once.
MOST_HELD: Final = 1_000
MOST_HELD_BYTES: Final = 500 * 1024 * 1024
MOST_HELD_OF_SENDER: Final = 20  # in a day
MOST_CHARACTERS: Final = 100_000  # of a message; what a mail repeats is last, and is cut
LONGEST_ID: Final = 255
KEPT_OF_TOO_LARGE: Final = 64 * 1024  # its headers, and how it begins
# What changes of a mail that came.
CHANGES: Final = ("state", "reason", "raw", "from_email", "subject", "query", "message")


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a mail that may be stored, and the names of the others."""

    checked: tuple[CheckedFile, ...] = ()
    refused: tuple[str, ...] = ()


class NotHeld(Exception):
    """Somebody has dealt with the mail already."""


class NotKept(Exception):
    """Enough waits for staff: the mail is counted, and nothing of it is stored."""

    def __init__(self, reason: NotKeptReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def receive(raw: bytes, *, recipients: Sequence[str] = (), now: datetime) -> IncomingMail:
    """Take a mail as it came, once; return what became of it.

    `recipients` are those of the envelope, where the mail server names them; the others are read
    from the mail. Raises NotKept.
    """
    mail, problem = _read(raw, recipients)
    digest = _digest(raw, mail, recipients)
    if seen := IncomingMail.objects.filter(digest=digest).first():
        return seen
    # Pictures are drawn before anything is locked.
    files = _checked(mail) if mail and mail.kind in MAY_BE_PERSON else _Files()
    try:
        return _receive(
            raw, mail, files, digest=digest, problem=problem, recipients=recipients, now=now
        )
    except NotKept as refusal:
        day = now.astimezone(settings.MARKETPLACE_ZONE).date()
        MailNotKept.objects.count_one(refusal.reason, day=day)
        raise


@transaction.atomic
def _receive(
    raw: bytes,
    mail: ReceivedMail | None,
    files: _Files,
    *,
    digest: str,
    problem: HeldReason,
    recipients: Sequence[str],
    now: datetime,
) -> IncomingMail:
    incoming, is_new = IncomingMail.objects.get_or_create(
        digest=digest,
        defaults={
            "received_at": now,
            "kind": mail.kind.value if mail else "",
            "state": IncomingState.IGNORED,
        },
    )
    if not is_new:
        return incoming
    if mail is None:
        _hold(incoming, raw, None, problem, now=now)
        return incoming
    to = [*recipients, *mail.recipients]
    if mail.kind == MailKind.BOUNCE:
        _note_bounce(mail, to, now=now)
    elif mail.kind in MAY_BE_PERSON:
        _place(incoming, raw, mail, files, _reply_addresses(recipients) or to, now=now)
    return incoming


@transaction.atomic
def place(incoming: IncomingMail, query: CustomerQuery, *, by: Actor, now: datetime) -> Message:
    """Put a held mail in the conversation where staff say it belongs.

    Raises NotHeld, QueryIsErased or UnreadableMail.
    """
    # As erasing does: the query first, then what is held.
    CustomerQuery.objects.select_for_update(no_key=True).get(pk=query.pk)
    mail = read(_still_held(incoming))
    if not mail.from_email:
        raise UnreadableMail(UnreadableReason.BROKEN)
    message = _store(incoming, query, mail, _checked(mail), now=now)
    record(QueryEvent.MAIL_PLACED, incoming, seller_id=query.seller_id, by=by, now=now)
    return message


@transaction.atomic
def discard(incoming: IncomingMail, *, by: Actor, now: datetime) -> None:
    """Throw a held mail away. Raises NotHeld."""
    _still_held(incoming)
    _settle(incoming, IncomingState.DISCARDED, reason=incoming.reason)
    record(QueryEvent.MAIL_DISCARDED, incoming, seller_id=None, by=by, now=now)


def discard_old(*, now: datetime) -> int:
    """Throw away what nobody dealt with for long; return how many."""
    old = IncomingMail.objects.held().filter(received_at__lt=now - HELD_FOR)
    return old.update(state=IncomingState.DISCARDED, raw=None, from_email="", subject="")


def _read(raw: bytes, recipients: Sequence[str]) -> tuple[ReceivedMail | None, HeldReason]:
    """Return what a mail says, or why that is not known."""
    try:
        mail = read(raw, own_hosts=(settings.SITE_HOST,), recipients=recipients)
        return mail, HeldReason.UNREADABLE
    except UnreadableMail as unreadable:
        if unreadable.reason == UnreadableReason.TOO_BIG:
            return None, HeldReason.TOO_LARGE
        return None, HeldReason.UNREADABLE


def _digest(raw: bytes, mail: ReceivedMail | None, recipients: Sequence[str]) -> str:
    """Return what is the same when a mail server hands over the same mail again.

    Not all of the mail: each try may add a header. Nor its Message-ID alone: a sender's may
    repeat.
    """
    if mail is None:
        return sha256(raw).hexdigest()
    files = [sha256(file.content).hexdigest() for file in mail.attachments]
    same = (mail.message_id, mail.from_email, mail.sent_at, mail.subject, mail.body, files)
    return sha256(repr((same, sorted(map(str.lower, recipients)))).encode()).hexdigest()


def _note_bounce(mail: ReceivedMail, to: Sequence[str], *, now: datetime) -> None:
    """Note which of our mails did not arrive, if it is one and that is final.

    Only who got the mail knows the keys in its return path and Message-ID.
    """
    said = mail.bounce
    keys = (*to, said.original_message_id) if said else ()
    bounced = next(filter(None, map(mailings.find_bounced, keys)), None)
    if said is None or bounced is None:
        return
    email = normalised_email(mailings.mailer_of(bounced).recipient(bounced))
    if email in map(normalised_email, said.arrived):
        return
    # A mail has one recipient; a report may be about others too, to whom somebody sent it on.
    own = [one for one in said.refusals if normalised_email(one.email) == email] or said.refusals
    final = [refusal for refusal in own if not refusal.delayed]
    if final:
        # Without a code it may be a full mailbox: then only this mail is lost.
        of_address = any(one.status and is_of_address(one.status) for one in final)
        mailings.bounce(bounced, of_address=of_address, now=now)


def _place(
    incoming: IncomingMail,
    raw: bytes,
    mail: ReceivedMail,
    files: _Files,
    to: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Put a person's mail in the conversation whose address it has, or hold it."""
    links = ThreadLink.objects.at_reply_addresses(to).with_last_message()
    links = links.select_related("query__customer")
    link = links.order_by(F("revoked_at").desc(nulls_first=True), "pk").first()
    if mail.kind == MailKind.LIST:
        # A newsletter; but some mail servers put its headers on what their people write, too.
        if link and mail.from_email == link.email:
            _hold(incoming, raw, mail, HeldReason.LIST, now=now)
        return
    if link is None:
        _hold(incoming, raw, mail, HeldReason.NO_REPLY_ADDRESS, now=now)
        return
    incoming.query = link.query
    if link.query.erased_at:
        _settle(incoming, IncomingState.DISCARDED, reason=HeldReason.ERASED)
    elif reason := _reason_to_hold(link, mail, now=now):
        _hold(incoming, raw, mail, reason, now=now)
    else:
        try:
            _store(incoming, link.query, mail, files, now=now, known=(link.email,))
        except QueryIsErased:  # while we waited for it
            _settle(incoming, IncomingState.DISCARDED, reason=HeldReason.ERASED)


def _reason_to_hold(link: ThreadLink, mail: ReceivedMail, *, now: datetime) -> HeldReason | None:
    """Return why staff should look at a mail to the address of a conversation first."""
    if link.revoked_at:
        return HeldReason.REVOKED
    if link.takes_no_answers(now=now):
        return HeldReason.OUTDATED
    if not normalised_email(mail.from_email):
        return HeldReason.NO_SENDER
    if not mail.body.strip() and not mail.attachments:
        return HeldReason.EMPTY
    if _came_today(link.query, mail, now=now) >= MOST_A_DAY:
        return HeldReason.TOO_MANY
    return None


def _store(
    incoming: IncomingMail,
    query: CustomerQuery,
    mail: ReceivedMail,
    files: _Files,
    *,
    known: Sequence[str] = (),
    now: datetime,
) -> Message:
    """Store a mail as a message: the customer's, or somebody else's that an agent may accept."""
    of_mail: dict[str, Any] = {
        "body": mail.body[:MOST_CHARACTERS],
        "quoted_from": min(mail.quoted_from or MOST_CHARACTERS, MOST_CHARACTERS),
        "message_id_header": mail.message_id if len(mail.message_id) <= LONGEST_ID else "",
        "attachments": files.checked,
        "refused_files": "\n".join(files.refused),
    }
    sender = normalised_email(mail.from_email)
    if sender and sender in map(
        normalised_email, (*known, query.contact_email, query.customer.email)
    ):
        message = receive_reaction(
            query, **of_mail, via=MessageVia.MAIL, by=Actor.CUSTOMER, now=now
        )
    else:
        message = receive_from_other(
            query, from_email=sender, **of_mail, by=Actor.CUSTOMER, now=now
        )
    incoming.query, incoming.message = query, message
    _settle(incoming, IncomingState.PLACED)
    return message


def _reply_addresses(emails: Sequence[str]) -> list[str]:
    """Return those of the envelope's recipients that a conversation has: they decide."""
    return [email for email in emails if REPLY_ADDRESS.match(email)]


def _checked(mail: ReceivedMail) -> _Files:
    """Return what becomes of the files of a mail."""
    refused = [one.name for one in too_many(file.name for file in mail.attachments)]
    checked = []
    for file in mail.attachments[:MAX_FILES]:
        try:
            checked.append(check_file(file.name, file.content))
        except AttachmentRefused as refusal:
            refused.append(refusal.name)
    return _Files(tuple(checked), tuple(refused))


def _came_today(query: CustomerQuery, mail: ReceivedMail, *, now: datetime) -> int:
    """Return how many mails came in a day; strangers shut out no customer."""
    by_mail = query.messages.filter(via=MessageVia.MAIL, sent_at__gt=now - timedelta(days=1))
    if mail.from_email == normalised_email(query.reply_to_email):
        return by_mail.filter(author=Author.CUSTOMER).count()
    return by_mail.count()


def _hold(
    incoming: IncomingMail,
    raw: bytes,
    mail: ReceivedMail | None,
    reason: HeldReason,
    *,
    now: datetime,
) -> None:
    """Keep the whole mail until staff have looked at it. Raises NotKept."""
    _check_room(mail, now=now)
    kept = raw[:KEPT_OF_TOO_LARGE] if reason == HeldReason.TOO_LARGE else raw
    incoming.state, incoming.reason, incoming.raw = IncomingState.HELD, reason, kept
    if mail:
        incoming.from_email = normalised_email(mail.from_email)[:254]
        incoming.subject = mail.subject[:200]
    incoming.save(update_fields=CHANGES)
    record(QueryEvent.MAIL_HELD, incoming, seller_id=None, by=Actor.SYSTEM, now=now, reason=reason)


def _check_room(mail: ReceivedMail | None, *, now: datetime) -> None:
    """Raise NotKept when enough waits for staff, in all or of this sender."""
    held = IncomingMail.objects.held()
    sender = normalised_email(mail.from_email)[:254] if mail else ""
    if sender:
        today = held.filter(from_email=sender, received_at__gt=now - timedelta(days=1))
        if today.count() >= MOST_HELD_OF_SENDER:
            raise NotKept(NotKeptReason.SENDER)
    total = held.aggregate(mails=Count("pk"), size=Coalesce(Sum(Length("raw")), 0))
    if total["mails"] >= MOST_HELD or total["size"] >= MOST_HELD_BYTES:
        raise NotKept(NotKeptReason.FULL)


def _still_held(incoming: IncomingMail) -> bytes:
    """Lock a held mail and return it whole. Raises NotHeld."""
    incoming.refresh_from_db(from_queryset=IncomingMail.objects.select_for_update())
    if incoming.state != IncomingState.HELD or incoming.raw is None:
        raise NotHeld
    return bytes(incoming.raw)


def _settle(incoming: IncomingMail, state: IncomingState, *, reason: str = "") -> None:
    """Store what became of a mail, and keep nothing of what it said."""
    incoming.state, incoming.reason = state, reason
    incoming.from_email = incoming.subject = ""
    incoming.raw = None
    incoming.save(update_fields=CHANGES)

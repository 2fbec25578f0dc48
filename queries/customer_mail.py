"""The mails that customers get about a conversation, and the links in them."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from queries.enums import CustomerMailKind, QueryEvent, UnsentMailReason
from queries.models import CustomerMail, CustomerQuery, Message, ThreadLink
from sellers.enums import MailState
from sellers.events import Actor, record
from sellers.models import TO_BE_SENT, RefusedAddress
from sellers.tokens import salt_of

NEW_LINK_EVERY: Final = timedelta(hours=1)  # of one conversation: the mailbox is somebody's


class AskedTooOften(Exception):
    """A new link was mailed a short while ago."""


class NoAddress(Exception):
    """There is no address to which a link could be mailed."""


class MailHasLeft(Exception):
    """The mail left, or is leaving: it cannot be held back any more."""


def mail_question(query: CustomerQuery, *, now: datetime) -> CustomerMail | None:
    """Queue the mail that says that a question was sent, with the link to follow it.

    None for a customer without an e-mail.
    """
    link = link_of(query, now=now)
    if link is None:
        return None
    return _queue(CustomerMailKind.QUESTION, link, message=None, leaves_at=now, now=now)


def mail_reply(message: Message, *, now: datetime) -> CustomerMail | None:
    """Queue the mail that brings a reply, in a while; None for a customer without an e-mail."""
    link = link_of(message.query, now=now)
    if link is None:
        return None
    return _queue(
        CustomerMailKind.REPLY, link, message=message, leaves_at=message.leaves_at, now=now
    )


def hold_back(message: Message) -> None:
    """Let the mail of a reply never leave, if there is one. Raises MailHasLeft.

    What was tried once may have arrived, whatever the mail server said.
    """
    mail = CustomerMail.objects.select_for_update().filter(message=message).first()
    if mail is None:
        return
    if mail.state != MailState.DECIDED or mail.tries:
        raise MailHasLeft
    mail.state, mail.reason = MailState.SUPPRESSED, UnsentMailReason.WITHDRAWN
    mail.save(update_fields=["state", "reason"])


@transaction.atomic
def mail_new_link(old: ThreadLink, *, by: Actor, now: datetime) -> CustomerMail:
    """Queue a mail with a link that works, to the e-mail that we know; one that is over ends.

    Raises AskedTooOften or NoAddress.
    """
    query = _locked(old.query)
    _refuse_link(query, now=now)
    if old.revoked_at:  # it got into wrong hands
        raise NoAddress
    return _mail_link(query, by=by, now=now)


@transaction.atomic
def mail_link_again(query: CustomerQuery, *, by: Actor, now: datetime) -> CustomerMail:
    """Queue a mail with the link to a conversation, to the e-mail that we know and to no other.

    Raises AskedTooOften or NoAddress.
    """
    query = _locked(query)
    _refuse_link(query, now=now)
    return _mail_link(query, by=by, now=now)


def _refuse_link(query: CustomerQuery, *, now: datetime) -> None:
    """Raise AskedTooOften or NoAddress when no link of a locked query is to be mailed."""
    recently = query.customer_mails.filter(
        kind=CustomerMailKind.NEW_LINK, created_at__gt=now - NEW_LINK_EVERY
    )
    if recently.exists():
        raise AskedTooOften
    if query.erased_at or not query.reply_to_email:
        raise NoAddress
    if RefusedAddress.objects.of(query.reply_to_email).exists():
        raise NoAddress


def _mail_link(query: CustomerQuery, *, by: Actor, now: datetime) -> CustomerMail:
    standing = ThreadLink.objects.standing().with_last_message().filter(query=query)
    if all(link.is_over(now=now) for link in standing):
        standing.update(replaced_at=now)
    link = _carried_by_what_waits(query, now=now)
    record(QueryEvent.LINK_RENEWED, query, seller_id=query.seller_id, by=by, now=now)
    return _queue(CustomerMailKind.NEW_LINK, link, message=None, leaves_at=now, now=now)


def link_of(query: CustomerQuery, *, now: datetime) -> ThreadLink | None:
    """Return the link of who is written to about a locked query, made now if need be.

    None for a customer without an e-mail.
    """
    email = query.reply_to_email
    if not email:
        return None
    link = ThreadLink.objects.standing().filter(query=query, email=email).first()
    if link is None:
        link = ThreadLink(query=query, email=email, language=query.language, created_at=now)
        earlier = query.thread_links.count()
        link.make_link(salt=salt_of("thread", query.pk, query.asked_at, email, earlier))
        link.save()
    return link


@transaction.atomic
def revoke_links(query: CustomerQuery, *, by: Actor, now: datetime) -> int:
    """Let no link and no address of a conversation lead there; the next mail brings others."""
    query = _locked(query)
    links = ThreadLink.objects.filter(query=query, revoked_at=None)
    if count := links.update(revoked_at=now):
        record(QueryEvent.LINK_REVOKED, query, seller_id=query.seller_id, by=by, now=now)
        if query.customer_mails.filter(state__in=TO_BE_SENT).exists() and query.reply_to_email:
            _carried_by_what_waits(query, now=now)
    return count


def _locked(query: CustomerQuery) -> CustomerQuery:
    """Wait for whoever works on a query, and return it as they left it."""
    locked = CustomerQuery.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("customer").get(pk=query.pk)


def _carried_by_what_waits(query: CustomerQuery, *, now: datetime) -> ThreadLink:
    """Return a new link of a locked query, and let mails that did not leave yet carry it."""
    link = link_of(query, now=now)
    assert link, "There is an address."
    query.customer_mails.filter(state__in=TO_BE_SENT).update(link=link)
    return link


def _queue(
    kind: CustomerMailKind,
    link: ThreadLink,
    *,
    message: Message | None,
    leaves_at: datetime,
    now: datetime,
) -> CustomerMail:
    return CustomerMail.objects.create(
        kind=kind,
        query=link.query,
        link=link,
        message=message,
        language=link.language,
        state=MailState.DECIDED,
        next_try_at=leaves_at,
        created_at=now,
    )

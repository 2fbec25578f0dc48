"""From the bytes of a mail to what it says."""

from collections.abc import Collection

from queries.received import headers
from queries.received.bodies import read_content
from queries.received.bounces import find_bounce
from queries.received.kinds import kind_of
from queries.received.mail import MailKind, ReceivedMail, UnreadableMail, UnreadableReason
from queries.received.parsing import parse
from queries.received.quotes import find_quote
from sellers.addresses import MAIL_KEY


def read(
    raw: bytes, *, own_hosts: Collection[str] = (), recipients: Collection[str] = ()
) -> ReceivedMail:
    """Return what a mail says; raises UnreadableMail and nothing else.

    `own_hosts` are the hosts in the Message-IDs of our own mails, `recipients` those of the
    envelope, where they are known.
    """
    try:
        return _read(raw, own_hosts, recipients)
    except UnreadableMail:
        raise
    except Exception as failure:  # no mail may stop the next, whatever is wrong with it
        raise UnreadableMail(UnreadableReason.BROKEN) from failure


def _read(raw: bytes, own_hosts: Collection[str], of_envelope: Collection[str]) -> ReceivedMail:
    message = parse(raw)
    from_name, from_email = headers.sender(message)
    content = read_content(message)
    quoted_from = find_quote(content.body)
    recipients = headers.recipients(message)
    bounce = find_bounce(
        message,
        raw,
        from_email,
        at_return_path=any(MAIL_KEY.match(email) for email in (*of_envelope, *recipients)),
    )
    kind = (
        MailKind.BOUNCE
        if bounce
        else kind_of(message, from_email, quotes=quoted_from is not None, own_hosts=own_hosts)
    )
    return ReceivedMail(
        message_id=next(iter(headers.message_ids(message, "Message-ID")), ""),
        in_reply_to=next(iter(headers.message_ids(message, "In-Reply-To")), ""),
        references=headers.message_ids(message, "References"),
        from_email=from_email,
        from_name=from_name,
        recipients=recipients,
        subject=headers.subject(message),
        sent_at=headers.sent_at(message),
        body=content.body,
        quoted_from=quoted_from,
        attachments=content.attachments,
        kind=kind,
        bounce=bounce,
    )

"""What a received mail says; stands in until the real one is merged."""

import email
import email.policy
import email.utils
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MAX_BYTES = 25 * 1024 * 1024


class UnreadableMail(Exception):
    pass


class MailKind(StrEnum):
    REPLY = "reply"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LIST = "list"
    LOOP = "loop"


@dataclass(frozen=True)
class ReceivedMail:
    message_id: str
    from_email: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    kind: MailKind = MailKind.REPLY
    quoted_from: int | None = None
    sent_at: object = None
    attachments: tuple = ()
    is_permanent: bool = False
    bounced_message_ids: tuple[str, ...] = ()


def read(raw: bytes) -> ReceivedMail:
    m = email.message_from_bytes(raw, policy=email.policy.default)
    if not m.keys():
        raise UnreadableMail
    b = m.get_body(("plain", "html"))
    return ReceivedMail(
        str(m.get("Message-ID", "")),
        email.utils.parseaddr(str(m.get("From", "")))[1].lower(),
        tuple(a for _, a in email.utils.getaddresses([str(m.get("To", ""))])),
        str(m.get("Subject", "")),
        b.get_content() if b else "",
    )

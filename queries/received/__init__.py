"""What a received mail says: bytes in, a frozen value out, and nothing else ever raised.

`read` is all that the rest of the portal needs; `ReceivedMail` says what it may rely on.
"""

from queries.received.mail import (
    MAX_BYTES,
    Bounce,
    MailAttachment,
    MailKind,
    ReceivedMail,
    Refusal,
    UnreadableMail,
    UnreadableReason,
)
from queries.received.reading import read

__all__ = [
    "MAX_BYTES",
    "Bounce",
    "MailAttachment",
    "MailKind",
    "ReceivedMail",
    "Refusal",
    "UnreadableMail",
    "UnreadableReason",
    "read",
]

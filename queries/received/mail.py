"""The value that a received mail becomes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

MAX_BYTES: Final = 25 * 1024 * 1024


class MailKind(StrEnum):
    """Who speaks; only a reply is a person's."""

    REPLY = "reply"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    LIST = "list"
    LOOP = "loop"


class UnreadableReason(StrEnum):
    """Why a mail is not read."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MANY_LINES = "too_many_lines"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_DEEP = "too_deep"
    HEADERS_TOO_LONG = "headers_too_long"
    NO_HEADERS = "no_headers"
    BROKEN = "broken"


class UnreadableMail(Exception):
    """A mail that is not read, with the reason; the next one is."""

    def __init__(self, reason: UnreadableReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAttachment:
    """A file that came along; its name has no path, its type is for whoever stores it to find."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a mail server says about one recipient.

    `status` is the enhanced code (RFC 3463), such as "5.1.1", or "" when it said none. `delayed`:
    the server still tries. Else it has given up, also with a code that begins with 4: for days
    the mail could not be delivered, and now it never will be.
    """

    email: str
    status: str = ""
    delayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a mail server could not deliver: to whom, and which mail, as far as it tells.

    `arrived` are the addresses that it did deliver to.
    """

    refusals: tuple[Refusal, ...]
    arrived: tuple[str, ...] = ()
    original_message_id: str = ""
    original_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """One received mail.

    Texts hold neither NUL nor lone surrogates, so that a database takes them; missing is "".
    Message-IDs keep their angle brackets. Addresses have a lower-case ASCII domain; what is
    before the @ is as it came. `recipients` begins with those of the envelope. `body` is all of
    the text; for display `body[:quoted_from]` is enough, and never blank when `quoted_from` is
    given.
    """

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    from_email: str
    from_name: str
    recipients: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    body: str
    quoted_from: int | None
    attachments: tuple[MailAttachment, ...]
    kind: MailKind
    bounce: Bounce | None = None

    @property
    def shown(self) -> str:
        """Return what is new in the body, without what it quotes and signs with."""
        return self.body[: self.quoted_from].rstrip()

"""What a mail server says it could not deliver (RFC 3464, and what servers write instead)."""

import logging
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Final

from flufl.bounce import all_failures

from queries.received.bodies import own_text
from queries.received.headers import decoded, message_ids, normal_email, values
from queries.received.kinds import ABSENT, has_no_return_path, is_server_name
from queries.received.mail import Bounce, Refusal

# Bounces without a report are looked through by patterns, line by line.
MAX_SCANNED: Final = 100_000
MAX_SCANNED_LINE: Final = rb"([^\r\n]{300})[^\r\n]+"
RETURNED: Final = {"message/rfc822", "message/rfc822-headers", "message/global"}
MAX_REFUSALS: Final = 100
MAX_ORIGINAL_HEADERS: Final = 100

# RFC 3463; four numbers are the address of a host.
STATUS: Final = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
SAYS_NOTHING: Final = ".0.0"  # how the code ends that Exim always writes
ARRIVED: Final = ("delivered", "relayed", "expanded")
# Words of Postfix, sendmail and Exim while they still try.
WARNING: Final = re.compile(
    r"this is a warning|do not need to resend|(?:will|still) be(?:ing)? retried|will keep trying",
    re.IGNORECASE,
)
SUBJECT: Final = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|problem|report|notification|delayed|error)"
    r"|mail delivery|returned (?:mail|to sender)|failure notice|failed delivery"
    r"|message not delivered"
    r"|mail (?:system error|failure|could not)|warning: (?:could not|message)|non.?deliver"
    r"|onbestelbaar|niet (?:bezorgd|afgeleverd)|unzustellbar|nicht zustellbar|non remis"
    r"|notification (?:d'échec|of delivery)|échec de|delivery to|could not be delivered",
    re.IGNORECASE,
)
ORIGINAL_ID: Final = re.compile(r"^[> \t]*Message-ID:\s*(<[^<>\s]{1,500}>)", re.MULTILINE | re.I)

logging.getLogger("flufl.bounce").disabled = True  # it would write people's addresses down


def find_bounce(
    message: Message, raw: bytes, from_email: str, *, at_return_path: bool
) -> Bounce | None:
    """Return what a mail says about mail that was not delivered, or None.

    To a return path only machines write, so there the words alone decide.
    """
    reported = any(part.get_content_type() == "message/delivery-status" for part in message.walk())
    if not (reported or at_return_path or _comes_from_server(message, from_email)):
        return None
    if not reported and _is_absence(message):
        return None
    refusals = _reported(message) or _recognised(message, raw)
    headers = _original_headers(message)
    if not refusals and (_is_good_news(message) if reported else not headers):
        return None
    ids = message_ids(headers, "Message-ID") if headers else ()
    return Bounce(
        refusals=tuple(refusals.values())[:MAX_REFUSALS],
        arrived=tuple(sorted(_arrived(message)))[:MAX_REFUSALS],
        original_message_id=ids[0] if ids else _id_in_text(message),
        original_headers=tuple(
            (name, decoded(str(value))) for name, value in (headers.items() if headers else ())
        )[:MAX_ORIGINAL_HEADERS],
    )


def _is_absence(message: Message) -> bool:
    """Return whether a mailbox answers in the name of its owner: the mail is in it."""
    subjects = [decoded(value) for value in values(message, "Subject")]
    return any(ABSENT.match(each) and not SUBJECT.search(each) for each in subjects)


def _comes_from_server(message: Message, from_email: str) -> bool:
    """Return whether a mail may be a bounce; a person who quotes one is none."""
    return (
        has_no_return_path(message)
        or is_server_name(from_email)
        or "X-Failed-Recipients" in message
        or any(SUBJECT.match(decoded(value)) for value in values(message, "Subject"))
    )


def _status_blocks(message: Message) -> Iterator[Message]:
    """Yield what a report says per recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in part.get_payload():
                if isinstance(block, Message) and "Action" in block:
                    yield block


def _action(block: Message) -> str:
    return str(block["Action"]).strip().lower()


def _recipient(block: Message) -> str:
    """Return whom a block is about: as we wrote to them, if it says so."""
    names = [*values(block, "Original-Recipient"), *values(block, "Final-Recipient")]
    emails = (normal_email(name.rpartition(";")[2].strip(" <>\"'")) for name in names)
    return next(filter(None, emails), "")


def _arrived(message: Message) -> set[str]:
    """Return the recipients of a report whom the mail reached, one of their mailboxes at least."""
    blocks = _status_blocks(message)
    return {_recipient(block) for block in blocks if _action(block).startswith(ARRIVED)} - {""}


def _reported(message: Message) -> dict[str, Refusal]:
    """Return the recipients of a report that were refused or still wait.

    One may have several mailboxes: while it is tried at one of them, the mail is not lost.
    """
    found: dict[str, Refusal] = {}
    for block in _status_blocks(message):
        email, action = _recipient(block), _action(block)
        is_told = action.startswith(("fail", "error", "delayed"))
        if not email or not is_told or (email in found and found[email].delayed):
            continue
        said = [*values(block, "Status"), *values(block, "Diagnostic-Code")]
        found[email] = Refusal(
            email=email, status=_status(" ".join(said)), delayed=action.startswith("delayed")
        )
    arrived = _arrived(message)
    return {email: refusal for email, refusal in found.items() if email not in arrived}


def _status(text: str) -> str:
    """Return the first enhanced code in a text that says anything, or the first, or nothing."""
    codes = STATUS.findall(text)
    return next((code for code in codes if not code.endswith(SAYS_NOTHING)), "".join(codes[:1]))


def _is_good_news(message: Message) -> bool:
    """Return whether a report only says what was delivered."""
    actions = {_action(block) for block in _status_blocks(message)}
    return bool(actions) and actions <= {*ARRIVED}


def _recognised(message: Message, raw: bytes) -> dict[str, Refusal]:
    """Return the recipients that the patterns of known mail servers find."""
    scanned = message_from_bytes(re.sub(MAX_SCANNED_LINE, rb"\1", raw[:MAX_SCANNED]))
    try:
        delayed, refused = all_failures(scanned)
    except Exception:  # noqa: BLE001  patterns for well-formed bounces
        return {}
    text = _text(message)
    status, warns = _status(text), bool(WARNING.search(text))
    found = {}
    for emails, is_delayed in ((delayed, True), (refused, warns)):
        for octets in sorted(emails):
            email = normal_email(octets.decode("ascii", "replace"))
            if email:
                found[email] = Refusal(email=email, status=status, delayed=is_delayed)
    return found


def _original_headers(message: Message) -> Message | None:
    """Return the mail that came back, or as much as its headers."""
    for part in message.walk():
        if part.get_content_type() in RETURNED and part.is_multipart():
            inner = part.get_payload(0)
            return inner if isinstance(inner, Message) else None
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return message_from_bytes(payload[:MAX_SCANNED])
    return None


def _id_in_text(message: Message) -> str:
    """Return the Message-ID of a mail that was copied into the text of the bounce."""
    ids: list[str] = ORIGINAL_ID.findall(_text(message))
    return ids[-1] if ids else ""


def _text(message: Message) -> str:
    texts = [own_text(part) for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(texts)[:MAX_SCANNED]

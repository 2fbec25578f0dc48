"""What the headers of a mail say."""

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final

from queries.received.charsets import clean, decode
from sellers.addresses import normalised_email

ENVELOPE: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
MAX_ADDRESSES: Final = 20_000  # characters of one header that are looked at
MAX_WORDS: Final = 4_000
MAX_SUBJECT: Final = 500
MAX_NAME: Final = 200
MAX_EMAIL: Final = 254
MAX_REFERENCES: Final = 200

MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,500}>")
LOCAL_PART: Final = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,64}")
DOMAIN: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")


def sender(message: Message) -> tuple[str, str]:
    """Return name and address of the first author that has an address."""
    people = _people(message, "From") or _people(message, "Sender")
    return people[0] if people else ("", "")


def recipients(message: Message) -> tuple[str, ...]:
    """Return every address the mail was for, each once; those of the envelope first."""
    found = [email for name in (*ENVELOPE, "To", "Cc") for _, email in _people(message, name)]
    return tuple(dict.fromkeys(found))


def message_ids(message: Message, name: str) -> tuple[str, ...]:
    """Return the Message-IDs in a header, the last ones when there are too many."""
    return tuple(MESSAGE_ID.findall(" ".join(values(message, name)))[-MAX_REFERENCES:])


def subject(message: Message) -> str:
    """Return the subject as people read it, on one line."""
    return decoded(next(iter(values(message, "Subject")), ""))[:MAX_SUBJECT].strip()


def sent_at(message: Message) -> datetime | None:
    """Return in UTC when the mail says it was sent, or None when that is no moment."""
    for value in values(message, "Date"):
        try:
            moment = parsedate_to_datetime(value[:MAX_NAME])
            return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def values(message: Message, name: str) -> list[str]:
    """Return the values of a header as they came, on one line each."""
    return [str(value) for value in message.get_all(name, [])]


def decoded(text: str) -> str:
    """Return a header's text with its encoded words (RFC 2047) decoded, on one line."""
    text = text[:MAX_WORDS]
    try:
        words = decode_header(text)
    except (HeaderParseError, ValueError):
        words = [(text, None)]
    whole = "".join(
        word if isinstance(word, str) else _word(word, charset) for word, charset in words
    )
    return " ".join(clean(whole).split())


def _word(word: bytes, charset: str | None) -> str:
    if charset:
        return decode(word, charset)
    try:
        return word.decode("raw-unicode-escape")  # the email package gives what stands between so
    except UnicodeError:
        return word.decode("latin-1")


def normal_email(text: str) -> str:
    """Return an address in the form in which all are stored, or "" when it is none."""
    if len(text) > 2 * MAX_EMAIL:
        return ""
    local, _, domain = normalised_email(text).rstrip(".").rpartition("@")
    email = clean(f"{local}@{domain}")
    is_one = LOCAL_PART.fullmatch(local) and DOMAIN.fullmatch(domain)
    return email if is_one and len(email) <= MAX_EMAIL else ""


def _people(message: Message, name: str) -> list[tuple[str, str]]:
    """Return names and addresses in all headers of a name, without what is no address."""
    found = []
    for value in values(message, name):
        text = value[:MAX_ADDRESSES]
        found += _addresses(text) or _addresses(decoded(text))
    return found


def _addresses(text: str) -> list[tuple[str, str]]:
    try:
        pairs = getaddresses([text])
    except (RecursionError, IndexError, ValueError):
        return []
    people = [(decoded(name)[:MAX_NAME], normal_email(email)) for name, email in pairs]
    return [(name, email) for name, email in people if email]

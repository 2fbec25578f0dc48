"""The text of a mail, and the files that came along."""

import re
from dataclasses import dataclass
from email.message import Message
from itertools import groupby
from typing import Final

from queries.received.charsets import clean, decode
from queries.received.headers import decoded
from queries.received.html_text import text_of_html
from queries.received.mail import MailAttachment

MAX_FILE_NAME: Final = 150
SMALLEST_PICTURE: Final = 4_096  # bytes; a smaller one inside a text is a logo or counts readers

BASE64: Final = re.compile(r"[A-Za-z0-9+/=\s]*")
WITHOUT_CONTENT: Final = {
    "application/applefile",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "message/delivery-status",
    "message/disposition-notification",
    "text/calendar",
    "text/rfc822-headers",
    "text/x-amp-html",
}


TOLD: Final = ("From", "To", "Date", "Subject")


@dataclass(frozen=True, slots=True)
class Content:
    """The whole text of a mail, and its files."""

    body: str
    attachments: tuple[MailAttachment, ...]


def read_content(message: Message) -> Content:
    """Return text and files of all parts, in their order."""
    files: list[MailAttachment] = []
    texts = [text.strip("\n").rstrip() for text in _texts(message, files)]
    return Content("\n\n".join(text for text in texts if text.strip()), tuple(files))


def own_text(part: Message) -> str:
    """Return the text of one text part, made of HTML when it is HTML."""
    text = decode(_octets(part), str(part.get_content_charset() or "us-ascii"))
    if part.get_content_type() == "text/html":
        return text_of_html(text)
    if str(part.get_param("format", "")).lower() == "flowed":
        return _unflowed(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _texts(part: Message, files: list[MailAttachment]) -> list[str]:
    """Return the texts in a part, and add its files."""
    kind = part.get_content_type()
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        parts = [_texts(child, files) for child in _children(part)]
        if kind == "multipart/alternative":
            return _best(part, parts)
        return [text for texts in parts for text in texts]
    if kind in WITHOUT_CONTENT and part.get_content_disposition() != "attachment":
        return []
    if _is_text(part):
        return [own_text(part)]
    if not _is_decoration(part):
        files.append(_attachment(part))
    return []


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if payload else []


def _best(part: Message, texts: list[list[str]]) -> list[str]:
    """Return the texts of the first alternative that says anything, plain text before HTML."""
    said = [
        (child.get_content_type() == "text/html", number)
        for number, child in enumerate(_children(part))
        if any(text.strip() for text in texts[number])
    ]
    return texts[min(said)[1]] if said else []


def _is_text(part: Message) -> bool:
    """Return whether a part is to be read, not kept as a file."""
    if part.get_content_maintype() == "multipart":  # whose boundary is missing
        return True
    return (
        part.get_content_type() in {"text/plain", "text/html", "text/enriched"}
        and part.get_content_disposition() != "attachment"
        and not part.get_param("filename", header="content-disposition")
    )


def _is_decoration(part: Message) -> bool:
    """Return whether a part is a small picture that a text shows."""
    return (
        part.get_content_maintype() == "image"
        and part.get_content_disposition() != "attachment"
        and "Content-ID" in part
        and len(_octets(part)) < SMALLEST_PICTURE
    )


def _attachment(part: Message) -> MailAttachment:
    if part.get_content_maintype() == "message" and part.is_multipart():
        content = _sent_along(part)
    else:
        content = _octets(part)
    return MailAttachment(name=_file_name(part), content=content)


def _sent_along(part: Message) -> bytes:
    """Return a mail that came with another, as text: who wrote it when, about what, and its words.

    Not as it was: what is encoded in it would be read by nobody here, and hide what it says.
    """
    told = []
    for mail in part.get_payload():
        if isinstance(mail, Message):
            told += [f"{name}: {clean(str(mail[name]))}" for name in TOLD if mail[name]]
            told += ["", read_content(mail).body]
    return clean("\n".join(told)).strip().encode()


def _file_name(part: Message) -> str:
    """Return the name a file came with, without its path."""
    try:
        name = decoded(part.get_filename("") or "")
    except (ValueError, LookupError):  # of RFC 2231's pieces and charsets
        name = ""
    name = name.replace("\\", "/").rpartition("/")[2].strip(". ")
    if len(name) > MAX_FILE_NAME:
        stem, dot, ending = name.rpartition(".")
        name = stem[: MAX_FILE_NAME - len(ending) - 1] + dot + ending if dot else name
    return name[:MAX_FILE_NAME] or part.get_content_type().replace("/", ".")


def _octets(part: Message) -> bytes:
    """Return what a part holds, also when it is not encoded as it says."""
    said = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if said == "base64" and part.get_content_maintype() == "text":
        payload = part.get_payload()
        if isinstance(payload, str) and not BASE64.fullmatch(payload):
            del part["Content-Transfer-Encoding"]
        elif isinstance(payload, str) and len(letters := "".join(payload.split())) % 4 == 1:
            part.set_payload(letters[:-1])  # cut off
    octets = part.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else b""


def _unflowed(text: str, *, delete_space: bool) -> str:
    """Return text of format=flowed (RFC 3676) with its paragraphs on one line each."""
    lines = [_flowed_line(line) for line in clean(text).split("\n")]
    paragraphs: list[str] = []
    for depth, same_depth in groupby(lines, key=lambda line: line[0]):
        mark = "> " if depth == 1 else ">" * (depth - 1) + "> " if depth else ""
        parts: list[str] = []
        for _, line in same_depth:
            flows = line.endswith(" ") and line != "-- "
            parts.append(line[:-1] if flows and delete_space else line)
            if not flows:
                paragraphs.append((mark + "".join(parts)).rstrip())
                parts = []
        if parts:
            paragraphs.append((mark + "".join(parts)).rstrip())
    return "\n".join(paragraphs)


def _flowed_line(line: str) -> tuple[int, str]:
    """Return how deep a line is quoted, and what it says."""
    said = line.lstrip(">")
    return len(line) - len(said), said.removeprefix(" ")

"""The one way in which an e-mail address is stored and compared, and how mail of ours is known."""

import re
from typing import Final
from unicodedata import normalize

import idna

# The kind, primary key and key of a mail, in its return path and in its Message-ID.
MAIL_KEY: Final = re.compile(
    r"(?:bounce-|<)([a-z]+)[-.](\d{1,18})[-.]([0-9a-f]{32})@", re.IGNORECASE
)


def normalised_email(text: str) -> str:
    """Return an address without spaces around it, in lower case, its domain as DNS knows it.

    `Klaas@Bücher.example ` is `klaas@xn--bcher-kva.example`. Before the @ letters with marks are
    composed (NFC). A domain that IDNA knows no form of only becomes lower case: whether mail can go
    there is not decided here.
    """
    email = _lower(text.strip())
    name, at, domain = email.rpartition("@")
    if domain.isascii():  # nearly all: IDNA takes a while
        return email
    try:
        return name + at + idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return email


def masked(email: str) -> str:
    """Return an address of which only the first letter and the domain can be read."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}•••{at}{domain}" if at else email


def _lower(text: str) -> str:
    return normalize("NFC", normalize("NFC", text).lower())

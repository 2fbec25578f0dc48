"""The secret in a private link, and where such links lead.

The database holds a salt and the SHA-256 of the token, never the token. The token is made from the
salt with a key that is not in the database, so that a mail whose sending was interrupted can be
sent again with the same link. So can one that a restored backup knows nothing of: there the salt is
made from what the mail is about (docs/decisions/0001-survey-links.md).
"""

import hashlib
import json
import re
import secrets
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Final, Protocol

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT_BYTES: Final = 16
# Where this module was when the first links were mailed: another purpose would break them.
PURPOSE: Final = "queries.tokens"
# What comes before a secret in a path; a test holds every URL against this.
PRIVATE_PATHS: Final = (
    "/survey/",
    "/thread/",
    "/team/join/",
    "/alerts/stop/",
    "/accounts/password/reset/key/",
)
REPLY_ADDRESS: Final = re.compile(r"reply-([a-z2-7]{26})(?:@|%(?:25)*40)", re.IGNORECASE)
# Also mangled, as mail programs and scanners do: "/survey//…", "/Survey/…", "/survey/%22…".
PRIVATE_LINK: Final = re.compile(
    rf"({'|'.join(path.rstrip('/') for path in PRIVATE_PATHS)})([^\w\s…]+)[^\s/?'\"]+",
    re.IGNORECASE,
)
# And as gateways write it in links of their own ("…%2Fthread%2F…", "_thread_…"), or in two lines.
SEPARATOR: Final = r"(?:/|%(?:25)*2F|[^\w\s]|_)"
REWRITTEN_LINK: Final = re.compile(
    rf"(survey|thread|join|stop)({SEPARATOR}{{1,8}})([\w-]+(?:=?\r?\n[>\s]*[\w-]+)?)", re.IGNORECASE
)
SHORTEST_REST: Final = 20  # characters of a token that are worth hiding
TOKEN: Final = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII)  # wherever it stands
LINE_BREAK: Final = r"(?:=?\r?\n[> \t]*)?"


class MakeToken(Protocol):
    """Makes a token from a salt and a key."""

    def __call__(self, salt: str, *, key: str | None = None) -> str:
        """Return the token."""


def new_salt() -> str:
    """Return 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(SALT_BYTES)


def salt_of(*parts: object) -> str:
    """Return the salt of the link about something: 128 bits that only the SECRET_KEY makes of it.

    `parts` say what it is about, the same again in a restored backup and never of anything else.
    """
    about = json.dumps([str(part) for part in parts])
    return salted_hmac(f"{PURPOSE}.salt", about, algorithm="sha256").hexdigest()[: 2 * SALT_BYTES]


def token_for(salt: str, *, key: str | None = None) -> str:
    """Return the token of a link: 256 bits as 43 characters that are safe in a URL.

    It is made with the SECRET_KEY unless another key is given.
    """
    mac = salted_hmac(PURPOSE, salt, secret=key, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def reply_token_for(salt: str, *, key: str | None = None) -> str:
    """Return the token of a mail address: 128 bits as 26 characters, whatever their case.

    Another one than the link's: an address is in headers and logs of mail servers on its way.
    """
    mac = salted_hmac(f"{PURPOSE}.reply", salt, secret=key, algorithm="sha256").digest()
    return b32encode(mac[:16]).rstrip(b"=").decode().lower()


def token_known_as(known: str | None, salt: str, *, make: MakeToken = token_for) -> str:
    """Return the token whose digest is `known`, made with the key of now or one of before.

    That of the present key when none of them made it.
    """
    for key in settings.SECRET_KEY_FALLBACKS:
        if digest(token := make(salt, key=key)) == known:
            return token
    return make(salt)


def digest(token: str) -> str:
    """Return what the database may know of a token: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def mask(text: str, *, known: Iterable[str] = ()) -> str:
    """Return the text with the secret of every private link in it left out.

    `known` are tokens that may be in it: they are found also where a mail program broke a line.
    """
    for token in known:
        broken = LINE_BREAK.join(re.escape(character) for character in token)
        text = re.sub(broken, "…", text, flags=re.IGNORECASE)
    text = REPLY_ADDRESS.sub("reply-…@", text)
    text = REWRITTEN_LINK.sub(_without_token, text)
    return TOKEN.sub("…", PRIVATE_LINK.sub(r"\1\2…", text))


def _without_token(found: re.Match[str]) -> str:
    name, separators, rest = found.groups()
    length = len(re.sub(r"\W", "", rest))
    return f"{name}{separators}…" if length >= SHORTEST_REST else found[0]

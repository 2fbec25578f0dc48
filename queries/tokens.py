"""The secret in a private link, and where such links lead.

The database holds a random salt and the SHA-256 of the token, never the token. The token is
made from the salt with a key that is not in the database, so that a mail whose sending was
interrupted can be sent again with the same link (docs/decisions/0001-survey-links.md).
"""

import hashlib
import re
import secrets
from base64 import b32encode, urlsafe_b64encode
from typing import Final

from django.utils.crypto import salted_hmac

SALT_BYTES: Final = 16
# What comes before a secret in a path; a test holds every URL against this.
PRIVATE_PATHS: Final = ("/survey/", "/thread/", "/accounts/password/reset/key/")
REPLY_ADDRESS: Final = re.compile(r"reply-([a-z2-7]{26})@", re.IGNORECASE)
# Also mangled, as mail programs and scanners do: "/survey//…", "/Survey/…", "/survey/%22…".
PRIVATE_LINK: Final = re.compile(
    rf"({'|'.join(path.rstrip('/') for path in PRIVATE_PATHS)})([^\w\s]+)[^\s/?'\"]+", re.IGNORECASE
)
TOKEN: Final = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII)  # wherever it stands


def new_salt() -> str:
    """Return 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(SALT_BYTES)


def token_for(salt: str) -> str:
    """Return the token of a link: 256 bits as 43 characters that are safe in a URL."""
    mac = salted_hmac("queries.tokens", salt, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def reply_token_for(salt: str) -> str:
    """Return the token of a mail address: 128 bits as 26 characters, whatever their case.

    Another one than the link's: an address is in headers and logs of mail servers on its way.
    """
    mac = salted_hmac("queries.tokens.reply", salt, algorithm="sha256").digest()
    return b32encode(mac[:16]).rstrip(b"=").decode().lower()


def digest(token: str) -> str:
    """Return what the database may know of a token: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def mask(text: str) -> str:
    """Return the text with the secret of every private link in it left out."""
    text = REPLY_ADDRESS.sub("reply-…@", text)
    return TOKEN.sub("…", PRIVATE_LINK.sub(r"\1\2…", text))

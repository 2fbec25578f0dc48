"""The secret in a survey link.

The database holds a random salt and the SHA-256 of the token, never the token. The token is
made from the salt with a key that is not in the database, so that a mail whose sending was
interrupted can be sent again with the same link (docs/decisions/0001-survey-links.md).
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode

from django.utils.crypto import salted_hmac

SALT_BYTES = 16


def new_salt() -> str:
    """Return 128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(SALT_BYTES)


def token_for(salt: str) -> str:
    """Return the token of a link: 256 bits as 43 characters that are safe in an address."""
    mac = salted_hmac("surveys.tokens", salt, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest(token: str) -> str:
    """Return what the database may know of a token: its SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()

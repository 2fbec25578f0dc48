"""What the portal must be able to read again, but a copy of the database must not tell.

The key is made from SECRET_KEY, which is not in the database. After SECRET_KEY was changed, what
was sealed before is read with a key of SECRET_KEY_FALLBACKS.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

PURPOSE = b"sellers.sealing"
KEY_BYTES = 32


class CannotBeUnsealed(Exception):
    """It was sealed with another key, or is damaged."""


def seal(text: str) -> str:
    """Return a text that only the portal can read; another one each time."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed. Raises CannotBeUnsealed."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotBeUnsealed from None


def _keys() -> MultiFernet:
    """Return the present key, and those of before."""
    return MultiFernet(
        Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )


def _key(secret: str | bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=PURPOSE)
    return urlsafe_b64encode(derived.derive(force_bytes(secret)))

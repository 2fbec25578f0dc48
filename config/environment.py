"""Read settings from the environment; a wrong value stops the start with a sentence that helps."""

import json
import os
import re
from datetime import timedelta
from typing import Final

from django.core.exceptions import ImproperlyConfigured
from jwt import PyJWK
from jwt.exceptions import PyJWTError

SHORTEST_RETENTION = timedelta(days=30)  # 24m is 24 minutes: whoever means months learns it here
LONGEST_RETENTION = timedelta(days=36_500)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
SIGNATURES: Final = ("EdDSA", "ES256", "RS256")  # of a private key, which is not ours
SHORTEST_RSA_KEY: Final = 2048  # bits


def required(name: str, *, why: str) -> str:
    """Return the value of `name`; raise ImproperlyConfigured with `why` when it is missing."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"Set {name}: {why} See .env.example; on a laptop use make demo."
        )
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no; raise ImproperlyConfigured for anything else."""
    value = os.environ.get(name, str(default)).strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false.")


def whole_number(name: str, *, default: int, least: int = 0) -> int:
    """Return a number of things; raise ImproperlyConfigured for anything else."""
    value = os.environ.get(name, str(default)).strip()
    if not re.fullmatch(r"[0-9]{1,6}", value) or int(value) < least:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a whole number from {least} to 999999."
        )
    return int(value)


def duration(name: str, *, default: str = "") -> timedelta:
    """Return a length of time written as a whole number and a unit: 30s, 15m, 24h or 30d."""
    value = os.environ.get(name, default).strip()
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", value)
    if not match:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a duration such as 30s, 15m, 24h or 30d."
        )
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def ports(name: str, *, default: str) -> frozenset[int]:
    """Return the ports in a list with commas; raise ImproperlyConfigured for anything else."""
    value = os.environ.get(name, default)
    found = [text.strip() for text in value.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65_536 for text in found):
        raise ImproperlyConfigured(f"{name}={value!r} is not a list of ports such as 443,8443.")
    return frozenset(map(int, found))


def retention(name: str) -> timedelta | None:
    """Return how long something is kept, None for ever; refuse what can only be a mistake."""
    if not os.environ.get(name, "").strip():
        return None
    period = duration(name)
    if not SHORTEST_RETENTION <= period <= LONGEST_RETENTION:
        raise ImproperlyConfigured(
            f"{name}={os.environ[name]!r} is not between {SHORTEST_RETENTION.days}d and "
            f"{LONGEST_RETENTION.days}d; leave it empty to keep for ever."
        )
    return period


def public_keys(name: str) -> list[PyJWK]:
    """Return the keys of a JWK or a JWK Set (RFC 7517), none when it is not set.

    Refuses a private or a secret key: with it somebody who reads our settings could sign.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return []
    try:
        given = json.loads(value)
        rows = given.get("keys", [given])
        keys = [PyJWK.from_dict(row) for row in rows]
    except (ValueError, TypeError, AttributeError, PyJWTError) as error:
        raise ImproperlyConfigured(
            f"{name} is not a public key written as JSON (a JWK, or a JWK Set)."
        ) from error
    for row, key in zip(rows, keys, strict=True):
        is_short = key.key_type == "RSA" and key.key.key_size < SHORTEST_RSA_KEY
        if "d" in row or key.algorithm_name not in SIGNATURES or is_short:
            raise ImproperlyConfigured(
                f"{name} must hold public keys only, for EdDSA, ES256 or RS256 "
                f"({SHORTEST_RSA_KEY} bits or more)."
            )
    return keys

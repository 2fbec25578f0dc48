"""Read settings from the environment; what is wrong stops the start, each with a sentence.

Each function reads one variable by its name and raises ImproperlyConfigured for what it cannot be.
A value may be in a file instead, as services hand out secrets: NAME_FILE has its path.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured
from jwt import PyJWK
from jwt.exceptions import PyJWTError

P = ParamSpec("P")
T = TypeVar("T")

SHORTEST_RETENTION = timedelta(days=30)  # 24m is 24 minutes: whoever means months learns it here
LONGEST_RETENTION = timedelta(days=36_500)
LONGEST_TIMEOUT: Final = timedelta(days=7)  # PostgreSQL counts milliseconds in 31 bits
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
SIGNATURES: Final = ("EdDSA", "ES256", "RS256")  # of a private key, which is not ours
SHORTEST_RSA_KEY: Final = 2048  # bits
SHORTEST_SECRET: Final = 32  # characters
HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?|\[?[0-9a-f:.]+\]?", re.IGNORECASE)
DATABASES: Final = ("postgresql", "postgres")
CACHES: Final = ("rediscache", "rediss", "locmemcache")  # the last is one process's alone
BROKERS: Final = ("redis", "rediss", "amqp", "amqps", "filesystem", "memory")
MAILERS: Final = ("smtp", "smtp+tls", "smtps", "smtp+ssl", "filemail", "consolemail", "memorymail")
SMTP: Final = "django.core.mail.backends.smtp.EmailBackend"  # ours notices more
FOR_A_LAPTOP: Final = ("filesystem", "memory", "filemail", "consolemail", "memorymail")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long PostgreSQL lets a process take before it ends what it does; zero is for ever."""

    statement: timedelta
    lock: timedelta  # waiting for one
    idle: timedelta  # in a transaction, between two statements

    def as_options(self) -> str:
        """Return what a connection asks of the server when it begins, in milliseconds."""
        asked = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle,
        }
        return " ".join(
            f"-c {name}={limit // timedelta(milliseconds=1)}" for name, limit in asked.items()
        )


class Reading:
    """Reads the settings one after another, and says at the end of all that were wrong."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def __call__(self, read: Callable[P, T], *asked: P.args, **how: P.kwargs) -> T:
        """Return what `read` returns; when it refuses, note why and return its default, or None.

        What depends on a value that is wrong is read all the same, and the start ends later.
        """
        try:
            return read(*asked, **how)
        except ImproperlyConfigured as error:
            self.wrong.append(str(error))
            return how.get("default")  # type: ignore[return-value]  # never used: see `finish`

    def refuse(self, sentence: str) -> None:
        """Note what is wrong with several of them together."""
        self.wrong.append(sentence)

    def finish(self) -> None:
        """Raise ImproperlyConfigured when anything was wrong: a line each."""
        if self.wrong:
            raise ImproperlyConfigured("\n".join(self.wrong))


@contextmanager
def in_sentences() -> Iterator[None]:
    """End the program with what is wrong with its settings, and no traceback."""
    try:
        yield
    except ImproperlyConfigured as error:
        sys.exit(f"Nazorg cannot start:\n{error}")


def value_of(name: str, *, default: str = "") -> str:
    """Return what a variable, or the file that NAME_FILE names, says, without space around it."""
    if file := os.environ.get(f"{name}_FILE", "").strip():
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise ImproperlyConfigured(f"{name}_FILE={file!r} cannot be read: {reason}.") from error
    return os.environ.get(name, default).strip()


def required(name: str, *, why: str) -> str:
    """Return the value of `name`; raise ImproperlyConfigured with `why` when it is missing."""
    value = value_of(name)
    if not value:
        raise ImproperlyConfigured(
            f"Set {name}: {why} See .env.example; on a laptop use make demo."
        )
    return value


def secret(name: str, *, why: str = "", default: str) -> str:
    """Return a key that nobody guesses; `default` where none is needed (`why`), or it is none."""
    value = required(name, why=why) if why else value_of(name)
    if not value:
        return default
    if len(value) < SHORTEST_SECRET:
        raise ImproperlyConfigured(
            f"{name} has {len(value)} characters; it needs {SHORTEST_SECRET} or more, by chance: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return value


def keys(name: str, *, default: list[str]) -> list[str]:
    """Return keys of before in a list with commas; none of them is empty."""
    value = value_of(name)
    found = [text.strip() for text in value.split(",")]
    if value and not all(found):
        raise ImproperlyConfigured(f"{name} has a comma too many: no key is empty.")
    return found if value else default


def site(name: str, *, default: str) -> str:
    """Return where the portal is reached: https://portal.example, without a path."""
    value = value_of(name, default=default) or default
    parts = _parts(value)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not _is_host(parts.hostname)
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a URL such as https://portal.example, without a path."
        )
    return f"{parts.scheme}://{parts.netloc}"


def link(name: str, *, default: str = "") -> str:
    """Return a URL that people can follow, or nothing."""
    value = value_of(name, default=default)
    parts = _parts(value)
    if value and (parts is None or parts.scheme not in ("http", "https") or not parts.hostname):
        raise ImproperlyConfigured(f"{name}={value!r} is not a URL such as https://shop.example/.")
    return value


def reports(name: str) -> str:
    """Return where errors are reported to, or nothing."""
    value = value_of(name)
    parts = _parts(value)
    project = parts.path.rpartition("/")[2] if parts else ""
    if value and not (
        parts
        and parts.scheme in ("http", "https")
        and parts.hostname
        and parts.username
        and project.isascii()
        and project.isdigit()
    ):
        raise ImproperlyConfigured(
            f"{name} is not such as https://key@sentry.example/1: the key and the number of a "
            "project."
        )
    return value


def hosts(name: str, *, default: list[str]) -> list[str]:
    """Return host names in a list with commas; one with a dot before it is all below it."""
    value = value_of(name)
    found = [text.strip() for text in value.split(",") if text.strip()]
    for host in found:
        if not _is_host(host.removeprefix(".")):
            raise ImproperlyConfigured(
                f"{name}: {host!r} is not a host name such as portal.example, without https:// "
                "and without a port."
            )
    return found or default


def host(name: str, *, default: str = "") -> str:
    """Return one host name in lower case, or nothing."""
    value = value_of(name, default=default).lower()
    if value and not _is_host(value):
        raise ImproperlyConfigured(f"{name}={value!r} is not a domain such as reply.shop.example.")
    return value


def words(name: str, *, default: str) -> str:
    """Return a name that people read: one line, not empty."""
    value = value_of(name, default=default)
    if not value or not value.isprintable():
        raise ImproperlyConfigured(
            f"{name} is empty or more than a line. Leave it out for {default!r}."
        )
    return value


def one_of(name: str, choices: tuple[str, ...], *, default: str) -> str:
    """Return one of a few."""
    value = value_of(name, default=default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is none of {', '.join(choices)}.")
    return value


def sender(name: str, *, default: str) -> str:
    """Return an address with a name before it, perhaps."""
    value = value_of(name, default=default) or default
    _display, address = parseaddr(value)
    local, at, domain = address.rpartition("@")
    if not (local and at and _is_host(domain) and value.isprintable()):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an address such as Markt <survey@portal.example>."
        )
    return value


def database(name: str, *, why: str = "", default: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings of a database of PostgreSQL; none where none is needed (`why`)."""
    value = required(name, why=why) if why else value_of(name)
    if not value:
        return default
    parts = _parts(value)
    is_whole = parts is not None and parts.path.strip("/") and (parts.hostname or parts.query)
    if parts is None or parts.scheme not in DATABASES or not is_whole:
        raise ImproperlyConfigured(
            f"{name} is not a URL of PostgreSQL: postgresql://user:password@host/name. No other "
            "database will do."
        )
    return {"OPTIONS": {}, **environ.Env.db_url_config(value)}


def cache(name: str, *, why: str, default: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings of a cache."""
    value = required(name, why=why)
    parts = _parts(value)
    if parts is None or parts.scheme not in CACHES or not _reaches(parts, ("locmemcache",)):
        raise ImproperlyConfigured(
            f"{name} is not a URL such as rediscache://redis.example:6379/1."
        )
    return dict(environ.Env.cache_url_config(value))


def broker(name: str, *, default: str) -> str:
    """Return the URL of the broker that Celery knows."""
    value = value_of(name, default=default) or default
    parts = _parts(value)
    if parts is None or parts.scheme not in BROKERS or not _reaches(parts, FOR_A_LAPTOP):
        raise ImproperlyConfigured(
            f"{name} is not a URL such as redis://redis.example:6379/0 or amqp://…"
        )
    return value


def mail_server(name: str, *, default: dict[str, Any]) -> dict[str, Any]:
    """Return Django's settings of where mail is handed over."""
    value = value_of(name)
    if not value:
        return default
    parts = _parts(value)
    if parts is None or parts.scheme not in MAILERS or not _reaches(parts, FOR_A_LAPTOP):
        raise ImproperlyConfigured(
            f"{name} is not a URL such as smtp+tls://user:password@mail.example:587."
        )
    found = dict(environ.Env.email_url_config(value))
    backend = found["EMAIL_BACKEND"]
    return found | {"EMAIL_BACKEND": default["EMAIL_BACKEND"] if backend == SMTP else backend}


def _parts(value: str) -> SplitResult | None:
    """Return the parts of a URL whose port is a number; None when it is none."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  raises ValueError
    except ValueError:
        return None
    return parts if parts.scheme else None


def _reaches(parts: SplitResult, local: tuple[str, ...]) -> bool:
    """Return whether a URL has a host, unless it is a kind of this machine alone."""
    return parts.scheme in local or _is_host(parts.hostname)


def _is_host(text: str | None) -> bool:
    return bool(text and HOST.fullmatch(text) and ".." not in text)


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no; raise ImproperlyConfigured for anything else."""
    value = value_of(name, default=str(default)).lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither true nor false.")


def whole_number(name: str, *, default: int, least: int = 0) -> int:
    """Return a number of things; raise ImproperlyConfigured for anything else."""
    value = value_of(name, default=str(default))
    if not re.fullmatch(r"[0-9]{1,6}", value) or int(value) < least:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a whole number from {least} to 999999."
        )
    return int(value)


def time_zone(name: str, *, default: ZoneInfo) -> ZoneInfo:
    """Return the time zone of this name; raise ImproperlyConfigured when there is none."""
    value = value_of(name)
    try:
        return ZoneInfo(value) if value else default
    except (KeyError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a time zone such as Europe/Amsterdam."
        ) from error


def duration(name: str, *, default: timedelta | None) -> timedelta | None:
    """Return a length of time written as a whole number and a unit: 30s, 15m, 24h or 30d."""
    value = value_of(name)
    if not value:
        return default
    length = _length(value)
    if length is None:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a duration such as 30s, 15m, 24h or 30d."
        )
    return length


def _length(text: str) -> timedelta | None:
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    return timedelta(**{UNITS[match[2]]: int(match[1])}) if match else None


def timeouts(name: str, *, default: Timeouts) -> Timeouts:
    """Return the limits that are named: statement=20s lock=2s idle=1m; others keep theirs."""
    given = [part.partition("=") for part in value_of(name).split()]
    known = {field.name for field in fields(Timeouts)}
    limits = {
        kind: length
        for kind, _equals, text in given
        if kind in known and (length := _length(text)) is not None and length <= LONGEST_TIMEOUT
    }
    if len(limits) < len(given):
        raise ImproperlyConfigured(
            f"{name}={value_of(name)!r} is not such as statement=20s lock=2s idle=1m: each once, "
            f"at most {LONGEST_TIMEOUT.days}d, and 0s for no end."
        )
    return replace(default, **limits)


def ports(name: str, *, default: frozenset[int]) -> frozenset[int]:
    """Return the ports in a list with commas; raise ImproperlyConfigured for anything else."""
    value = value_of(name)
    if not value:
        return default
    found = [text.strip() for text in value.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65_536 for text in found):
        raise ImproperlyConfigured(f"{name}={value!r} is not a list of ports such as 443,8443.")
    return frozenset(map(int, found))


def retention(name: str) -> timedelta | None:
    """Return how long something is kept, None for ever; refuse what can only be a mistake."""
    if not value_of(name):
        return None
    period = duration(name, default=None)
    if period is None or not SHORTEST_RETENTION <= period <= LONGEST_RETENTION:
        raise ImproperlyConfigured(
            f"{name}={value_of(name)!r} is not between {SHORTEST_RETENTION.days}d and "
            f"{LONGEST_RETENTION.days}d; leave it empty to keep for ever."
        )
    return period


def public_keys(name: str) -> list[PyJWK]:
    """Return the keys of a JWK or a JWK Set (RFC 7517), none when it is not set.

    Refuses a private or a secret key: with it somebody who reads our settings could sign.
    """
    value = value_of(name)
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

"""The cache when Redis is away: nothing is remembered, and nobody is kept waiting or out."""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

# In seconds. An answer takes a thousandth of one; a log-in asks for a dozen, one after another.
PATIENCE: Final = 0.25
LEFT_ALONE: Final = 5
IMPATIENT: Final = {
    "socket_connect_timeout": PATIENCE,
    "socket_timeout": PATIENCE,
    "retry": Retry(NoBackoff(), 1),  # a connection that was closed meanwhile
}


class ForgetfulRedis(RedisCache):
    """Redis, and what is answered without it: that a key is new, and a count is its first.

    So throttles let everybody in, as PRODUCT asks for: a customer needs nothing but PostgreSQL.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = IMPATIENT | params.get("OPTIONS", {})
        super().__init__(server, {**params, "OPTIONS": options})

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> Any:
        """Store what is new; return whether it is."""
        return _or(super().add, key, value, timeout, version, without=True)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return what is stored."""
        return _or(super().get, key, default, version, without=default)

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Store a value."""
        _or(super().set, key, value, timeout, version, without=None)

    def delete(self, key: str, version: int | None = None) -> Any:
        """Forget a value; return whether there was one."""
        return _or(super().delete, key, version, without=False)

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> Any:
        """Count; return how many there are."""
        return _or(super().incr, key, delta, version, without=delta)


class _Away:
    """Until when Redis is not asked again, in this process."""

    until = 0.0


def _or(ask: Callable[..., Any], *asked: Any, without: object) -> Any:
    """Return what Redis answers, or what is said without it."""
    if time.monotonic() < _Away.until:
        return without
    try:
        return ask(*asked)
    except RedisError as error:
        _Away.until = time.monotonic() + LEFT_ALONE
        logger.warning("Redis does not answer, so nothing is counted: %s", type(error).__name__)
        return without

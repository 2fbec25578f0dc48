"""What only reads and costs much is read from a replica, as if from the primary.

A page is made there only when the replica has replayed all that was committed before the page was
asked for; else the primary makes it. So nobody needs to remember who wrote what:
docs/decisions/0036-reading-from-a-replica.md.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from psycopg.errors import QueryCanceled

from config.middleware import SAFE_METHODS, GetResponse

logger = logging.getLogger(__name__)

REPLICA: Final = "replica"  # its name among the databases of the settings
# Pages, PDF and downloads of the NPS tab, the inbox as a file, and what programs read of either.
OF_NAMESPACE: Final = ("insights",)
OF_NAME: Final = (
    "queries:export",
    "api-v1:change-list",
    "api-v1:measurement-",
    "api-v1:nps-",
)
# In seconds. A replica nearby is some thousandths behind.
PATIENCE: Final = 0.1
LOOK_EVERY: Final = 0.005
LEFT_ALONE: Final = 2
# All that is committed, and told to whoever wrote it, is before this.
COMMITTED: Final = "SELECT pg_current_wal_flush_lsn()"
# One that was promoted goes its own way.
HAS_REPLAYED: Final = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s"


class ReadFromReplica:
    """Let heavy pages that are only looked at read from the replica, the primary when it cannot.

    While the page is made, Django's default connection is the replica's, so that all of it is read
    at one place: also what goes around the ORM. A database router would not reach that.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand on; what matters is which page it leads to."""
        return self._get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        arguments: tuple[Any, ...],
        named: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Return the page as made from the replica; None when the primary is to make it."""
        match = request.resolver_match
        if request.method not in SAFE_METHODS or match is None or not is_heavy(match):
            return None
        if not _has_caught_up():
            return None
        primary, replica = connections[DEFAULT_DB_ALIAS], connections[REPLICA]
        connections[DEFAULT_DB_ALIAS] = replica
        try:
            return view(request, *arguments, **named)
        except Error as error:
            if isinstance(error.__cause__, QueryCanceled) or not replica.errors_occurred:
                raise  # it took too long, or cannot be: the primary would say the same
            _leave_alone(f"failed: {type(error.__cause__).__name__}")
        finally:
            connections[DEFAULT_DB_ALIAS] = primary
        return None


def is_heavy(match: ResolverMatch) -> bool:
    """Return whether a page is one of those that the replica is for."""
    return match.namespace in OF_NAMESPACE or match.view_name.startswith(OF_NAME)


class _Away:
    """Until when the replica is not asked again, in this process."""

    until = 0.0


def _leave_alone(why: str) -> None:
    _Away.until = time.monotonic() + LEFT_ALONE
    logger.warning("The replica %s. The primary answers.", why)


def _has_caught_up() -> bool:
    """Return whether the replica has all that was committed until now; it is waited for a moment.

    Only a commit that is on the primary's disk is told to whoever asked for it, and only what is on
    its disk is sent on. Raises the primary's own errors.
    """
    if time.monotonic() < _Away.until:
        return False
    with connection.cursor() as primary:
        primary.execute(COMMITTED)
        committed = primary.fetchone()
    deadline = time.monotonic() + PATIENCE
    try:
        with connections[REPLICA].cursor() as replica:
            while time.monotonic() < deadline:
                replica.execute(HAS_REPLAYED, committed)
                if replica.fetchone() == (True,):
                    return True
                time.sleep(LOOK_EVERY)
    except Error as error:
        _leave_alone(f"does not answer: {type(error.__cause__).__name__}")
        return False
    _leave_alone("is behind")
    return False

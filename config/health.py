"""What machines ask: whether it lives, whether it is ready, and whether work gets done.

Answered before anything else looks at the request, so that a database that is gone, a wrong host
name or a redirect to https keeps nobody from knowing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from config.database_check import alone
from config.replica import REPLICA
from insights.watching import behind
from sellers import mailings
from sellers.models import Clock, Installation, WebhookDelivery
from surveys.backlog import LATE_AFTER, backlog

OK: Final = "ok"

GetResponse = Callable[[HttpRequest], HttpResponse]


def health(get_response: GetResponse) -> GetResponse:
    """Answer below /health/ and hand on all else."""
    pages = {"/health/live": live, "/health/ready": ready, "/health/sender": sender}

    def middleware(request: HttpRequest) -> HttpResponse:
        page = pages.get(request.path_info)
        return page() if page else get_response(request)

    return middleware


def live() -> HttpResponse:
    """Say that the process answers; touches nothing."""
    return HttpResponse(OK, content_type="text/plain")


def ready() -> HttpResponse:
    """Say whether pages can be served: the database is there, and has the tables of this code.

    The cache is named too, and the replica, but customers need nothing but the database: while
    these are away, 200.
    """
    said = {"database": _database(), "migrations": "unknown", "cache": _cache()}
    if settings.DATABASE_REPLICA:
        said["replica"] = _database(REPLICA)
    if said["database"] == OK:
        said["migrations"] = OK if _is_migrated() else "missing"
    is_ready = said["database"] == said["migrations"] == OK
    return _answer(said, is_well=is_ready)


def sender() -> HttpResponse:
    """Say how long the oldest of each kind of work has waited, in seconds; 503 when that is long.

    None where nothing waits; a clock that never ticked is as bad as one that stopped, and a
    database that is held as one of which nothing leaves. `behind` is what staff are told of.
    """
    now = timezone.now()
    try:
        found = ages(now=now)
        is_held = Installation.objects.held().exists()
        late_work = list(behind(now=now))
    except DatabaseError:
        return _answer({"database": "away"}, is_well=False)
    late = LATE_AFTER.total_seconds()
    is_late = found["clock"] is None or any((age or 0) > late for age in found.values())
    said = {**found, "held": is_held, "behind": late_work}
    return _answer(said, is_well=not (is_late or is_held or late_work))


def ages(*, now: datetime) -> dict[str, float | None]:
    """Return for how many seconds the oldest of each kind of work has been due, and the last tick.

    `undecided`: closings past the moment of their survey; `unsent`: mails; `undelivered`: calls of
    webhooks; `clock`: since beat and a worker last met.
    """
    calls = WebhookDelivery.objects.due(now=now).order_by("next_try_at")
    since = {
        "undecided": backlog(now=now).closings_since,
        "unsent": mailings.oldest(now=now),
        "undelivered": calls.values_list("next_try_at", flat=True).first(),
        "clock": Clock.objects.values_list("ticked_at", flat=True).first(),
    }
    return {kind: _age(moment, now=now) for kind, moment in since.items()}


def _age(moment: datetime | None, *, now: datetime) -> float | None:
    return None if moment is None else max(now - moment, timedelta()).total_seconds()


def _database(alias: str = DEFAULT_DB_ALIAS) -> str:
    """Ask on a connection of its own, which is not waited for long."""
    try:
        with alone(alias) as mine, mine.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "away"
    return OK


def _cache() -> str:
    """Say whether Redis answers; `ForgetfulRedis` hides that it does not."""
    client = getattr(cache, "_cache", None)
    if not settings.CACHES["default"]["BACKEND"].startswith("config.cache."):
        return OK
    try:
        client.get_client().ping()  # type: ignore[union-attr]
    except Exception:  # noqa: BLE001  whatever it is, it is away
        return "away"
    return OK


class _Known:
    """Whether the tables are those of this code; asked no more once they are."""

    is_migrated = False


def _is_migrated() -> bool:
    if not _Known.is_migrated:
        executor = MigrationExecutor(connection)
        _Known.is_migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _Known.is_migrated


def _answer(said: Mapping[str, Any], *, is_well: bool) -> HttpResponse:
    status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse(said, status=status, headers={"Cache-Control": "no-store"})

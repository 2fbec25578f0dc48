"""What Prometheus collects: how long work waits, how long pages and tasks take, what tasks did.

What waits is asked of the database at that moment. Pages and tasks are counted by the processes of
this host, each in a file of its own below METRICS_ROOT. Nothing of a person is in a label: routes
and tasks have names, not paths.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hmac import compare_digest
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from config.health import ages
from surveys.backlog import MOST_COUNTED, backlog

PAGE: Final = "/health/metrics"
IS_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR" in os.environ  # the settings say so
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")  # others are made up
SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60)  # the last page gives up before 60

mine = CollectorRegistry()
REQUESTS: Final = Histogram(
    "nazorg_request_seconds",
    "How long requests took, by the name of their route.",
    ["route", "method", "status"],
    buckets=SECONDS,
    registry=mine,
)
TASKS: Final = Histogram(
    "nazorg_task_seconds",
    "How long tasks took.",
    ["task", "outcome"],
    buckets=SECONDS,
    registry=mine,
)
DONE: Final = Counter(
    "nazorg_done", "What tasks did: mails sent and bounced, …", ["task", "what"], registry=mine
)

GetResponse = Callable[[HttpRequest], HttpResponse]


def begin() -> None:
    """Forget what the processes of this kind counted that were here before.

    Raises ImproperlyConfigured when nothing can be written there.
    """
    if not IS_SHARED:
        return
    own = settings.METRICS_ROOT / settings.PROCESS
    try:
        own.mkdir(parents=True, exist_ok=True)
        for file in own.glob("*.db"):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"METRICS_ROOT={str(settings.METRICS_ROOT)!r} cannot be written: {error.strerror}."
        ) from error


def metrics_page(get_response: GetResponse) -> GetResponse:
    """Answer Prometheus before any host name or redirect; without a token there is no page."""
    if not settings.METRICS_TOKEN:
        raise MiddlewareNotUsed
    return lambda request: metrics(request) if request.path_info == PAGE else get_response(request)


def timed(get_response: GetResponse) -> GetResponse:
    """Note how long each request took, until its answer began."""
    if not settings.METRICS_TOKEN:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        labels = (route or "none", method, f"{response.status_code // 100}xx")
        REQUESTS.labels(*labels).observe(perf_counter() - began)
        return response

    return middleware


_began: dict[str, float] = {}  # by the task's id


@task_prerun.connect
def note_begin(task_id: str, **_signal: Any) -> None:
    """Note when a task began."""
    _began[task_id] = perf_counter()


@task_postrun.connect
def note_end(task_id: str, task: Any, retval: Any, state: str, **_signal: Any) -> None:
    """Note how long a task took, and what it says that it did."""
    began = _began.pop(task_id, None)
    if began is None or not settings.METRICS_TOKEN:
        return
    TASKS.labels(task.name, state.lower()).observe(perf_counter() - began)
    if isinstance(retval, Mapping):
        for what, count in retval.items():
            DONE.labels(task.name, what).inc(count)


def metrics(request: HttpRequest) -> HttpResponse:
    """Give all of it to who has the token (RFC 6750)."""
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        headers = {"WWW-Authenticate": "Bearer"}
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers=headers)
    registry = CollectorRegistry()
    registry.register(_Collected())
    return HttpResponse(
        generate_latest(registry),
        content_type=CONTENT_TYPE_LATEST,
        headers={"Cache-Control": "no-store"},
    )


class _Collected:
    """What there is at this moment; the registry asks once."""

    def describe(self) -> list[Metric]:
        """Name nothing beforehand."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield what the processes counted and what the database says, as far as it does."""
        yield from _counted(settings.METRICS_ROOT)
        is_there = False
        with suppress(DatabaseError):
            yield from list(_waiting())
            is_there = True
        yield GaugeMetricFamily("nazorg_database_up", "The database answers.", value=is_there)


def _counted(folder: Path) -> Iterable[Metric]:
    if not IS_SHARED:
        return mine.collect()
    files = [str(file) for file in folder.glob("*/*.db")]
    return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]


def _waiting() -> Iterator[Metric]:
    now = timezone.now()
    found = backlog(now=now)
    oldest = GaugeMetricFamily(
        "nazorg_oldest_seconds",
        "How long the oldest of a kind has been due; clock: since the last tick.",
        labels=["kind"],
    )
    for kind, age in ages(now=now).items():
        if age is not None:
            oldest.add_metric([kind], age)
    yield oldest
    waiting = GaugeMetricFamily(
        "nazorg_waiting",
        f"How many are due: closings to decide on; mails and webhook calls up to {MOST_COUNTED}.",
        labels=["kind"],
    )
    counts = {"closings": found.closings, "mails": found.mails, "calls": found.calls}
    for kind, count in {**counts, "stale_closings": found.stale}.items():
        waiting.add_metric([kind], count)
    yield waiting
    is_paused = found.paused_until is not None
    for name, about, value in (
        ("nazorg_held", "The database was restored; nothing leaves it.", found.is_held),
        ("nazorg_mail_paused", "The mail server is left alone for a moment.", is_paused),
        ("nazorg_refused_addresses", "Addresses refused for good in 24 hours.", found.refused),
    ):
        yield GaugeMetricFamily(name, about, value=value)

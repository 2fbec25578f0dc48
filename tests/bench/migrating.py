"""`make bench-migrate`: what others wait for while a migration changes a million measurements.

A constraint and an index, once beside the work as docs/operations.md says, and once as Django
makes them by itself; meanwhile four others answer surveys and read what pages read. The same four
without a migration show what this machine adds. It fails where somebody waits longer than
`LONGEST` for the first.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any, Final

import django
import psycopg

from config.local.bootstrap import BASE, LOCAL, check_space, hold, in_sentences, say
from config.local.postgres import APPLICATION, server
from config.roles import as_owner
from tests.bench import stock
from tests.bench.__main__ import SETTINGS
from tests.bench.changes import LAST

SCALE: Final = stock.Scale("migrating", 200, 1_000_000, 50_000, 200_000, 1_000, 100_000, 1_000)
WAYS: Final = {
    "as operations.md says": "tests.bench.changes.beside",
    "as Django makes them": "tests.bench.changes.at_once",
}
LONGEST: Final = timedelta(milliseconds=200)
OTHERS: Final = 4
CONNECTIONS: Final = {"GRANIAN_BLOCKING_THREADS": str(2 * OTHERS)}
SURVEYS: Final = 4_000
ALONE: Final = 10  # seconds
AROUND: Final = 1  # seconds before and after a migration
PAUSE: Final = 0.02  # seconds, between what each of the others does
# For how long the one of the others who waits for a lock has waited, in seconds.
WAITED: Final = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float
  FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND usename = %s
"""


@dataclass
class Waits:
    """What the others met, in seconds."""

    answers: list[float] = field(default_factory=list)
    readings: list[float] = field(default_factory=list)
    locks: list[float] = field(default_factory=list)

    def row(self, name: str, seconds: float) -> str:
        """Return a line about them."""
        met = "".join(
            f"{len(each):>8}{1000 * sorted(each)[len(each) // 2]:>9.0f}{1000 * max(each):>9.0f}"
            for each in (self.answers, self.readings)
        )
        return f"{name:24}{seconds:>7.1f} s{met}{1000 * max(self.locks):>12.0f}"


def main() -> None:
    """Prepare, migrate in both ways, say what others waited for."""
    check_space(BASE, megabytes=3_000)
    with ExitStack() as stack:
        busy = "This is measured already, by process {pid}."
        stack.enter_context(hold(LOCAL / "bench-migrate.lock", busy=busy))
        say("Starting the database; the first time a million measurements are made …")
        started = stack.enter_context(server(LOCAL / "bench-migrating"))
        os.environ.update(SETTINGS | started.environment | CONNECTIONS)
        django.setup()
        waits = _measured(started.owner_url)
    if max(waits.locks) > LONGEST.total_seconds():
        sys.exit(f"Somebody waited {max(waits.locks):.3f} s for what keeps nobody waiting.")


def _measured(owner_url: str) -> Waits:
    """Measure all ways, print them; return what was met in the first."""
    from tests.bench.pages import open_surveys

    with as_owner():
        _migrate("surveys.migrations")
        stock.prepare(SCALE)
    surveys = iter([survey.invitation for survey in open_surveys(SURVEYS)])
    each = f"{'median':>9}{'longest':>9}"
    say(f"{'milliseconds':33}{'answers':>8}{each}{'reading':>8}{each}{'for a lock':>12}")
    seconds, waits = _meanwhile(partial(time.sleep, ALONE), surveys, owner_url)
    say(waits.row("no migration", seconds))
    outcomes = []
    for name, modules in WAYS.items():
        seconds, waits = _meanwhile(partial(_migrate, modules, to=""), surveys, owner_url)
        say(waits.row(name, seconds))
        outcomes.append(waits)
        _migrate(modules)
    return outcomes[0]


def _migrate(modules: str, *, to: str = LAST) -> None:
    """Have `manage.py migrate` bring surveys to where `to` is, with the migrations of a package."""
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = {"surveys": modules}
    call_command("migrate", "surveys", *filter(None, [to]), verbosity=0)


def _meanwhile(
    work: Callable[[], None], surveys: Iterator[Any], owner_url: str
) -> tuple[float, Waits]:
    """Do some work while others are busy; return the seconds it took, and what they met."""
    waits, over = Waits(), Event()
    with ThreadPoolExecutor(OTHERS + 1) as pool:
        busy = [pool.submit(_be_busy, surveys, waits, over) for _ in range(OTHERS)]
        busy.append(pool.submit(_watch, owner_url, waits, over))
        try:
            time.sleep(AROUND)
            begin = time.monotonic()
            work()
            seconds = time.monotonic() - begin
            time.sleep(AROUND)
        finally:
            over.set()
        for each in busy:
            each.result()
    return seconds, waits


def _be_busy(surveys: Iterator[Any], waits: Waits, over: Event) -> None:
    """Answer surveys, and read what pages read of the shop."""
    from django.db import connection

    from sellers.events import Actor
    from surveys import answers

    try:
        while not over.wait(PAUSE):
            invitation = next(surveys)
            begin = time.monotonic()
            answers.submit(
                invitation.token_digest,
                score=8,
                reason="",
                topics=[],
                may_contact=None,
                opened_at=None,
                by=Actor.CUSTOMER,
                now=stock.NOW,
            )
            answered = time.monotonic()
            _read(invitation.seller_id)
            waits.answers.append(answered - begin)
            waits.readings.append(time.monotonic() - answered)
    finally:
        connection.close()


def _read(seller: int) -> None:
    """Read the latest measurements and the score of this month, as the tab does."""
    from surveys.models import SurveyResponse

    responses = SurveyResponse.objects.for_shops().filter(seller=seller)
    list(responses.counting().with_contact().latest_first()[:20])
    month = stock.NOW.date().replace(day=1)
    responses.in_months(month, month).tallies()


def _watch(owner_url: str, waits: Waits, over: Event) -> None:
    """Look again and again who waits for a lock, and for how long."""
    with psycopg.connect(owner_url, autocommit=True) as looking:
        while not over.wait(0.005):
            row = looking.execute(WAITED, [APPLICATION]).fetchone()
            waits.locks.append(row[0] if row else 0.0)


if __name__ == "__main__":
    with in_sentences():
        sys.exit(main())

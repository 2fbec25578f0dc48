"""How fast a worker decides, in a process of its own, and what the search for due work costs."""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from typing import Final

import django
import psutil
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.roles import as_owner
from surveys.deciding import decide_due, survey_rules
from tests.bench.measuring import Figure, at_least, at_most
from tests.bench.stock import NOW

MEGABYTE: Final = 1024 * 1024
# A table like that of the decisions, with all its indexes and checks; the rows come in by COPY,
# and nobody asks whether they may.
BARE_TABLE: Final = (
    "DROP TABLE IF EXISTS bench_decision",
    "CREATE TABLE bench_decision (LIKE surveys_invitation INCLUDING ALL)",
)
LATEST: Final = "COPY (SELECT * FROM surveys_invitation ORDER BY id DESC LIMIT %s) TO STDOUT"


@dataclass(frozen=True, slots=True)
class Batch:
    """One transaction: how many closings, and what they cost deciding and bare."""

    decided: int
    seconds: float
    bare_seconds: float
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How the database finds what is due: its own words, and the pages it looked at per row."""

    text: str
    rows: int
    pages: int


def decide_in_a_process(*, most: int) -> list[Batch]:
    """Decide up to `most` batches in a fresh process, as a worker does."""
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=django.setup) as worker:
        return worker.submit(decide, most).result()


def decide(most: int) -> list[Batch]:
    """Decide as the task does, until nothing is due; after each batch store its rows bare."""
    with as_owner(), connection.cursor() as cursor:
        for statement in BARE_TABLE:
            cursor.execute(statement)
    rules = survey_rules(now=NOW)
    batches = []
    while len(batches) < most:
        begin = time.perf_counter()
        decided = decide_due(now=NOW, rules=rules).total()
        seconds = time.perf_counter() - begin
        if not decided:
            break
        resident = psutil.Process().memory_info().rss
        batches.append(Batch(decided, seconds, _store_bare(decided), resident))
    return batches


def _store_bare(number: int) -> float:
    """Store the latest decisions once more, without deciding; return the seconds it took."""
    with connection.cursor() as cursor, cursor.copy(LATEST, [number]) as copy:
        rows = b"".join(copy)
    begin = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy("COPY bench_decision FROM STDIN") as copy:
        copy.write(rows)
    return time.perf_counter() - begin


def plan_of_search() -> Plan:
    """Explain the very statement with which a batch begins; decides nothing."""
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            decide_due(now=NOW, rules=survey_rules(now=NOW))
        transaction.set_rollback(True)
    search = next(query["sql"] for query in asked if "FOR UPDATE" in query["sql"])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {search}")
        lines = [line for (line,) in cursor.fetchall()]
        transaction.set_rollback(True)
    text = "\n".join(lines)
    pages = next(line for line in lines if "Buffers:" in line)
    return Plan(
        text=text,
        rows=int(float(re.search(r"actual time=\S+ rows=([\d.]+)", text)[1])),
        pages=sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", pages)),
    )


def deciding_figures(batches: Sequence[Batch], plan: Plan) -> Iterator[Figure]:
    """Measure a worker's speed and memory, and of the search for what is due."""
    count, half = len(batches), len(batches) // 2
    rate, bare = _rate(batches), _rate(batches, bare=True)
    yield Figure(
        name="decisions per second of one worker",
        value=rate,
        against=f"bare COPY of the same rows: {bare:,.0f}",
        ratio=rate / bare,
        goal=at_least(2000, rate),
        count=count,
    )
    # What was decided leaves dead entries in the index of what is due.
    first, second = _typical_rate(batches[:half]), _typical_rate(batches[half:])
    yield Figure(
        name="… in the second half of the batches",
        value=second,
        against=f"the first half: {first:,.0f}",
        ratio=second / first,
        goal=at_least(0.8, second / first),
        count=half,
    )
    start, middle, end = (
        batches[position].resident_bytes / MEGABYTE for position in (0, count // 2, -1)
    )
    yield Figure(
        name="memory of the worker at the end, MB",
        value=end,
        against=f"half-way: {middle:.1f} (first batch: {start:.1f})",
        ratio=end / middle,
        goal=at_most(1.05, end / middle),
        count=count,
    )
    yield Figure(
        name="pages read to find what is due",
        value=plan.pages,
        against=f"closings found: {plan.rows}",
        ratio=plan.pages / plan.rows,
        goal=at_most(20, plan.pages / plan.rows),
    )


def _rate(batches: Sequence[Batch], *, bare: bool = False) -> float:
    """Return the rows per second of all these batches together."""
    seconds = sum(batch.bare_seconds if bare else batch.seconds for batch in batches)
    return sum(batch.decided for batch in batches) / seconds


def _typical_rate(batches: Sequence[Batch]) -> float:
    """Return the rows per second of the batch in the middle."""
    return median(batch.decided / batch.seconds for batch in batches)

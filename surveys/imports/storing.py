"""Measurements from before this portal: in, all of a file or nothing, and never twice."""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache, partial
from itertools import islice
from operator import attrgetter
from typing import NamedTuple, TextIO
from unicodedata import normalize

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from queries.exports import tables
from queries.exports.files import Dialect, csv_pieces
from sellers.events import Actor, event, record_all
from sellers.lines import one_line
from sellers.models import Seller
from surveys.enums import SurveyEvent
from surveys.imports.formats import OWN_PREFIX, Column
from surveys.imports.reading import Measurement, Problem, Reader, Table
from surveys.imports.refusals import FileRefused, WrongCell
from surveys.models import ImportBatch, MeasurementExclusion, SurveyResponse
from surveys.models.batches import FILE_NAME_LENGTH
from surveys.periods import month_of

BATCH = 2_000
NEAREST_NAMES = 20  # unknown shops, of which the nearest name is looked up
OWN_PK = re.compile(rf"{OWN_PREFIX}([0-9]{{1,18}})")  # that many digits fit a primary key

# Score, moment and who closed, by the shop and the external id of a measurement.
Stored = dict[tuple[int, str], tuple[int, datetime, str]]


class SourceFile(NamedTuple):
    """The file that measurements come from: its name without the way to it, and what is in it."""

    name: str
    content: bytes


class RowsRefused(Exception):
    """Nothing was imported, because of these problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many measurements of a file are new, and how many were there already."""

    imported: int = 0
    skipped: int = 0


@transaction.atomic
def import_measurements(
    table: Table,
    *,
    rows: Iterable[tuple[int, list[str]]],
    file: SourceFile,
    seller: str,
    dry_run: bool,
    by: Actor,
    now: datetime,
) -> Outcome:
    """Store the measurements of a file that are not there yet, for ever, as one import.

    `rows` are those of the table; `seller` is the number or name of the shop that they are about,
    or nothing when the file says so itself. Raises FileRefused or RowsRefused, and then nothing
    was stored.
    """
    _wait_for_other_imports()
    batch_pk = ImportBatch.objects.next_pk()
    reader = Reader(table, find_seller=_seller_finder(table, seller), now=now)
    problems: list[Problem] = []
    imported, skipped = Counter[int](), 0
    measurements = _readable_measurements(reader, table, rows, problems)
    while batch := list(islice(measurements, BATCH)):
        new = _not_stored(batch, table, problems)
        imported.update(each.seller for each in new)
        skipped += len(batch) - len(new)
        if not (dry_run or problems):
            _store(new, batch_pk=batch_pk, now=now)
    if problems:
        raise RowsRefused(sorted(problems, key=attrgetter("row")))
    if not imported.total() + skipped:
        raise FileRefused(_("The file has a header but no rows below it."))
    if imported and not dry_run:
        close_batch(batch_pk, file, format_name=table.format.name, skipped=skipped, by=by, now=now)
        _record(imported, batch_pk=batch_pk, by=by, now=now)
    return Outcome(imported.total(), skipped)


def _wait_for_other_imports() -> None:
    """Let one import run at a time, until its transaction ends: each sees what the others did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('surveys.import_measurements'))")


def _seller_finder(table: Table, seller: str) -> Callable[[str], int]:
    """Return what gives the pk of the shop in a cell; one and the same if `seller` is given."""
    in_file = table.has(Column.SELLER)
    if seller and in_file:
        message = _("The file has a column %(column)s itself. Remove that column, or --seller.")
        raise FileRefused(message % {"column": table.name(Column.SELLER)})
    if not seller and not in_file:
        message = _("The file does not say whose measurements these are. Add --seller.")
        raise FileRefused(message)
    find = _pks_of_sellers()
    if in_file:
        return find
    try:
        pk = find(seller)
    except WrongCell as error:
        raise FileRefused(f"--seller={seller}: {error}") from error
    return lambda _nothing: pk


def _pks_of_sellers() -> Callable[[str], int]:
    """Return what finds the pk of a shop by that pk or its name.

    Neither capitals nor blanks of any kind and number matter, nor how accents are composed.
    """
    by_pk: dict[str, list[int]] = {}
    by_name: defaultdict[str, list[int]] = defaultdict(list)
    names: dict[str, str] = {}
    for pk, name in Seller.objects.order_by("pk").values_list("pk", "name"):
        by_pk[str(pk)] = [pk]
        by_name[_folded(name)].append(pk)
        names[_folded(name)] = name
    nearest = lru_cache(NEAREST_NAMES)(partial(_nearest, names))

    @lru_cache(BATCH)
    def found(text: str) -> list[int]:
        # A name of digits only is never meant: it would change when a shop gets that pk.
        return by_pk.get(text, []) if text.isdecimal() else by_name.get(_folded(text), [])

    def find(text: str) -> int:
        pks = found(text)
        if len(pks) == 1:
            return pks[0]
        if pks:
            message = _("Several sellers have this name. Write the number: %(numbers)s.")
            raise WrongCell(message % {"numbers": ", ".join(map(str, pks))})
        # To look among all names takes long; who misspelled so many mends more than letters.
        if text in asked or len(asked) < NEAREST_NAMES:
            asked.add(text)
            if near := nearest(text):
                message = _("There is no such seller. Is it “%(name)s”, with number %(number)d?")
                raise WrongCell(message % {"name": near, "number": by_name[_folded(near)][0]})
        raise WrongCell(_("There is no such seller. Write its number or its exact name."))

    asked = set[str]()
    return find


def _folded(name: str) -> str:
    return " ".join(normalize("NFC", name).casefold().split())


def _nearest(names: Mapping[str, str], text: str) -> str:
    """Return the name of a shop that a text looks like, or nothing."""
    near = get_close_matches(_folded(text), names, n=1)
    return names[near[0]] if near else ""


def _readable_measurements(
    reader: Reader,
    table: Table,
    rows: Iterable[tuple[int, list[str]]],
    problems: list[Problem],
) -> Iterator[Measurement]:
    """Yield what the rows say, each number once; note the problems."""
    seen: dict[tuple[int, str], int] = {}
    for row, cells in rows:
        result = reader.read(row, cells)
        if not isinstance(result, Measurement):
            problems.extend(result)
            continue
        first = seen.setdefault((result.seller, result.external_id), row)
        if first != row:
            message = _("Row %(row)d has this number too. Leave one of the two out.")
            problems.append(_about_id(result, table, message % {"row": first}))
            continue
        yield result


def _not_stored(
    batch: Sequence[Measurement], table: Table, problems: list[Problem]
) -> list[Measurement]:
    """Return those that are not stored yet; note those that are stored otherwise."""
    stored = _imported(batch) | _made_here(batch)
    new = []
    for each in batch:
        there = stored.get((each.seller, each.external_id))
        if there is None and each.external_id.startswith(OWN_PREFIX):
            message = _(
                "This shop has no such measurement of this portal. If it is another portal's, put "
                "that one's name in place of “%(prefix)s”."
            )
            problems.append(
                _about_id(each, table, message % {"prefix": OWN_PREFIX.removesuffix(":")})
            )
        elif there is None:
            new.append(each)
        elif not each.says(*there):
            message = _(
                "This measurement is stored already, with score %(score)d of %(moment)s, closed "
                "by %(closed_by)s; it never changes. Leave the row out."
            )
            score, moment, closed_by = there
            values = {"score": score, "moment": moment.isoformat(), "closed_by": closed_by}
            problems.append(_about_id(each, table, message % values))
    return new


def _about_id(measurement: Measurement, table: Table, message: str) -> Problem:
    value = measurement.external_id.removeprefix(table.format.prefix)
    return Problem(measurement.row, table.name(Column.EXTERNAL_ID), value, message)


def _made_here(batch: Sequence[Measurement]) -> Stored:
    """Return the measurements of this portal itself, which come back in a download of ours."""
    own_pks = (OWN_PK.fullmatch(each.external_id) for each in batch)
    own = SurveyResponse.objects.filter(pk__in=[int(pk[1]) for pk in own_pks if pk], external_id="")
    rows = own.values_list("seller", "pk", "score", "submitted_at", "closed_by")
    return {
        (seller, f"{OWN_PREFIX}{pk}"): (score, submitted_at, closed_by)
        for seller, pk, score, submitted_at, closed_by in rows
    }


def _imported(batch: Sequence[Measurement]) -> Stored:
    """Return the measurements that were imported before.

    Raises FileRefused when staff excluded the import that brought one in: it is there, and yet
    does not count.
    """
    # A join and not two IN lists: those would look up every external id at every shop.
    statement = """
        SELECT response.seller_id, response.external_id,
               response.score, response.submitted_at, response.closed_by, exclusion.batch_id
          FROM json_array_elements(%s::json) AS wanted
          JOIN surveys_surveyresponse AS response
            ON response.seller_id = (wanted->>0)::bigint
           AND response.external_id = wanted->>1
           AND NOT response.external_id = ''
          LEFT JOIN surveys_measurementexclusion AS exclusion
            ON exclusion.batch_id = response.batch_id
           AND exclusion.lifted_at IS NULL
    """
    # As JSON: arrays are written letter by letter, which takes a tenth of an import.
    wanted = json.dumps([(each.seller, each.external_id) for each in batch])
    with connection.cursor() as cursor:
        cursor.execute(statement, [wanted])
        rows = cursor.fetchall()
    if excluded := {batch_pk for *_rest, batch_pk in rows if batch_pk}:
        raise FileRefused(_about_excluded(min(excluded)))
    return {(seller, external_id): tuple(rest) for seller, external_id, *rest, _batch in rows}


def _about_excluded(batch_pk: int) -> str:
    """Return why a file is refused of which rows came in before, with an import that is out."""
    exclusion = MeasurementExclusion.objects.in_force().select_related("batch").get(batch=batch_pk)
    message = _(
        "Measurements of this file came in before, with import %(import)s, which is excluded "
        "(“%(reason)s”). Include that import again in the admin, or leave its rows out. Nothing "
        "was imported."
    )
    return message % {"import": exclusion.batch, "reason": exclusion.reason}


def _store(measurements: Sequence[Measurement], *, batch_pk: int, now: datetime) -> None:
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            seller_id=each.seller,
            external_id=each.external_id,
            score=each.score,
            submitted_at=each.submitted_at,
            month=month_of(each.submitted_at, settings.MARKETPLACE_ZONE),
            reason=each.reason,
            closed_by=each.closed_by,
            imported_at=now,
            batch_id=batch_pk,
        )
        for each in measurements
    )


def close_batch(
    batch_pk: int, file: SourceFile, *, format_name: str, skipped: int, by: Actor, now: datetime
) -> None:
    """Store what came with the file as a whole; after this nothing can be added to it."""
    held = SurveyResponse.objects.filter(batch=batch_pk).aggregate(
        stored=Count("pk"),
        shops=Count("seller", distinct=True),
        first_month=Min("month"),
        last_month=Max("month"),
    )
    ImportBatch.objects.create(
        pk=batch_pk,
        file_name=one_line(file.name)[:FILE_NAME_LENGTH] or "?",
        sha256=hashlib.sha256(file.content).hexdigest(),
        format=format_name,
        imported_at=now,
        imported_by=by.account,
        skipped=skipped,
        **held,
    )


def _record(imported: Counter[int], *, batch_pk: int, by: Actor, now: datetime) -> None:
    """Write how many each shop got: their months change, also those that were over."""
    record_all(
        event(
            SurveyEvent.IMPORTED,
            Seller(pk=seller),
            seller_id=seller,
            by=by,
            now=now,
            count=count,
            batch=batch_pk,
        )
        for seller, count in sorted(imported.items())
    )


def write_problems(problems: Iterable[Problem], file: TextIO) -> None:
    """Write a list of problems as CSV, in which no cell is a formula."""
    table = tables.Table(
        name="problems",
        title="",
        columns=[tables.Column(name, name) for name in Problem._fields],
        rows=problems,
    )
    zone = settings.MARKETPLACE_ZONE
    file.writelines(csv_pieces(table, dialect=Dialect.INTERNATIONAL, zone=zone))

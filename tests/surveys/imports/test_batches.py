"""An import is a batch: what it holds is counted once, and it is excluded as a whole."""

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256

import pytest

from insights.keeping import keep_counts, recount, wrong_shops
from insights.reports.months import shop_history
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Event, Seller, User
from surveys.enums import SurveyEvent
from surveys.exclusions import (
    AlreadyExcluded,
    AlreadyLifted,
    exclude,
    exclude_import,
    lift,
    lift_import,
)
from surveys.imports.effect import changed_months
from surveys.imports.reading import FileRefused, open_table
from surveys.imports.storing import Outcome, SourceFile, import_measurements
from surveys.models import ImportBatch, MeasurementExclusion, SurveyResponse
from surveys.nps import Tally
from tests.conftest import NOON, Market, at_once, refused_by
from tests.measurements import imported, outcome

HEADER = "external_id,seller,score,submitted_at,closed_by\n"
ROWS = """a-1,Fietsenzo,9,2026-01-10T10:00:00Z,
a-2,Fietsenzo,2,2026-02-10T10:00:00Z,
a-3,Boekenhoek,10,2026-02-10T10:00:00Z,
a-4,Boekenhoek,3,2026-02-11T10:00:00Z,marketplace
"""
LATER = NOON + timedelta(days=3)
REASON = "The file was of another shop."
TODAY = date(2026, 3, 31)


@pytest.fixture
def staff(db: None) -> Actor:
    """A member of the marketplace staff."""
    return Actor.user(User.objects.create_superuser("staff@markt.example", name="Staff"))


def bring_in(rows: str, *, name: str = "history.csv", by: Actor = Actor.SYSTEM) -> Outcome:
    """Import a file of these rows."""
    content = (HEADER + rows).encode()
    table = open_table(content)
    return import_measurements(
        table,
        rows=table.rows(),
        file=SourceFile(name, content),
        seller="",
        dry_run=False,
        by=by,
        now=NOON,
    )


@pytest.fixture
def batch(fietsenzo: Seller, other_shop: Seller) -> ImportBatch:
    """An import of four measurements of two shops."""
    bring_in(ROWS)
    return ImportBatch.objects.get()


# What an import is


def test_import_says_what_it_holds(fietsenzo: Seller, other_shop: Seller, staff: Actor) -> None:
    bring_in(ROWS, name="a\nb\u202e.csv", by=staff)
    bring_in(ROWS + "a-5,Fietsenzo,8,2026-03-01T10:00:00Z,\n")

    first, second = ImportBatch.objects.order_by("pk")
    assert (first.file_name, first.format, first.imported_by) == (
        "a b.csv",
        "portal",
        staff.account,
    )
    assert first.sha256 == sha256((HEADER + ROWS).encode()).hexdigest()
    assert (first.imported_at, first.stored, first.skipped, first.shops) == (NOON, 4, 0, 2)
    assert (first.first_month, first.last_month) == (date(2026, 1, 1), date(2026, 2, 1))
    assert (second.file_name, second.imported_by) == ("history.csv", None)
    assert (second.stored, second.skipped, second.shops) == (1, 4, 1)
    assert first.responses.count() == 4


def test_file_of_which_nothing_is_new_is_no_import(batch: ImportBatch) -> None:
    assert bring_in(ROWS) == Outcome(imported=0, skipped=4)
    assert ImportBatch.objects.get() == batch


def test_nothing_is_added_to_an_import_that_is_done(batch: ImportBatch, market: Market) -> None:
    another = SurveyResponse.objects.filter(batch=batch).first()
    another.pk, another.external_id = None, "b-1"

    with refused_by("response_comes_before_its_import"):
        another.save(force_insert=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stored": 3},
        {"shops": 1},
        {"first_month": date(2026, 2, 1)},
        {"last_month": date(2026, 3, 1)},
        {"imported_at": LATER},
    ],
)
def test_import_counts_what_it_holds(batch: ImportBatch, wrong: dict[str, object]) -> None:
    rows = list(batch.responses.all())
    pk = ImportBatch.objects.next_pk()
    for row in rows:
        row.pk, row.batch_id, row.external_id = None, pk, f"again {row.external_id}"
    SurveyResponse.objects.bulk_create(rows)
    right = ImportBatch.objects.values(
        *("file_name", "imported_at", "stored", "skipped", "shops", "first_month", "last_month")
    ).get()

    with refused_by("import_counts_what_it_holds"):
        ImportBatch.objects.create(pk=pk, **right | wrong)
    with refused_by("import_has_a_name"):
        ImportBatch.objects.create(pk=pk, **right | {"file_name": ""})
    with refused_by("import_has_a_digest"):
        ImportBatch.objects.create(pk=pk, **right, sha256="no digest")
    ImportBatch.objects.create(pk=pk, **right)


# Excluded as a whole


def month(shop: Seller, number: int) -> tuple[Tally, int, bool]:
    """Return the tally of a month, how many are excluded, and whether it has imported ones."""
    found = shop_history(shop, today=TODAY).find(date(2026, number, 1))
    assert found
    return found.tally, found.excluded, found.imported


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "live"])
def test_import_is_excluded_and_comes_back(
    batch: ImportBatch, market: Market, staff: Actor, other_shop: Seller, kept: bool
) -> None:
    market.response(10, submitted_at=NOON.replace(month=2))
    if kept:
        keep_counts()
    shop = market.shop
    before = month(shop, 1), month(shop, 2), month(other_shop, 2)

    exclude_import(batch, reason=REASON, by=staff, now=LATER)
    without = month(shop, 1), month(shop, 2), month(other_shop, 2)
    excluded = SurveyResponse.objects.for_seller(shop).excluded()
    assert excluded.count() == 2
    assert SurveyResponse.objects.for_seller(shop).counting().count() == 1
    lift_import(batch, reason="It was ours after all.", by=staff, now=LATER)

    assert before == (
        (Tally(promoters=1), 0, True),
        (Tally(promoters=1, detractors=1), 0, True),
        (Tally(promoters=1), 0, True),
    )
    assert without == (
        (Tally(), 1, False),
        (Tally(promoters=1), 1, False),
        (Tally(), 1, False),
    )
    assert before == (month(shop, 1), month(shop, 2), month(other_shop, 2))
    assert not wrong_shops()


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "live"])
def test_month_of_which_each_imported_measurement_is_out_is_only_corrected(
    batch: ImportBatch, staff: Actor, fietsenzo: Seller, kept: bool
) -> None:
    if kept:
        keep_counts()
    exclude(batch.responses.get(external_id="a-2"), reason=REASON, by=staff, now=LATER)

    assert month(fietsenzo, 1) == (Tally(promoters=1), 0, True)
    assert month(fietsenzo, 2) == (Tally(), 1, False)


def test_what_was_excluded_by_itself_stays_so(
    batch: ImportBatch, staff: Actor, fietsenzo: Seller
) -> None:
    single = batch.responses.get(external_id="a-2")
    before = exclude(single, reason="A slip.", by=staff, now=LATER)

    exclude_import(batch, reason=REASON, by=staff, now=LATER)
    assert SurveyResponse.objects.for_seller(fietsenzo).excluded().count() == 2
    assert month(fietsenzo, 2) == (Tally(), 1, False)
    lift_import(batch, reason="A slip.", by=staff, now=LATER)

    assert list(SurveyResponse.objects.excluded()) == [single]
    lift(before, by=staff, now=LATER)
    assert not SurveyResponse.objects.excluded().exists()


def test_what_is_lifted_by_itself_stays_out_with_its_import(
    batch: ImportBatch, staff: Actor, fietsenzo: Seller
) -> None:
    single = batch.responses.get(external_id="a-2")
    alone = exclude(single, reason="A slip.", by=staff, now=LATER)
    exclude_import(batch, reason=REASON, by=staff, now=LATER)

    lift(alone, by=staff, now=LATER)

    assert month(fietsenzo, 2) == (Tally(), 1, False)
    assert [each.reason for each in single.every_exclusion] == [REASON, "A slip."]


def test_excluding_and_lifting_twice_is_refused(batch: ImportBatch, staff: Actor) -> None:
    exclude_import(batch, reason=REASON, by=staff, now=LATER)
    with pytest.raises(AlreadyExcluded):
        exclude_import(batch, reason=REASON, by=staff, now=LATER)
    lift_import(batch, reason=REASON, by=staff, now=LATER)
    with pytest.raises(AlreadyLifted):
        lift_import(batch, reason=REASON, by=staff, now=LATER)

    assert MeasurementExclusion.objects.count() == 1


@pytest.mark.parametrize(
    ("decide", "constraint"),
    [
        pytest.param(exclude_import, "exclusion_has_reason", id="excluding"),
        pytest.param(lift_import, "exclusion_import_lifted_with_reason", id="including"),
    ],
)
def test_import_is_decided_about_with_a_reason(
    batch: ImportBatch, staff: Actor, decide: Callable[..., object], constraint: str
) -> None:
    if decide is lift_import:
        exclude_import(batch, reason=REASON, by=staff, now=LATER)

    with refused_by(constraint):
        decide(batch, reason="", by=staff, now=LATER)


def test_exclusion_is_of_one_measurement_or_of_an_import(batch: ImportBatch, staff: Actor) -> None:
    why = {"reason": REASON, "excluded_at": LATER, "excluded_by": staff.account}

    with refused_by("exclusion_of_one_or_an_import"):
        MeasurementExclusion.objects.create(**why)
    with refused_by("exclusion_of_one_or_an_import"):
        MeasurementExclusion.objects.create(batch=batch, response=batch.responses.first(), **why)


def test_import_is_excluded_once_at_a_time(batch: ImportBatch, staff: Actor) -> None:
    why = {"reason": REASON, "excluded_at": LATER, "excluded_by": staff.account}
    MeasurementExclusion.objects.create(batch=batch, **why)

    with refused_by("exclusion_import_one_at_a_time"):
        MeasurementExclusion.objects.create(batch=batch, **why)


def test_each_shop_has_one_event_however_many_measurements(
    batch: ImportBatch, staff: Actor, fietsenzo: Seller, other_shop: Seller
) -> None:
    exclusion = exclude_import(batch, reason=REASON, by=staff, now=LATER)
    lift_import(batch, reason="Ours.", by=staff, now=LATER)

    kinds = (SurveyEvent.IMPORT_EXCLUDED, SurveyEvent.IMPORT_COUNTS_AGAIN)
    events = Event.objects.filter(kind__in=kinds).order_by("pk")
    assert [(each.kind, each.seller, each.object_pk, each.details) for each in events] == [
        (kind, shop, shop.pk, {"count": 2, "batch": batch.pk, "exclusion": exclusion.pk})
        for kind in kinds
        for shop in (fietsenzo, other_shop)
    ]


# The same file again


def test_file_of_an_excluded_import_is_refused(batch: ImportBatch, staff: Actor) -> None:
    exclude_import(batch, reason=REASON, by=staff, now=LATER)
    more = ROWS + "a-5,Fietsenzo,8,2026-03-01T10:00:00Z,\n"

    for rows in (ROWS, more):
        with pytest.raises(FileRefused, match=rf"#{batch.pk} · history\.csv.*{REASON}.*Include"):
            bring_in(rows)

    assert SurveyResponse.objects.count() == 4
    lift_import(batch, reason="Ours.", by=staff, now=LATER)
    assert bring_in(more) == Outcome(imported=1, skipped=4)


# What would change


def test_months_are_shown_as_they_are_and_become(
    batch: ImportBatch, market: Market, staff: Actor
) -> None:
    market.response(10, submitted_at=NOON.replace(month=2))
    market.response(10, submitted_at=NOON)

    out = changed_months(batch, is_excluded=False)
    exclude_import(batch, reason=REASON, by=staff, now=LATER)
    back = changed_months(batch, is_excluded=True)

    assert [(each.shop, each.month.month, each.now, each.after) for each in out] == [
        ("Boekenhoek", 2, Tally(promoters=1), Tally()),
        ("Fietsenzo", 1, Tally(promoters=1), Tally()),
        ("Fietsenzo", 2, Tally(promoters=1, detractors=1), Tally(promoters=1)),
    ]
    assert [(each.now, each.after) for each in back] == [(each.after, each.now) for each in out]
    assert [(each.nps_now, each.nps_after) for each in out] == [(100, None), (100, None), (0, 100)]


def test_what_is_excluded_otherwise_changes_nothing(
    batch: ImportBatch, fietsenzo: Seller, staff: Actor
) -> None:
    exclude(batch.responses.get(external_id="a-2"), reason="A slip.", by=staff, now=LATER)
    another = imported(fietsenzo, 0, submitted_at=NOON.replace(month=1))[0].batch
    exclude_import(another, reason=REASON, by=staff, now=LATER)

    assert [
        (each.shop, each.month.month, each.now) for each in changed_months(batch, is_excluded=False)
    ] == [("Boekenhoek", 2, Tally(promoters=1)), ("Fietsenzo", 1, Tally(promoters=1))]


def test_import_of_what_the_marketplace_closed_changes_no_month(fietsenzo: Seller) -> None:
    closed_by = ActorType.MARKETPLACE
    batch = imported(fietsenzo, 0, submitted_at=NOON, closed_by=closed_by)[0].batch

    assert changed_months(batch, is_excluded=False) == []


# At once


def test_deciding_at_once_beside_counting_is_done_once(committed_db: None, market: Market) -> None:
    staff = Actor.user(User.objects.create_superuser("staff@markt.example", name="Staff"))
    scores = [number % 11 for number in range(110)]
    responses = imported(market.shop, *scores, submitted_at=NOON)
    batch = responses[0].batch
    market.response(10)

    def excluding() -> str:
        return outcome(lambda: exclude_import(batch, reason=REASON, by=staff, now=LATER))

    def one() -> str:
        return outcome(lambda: exclude(responses[0], reason=REASON, by=staff, now=LATER))

    def counting() -> str:
        keep_counts()
        recount(market.shop.pk)
        return "counted"

    found = at_once(*[excluding] * 3, one, one, counting, counting)

    assert sorted(found) == ["AlreadyExcluded"] * 3 + ["counted"] * 2 + ["done"] * 2
    assert month(market.shop, 3) == (Tally(promoters=1), 110, False)

    def including() -> str:
        return outcome(lambda: lift_import(batch, reason=REASON, by=staff, now=LATER))

    found = at_once(*[including] * 3, counting, counting)

    assert sorted(found) == ["AlreadyLifted"] * 2 + ["counted"] * 2 + ["done"]
    tally, excluded, _imported = month(market.shop, 3)
    assert (tally.total, excluded) == (110, 1)  # one by itself
    assert not wrong_shops()

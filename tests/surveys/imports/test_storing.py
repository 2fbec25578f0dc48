"""Measurements from elsewhere: all of a file or nothing, never twice, and as final as ours."""

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime

import pytest

from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Event, Seller
from surveys.imports.reading import Problem, open_table
from surveys.imports.refusals import FileRefused
from surveys.imports.storing import (
    Outcome,
    RowsRefused,
    SourceFile,
    import_measurements,
    write_problems,
)
from surveys.models import ImportBatch, SurveyResponse
from surveys.nps import Tally
from tests.conftest import NOON, Market, at_once, refused_by

HEADER = "external_id,seller,score,submitted_at,reason,closed_by"
GOOD_ROW = "a-1,Fietsenzo,9,2026-03-01T10:00:00Z,Fast.,"


def bring_in(
    *rows: str, header: str = HEADER, seller: str = "", dry_run: bool = False, now: datetime = NOON
) -> Outcome:
    """Import a file of these rows."""
    content = "\n".join((header, *rows)).encode()
    table = open_table(content)
    return import_measurements(
        table,
        rows=table.rows(),
        file=SourceFile("history.csv", content),
        seller=seller,
        dry_run=dry_run,
        by=Actor.SYSTEM,
        now=now,
    )


def problems(*rows: str, header: str = HEADER, seller: str = "") -> list[tuple[int, str, str]]:
    """Return row, column and value of what is wrong with these rows; nothing gets stored."""
    before = SurveyResponse.objects.count()
    with pytest.raises(RowsRefused) as refusal:
        bring_in(*rows, header=header, seller=seller)
    assert SurveyResponse.objects.count() == before
    return [problem[:3] for problem in refusal.value.problems]


def complaints(file: bytes) -> Sequence[str | Problem]:
    """Return what is said about a file that cannot be imported."""
    try:
        table = open_table(file)
        import_measurements(
            table,
            rows=table.rows(),
            file=SourceFile("history.csv", file),
            seller="",
            dry_run=False,
            by=Actor.SYSTEM,
            now=NOON,
        )
    except FileRefused as refusal:
        return [str(refusal)]
    except RowsRefused as refusal:
        return refusal.problems
    return []


def test_import_stores_a_marked_measurement(fietsenzo: Seller) -> None:
    outcome = bring_in("a-1,Fietsenzo,9,2026-02-28T23:30:00Z,Fast.,seller")

    assert outcome == Outcome(imported=1, skipped=0)
    response = SurveyResponse.objects.get()
    assert (response.seller, response.external_id, response.score) == (fietsenzo, "a-1", 9)
    assert (response.reason, response.closed_by) == ("Fast.", ActorType.SELLER)
    assert (response.invitation, response.query, response.may_contact) == (None, None, None)
    assert response.imported_at == NOON
    assert response.month == date(2026, 3, 1)  # it was past midnight in Amsterdam


def test_import_is_written_once_for_each_shop(fietsenzo: Seller, other_shop: Seller) -> None:
    rows = [
        "a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,",
        "a-2,Fietsenzo,8,2026-03-01T10:00:00Z,,",
        "a-3,Boekenhoek,7,2026-03-01T10:00:00Z,,",
    ]

    bring_in(*rows, dry_run=True)
    assert not Event.objects.exists()
    for _ in range(2):  # the second time nothing is new
        bring_in(*rows)

    batch = ImportBatch.objects.get()
    events = Event.objects.order_by("pk").values_list("kind", "seller", "object_pk", "details")
    assert list(events) == [
        ("measurement.imported", shop.pk, shop.pk, {"count": count, "batch": batch.pk})
        for shop, count in ((fietsenzo, 2), (other_shop, 1))
    ]


@pytest.mark.usefixtures("owner_db")
def test_imported_measurement_never_changes(fietsenzo: Seller) -> None:
    bring_in("a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,")

    with refused_by("response_never_changes"):
        SurveyResponse.objects.update(score=10)
    with refused_by("response_stays"):
        SurveyResponse.objects.all().delete()


def test_imported_measurements_count_unless_the_marketplace_closed(
    fietsenzo: Seller, other_shop: Seller
) -> None:
    bring_in(
        "a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,",
        "a-2,Fietsenzo,2,2026-03-01T10:00:00Z,,marketplace",
        "a-1,Boekenhoek,3,2026-03-01T10:00:00Z,,",
    )

    assert SurveyResponse.objects.for_seller(fietsenzo).tally() == Tally(promoters=1)
    assert SurveyResponse.objects.for_seller(other_shop).tally() == Tally(detractors=1)


@pytest.mark.parametrize(
    "describe",
    [
        pytest.param(lambda shop: str(shop.pk), id="number"),
        pytest.param(lambda shop: shop.name.upper(), id="name"),
    ],
)
def test_seller_is_found_by_number_and_name(
    fietsenzo: Seller, other_shop: Seller, describe: Callable[[Seller], str]
) -> None:
    bring_in(f"a-1,{describe(fietsenzo)},9,2026-03-01T10:00:00Z,,")
    bring_in(
        "a-2,9,2026-03-01T10:00:00Z",
        header="external_id,score,submitted_at",
        seller=describe(fietsenzo),
    )

    assert set(SurveyResponse.objects.values_list("external_id", "seller")) == {
        ("a-1", fietsenzo.pk),
        ("a-2", fietsenzo.pk),
    }


def test_unknown_and_ambiguous_sellers_are_problems(fietsenzo: Seller) -> None:
    Seller.objects.create(
        name="fietsenzo", country="BE", contact_email="a@b.example", joined_on=date(2024, 1, 1)
    )

    assert problems(
        "a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,",
        "a-2,Nobody,9,2026-03-01T10:00:00Z,,",
        "a-3,0,9,2026-03-01T10:00:00Z,,",
        "a-4,,9,2026-03-01T10:00:00Z,,",
    ) == [
        (2, "seller", "Fietsenzo"),
        (3, "seller", "Nobody"),
        (4, "seller", "0"),
        (5, "seller", ""),
    ]


@pytest.mark.parametrize(
    ("header", "seller", "sentence"),
    [
        ("external_id,score,submitted_at", "", "does not say whose .+ Add --seller"),
        (HEADER, "Fietsenzo", "has a column seller itself"),
        ("external_id,score,submitted_at", "Nobody", "--seller=Nobody: There is no such seller"),
        (HEADER, "", "has a header but no rows"),
    ],
)
def test_file_that_cannot_be_begun_with_is_refused(
    fietsenzo: Seller, header: str, seller: str, sentence: str
) -> None:
    with pytest.raises(FileRefused, match=sentence):
        bring_in(header=header, seller=seller)


def test_one_wrong_row_stops_the_whole_file(
    fietsenzo: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveys.imports.storing.BATCH", 2)
    rows = [f"a-{number},Fietsenzo,9,2026-03-01T10:00:00Z,," for number in range(6)]

    found = problems(*rows, "a-7,Fietsenzo,10.5,2026-03-01T10:00:00Z,,")

    assert found == [(8, "score", "10.5")]


def test_file_that_breaks_off_leaves_nothing(
    fietsenzo: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("surveys.imports.storing.BATCH", 1)

    with pytest.raises(FileRefused, match="Row 3 cannot be read"):
        bring_in(
            "a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,", 'a-2,Fietsenzo,9,2026-03-01T10:00:00Z,"Ne'
        )

    assert not SurveyResponse.objects.exists()


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        pytest.param(
            f"{HEADER}\n{GOOD_ROW}Zoé\na-2,Zo".encode() + b"\xeb,9,2026-03-01T10:00:00Z,,",
            "Byte 110 of the file (0xEB, on line 3) is not UTF-8. Save the file again in that "
            "encoding; Excel calls it “CSV UTF-8”.",
            id="wrong encoding",
        ),
        pytest.param(
            b"external_id,seller,submitted_at\na-1,Fietsenzo,2026-03-01T10:00:00Z",
            "The header lacks score, which the format portal needs. If it has another name, add "
            "--map score=….",
            id="missing column",
        ),
        pytest.param(
            f"{HEADER}\n{GOOD_ROW}\na-2,Fietsenzo,10.5,2026-03-01T10:00:00Z,,".encode(),
            Problem(3, "score", "10.5", "A score is a whole number from 0 to 10, such as 7."),
            id="score 10.5",
        ),
        pytest.param(
            f"{HEADER}\n{GOOD_ROW}\n\n{GOOD_ROW}".encode(),
            Problem(
                4, "external_id", "a-1", "Row 2 has this number too. Leave one of the two out."
            ),
            id="duplicate number",
        ),
        pytest.param(
            f"{HEADER}\n{GOOD_ROW}\na-2,Fietsenzo,9,2026-03-10T11:00:01Z,,".encode(),
            Problem(
                3,
                "submitted_at",
                "2026-03-10T11:00:01Z",
                "This moment has not come yet. Check the date and the offset.",
            ),
            id="future date",
        ),
    ],
)
def test_broken_file_is_refused_whole_with_the_place_and_what_to_do(
    fietsenzo: Seller, file: bytes, complaint: str | Problem
) -> None:
    assert complaints(file) == [complaint]
    assert not SurveyResponse.objects.exists()


def test_importing_again_adds_what_is_new(fietsenzo: Seller) -> None:
    bring_in("a-1,Fietsenzo,9,2026-03-01T10:00:00Z,Fast.,")
    SurveyResponse.objects.update(reason="")  # the customer was erased

    outcome = bring_in(
        "a-1,Fietsenzo,9,2026-03-01T11:00:00+01:00,Fast.,",
        "a-2,Fietsenzo,3,2026-03-01T10:00:00Z,,",
    )

    assert outcome == Outcome(imported=1, skipped=1)
    assert set(SurveyResponse.objects.values_list("external_id", "reason")) == {
        ("a-1", ""),
        ("a-2", ""),
    }


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("a-1,Fietsenzo,8,2026-03-01T10:00:00Z,,", id="score"),
        pytest.param("a-1,Fietsenzo,9,2026-03-01T10:00:01Z,,", id="moment"),
        pytest.param("a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,marketplace", id="who closed"),
    ],
)
def test_measurement_that_is_stored_otherwise_is_a_problem(fietsenzo: Seller, row: str) -> None:
    bring_in("a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,")

    assert problems(row) == [(2, "external_id", "a-1")]


def test_same_number_from_two_programs_is_two_measurements(fietsenzo: Seller) -> None:
    bring_in("1,9,1713418460", header="id,score,created_at", seller="Fietsenzo")
    bring_in("1,3,2024-04-18T05:34:20Z", header="id,rating,rated_at", seller="Fietsenzo")

    assert SurveyResponse.objects.count() == 2
    assert problems("1,8,1713418460", header="id,score,created_at", seller="Fietsenzo") == [
        (2, "id", "1")
    ]


def test_dry_run_stores_nothing(fietsenzo: Seller) -> None:
    bring_in("a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,")

    outcome = bring_in(
        "a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,",
        "a-2,Fietsenzo,9,2026-03-01T10:00:00Z,,",
        dry_run=True,
    )

    assert outcome == Outcome(imported=1, skipped=1)
    assert SurveyResponse.objects.count() == 1


def test_month_is_that_of_the_marketplace(fietsenzo: Seller) -> None:
    bring_in("a-1,Fietsenzo,9,2025-12-31T17:59:59-05:00,,", "a-2,Fietsenzo,9,2025-12-31T23:00Z,,")

    months = dict(SurveyResponse.objects.values_list("external_id", "month"))

    assert months == {"a-1": date(2025, 12, 1), "a-2": date(2026, 1, 1)}


def test_measurement_of_this_portal_is_no_import(market: Market) -> None:
    market.response(9, submitted_at=NOON)

    assert bring_in("a-1,Fietsenzo,9,2026-03-01T10:00:00Z,,") == Outcome(imported=1, skipped=0)


def test_measurement_of_this_portal_comes_back_without_counting_twice(market: Market) -> None:
    response = market.response(9, submitted_at=NOON)
    row = f"nazorg:{response.pk},Fietsenzo,9,{NOON.isoformat()},,"

    assert bring_in(row) == Outcome(imported=0, skipped=1)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("nazorg:{pk},Fietsenzo,8,2026-03-10T11:00:00Z,,", id="another score"),
        pytest.param("nazorg:{pk},Fietsenzo,9,2026-03-10T10:00:00Z,,", id="another moment"),
        pytest.param("nazorg:{pk},Boekenhoek,9,2026-03-10T11:00:00Z,,", id="another shop"),
        pytest.param("nazorg:0{pk},Fietsenzo,9,2026-03-10T11:00:00Z,,", id="another number"),
        pytest.param("nazorg:" + "9" * 30 + ",Fietsenzo,9,2026-03-10T11:00:00Z,,", id="too long"),
        pytest.param("nazorg:x,Fietsenzo,9,2026-03-10T11:00:00Z,,", id="no number"),
    ],
)
def test_measurement_that_this_portal_does_not_have_is_a_problem(
    market: Market, other_shop: Seller, row: str
) -> None:
    response = market.response(9, submitted_at=NOON)
    row = row.format(pk=response.pk)

    assert problems(row) == [(2, "external_id", row.partition(",")[0])]


def test_two_imports_at_once_store_each_measurement_once(
    committed_db: None, fietsenzo: Seller
) -> None:
    rows = [f"a-{number},Fietsenzo,9,2026-03-01T10:00:00Z,," for number in range(200)]

    outcomes = at_once(lambda: bring_in(*rows), lambda: bring_in(*rows))

    assert sorted(outcomes, key=lambda each: each.imported) == [
        Outcome(imported=0, skipped=200),
        Outcome(imported=200, skipped=0),
    ]
    assert SurveyResponse.objects.count() == 200


def test_list_of_problems_has_no_formulas() -> None:
    file = io.StringIO()

    write_problems([Problem(2, "score", "=1+1", "Write, like 7."), Problem(3, "x", "-1", "")], file)

    assert file.getvalue().splitlines() == [
        "row,column,value,message",
        '2,score,\'=1+1,"Write, like 7."',
        "3,x,'-1,",
    ]

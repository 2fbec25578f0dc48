"""What an owner says of a month: written, changed, removed, put back, and seen where it is."""

import io
import json
from collections.abc import Callable
from datetime import date
from functools import partial

import openpyxl
import pypdf
import pytest
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from insights.models import MonthNote
from insights.notes import MonthIsNotShown, NothingToPutBack, note_month, put_note_back
from insights.reports.months import shop_history
from sellers.actions.team import NotAnOwner
from sellers.events import Actor
from sellers.models import Event, Seller, User
from tests.conftest import Market, at_once, refused_by, text
from tests.insights.conftest import DAY, NOW

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

PAGE = "/queries/nps/months/note/"
TAB = "/queries/nps/"
FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
TODAY = date(2026, 3, 20)


@pytest.fixture
def alice_s(log_in: Callable[[User], Client], alice: User, fietsenzo: Seller) -> Client:
    """The browser of Alice, who owns the shop, in English."""
    return log_in(alice)


@pytest.fixture
def say(fietsenzo: Seller, alice: User) -> Callable[..., MonthNote | None]:
    """Let Alice say something of a month."""
    return partial(note_month, fietsenzo, month=FEBRUARY, by=Actor.user(alice), now=NOW)


@pytest.fixture
def put_back(fietsenzo: Seller, alice: User) -> Callable[..., MonthNote]:
    """Let Alice put back what a note said."""
    return partial(put_note_back, fietsenzo, month=FEBRUARY, by=Actor.user(alice), now=NOW)


def said(seller: Seller) -> dict[date, str]:
    """Return what is said of the months."""
    months = shop_history(seller, today=TODAY).months
    return {one.month: one.note for one in months if one.note}


def test_note_is_written_changed_removed_and_put_back(
    say: Callable[..., MonthNote | None], put_back: Callable[..., MonthNote], fietsenzo: Seller
) -> None:
    say(words="New carrier")
    assert said(fietsenzo) == {FEBRUARY: "New carrier"}
    say(words="New carrier in the south")
    assert said(fietsenzo) == {FEBRUARY: "New carrier in the south"}
    put_back()
    assert said(fietsenzo) == {FEBRUARY: "New carrier"}
    say(words="")
    assert said(fietsenzo) == {}
    put_back()
    assert said(fietsenzo) == {FEBRUARY: "New carrier"}
    assert MonthNote.objects.count() == 1


def test_first_note_can_be_undone(
    say: Callable[..., MonthNote | None], put_back: Callable[..., MonthNote], fietsenzo: Seller
) -> None:
    say(words="New carrier")
    put_back()
    assert said(fietsenzo) == {}
    put_back()
    assert said(fietsenzo) == {FEBRUARY: "New carrier"}


def test_each_change_is_an_event_without_the_words(
    say: Callable[..., MonthNote | None], put_back: Callable[..., MonthNote], alice: User
) -> None:
    say(words="New carrier")
    say(words="New carrier")  # a second click
    say(words="")
    put_back()

    events = Event.objects.filter(kind__startswith="month_note.").order_by("pk")

    assert [one.kind for one in events] == [
        "month_note.written",
        "month_note.removed",
        "month_note.written",
    ]
    assert {one.user_id for one in events} == {alice.pk}
    assert events[0].details == {"month": "2026-02-01"}


def test_nothing_is_removed_or_put_back_where_nothing_is(
    say: Callable[..., MonthNote | None], put_back: Callable[..., MonthNote]
) -> None:
    assert say(words="") is None
    with pytest.raises(NothingToPutBack):
        put_back()
    assert not MonthNote.objects.exists()


@pytest.mark.parametrize("month", [date(2024, 3, 1), date(2026, 4, 1), date(2026, 2, 2)])
def test_month_that_is_not_shown_gets_no_note(
    say: Callable[..., MonthNote | None], month: date
) -> None:
    with pytest.raises(MonthIsNotShown):
        say(words="New carrier", month=month)


def test_only_an_owner_says_something(
    say: Callable[..., MonthNote | None], bob: User, dirk: User
) -> None:
    for somebody in (bob, dirk):
        with pytest.raises(NotAnOwner):
            say(words="New carrier", by=Actor.user(somebody))


def test_note_of_another_shop_is_not_seen(
    say: Callable[..., MonthNote | None], other_shop: Seller
) -> None:
    say(words="New carrier")

    assert said(other_shop) == {}


@pytest.mark.usefixtures("committed_db")
def test_notes_written_at_once_are_one(fietsenzo: Seller, alice: User) -> None:
    by = Actor.user(alice)
    at_once(
        *(
            partial(note_month, fietsenzo, month=MARCH, words=f"Note {n}", by=by, now=NOW)
            for n in range(8)
        )
    )

    note = MonthNote.objects.get()
    assert {note.words, note.before} <= {f"Note {n}" for n in range(8)}
    assert Event.objects.filter(kind="month_note.written").count() == 8


@pytest.mark.parametrize(
    ("guard", "month", "words", "before"),
    [
        ("month_note_month_is_first_day", "2026-02-02", "Late", ""),
        ("month_note_is_not_blank", "2026-02-01", " ", ""),
        ("month_note_is_not_blank", "2026-02-01", "Late\n", ""),
        ("month_note_is_not_blank", "2026-02-01", "Late", "\t"),
        ("month_note_says_something", "2026-02-01", "", ""),
    ],
)
def test_database_refuses_a_note_that_is_none(
    fietsenzo: Seller, guard: str, month: str, words: str, before: str
) -> None:
    with refused_by(guard), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO insights_monthnote (seller_id, month, words, before)"
            " VALUES (%s, %s, %s, %s)",
            [fietsenzo.pk, month, words, before],
        )


def test_database_keeps_one_note_of_a_month_where_it_is(
    fietsenzo: Seller, other_shop: Seller
) -> None:
    note = MonthNote.objects.create(seller=fietsenzo, month=FEBRUARY, words="New carrier")

    with refused_by("month_note_one_per_month"):
        MonthNote.objects.create(seller=fietsenzo, month=FEBRUARY, words="Another")
    for moved in ({"seller": other_shop}, {"month": MARCH}):
        with refused_by("month_note_of_its_month"):
            MonthNote.objects.filter(pk=note.pk).update(**moved)


# Pages


def test_owner_writes_a_note_and_sees_it_everywhere(alice_s: Client, market: Market) -> None:
    market.response(9, submitted_at=NOW - 30 * DAY)
    market.response(9, submitted_at=NOW - DAY)
    assert "Add a note" in text(alice_s.get(f"{TAB}?month=2026-02"))

    answer = alice_s.post(
        f"{PAGE}?month=2026-02", {"words": "  New <b>carrier</b>\n", "then": "write"}, follow=True
    )
    assert "The note is stored." in text(answer)

    tab = alice_s.get(f"{TAB}?month=2026-02").content.decode()
    assert "<q>New &lt;b&gt;carrier&lt;/b&gt;</q>" in tab
    assert tab.count('class="noted"') == 2  # in the chart, and in its legend
    assert tab.count("Note: “New &lt;b&gt;carrier&lt;/b&gt;”") == 2  # spoken, and as a tip
    assert "Change the note" in tab
    table = alice_s.get(f"{TAB}months/").content.decode()
    assert "<q>New &lt;b&gt;carrier&lt;/b&gt;</q>" in table
    assert table.count('aria-label="Note of ') == 24
    for reading in ("nps", "shares"):
        chart = alice_s.get(f"{TAB}?reading={reading}").content.decode()
        assert 'class="noted"' in chart


def test_note_is_in_the_files_and_on_paper(
    alice_s: Client, market: Market, say: Callable[..., MonthNote | None]
) -> None:
    market.response(9, submitted_at=NOW - 30 * DAY)
    say(words="New carrier")

    rows = json.loads(alice_s.get(f"{TAB}download/months.json").getvalue())["months"]
    book = alice_s.get(f"{TAB}download/months.xlsx").getvalue()
    lines = alice_s.get(f"{TAB}download/months.csv?dialect=international").getvalue().decode()
    paper = alice_s.get(f"{TAB}report.pdf?month=2026-02").getvalue()
    without = alice_s.get(f"{TAB}report.pdf?month=2026-03").getvalue()

    assert [row["note"] for row in rows] == [""] * 22 + ["New carrier", ""]
    column = next(
        cells
        for cells in openpyxl.load_workbook(io.BytesIO(book)).active.iter_cols(values_only=True)
        if cells[0] == "Note"
    )
    assert column[-2] == "New carrier"
    assert lines.splitlines()[-2].endswith(",New carrier")
    assert "Note: “New carrier”" in pypdf.PdfReader(io.BytesIO(paper)).pages[0].extract_text()
    assert "carrier" not in pypdf.PdfReader(io.BytesIO(without)).pages[0].extract_text()


def test_note_is_removed_and_put_back_on_the_page(
    alice_s: Client, fietsenzo: Seller, say: Callable[..., MonthNote | None]
) -> None:
    say(words="New carrier")

    removed = alice_s.post(f"{PAGE}?month=2026-02", {"words": "", "then": "remove"}, follow=True)
    assert "The note is removed." in text(removed)
    assert "Before, it said “New carrier”." in text(removed)
    assert said(fietsenzo) == {}
    put_back = alice_s.post(f"{PAGE}?month=2026-02", {"then": "back"}, follow=True)
    assert "says again what it said before" in text(put_back)
    assert said(fietsenzo) == {FEBRUARY: "New carrier"}


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("", "Write what was different"),
        (" \u200e\n", "Write what was different"),
        ("x" * 141, "at most 140 characters"),
    ],
)
def test_note_that_cannot_be_comes_back(
    alice_s: Client, fietsenzo: Seller, words: str, refusal: str
) -> None:
    page = alice_s.post(f"{PAGE}?month=2026-02", {"words": words, "then": "write"})

    assert page.status_code == 422
    assert refusal in text(page)
    assert words.strip("\u200e \n") in page.content.decode()
    assert said(fietsenzo) == {}


def test_longest_note_fits(alice_s: Client, fietsenzo: Seller) -> None:
    alice_s.post(f"{PAGE}?month=2026-03", {"words": "x" * 140, "then": "write"})

    assert said(fietsenzo) == {MARCH: "x" * 140}


@pytest.mark.parametrize("month", ["1999-01", "2026-04", "x"])
def test_note_of_a_month_that_is_none_is_not_found(
    alice_s: Client, fietsenzo: Seller, month: str
) -> None:
    assert alice_s.get(f"{PAGE}?month={month}").status_code == 404
    assert alice_s.post(f"{PAGE}?month={month}", {"words": "New"}).status_code == 404
    assert said(fietsenzo) == {}


@pytest.mark.parametrize("person", ["bob", "cora"])
def test_who_is_no_owner_reads_notes_and_writes_none(
    request: pytest.FixtureRequest,
    client: Client,
    market: Market,
    say: Callable[..., MonthNote | None],
    fietsenzo: Seller,
    person: str,
) -> None:
    market.response(9, submitted_at=NOW - 30 * DAY)
    say(words="New carrier")
    client.force_login(request.getfixturevalue(person))

    tab = client.get(f"{TAB}?month=2026-02").content.decode()
    table = client.get(f"{TAB}months/").content.decode()

    assert "New carrier" in tab
    assert "New carrier" in table
    assert PAGE not in tab + table
    answer = client.post(f"{PAGE}?month=2026-02", {"words": "", "then": "remove"})
    assert answer.status_code == 403
    assert said(fietsenzo) == {FEBRUARY: "New carrier"}


def test_notes_cost_the_tab_no_statement(
    fietsenzo: Seller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        shop_history(fietsenzo, today=TODAY)
    for month in (FEBRUARY, MARCH):
        MonthNote.objects.create(seller=fietsenzo, month=month, words="New carrier")

    with django_assert_num_queries(3):
        assert set(said(fietsenzo)) == {FEBRUARY, MARCH}

"""What one cell says, and what spreadsheets do to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.imports.cells import judge_identifiers, read_score
from surveys.imports.refusals import WrongCell


def refused(*identifiers: str) -> list[str]:
    """Return which identifiers of a file are refused."""
    judged = judge_identifiers(identifiers)
    wrong = []
    for text in identifiers:
        try:
            assert judged.read(text, prefix="x:") == f"x:{text}"
        except WrongCell:
            wrong.append(text)
    return wrong


@pytest.mark.parametrize(
    "text",
    [
        "1,23457E+15",
        "1.23E+15",
        "1E+15",
        "6.53e+99",
        "1.5E17",
        "1.2345678E7",
        "12345.0",
        "12345,00",
        "3-dec",
        "12-mrt",
        "mei-26",
        "1-Feb-2026",
        "12. Mrz",
        "13. Dez 2025",
        "12-mars",
        "avr.-26",
        "2026-03-01",
        "2026-03-01 00:00:00",
        "#####",
    ],
)
def test_damaged_identifier_is_refused_whatever_the_others_are(text: str) -> None:
    assert refused("a-1", text, "1234") == [text]
    with pytest.raises(WrongCell, match=r"Export the file again, and open it in no spreadsheet\.$"):
        judge_identifiers([]).read(text, prefix="")


@pytest.mark.parametrize(
    "text",
    [
        "653e97",
        "1E5",
        "1.5E17-a",
        "12-mars-3",
        "12-7",
        "#",
        "#12",
        "3-december-1",
        "1.2",
        "10",
        "2026-03-01-17",
        "0",
        "A.0",
    ],
)
def test_identifier_that_only_resembles_a_damaged_one_is_kept(text: str) -> None:
    assert refused("a-1", text) == []


@pytest.mark.parametrize(
    ("identifiers", "damaged"),
    [
        pytest.param(["1234567890123450"] * 3, 3, id="all of 16 digits"),
        pytest.param(["123456789012345000"], 1, id="one of 18 digits"),
        pytest.param(["12345678901234567", "12345678901234500", "12345678901234600"], 2, id="some"),
        pytest.param(["1234567890123450"], 0, id="one of 16 digits may be so"),
        pytest.param(["123456789012340"] * 3, 0, id="15 digits are kept"),
        pytest.param(["1234567890123450", "1234567890123456", "1234567890123457"], 0, id="chance"),
        pytest.param([f"{10**15 + n}" for n in range(1000)], 0, id="counted through"),
        pytest.param([f"{10**17 + n}" for n in range(1000)], 0, id="counted through, one is round"),
        pytest.param([f"{(10**15 + n) // 10 * 10}" for n in range(100)], 100, id="a whole file"),
    ],
)
def test_rounded_identifiers_are_known_by_the_whole_file(
    identifiers: list[str], damaged: int
) -> None:
    assert len(refused(*identifiers)) == damaged


@pytest.mark.parametrize(
    "text", ["Café-1", "Cafe\u0301-1", "\u202aCafé-1\u202c", "Café-1\u200b", "\ufeff Café-1"]
)
def test_what_nobody_sees_makes_no_other_identifier(text: str) -> None:
    assert judge_identifiers([]).read(text, prefix="") == "Café-1"


@pytest.mark.parametrize("text", ["\u200b", "\u00ad"])
def test_identifier_that_nobody_sees_is_none(text: str) -> None:
    with pytest.raises(WrongCell, match=r"^Give each measurement its number"):
        judge_identifiers([]).read(text, prefix="")


@pytest.mark.parametrize(
    ("identifiers", "damaged"),
    [
        pytest.param(["00012", "00345", "345", "12345"], ["345"], id="some lost them"),
        pytest.param(["1", "12", "123"], [], id="a counter"),
        pytest.param(["01", "001", "1"], [], id="no width"),
        pytest.param(["00012", "00345", "A-1", "123456"], [], id="other kinds"),
        pytest.param(["0", "1"], [], id="zero itself"),
    ],
)
def test_lost_zeros_are_known_by_those_that_have_them(
    identifiers: list[str], damaged: list[str]
) -> None:
    assert refused(*identifiers) == damaged


@given(st.integers(0, 10), st.sampled_from(["{}", "{}.0", "{},0", "{},00", "0{}", "00{}.0"]))
def test_score_is_read_however_it_is_padded(score: int, written: str) -> None:
    assert read_score(written.format(score)) == score


@given(st.text(alphabet="0123456789.,/eE+-９٣ ", max_size=5))
def test_any_other_text_is_no_score(text: str) -> None:
    try:
        score = read_score(text)
    except WrongCell:
        return
    assert float(text.replace(",", ".")) == score

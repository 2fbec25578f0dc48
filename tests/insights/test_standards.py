from datetime import date

import pytest

from insights.standards import (
    Objection,
    Standard,
    coming_standard,
    known_standards,
    objections,
    standard_for_month,
    standard_on,
)

TEN = Standard(value=10, minimum=25, valid_from=date(2024, 3, 1))
TWENTY_FIVE = Standard(value=25, minimum=25, valid_from=date(2026, 6, 15))
STANDARDS = [TEN, TWENTY_FIVE]
MORE = Standard(30, 25, date(2026, 7, 1), announced_on=date(2026, 6, 1))
LATE = Standard(40, 25, date(2027, 1, 1), announced_on=date(2027, 2, 1))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2024, 2, 29), None, id="before the first"),
        pytest.param(date(2024, 3, 1), TEN, id="first day"),
        pytest.param(date(2026, 6, 14), TEN, id="last day"),
        pytest.param(date(2026, 6, 15), TWENTY_FIVE, id="day of the change"),
        pytest.param(date(2099, 1, 1), TWENTY_FIVE, id="without end"),
    ],
)
def test_standard_on_a_day(day: date, expected: Standard | None) -> None:
    assert standard_on(STANDARDS, day) == expected


def test_standard_on_does_not_depend_on_the_order() -> None:
    assert standard_on(reversed(STANDARDS), date(2026, 6, 14)) == TEN
    assert standard_on(reversed(STANDARDS), date(2026, 6, 15)) == TWENTY_FIVE


def test_standard_holds_until_the_next_one_begins() -> None:
    later = Standard(value=25, minimum=25, valid_from=date(2026, 7, 1))

    assert standard_on([TEN, later], date(2026, 6, 30)) == TEN


def test_standard_on_without_standards_is_none() -> None:
    assert standard_on([], date(2026, 6, 15)) is None


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        pytest.param(date(2024, 2, 1), None, id="before the first"),
        pytest.param(date(2024, 3, 1), TEN, id="month of the first"),
        pytest.param(date(2026, 5, 1), TEN, id="month before the change"),
        pytest.param(date(2026, 6, 1), TWENTY_FIVE, id="two standards in one month"),
        pytest.param(date(2026, 7, 1), TWENTY_FIVE, id="month after the change"),
    ],
)
def test_standard_for_a_finished_month_is_that_of_its_last_day(
    month: date, expected: Standard | None
) -> None:
    assert standard_for_month(STANDARDS, month, today=date(2026, 9, 9)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(date(2026, 6, 30), 25, id="on the last day"),
        pytest.param(date(2026, 7, 1), 10, id="a day later"),
    ],
)
def test_standard_for_a_month_with_a_change_at_its_end(change: date, expected: int) -> None:
    standards = [
        Standard(value=10, minimum=25, valid_from=date(2024, 3, 1)),
        Standard(value=25, minimum=25, valid_from=change),
    ]

    standard = standard_for_month(standards, date(2026, 6, 1), today=date(2026, 7, 1))

    assert standard is not None
    assert standard.value == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param(date(2026, 6, 1), TEN, id="first day"),
        pytest.param(date(2026, 6, 14), TEN, id="eve of the change"),
        pytest.param(date(2026, 6, 15), TWENTY_FIVE, id="day of the change"),
        pytest.param(date(2026, 6, 30), TWENTY_FIVE, id="last day"),
    ],
)
def test_standard_for_the_running_month_is_that_of_today(today: date, expected: Standard) -> None:
    assert standard_for_month(STANDARDS, date(2026, 6, 1), today=today) == expected


def test_standard_for_the_running_month_before_the_first_is_none() -> None:
    first = Standard(value=10, minimum=25, valid_from=date(2026, 6, 15))

    assert standard_for_month([first], date(2026, 6, 1), today=date(2026, 6, 14)) is None


THIRTY = Standard(30, 25, valid_from=date(2027, 1, 1), announced_on=date(2026, 10, 1))
FORTY = Standard(40, 25, valid_from=date(2028, 1, 1), announced_on=date(2026, 10, 1))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param(date(2026, 9, 30), None, id="not announced yet"),
        pytest.param(date(2026, 10, 1), THIRTY, id="day of the announcement"),
        pytest.param(date(2026, 12, 31), THIRTY, id="eve"),
        pytest.param(date(2027, 1, 1), FORTY, id="it holds, and the next is known"),
        pytest.param(date(2028, 1, 1), None, id="all hold"),
    ],
)
def test_coming_standard_is_the_next_that_is_announced(
    today: date, expected: Standard | None
) -> None:
    assert coming_standard([TWENTY_FIVE, FORTY, THIRTY], today=today) == expected


def test_coming_standard_without_announcement_is_not_shown() -> None:
    silent = Standard(30, 25, valid_from=date(2027, 1, 1))

    assert coming_standard([silent], today=date(2026, 12, 31)) is None


@pytest.mark.parametrize(
    ("valid_from", "announced_on", "expected"),
    [
        pytest.param(date(2026, 7, 1), date(2026, 6, 15), set(), id="next month"),
        pytest.param(date(2026, 7, 1), date(2026, 6, 30), set(), id="announced on the eve"),
        pytest.param(
            date(2026, 7, 1),
            date(2026, 7, 1),
            {Objection.ANNOUNCED_TOO_LATE},
            id="announced as it begins",
        ),
        pytest.param(
            date(2026, 7, 1),
            date(2026, 6, 14),
            {Objection.ANNOUNCED_IN_THE_PAST},
            id="announced yesterday",
        ),
        pytest.param(
            date(2026, 6, 30),
            date(2026, 6, 15),
            {Objection.JUDGES_RUNNING_MONTH},
            id="last day of this month",
        ),
        pytest.param(
            date(2026, 6, 16),
            date(2026, 6, 15),
            {Objection.JUDGES_RUNNING_MONTH},
            id="tomorrow",
        ),
        pytest.param(
            date(2026, 6, 16),
            date(2026, 6, 16),
            {Objection.JUDGES_RUNNING_MONTH, Objection.ANNOUNCED_TOO_LATE},
            id="tomorrow, announced as it begins",
        ),
        pytest.param(
            date(2026, 6, 15), date(2026, 6, 15), {Objection.BEGINS_TOO_EARLY}, id="today"
        ),
        pytest.param(
            date(2026, 6, 14),
            date(2026, 6, 13),
            {Objection.BEGINS_TOO_EARLY, Objection.ANNOUNCED_IN_THE_PAST},
            id="yesterday",
        ),
    ],
)
def test_announcing_is_objected_to(
    valid_from: date, announced_on: date, expected: set[Objection]
) -> None:
    found = objections(valid_from=valid_from, announced_on=announced_on, today=date(2026, 6, 15))

    assert found == expected


def test_next_month_is_not_the_running_one_on_its_eve() -> None:
    found = objections(
        valid_from=date(2026, 7, 1), announced_on=date(2026, 6, 30), today=date(2026, 6, 30)
    )

    assert found == set()


@pytest.mark.parametrize(
    ("today", "known"),
    [
        pytest.param(date(2026, 5, 31), [TEN], id="not announced yet"),
        pytest.param(date(2026, 6, 1), [TEN, MORE], id="announced today"),
        pytest.param(date(2027, 1, 1), [TEN, MORE, LATE], id="begun, whenever it was announced"),
    ],
)
def test_known_standards_are_those_that_began_or_were_announced(
    today: date, known: list[Standard]
) -> None:
    assert known_standards([TEN, MORE, LATE], today=today) == known

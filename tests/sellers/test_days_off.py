"""The days off of each country as we know them: a new public list must not change them unseen."""

from datetime import date

import pytest

from sellers.days_off import Change, days_off, is_known, public_holidays, regions

DUTCH = {
    2025: "1-1 20-4 21-4 26-4 5-5 29-5 8-6 9-6 25-12 26-12",
    2026: "1-1 5-4 6-4 27-4 14-5 24-5 25-5 25-12 26-12",
    2027: "1-1 28-3 29-3 27-4 6-5 16-5 17-5 25-12 26-12",
    2030: "1-1 21-4 22-4 27-4 5-5 30-5 9-6 10-6 25-12 26-12",
}
BELGIAN = {
    2026: "1-1 5-4 6-4 1-5 14-5 24-5 25-5 21-7 15-8 1-11 11-11 25-12",
    2027: "1-1 28-3 29-3 1-5 6-5 16-5 17-5 21-7 15-8 1-11 11-11 25-12",
}
GERMAN = {2026: "1-1 3-4 6-4 1-5 14-5 25-5 3-10 25-12 26-12"}
FRENCH = {2026: "1-1 6-4 1-5 8-5 14-5 25-5 14-7 15-8 1-11 11-11 25-12"}


def days(country: str, year: int, *, region: str = "") -> set[date]:
    return {day for day in public_holidays(country, region, year) if day.year == year}


@pytest.mark.parametrize(
    ("country", "year", "listed"),
    [
        (country, year, listed)
        for country, years in {"NL": DUTCH, "BE": BELGIAN, "DE": GERMAN, "FR": FRENCH}.items()
        for year, listed in years.items()
    ],
)
def test_days_off_of_a_country(country: str, year: int, listed: str) -> None:
    expected = {
        date(year, int(month), int(day))
        for day, month in (each.split("-") for each in listed.split())
    }

    assert days(country, year) == expected


@pytest.mark.parametrize(
    ("country", "day", "is_off"),
    [
        pytest.param("NL", date(2026, 4, 3), False, id="Good Friday, worked on"),
        pytest.param("DE", date(2026, 4, 3), True, id="Good Friday in Germany"),
        pytest.param("NL", date(2025, 4, 26), True, id="King's Day a day early"),
        pytest.param("NL", date(2025, 4, 27), False, id="King's Day not on a Sunday"),
        pytest.param("BE", date(2026, 4, 27), False, id="no King's Day in Belgium"),
        pytest.param("NL", date(2025, 5, 5), True, id="5 May, each fifth year"),
        pytest.param("NL", date(2026, 5, 5), False, id="5 May in other years"),
        pytest.param("NL", date(2026, 12, 26), True, id="second day of Christmas"),
        pytest.param("BE", date(2026, 12, 26), False, id="no second day in Belgium"),
    ],
)
def test_day_is_off(country: str, day: date, is_off: bool) -> None:
    assert (day in public_holidays(country, "", day.year)) is is_off


def test_the_year_after_is_there_too() -> None:
    assert date(2027, 1, 1) in public_holidays("NL", "", 2026)
    assert date(2028, 1, 1) not in public_holidays("NL", "", 2026)


def test_region_has_days_of_its_own() -> None:
    epiphany = date(2026, 1, 6)

    assert epiphany in days("DE", 2026, region="BY")
    assert epiphany not in days("DE", 2026)
    assert "BY" in regions("DE")


def test_unknown_region_has_the_days_of_its_country() -> None:
    assert days("DE", 2026, region="XX") == days("DE", 2026)


def test_unknown_country_has_no_days() -> None:
    assert not is_known("XX")
    assert regions("XX") == ()
    assert public_holidays("XX", "", 2026) == {}
    assert is_known("NL")


@pytest.mark.parametrize("of_the_machine", ["", "fr", "en_US"])
def test_names_are_in_the_reader_s_language_where_the_list_has_it(
    monkeypatch: pytest.MonkeyPatch, of_the_machine: str
) -> None:
    monkeypatch.setenv("LANGUAGE", of_the_machine)
    public_holidays.cache_clear()

    assert public_holidays("NL", "", 2026)[date(2026, 4, 27)] == "King's Day"
    assert public_holidays("NL", "", 2026, language="nl")[date(2026, 4, 27)] == "Koningsdag"
    assert date(2026, 4, 3) not in public_holidays("NL", "", 2026, language="nl")
    assert public_holidays("FR", "", 2026, language="nl")[date(2026, 7, 14)] == "National Day"


def test_changes_add_and_take_away() -> None:
    public = {date(2026, 1, 1): "New Year", date(2026, 4, 27): "King's Day"}
    changes = [
        Change(date(2026, 4, 27), "Fair", is_off=False),
        Change(date(2026, 12, 5), "Saint Nicholas", is_off=True),
        Change(date(2026, 12, 31), "New Year's Eve", is_off=True),
        Change(date(2026, 12, 31), "Open in this region", is_off=False),
        Change(date(2026, 7, 1), "A working day anyway", is_off=False),
    ]

    assert days_off(public, changes) == {
        date(2026, 1, 1): "New Year",
        date(2026, 12, 5): "Saint Nicholas",
    }

"""Moments as programs write them, none of them guessed."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple
from unicodedata import normalize
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from surveys.imports.refusals import WrongCell

# The Net Promoter Score was published in December 2003; what is older is a slip of the pen.
EARLIEST: Final = datetime(2003, 1, 1, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
EXACT: Final = timedelta(microseconds=1)
DAYS_OF_EXCEL: Final = re.compile(r"[1-9][0-9]{4}(?:[.,][0-9]+)?")  # since 1900 or 1904
# Since 1970 in seconds or thousandths of these, also as pandas writes a column with gaps.
UNIX: Final = re.compile(
    r"(?P<seconds>[0-9]{1,10})(?P<thousandths>(?<=[0-9]{10})[0-9]{3})?(?:\.0+)?"
)
WITH_SECONDS: Final = re.compile(
    r"[0-9]:[0-9]{2}:[0-9]{2}|[ T][0-9]{1,2}([.h])[0-9]{2}\1[0-9]{2}|T[0-9]{6}"
)
WITH_FRACTION: Final = re.compile(r"(?::[0-9]{2}|T[0-9]{6})[.,][0-9]")
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari januar jänner janvier janv",
            "feb february februari februar février févr",
            "mar march mrt maart märz mrz mars",
            "apr april avril avr",
            "may mei mai",
            "jun june juni juin",
            "jul july juli juillet juil",
            "aug august augustus août aout",
            "sep sept september septembre",
            "oct october okt oktober octobre",
            "nov november novembre",
            "dec december dez dezember déc décembre",
        ),
        start=1,
    )
    for name in names.split()
}
WRITTEN: Final = re.compile(
    r"""
    (?: [a-z]{2,9} \.? ,? \s )?                                       # a weekday
    (?: (?P<year> \d{4}) (?P<mark> [-/.]) (?P<month> \d{1,2}) (?P=mark) (?P<day> \d{1,2})
      | (?P<first> \d{1,2}) (?P<sign> [-/.]) (?P<second> \d{1,2}) (?P=sign) (?P<year2> \d{4})
      | (?P<day3> \d{1,2}) (?: \. | er )? [\s-]
        (?P<word3> [a-zà-ÿ]{3,9}) \.? [\s-] (?P<year3> \d{4})
      | (?P<word4> [a-zà-ÿ]{3,9}) \.? \s (?P<day4> \d{1,2}) ,? \s (?P<year4> \d{4})
    )
    (?: (?: T | ,? \s (?: (?: at | om | um | à ) \s )? )
        (?P<hour> \d{1,2}) (?P<point> [:.h]) (?P<minute> \d{2})
        (?: (?P=point) (?P<seconds> \d{2}) (?: [.,] (?P<fraction> \d{1,9}) )? )?
        (?: \s? (?: (?P<half> [ap]) \.? m \.? | uur | uhr ) )?
    )?
    (?: \s? (?: z | utc | gmt
              | (?: utc | gmt )? (?P<east> [+-]) (?P<hours> \d{1,2}) (?: :? (?P<minutes> \d{2}) )?
            ) (?P<zoned>) )?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
# The beginning of a date in which day and month can change places.
ORDERED: Final = re.compile(
    r"(?:[a-z]{2,9}\.?,?\s)?(\d{1,2})([-/.])(\d{1,2})\2\d{4}\b", re.A | re.I
)


class Clock(NamedTuple):
    """How the moments of one file are written."""

    zone: ZoneInfo | None = None  # of those without an offset
    month_first: bool = False
    unix_seconds: bool = False


class Said(NamedTuple):
    """A moment, and how precisely it is written."""

    moment: datetime
    precision: timedelta = SECOND
    later: datetime | None = None  # when the clock of the zone showed this twice
    is_day: bool = False  # no time is written: it is the beginning of that day


def read_moment(text: str, clock: Clock, *, now: datetime) -> Said:
    """Return the moment that is written; raises WrongCell."""
    try:
        unix = UNIX.fullmatch(text) if clock.unix_seconds else None
        said = _unix(unix) if unix else _said(text, clock)
    except (ValueError, OverflowError, OSError) as error:
        if DAYS_OF_EXCEL.fullmatch(text):
            message = _(
                "This is how a spreadsheet counts days. Show the column as a date with its time, "
                "and export the file again."
            )
        else:
            message = _("This is not a moment. Write it like 2026-03-31T14:05:00+02:00.")
        raise WrongCell(message) from error
    if said.moment > now:
        raise WrongCell(_("This moment has not come yet. Check the date and the offset."))
    if said.moment < EARLIEST:
        message = _("This is before %(year)d, when nobody measured NPS. Check the date.")
        raise WrongCell(message % {"year": EARLIEST.year})
    return said


def _unix(found: re.Match[str]) -> Said:
    moment = datetime.fromtimestamp(int(found["seconds"]), UTC)
    return Said(moment + timedelta(milliseconds=int(found["thousandths"] or 0)))


def _said(text: str, clock: Clock) -> Said:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _written(normalize("NFC", " ".join(text.split())), clock)
    is_day = len(text) <= len("2026-03-31")
    said = Said(moment, _precision(text), is_day=is_day)
    return said if moment.tzinfo else _in_zone(said, clock)


def _precision(text: str) -> timedelta:
    if WITH_FRACTION.search(text):
        return EXACT
    return SECOND if WITH_SECONDS.search(text) else timedelta(minutes=1)


def _written(text: str, clock: Clock) -> Said:
    """Return a moment that is not in ISO 8601, or in a part of it that Python does not know."""
    found = WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(text)
    parts = {name: int(part) for name, part in found.groupdict().items() if part and part.isdigit()}
    hour, second, more = parts.get("hour", 0), parts.get("seconds", 0), timedelta()
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + 12 * (found["half"] in "pP")
    if (hour, parts.get("minute"), second) == (24, 0, 0):  # the end of a day
        hour, more = 0, timedelta(days=1)
    is_leap = second == 60
    if is_leap:  # PostgreSQL and Python have no such second: it is the next one
        second, more = 59, SECOND
    microsecond = int((found["fraction"] or "0").ljust(6, "0")[:6])
    time = hour, parts.get("minute", 0), second, microsecond
    moment = datetime(*_date(found, parts, clock), *time)  # noqa: DTZ001  its zone comes below
    said = Said(moment + more, _precision(text), is_day=found["hour"] is None)
    if found["zoned"] is None:
        said = _in_zone(said, clock)
    else:
        said = said._replace(moment=said.moment.replace(tzinfo=_offset(found, parts)))
    if is_leap and _is_within_a_day(said.moment):
        raise ValueError(text)
    return said


def _date(found: re.Match[str], parts: dict[str, int], clock: Clock) -> tuple[int, int, int]:
    if found["year"]:
        return parts["year"], parts["month"], parts["day"]
    if found["year2"]:
        month_first = clock.month_first and found["sign"] != "."
        first, second = parts["first"], parts["second"]
        return (parts["year2"], *((first, second) if month_first else (second, first)))
    number = "3" if found["year3"] else "4"
    month = MONTHS.get(found[f"word{number}"].lower())
    if month is None:
        raise ValueError(found.string)
    return parts[f"year{number}"], month, parts[f"day{number}"]


def _offset(found: re.Match[str], parts: dict[str, int]) -> timezone:
    offset = timedelta(hours=parts.get("hours", 0), minutes=parts.get("minutes", 0))
    return timezone(-offset if found["east"] == "-" else offset)


def _is_within_a_day(moment: datetime) -> bool:
    """Return whether no leap second can have ended here: they end days of UTC, and months."""
    moment = moment.astimezone(UTC)
    return (moment.day, moment.hour, moment.minute, moment.second) != (1, 0, 0, 0)


def _in_zone(said: Said, clock: Clock) -> Said:
    """Return a moment that the clock of a zone showed; raises WrongCell when it never did."""
    if clock.zone is None:
        message = _(
            "This moment has no time zone. Say whose clock showed it, such as "
            "--zone=Europe/Amsterdam, or add its offset from UTC, like 2026-03-31T14:05:00+02:00."
        )
        raise WrongCell(message)
    first = said.moment.replace(tzinfo=clock.zone)
    later = first.replace(fold=1)
    moment = first.astimezone(UTC)
    if moment.astimezone(clock.zone).replace(tzinfo=None) != said.moment:
        message = _("The clock of %(zone)s never showed this: it was put forward then.")
        raise WrongCell(message % {"zone": clock.zone.key})
    if first.utcoffset() == later.utcoffset():
        return said._replace(moment=moment)
    return said._replace(moment=moment, later=later.astimezone(UTC))

"""What one cell says: a score, an identifier, a text; and how a spreadsheet damages them."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Final
from unicodedata import category, normalize

from django.utils.translation import gettext as _

from queries.enums import ActorType
from surveys.imports.refusals import WrongCell
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE

CLOSED_BY: Final = {actor.value: actor for actor in (ActorType.SELLER, ActorType.MARKETPLACE)}
ID_MAX_LENGTH: Final = 100
# 9, and what programs make of it that count in decimals or in columns: 9.0, 9,0, 09.
SCORE: Final = re.compile(r"0*([0-9]{1,2})(?:[.,]0+)?")
SCORES: Final = range(LOWEST_SCORE, HIGHEST_SCORE + 1)
NOTHING: Final = frozenset({"", "null", "none", "nan", "n/a", "\\n"})  # how programs write it

DIGITS: Final = 15  # that Excel keeps of a number; it puts zeros in place of the others
CHANCE: Final = 4  # standard deviations
SCIENTIFIC: Final = re.compile(
    r"[0-9](?:[.,][0-9]+)?[Ee][+-][0-9]{2,3}|[0-9][.,][0-9]+[Ee][0-9]{1,3}"
)
DECIMAL: Final = re.compile(r"[0-9]+[.,]0+")
MONTHS: Final = (
    r"(?:jan|feb|mar|mrt|apr|may|mei|jun|jul|aug|sep|oct|okt|nov|dec"  # of Dutch and English
    r"|mrz|mai|dez|janv|févr|mars|avr|juin|juil|août|sept|déc)\.?"  # of German and French
)
DATE: Final = re.compile(
    rf"[0-9]{{1,2}}(?:-|\. ?){MONTHS}(?:[- ][0-9]{{2,4}})?|{MONTHS}[- ][0-9]{{2,4}}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}(?: 00:00:00)?",
    re.IGNORECASE,
)
ERROR: Final = re.compile(r"#[A-Z]+[!?]|#N/[AB]|#(?:DIV|DEEL)/0!")
NO_OUTCOME: Final = "#FORMULA!"  # of a cell whose formula nothing worked out
TOO_NARROW: Final = re.compile("#{2,}")


def refuse_error(text: str) -> None:
    """Refuse what a spreadsheet shows in place of what should be there; raises WrongCell."""
    if not ERROR.fullmatch(text):
        return
    if text == NO_OUTCOME:
        message = _(
            "This formula was never worked out. Open the file in a spreadsheet and save it."
        )
    else:
        message = _("A spreadsheet shows an error here. Mend its formula, or empty the cell.")
    raise WrongCell(message)


def visible(text: str) -> str:
    """Return a text without what nobody sees: marks of no width, and how accents are composed."""
    if text.isascii():
        return text
    letters = (each for each in normalize("NFC", text) if category(each) != "Cf")
    return "".join(letters).strip()


def read_score(text: str) -> int:
    """Return a score; raises WrongCell."""
    found = SCORE.fullmatch(text)
    if not found or int(found[1]) not in SCORES:
        message = _("A score is a whole number from %(lowest)d to %(highest)d, such as 7.")
        raise WrongCell(message % {"lowest": LOWEST_SCORE, "highest": HIGHEST_SCORE})
    return int(found[1])


def read_text(text: str) -> str:
    """Return a text that can be stored; raises WrongCell."""
    if "\0" in text:
        raise WrongCell(_("This text has a null byte in it, which cannot be stored. Remove it."))
    return text


def read_closed_by(text: str) -> ActorType:
    """Return who closed the query; raises WrongCell."""
    try:
        return CLOSED_BY[text.casefold() or ActorType.SELLER]
    except KeyError as error:
        message = _("Write who closed the query: %(choices)s. Nothing means %(default)s.")
        choices = {"choices": ", ".join(CLOSED_BY), "default": ActorType.SELLER.value}
        raise WrongCell(message % choices) from error


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What the identifiers of a whole file say of each: one alone often cannot be judged."""

    rounded: frozenset[int] = frozenset()  # so many digits, of which the last became zeros
    width: int = 0  # so many digits, where zeros in front fill them up

    def read(self, text: str, *, prefix: str) -> str:
        """Return an identifier with the prefix of its program; raises WrongCell."""
        text = visible(text)
        if not text:
            raise WrongCell(_("Give each measurement its number: it prevents importing it twice."))
        damage = self._damage(text)
        if damage:
            message = _("%(damage)s Export the file again, and open it in no spreadsheet.")
            raise WrongCell(message % {"damage": damage})
        external_id = prefix + read_text(text)
        if len(external_id) > ID_MAX_LENGTH:
            message = _("This number is too long: at most %(length)d characters are kept.")
            raise WrongCell(message % {"length": ID_MAX_LENGTH - len(prefix)})
        return external_id

    def _damage(self, text: str) -> str:
        """Return what a spreadsheet did to an identifier, or nothing."""
        if text.isdecimal():
            if len(text) in self.rounded and _ends_in_zeros(text):
                return _("A spreadsheet rounded this number to 15 digits: its end is lost.")
            if len(text) < self.width:
                return _("A spreadsheet took the zeros in front of this number away.")
            return ""
        if SCIENTIFIC.fullmatch(text):
            return _("A spreadsheet shortened this number to so many times a power of ten.")
        if DECIMAL.fullmatch(text):
            return _("A program made a number with decimals of this identifier.")
        if DATE.fullmatch(text):
            return _("A spreadsheet made a date of this identifier.")
        if TOO_NARROW.fullmatch(text):
            return _("A spreadsheet shows a column too narrow here.")
        return ""


def judge_identifiers(texts: Iterable[str]) -> Identifiers:
    """Return what the identifiers of a whole file say of each."""
    long, zeros, padded = Counter[int](), Counter[int](), set[int]()
    for text in texts:
        length = len(text)
        if length > DIGITS and text.isdecimal():
            long[length] += 1
            zeros[length] += _ends_in_zeros(text)
        elif length > 1 and text[0] == "0" and text.isdecimal():
            padded.add(length)
    rounded = (
        length
        for length, count in long.items()
        if _too_many(zeros[length], of=count, digits=length - DIGITS)
    )
    return Identifiers(frozenset(rounded), padded.pop() if len(padded) == 1 else 0)


def _ends_in_zeros(text: str) -> bool:
    return not text[DIGITS:].strip("0")


def _too_many(count: int, *, of: int, digits: int) -> bool:
    """Return whether more identifiers end in so many zeros than chance makes them."""
    expected = of * 10.0**-digits
    return count * digits >= 3 and count > expected + CHANCE * sqrt(expected)

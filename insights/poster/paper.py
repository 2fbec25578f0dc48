"""A white page to write and draw on.

Everything is in millimetres from the upper left corner of an A4; a text is placed by its baseline.
The colours are those of static/css/tokens.css in the light. What is written may be in any script:
each letter is of the first font that has it.
"""

import re
from datetime import datetime
from typing import Final, Literal
from unicodedata import category

import fontpkg
import noto_cjk_sans_jp_regular
from django.conf import settings
from django.utils import translation
from fpdf import FPDF
from fpdf.fonts import TTFFont

from surveys.nps import Verdict

Colour = Literal["ink", "soft", "line", "promoter", "passive", "detractor", "white"]
Align = Literal["left", "centre", "right"]

COLOURS: Final[dict[Colour, str]] = {
    "ink": "#1b2330",
    "soft": "#56606f",
    "line": "#c9c6bf",
    "promoter": "#0f766e",
    "passive": "#745a00",
    "detractor": "#b4235a",
    "white": "#ffffff",
}
VERDICT_COLOURS: Final[dict[Verdict | None, Colour]] = {
    Verdict.MET: "promoter",
    Verdict.NOT_MET: "detractor",
}
FONT: Final = "Fira Sans"  # Latin, Greek and Cyrillic
# Opened only for a text that needs it: that of Chinese, Japanese and Korean has 16 MB.
CJK: Final = "Noto Sans CJK"
SCRIPTS: Final = {
    "Heebo": re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]"),
    "Noto Sans Arabic": re.compile("[\u0600-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]"),
    "Noto Sans Thai": re.compile("[\u0e00-\u0e7f]"),
    CJK: re.compile(
        "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
    ),
}
WEIGHTS: Final = {"": 400.0, "B": 600.0}
UNKNOWN: Final = "\u25af"  # a box, for what no font has
UNSEEN: Final = ("Cf", "Mn", "Me")  # joiners, and which picture of a letter is meant
ASCENT: Final = 0.8  # of the size: where fpdf2 puts the baseline of a cell that is as high
POINT: Final = 25.4 / 72
LEFT: Final = 18.0
RIGHT: Final = 192.0
SMALLEST: Final = 0.55  # of its size, before a text is cut off


class Paper:
    """A white page to write and draw on."""

    def __init__(self, *, title: str, written_at: datetime) -> None:
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.c_margin = 0  # a line begins exactly at its x
        self._pdf.add_font(FONT, "", fontpkg.path(FONT, "regular"))
        self._pdf.add_font(FONT, "B", fontpkg.path(FONT, "semibold"))
        self._fonts = [FONT]
        self._letters = self._letters_of(FONT)
        self._pdf.set_title(title)
        self._pdf.set_author(settings.MARKETPLACE_NAME)
        self._pdf.set_lang(translation.get_language() or settings.LANGUAGE_CODE)
        self._pdf.set_creation_date(written_at)
        self._pdf.add_page()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: Colour = "ink",
        align: Align = "left",
        width: float = RIGHT - LEFT,
    ) -> float:
        """Write one line at a size in points, smaller or cut off if wider; return its width."""
        text = self._readable(text)
        self._pdf.set_text_color(COLOURS[colour])
        self._font(size, bold=bold)
        wide = self._pdf.get_string_width(text)
        if wide > width:
            self._font(size * max(width / wide, SMALLEST), bold=bold)
            while text and self._pdf.get_string_width(text) > width:
                text = text.rstrip("…")[:-1].rstrip() + "…"
            wide = self._pdf.get_string_width(text)
        left = {"left": x, "centre": x - wide / 2, "right": x - wide}[align]
        if len(self._fonts) == 1:
            self._pdf.text(left, y, text)
        else:
            self._pdf.set_xy(left, y - ASCENT * self._pdf.font_size)
            self._pdf.cell(wide, self._pdf.font_size, text)
        return wide

    def label(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        align: Align = "left",
    ) -> None:
        """Write a line on a white ground, so that no line runs through it."""
        text = self._readable(text)
        self._font(size, bold=bold)
        wide, high = self._pdf.get_string_width(text) + 1, size * POINT * 0.8
        left = x - wide / 2 if align == "centre" else x - 0.5
        self.box(left, y - high, wide, high + 0.3, "white")
        self.text(x, y, text, size, bold=bold, align=align)

    def lines(self, x: float, y: float, text: str, size: float, *, width: float) -> None:
        """Write a text that is as wide as `width` at most."""
        text = self._readable(text)
        height = size * POINT * 1.4
        self._pdf.set_text_color(COLOURS["ink"])
        self._font(size)
        self._pdf.set_xy(x, y - size * POINT)
        self._pdf.multi_cell(width, height, text, align="L")

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: Colour,
        *,
        outline: bool = False,
        dash: float = 0,
        radius: float = 0,
    ) -> None:
        """Fill a rectangle, or draw its outline."""
        self._pdf.set_fill_color(COLOURS[colour])
        self._pdf.set_draw_color(COLOURS[colour])
        self._pdf.set_line_width(0.35)
        self._pdf.set_dash_pattern(dash, dash)
        drawn = "D" if outline else "F"
        self._pdf.rect(x, y, width, height, drawn, round_corners=radius > 0, corner_radius=radius)
        self._pdf.set_dash_pattern()

    def line(
        self,
        *points: tuple[float, float],
        colour: Colour = "line",
        width: float = 0.2,
        dash: float = 0,
    ) -> None:
        """Draw a line along points."""
        self._pdf.set_draw_color(COLOURS[colour])
        self._pdf.set_line_width(width)
        self._pdf.set_dash_pattern(dash, dash)
        self._pdf.polyline(points)
        self._pdf.set_dash_pattern()

    def disc(self, x: float, y: float, radius: float, colour: Colour, *, dash: float = 0) -> None:
        """Fill a circle, or draw a dashed one."""
        self._pdf.set_fill_color(COLOURS[colour])
        self._pdf.set_draw_color(COLOURS[colour])
        self._pdf.set_line_width(0.5)
        self._pdf.set_dash_pattern(dash, dash)
        self._pdf.circle(x, y, radius, "D" if dash else "F")
        self._pdf.set_dash_pattern()

    def as_bytes(self) -> bytes:
        """Return the file."""
        return bytes(self._pdf.output())

    def _readable(self, text: str) -> str:
        """Return a text whose letters all have a font; what has none is a box."""
        if self._letters.issuperset(map(ord, text)):
            return text
        for name, letters in SCRIPTS.items():
            if name not in self._fonts and letters.search(text):
                self._add(name)
        return "".join(filter(None, map(self._letter, text)))

    def _letter(self, letter: str) -> str:
        if ord(letter) in self._letters:
            return letter
        if letter.isspace():
            return " "
        return "" if category(letter) in UNSEEN else UNKNOWN

    def _letters_of(self, name: str) -> set[int]:
        """Return the code points that a font has."""
        font = self._pdf.fonts[name.lower()]
        assert isinstance(font, TTFFont)
        return set(font.cmap)

    def _add(self, name: str) -> None:
        """Let one more font be used; of one with a single weight it is that."""
        for style, weight in WEIGHTS.items():
            if name == CJK:
                self._pdf.add_font(name, style, noto_cjk_sans_jp_regular.FONT_PATH)
            else:
                file = fontpkg.path(name)
                self._pdf.add_font(name, style, file, variations={"wght": weight})
        self._letters |= self._letters_of(name)
        self._fonts.append(name)
        self._pdf.set_fallback_fonts(self._fonts[1:])
        self._pdf.set_text_shaping(True)  # Arabic letters join, and are read from the right

    def _font(self, size: float, *, bold: bool = False) -> None:
        self._pdf.set_font(FONT, "B" if bold else "", size)

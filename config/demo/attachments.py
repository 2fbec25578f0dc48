"""Files with some of the open questions: a photo, a form to send something back, what was on it."""

from functools import cache
from io import BytesIO
from typing import Final

from fpdf import FPDF
from PIL import Image, ImageDraw

from config.demo.rows import Rows
from queries.attachments import CheckedFile, check_file
from queries.files import attach
from queries.models import Message
from sellers.enums import Language

EVERY: Final = 3  # so many questions, one has files
NAMES: Final = {
    Language.DUTCH: ("foto doos.png", "deuk dichtbij.jpg", "retourformulier.pdf", "track.txt"),
    Language.ENGLISH: ("photo of the box.png", "dent.jpg", "return form.pdf", "tracking.txt"),
}


def attach_some(rows: Rows) -> int:
    """Store files with the first message of some questions; return how many."""
    stored = 0
    for number, query in enumerate(rows.queries[::EVERY]):
        files = _files(Language(query.language))
        first = Message.objects.filter(query=query.id).earliest("sent_at", "pk")
        stored += len(attach(first, [files[number % 4]] if number % 5 else list(files[:3])))
    return stored


@cache
def _files(language: Language) -> tuple[CheckedFile, ...]:
    contents = (_photo("PNG"), _photo("JPEG"), _form(), b"3SNZRG0123456 NL 1012AB 14:05\n")
    return tuple(map(check_file, NAMES[language], contents))


def _photo(form: str) -> bytes:
    """Return a cardboard box with a dent."""
    picture = Image.new("RGB", (800, 600), "#d9d4c8")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(150, 220), (470, 280), (470, 540), (150, 450)], fill="#b98a55")
    draw.polygon([(470, 280), (680, 210), (680, 430), (470, 540)], fill="#a17443")
    draw.polygon([(150, 220), (370, 160), (680, 210), (470, 280)], fill="#cda06b")
    draw.polygon([(440, 470), (500, 430), (520, 525), (470, 540)], fill="#5f4325")
    saved = BytesIO()
    picture.save(saved, form)
    return saved.getvalue()


def _form() -> bytes:
    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", size=20)
    paper.cell(text="Retour / Return")
    return bytes(paper.output())

"""Which files may go with a message, decided by what is in them and never by what they are called.

Pictures are drawn anew, so that nothing but what can be seen is kept: no place where a photo was
taken, no second file hidden behind the first. Text becomes UTF-8. A PDF stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Final, Protocol
from zipfile import is_zipfile

from pi_heif import HeifImageFile
from PIL.Image import Image
from PIL.ImageFile import ImageFile
from PIL.ImageOps import exif_transpose
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from queries.enums import AttachmentKind, RefusedFile

MAX_FILES: Final = 5  # per message
MAX_BYTES: Final = 10 * 1024 * 1024  # of each, as it comes
MAX_PIXELS: Final = 50_000_000
LARGEST_SAVED: Final = 4 * MAX_BYTES  # drawn anew a picture may take more room than it came in
MAX_SCANS: Final = 40  # a JPG is drawn anew for each of its scans; cameras make up to ten
MAX_NAME: Final = 100

# Byte order marks come first; what is no UTF-8 is what Windows wrote in Western Europe.
BOMS: Final = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
CONTROL: Final = re.compile(r"[^\t\n\f\r\x20-\x7e\x85\xa0-\U0010ffff]")
# How web pages, drawings and programs written as text begin.
MARKUP: Final = re.compile(
    r"\s*(<(!doctype|html|head|body|svg|script|style|iframe|title|table|div|meta|link)\b"
    r"|<!--|<\?|#!|%!PS|\{\\rtf)",
    re.IGNORECASE,
)
HEIC_BRANDS: Final = (b"heic", b"heix", b"heim", b"heis", b"mif1")
# What Windows refuses in a name, and what would turn its letters around.
NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*]')

# A picture takes much more memory than its file, so a process draws one at a time.
_drawing = Lock()


class AttachmentRefused(Exception):
    """A file may not go with a message: which one and why; as text, a sentence for who sent it."""

    def __init__(self, name: str, reason: RefusedFile) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return str(self.reason.label) % {"name": self.name}


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored: what is in it is of its kind, and its name says so."""

    name: str
    kind: AttachmentKind
    data: bytes


class ReceivedFile(Protocol):
    """A file as a form gives it: Django's UploadedFile."""

    @property
    def name(self) -> str | None:
        """Return what it is called."""

    @property
    def size(self) -> int | None:
        """Return how many bytes it has."""

    def read(self) -> bytes:
        """Return what is in it."""


def check_upload(file: ReceivedFile) -> CheckedFile:
    """Check a file of a form; one that is too large is not read. Raises AttachmentRefused."""
    if (file.size or 0) > MAX_BYTES:
        raise AttachmentRefused(shown_name(file.name or ""), RefusedFile.TOO_LARGE)
    return check_file(file.name or "", file.read())


def check_file(name: str, data: bytes) -> CheckedFile:
    """Check a file by its content, and return what may be stored of it.

    Raises AttachmentRefused.
    """

    def refused(reason: RefusedFile) -> AttachmentRefused:
        return AttachmentRefused(shown_name(name), reason)

    if is_bad_name(name):
        raise refused(RefusedFile.BAD_NAME)
    if not data:
        raise refused(RefusedFile.EMPTY)
    if len(data) > MAX_BYTES:
        raise refused(RefusedFile.TOO_LARGE)
    try:
        kind, kept = _kept_of(data)
    except _Refused as refusal:
        raise refused(refusal.reason) from refusal.__cause__
    return CheckedFile(clean_name(name, kind), kind, kept)


def too_many(names: Iterable[str]) -> list[AttachmentRefused]:
    """Return what is to be said of the files that are over the number for one message."""
    extra = list(names)[MAX_FILES:]
    return [AttachmentRefused(shown_name(name), RefusedFile.TOO_MANY) for name in extra]


def is_bad_name(name: str) -> bool:
    """Return whether a name leads up to another folder or has a NUL in it: nobody's own does."""
    return "\0" in name or ".." in re.split(r"[/\\]", name)


def shown_name(name: str) -> str:
    """Return a name without its folders and without characters that cannot be seen."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Controls, what turns the direction of writing, surrogates, unassigned: all of category C.
    seen = "".join(" " if each.isspace() else each for each in name)
    seen = "".join(each for each in seen if not unicodedata.category(each).startswith("C"))
    return " ".join(NOT_IN_NAMES.sub("", seen).split()).strip(". ")[:MAX_NAME]


def clean_name(name: str, kind: AttachmentKind) -> str:
    """Return a name that is safe to save under, and ends as its kind does."""
    shown = shown_name(name)
    stem, dot, ending = shown.rpartition(".")
    if not dot or not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9]{2,5}", ending):
        stem = shown
    ending = f".{kind.value}"
    return (stem[: MAX_NAME - len(ending)].strip(". ") or "attachment") + ending


class _Refused(Exception):
    """What AttachmentRefused says, before it is known of which file."""

    def __init__(self, reason: RefusedFile) -> None:
        super().__init__(reason)
        self.reason = reason


def _kept_of(data: bytes) -> tuple[AttachmentKind, bytes]:
    """Return of which kind a file is, and what is stored of it."""
    if data.startswith(b"%PDF-"):
        return AttachmentKind.PDF, _checked_pdf(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return AttachmentKind.PNG, _drawn_anew(PngImageFile, data, AttachmentKind.PNG)
    if data.startswith(b"\xff\xd8\xff"):
        if data.count(b"\xff\xda") > MAX_SCANS:
            raise _Refused(RefusedFile.TOO_MANY_PIXELS)
        return AttachmentKind.JPG, _drawn_anew(JpegImageFile, data, AttachmentKind.JPG)
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return AttachmentKind.JPG, _drawn_anew(HeifImageFile, data, AttachmentKind.JPG)
    return AttachmentKind.TEXT, _as_utf8(data)


def _checked_pdf(data: bytes) -> bytes:
    """Return a PDF that ends as one does, and is not an archive at the same time."""
    if b"%%EOF" not in data[-1024:]:
        raise _Refused(RefusedFile.BROKEN)
    if is_zipfile(BytesIO(data)):
        raise _Refused(RefusedFile.WRONG_KIND)
    return data


def _as_utf8(data: bytes) -> bytes:
    """Return text in UTF-8, whatever it was written in."""
    text = _decoded(data)
    if not text.strip():
        raise _Refused(RefusedFile.EMPTY)
    if CONTROL.search(text):
        raise _Refused(RefusedFile.WRONG_KIND)
    if MARKUP.match(text):
        raise _Refused(RefusedFile.WEB_PAGE)
    return text.encode()


def _decoded(data: bytes) -> str:
    marked = next(((bom, name) for bom, name in BOMS.items() if data.startswith(bom)), None)
    try:
        if marked:
            return data[len(marked[0]) :].decode(marked[1])
        return data.decode()
    except UnicodeDecodeError as error:
        if marked:
            raise _Refused(RefusedFile.WRONG_KIND) from error
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _Refused(RefusedFile.WRONG_KIND) from error


def _drawn_anew(reader: type[ImageFile], data: bytes, kind: AttachmentKind) -> bytes:
    """Return the first picture of a file and nothing else, the right way up.

    How large it is stands at its beginning, so that is known before any of it is drawn.
    """
    with _drawing:
        try:
            picture = reader(BytesIO(data))
            if picture.width * picture.height <= MAX_PIXELS:
                saved = _saved(exif_transpose(picture), kind)
                if len(saved) <= LARGEST_SAVED:
                    return saved
        except Exception as error:  # whatever a broken picture makes its reader raise
            raise _Refused(RefusedFile.BROKEN) from error
    raise _Refused(RefusedFile.TOO_MANY_PIXELS)


def _saved(picture: Image, kind: AttachmentKind) -> bytes:
    """Return a picture as a file, without what was said about it."""
    if kind == AttachmentKind.PNG and picture.has_transparency_data:
        mode = "RGBA"
    else:
        mode = "L" if picture.mode in {"1", "L", "I;16"} else "RGB"
    if picture.mode == "I;16":
        picture = picture.point(lambda shade: shade / 256)
    if picture.mode != mode:
        picture = picture.convert(mode)
    picture.info = {}
    saved = BytesIO()
    if kind == AttachmentKind.PNG:
        picture.save(saved, "PNG", compress_level=3)
    else:
        picture.save(saved, "JPEG", quality=85)
    return saved.getvalue()

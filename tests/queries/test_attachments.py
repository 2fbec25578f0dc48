"""What is in a file decides, not what it is called; and pictures keep nothing but what is seen."""

import random
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from queries.attachments import (
    MAX_BYTES,
    MAX_FILES,
    MAX_NAME,
    MAX_PIXELS,
    AttachmentRefused,
    CheckedFile,
    check_file,
    check_upload,
    clean_name,
    is_bad_name,
    too_many,
)
from queries.enums import AttachmentKind, RefusedFile

HERE = Path(__file__).parent
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
TAKEN_AT = {1: "N", 2: (52.0, 22.0, 12.0), 3: "E", 4: (4.0, 53.0, 42.0)}


def picture(
    form: str, *, size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object
) -> bytes:
    """Return a picture: red, with a blue right half."""
    drawn = Image.new("RGB", size, "red")
    drawn.paste("blue", (size[0] // 2, 0, *size))
    saved = BytesIO()
    drawn.convert(mode).save(saved, form, **options)
    return saved.getvalue()


def told_much() -> bytes:
    """Return what a telephone says about a photo: who made it, where, and that it is turned."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera of Klaas", 6  # to be turned a quarter to the right
    exif.get_ifd(0x8825).update(TAKEN_AT)
    return exif.tobytes()


def opened(checked: CheckedFile) -> Image.Image:
    """Return the picture that is stored."""
    return Image.open(BytesIO(checked.data))


def reason_of(name: str, content: bytes) -> RefusedFile:
    """Return why a file is refused."""
    with pytest.raises(AttachmentRefused) as refusal:
        check_file(name, content)
    assert refusal.value.name in str(refusal.value)
    return refusal.value.reason


def zipped(content: bytes, comment: bytes = b"") -> bytes:
    """Return an archive."""
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr("a", content)
        file.comment = comment
    return archive.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return a white PNG of any size, made row by row."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    rows = zlib.compressobj(9)
    row = b"\0" + b"\xff" * ((width + 7) // 8)
    packed = b"".join([*(rows.compress(row) for _ in range(height)), rows.flush()])
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", packed), chunk(b"IEND", b"")]
    )


def drawn_again_and_again(times: int) -> bytes:
    """Return a JPG in which the last scan comes many times."""
    whole = picture("JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + b"\xff\xd9"


# What may go along


@pytest.mark.parametrize(
    ("name", "content", "kept_as"),
    [
        pytest.param("return.pdf", PDF, ("return.pdf", AttachmentKind.PDF), id="pdf"),
        pytest.param("a.png", picture("PNG"), ("a.png", AttachmentKind.PNG), id="png"),
        pytest.param("a.jpeg", picture("JPEG"), ("a.jpg", AttachmentKind.JPG), id="jpg"),
        pytest.param("a.jpg", picture("PNG"), ("a.png", AttachmentKind.PNG), id="png named jpg"),
        pytest.param("a.exe", PDF, ("a.pdf", AttachmentKind.PDF), id="pdf named exe"),
        pytest.param("note", b"Hi.", ("note.txt", AttachmentKind.TEXT), id="text without ending"),
        pytest.param("a.csv", b"a;b\r\n", ("a.txt", AttachmentKind.TEXT), id="text named csv"),
    ],
)
def test_content_decides_what_a_file_is(
    name: str, content: bytes, kept_as: tuple[str, AttachmentKind]
) -> None:
    checked = check_file(name, content)

    assert (checked.name, checked.kind) == kept_as


def test_pdf_stays_as_it_is() -> None:
    assert check_file("a.pdf", PDF).data == PDF


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param("Café\n".encode(), "Café\n", id="utf-8"),
        pytest.param(b"\xef\xbb\xbfCaf\xc3\xa9", "Café", id="utf-8 with mark"),
        pytest.param("Café".encode("utf-16"), "Café", id="utf-16"),
        pytest.param(b"\xfe\xff" + "Café".encode("utf-16-be"), "Café", id="utf-16 big-endian"),
        pytest.param("Café – €5".encode("cp1252"), "Café – €5", id="windows"),
        pytest.param(b"x < y, <klaas@klant.example>", None, id="angle brackets"),
        pytest.param("日本語 😀 شكرا".encode(), None, id="other letters"),
    ],
)
def test_text_becomes_utf_8(content: bytes, text: str | None) -> None:
    assert check_file("a.txt", content).data.decode() == (text or content.decode())


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_picture_is_turned_and_tells_nothing(form: str) -> None:
    told = picture(form, exif=told_much(), icc_profile=b"profile of Klaas", comment=b"Klaas")
    assert b"Klaas" in told

    checked = check_file("photo", told)

    shown = opened(checked).convert("RGB")
    assert shown.size == (40, 60)
    assert (shown.getpixel((20, 5))[0], shown.getpixel((20, 55))[2]) >= (250, 250)
    assert not opened(checked).getexif()
    assert b"Klaas" not in checked.data
    assert b"Exif" not in checked.data
    assert not {"icc_profile", "comment", "exif", "xmp"} & set(opened(checked).info)


def test_heic_of_a_telephone_becomes_jpg() -> None:
    told = (HERE / "photo.heic").read_bytes()  # written by pillow-heif, with exif as above
    assert b"Camera of Klaas" in told

    checked = check_file("IMG_0001.HEIC", told)

    assert (checked.name, checked.kind) == ("IMG_0001.jpg", AttachmentKind.JPG)
    assert opened(checked).size == (40, 60)
    assert opened(checked).getpixel((20, 5))[0] > 240
    assert opened(checked).getpixel((20, 55))[2] > 240
    assert b"Klaas" not in checked.data


@pytest.mark.parametrize(
    ("form", "mode", "kept"),
    [
        ("PNG", "1", "L"),
        ("PNG", "L", "L"),
        ("PNG", "P", "RGB"),
        ("PNG", "RGBA", "RGBA"),
        ("PNG", "LA", "RGBA"),
        ("JPEG", "L", "L"),
        ("JPEG", "CMYK", "RGB"),
    ],
)
def test_every_way_to_note_colours_can_be_read(form: str, mode: str, kept: str) -> None:
    shown = opened(check_file("a", picture(form, mode=mode)))

    assert (shown.mode, shown.size) == (kept, (60, 40))
    if mode in {"P", "RGBA", "CMYK"}:
        assert shown.convert("RGB").getpixel((5, 5))[0] > 240


def test_fine_shades_stay_shades() -> None:
    fine = BytesIO()
    Image.new("I;16", (2, 2), 0x8000).save(fine, "PNG")

    assert opened(check_file("scan.png", fine.getvalue())).getpixel((0, 0)) == 0x80


def test_transparent_colour_stays_transparent() -> None:
    content = picture("PNG", mode="P", transparency=0)

    shown = opened(check_file("a.png", content))

    assert {alpha for _, alpha in shown.getchannel("A").getcolors()} <= {0, 255}
    assert shown.mode == "RGBA"


def test_of_a_moving_picture_the_first_stays() -> None:
    moving = picture("PNG", save_all=True, append_images=[Image.new("RGB", (60, 40), "lime")])
    assert getattr(Image.open(BytesIO(moving)), "n_frames", 1) == 2

    shown = opened(check_file("a.png", moving))

    assert getattr(shown, "n_frames", 1) == 1
    assert shown.getpixel((5, 5)) == (255, 0, 0)


def test_what_hides_behind_a_picture_is_left_behind() -> None:
    for form in ("PNG", "JPEG"):
        both = picture(form) + zipped(b"MZ secret", comment=SVG)

        assert b"PK" in both
        assert not {b"PK\x03\x04", SVG} & {check_file("a", both).data[-len(SVG) :]}
        assert SVG not in check_file("a", both).data


# What may not


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("a.txt", b"", RefusedFile.EMPTY, id="empty"),
        pytest.param("a.txt", b"\xff\xfe\r\0", RefusedFile.EMPTY, id="nothing but a line end"),
        pytest.param("a.txt", b"x" * (MAX_BYTES + 1), RefusedFile.TOO_LARGE, id="large"),
        pytest.param("a.pdf", b"MZ\x90\0", RefusedFile.WRONG_KIND, id="windows program"),
        pytest.param("a.png", b"\x7fELF\x02\0", RefusedFile.WRONG_KIND, id="linux program"),
        pytest.param("a.txt", b"#!/bin/sh\nrm -rf ~\n", RefusedFile.WEB_PAGE, id="script"),
        pytest.param("a.png", SVG, RefusedFile.WEB_PAGE, id="svg"),
        pytest.param("a.jpg", b"\xef\xbb\xbf \n" + SVG, RefusedFile.WEB_PAGE, id="marked svg"),
        pytest.param(
            "a.png", b"<?xml version='1.0'?>" + SVG, RefusedFile.WEB_PAGE, id="svg as xml"
        ),
        pytest.param("a.txt", SVG.decode().encode("utf-16"), RefusedFile.WEB_PAGE, id="wide svg"),
        pytest.param("a.jpg", b"<!DOCTYPE html><p>", RefusedFile.WEB_PAGE, id="html"),
        pytest.param("a.txt", b"<ScRiPt>alert(1)", RefusedFile.WEB_PAGE, id="javascript"),
        pytest.param("a.txt", b"<!-- --><svg>", RefusedFile.WEB_PAGE, id="after a comment"),
        pytest.param("a.txt", rb"{\rtf1 Hi}", RefusedFile.WEB_PAGE, id="rtf"),
        pytest.param("a.pdf", zipped(b"\0" * 50_000_000), RefusedFile.WRONG_KIND, id="zip bomb"),
        pytest.param("a.txt", zlib.compress(b"\0" * 9), RefusedFile.WRONG_KIND, id="packed"),
        pytest.param("a.gif", picture("GIF"), RefusedFile.WRONG_KIND, id="gif"),
        pytest.param("a.jpg", picture("WEBP"), RefusedFile.WRONG_KIND, id="webp"),
        pytest.param("a.jpg", picture("TIFF"), RefusedFile.WRONG_KIND, id="tiff"),
        pytest.param("a.txt", b"a\0b", RefusedFile.WRONG_KIND, id="nul"),
        pytest.param("a.txt", b"\x1b[2J", RefusedFile.WRONG_KIND, id="terminal control"),
        pytest.param("a.txt", b"\xff\xfea", RefusedFile.WRONG_KIND, id="half a character"),
        pytest.param("a.txt", b"\xe9\x81", RefusedFile.WRONG_KIND, id="no encoding"),
        pytest.param("a.pdf", b"\n" + PDF, None, id="pdf after a line"),
        pytest.param("a.pdf", PDF[:-8], RefusedFile.BROKEN, id="half a pdf"),
        pytest.param("a.pdf", PDF + zipped(b"MZ"), RefusedFile.WRONG_KIND, id="pdf and zip"),
        pytest.param(
            "a.pdf", b"%PDF-1.4\n" + zipped(b"MZ", comment=b"%%EOF"), RefusedFile.WRONG_KIND,
            id="zip in a pdf",
        ),
        pytest.param("a.png", picture("PNG")[:-30], RefusedFile.BROKEN, id="half a png"),
        pytest.param("a.jpg", picture("JPEG")[:200], RefusedFile.BROKEN, id="half a jpg"),
        pytest.param("a.jpg", b"\xff\xd8\xff" + b"MZ" * 99, RefusedFile.BROKEN, id="no jpg inside"),
        pytest.param(
            "a.heic", (HERE / "photo.heic").read_bytes()[:500], RefusedFile.BROKEN, id="half a heic"
        ),
        pytest.param("../../a.txt", b"Hi.", RefusedFile.BAD_NAME, id="name to another folder"),
        pytest.param("..\\a.txt", b"Hi.", RefusedFile.BAD_NAME, id="name with backslashes"),
        pytest.param("a.exe\0.txt", b"Hi.", RefusedFile.BAD_NAME, id="name with NUL"),
    ],
)  # fmt: skip
def test_anything_else_is_refused(name: str, content: bytes, reason: RefusedFile | None) -> None:
    if reason is None:  # as text
        assert check_file(name, content).kind == AttachmentKind.TEXT
    else:
        assert reason_of(name, content) == reason


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: png_of(20_000, 20_000), id="png"),
        pytest.param(lambda: picture("JPEG", size=(12_000, 9_000), mode="L"), id="jpg"),
        pytest.param((HERE / "bomb.heic").read_bytes, id="heic"),
        pytest.param(lambda: drawn_again_and_again(5_000), id="jpg of many scans"),
    ],
)
def test_picture_bomb_is_refused_before_it_is_drawn(
    make: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = make()
    assert len(bomb) < MAX_BYTES / 5

    def drawn(*_: object) -> None:
        raise AssertionError("It was drawn.")

    monkeypatch.setattr("queries.attachments.exif_transpose", drawn)

    assert reason_of("bomb", bomb) == RefusedFile.TOO_MANY_PIXELS


def test_heic_that_is_larger_than_it_says_is_refused() -> None:
    """Its header says 600 × 400; what is packed inside is 12,000 × 9,000."""
    bomb = (HERE / "bomb.heic").read_bytes()
    said = bomb.index(b"ispe") + 8
    lying = bomb[:said] + struct.pack(">II", 600, 400) + bomb[said + 8 :]

    assert reason_of("a.heic", lying) == RefusedFile.BROKEN


def test_picture_with_as_many_pixels_as_allowed_is_taken() -> None:
    assert reason_of("a", png_of(8_001, MAX_PIXELS // 8_000)) == RefusedFile.TOO_MANY_PIXELS

    assert opened(check_file("a", png_of(8_000, MAX_PIXELS // 8_000))).size == (8_000, 6_250)


def test_picture_that_grows_when_drawn_anew_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that repeat in what a PNG looks back on repeat too far away once each pixel is wider."""
    width, rows = 8_000, 4
    chance = random.Random(9)
    growing = Image.frombytes("P", (width, 20 * rows), chance.randbytes(width * rows) * 20)
    growing.putpalette(chance.randbytes(3 * 256))
    content = BytesIO()
    growing.save(content, "PNG", compress_level=9, transparency=chance.randbytes(256))
    size = len(content.getvalue())

    assert len(check_file("a.png", content.getvalue()).data) > 10 * size
    monkeypatch.setattr("queries.attachments.LARGEST_SAVED", 10 * size)

    assert reason_of("a.png", content.getvalue()) == RefusedFile.TOO_MANY_PIXELS


def test_text_of_a_png_that_unpacks_to_very_much_is_refused() -> None:
    packed = b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000)
    chunk = struct.pack(">I", len(packed)) + b"zTXt" + packed
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    whole = picture("PNG")

    assert reason_of("a.png", whole[:33] + chunk + whole[33:]) == RefusedFile.BROKEN


def test_large_file_of_a_form_is_not_read() -> None:
    class Large:
        name, size = "film.mov", 200_000_000

        def read(self) -> bytes:
            raise AssertionError("It was read.")

    with pytest.raises(AttachmentRefused, match=r"“film\.mov” is larger than 10 MB"):
        check_upload(Large())


def test_file_of_a_form_is_checked() -> None:
    checked = check_upload(SimpleUploadedFile("a.exe", b"Hi.", content_type="image/png"))

    assert checked == CheckedFile("a.txt", AttachmentKind.TEXT, b"Hi.")


def test_files_over_the_number_are_named() -> None:
    names = [f"{number}.txt" for number in range(MAX_FILES + 2)]

    assert too_many(names[:MAX_FILES]) == []
    assert [each.name for each in too_many(names)] == ["5.txt", "6.txt"]


def test_sentences_say_the_numbers_that_hold() -> None:
    assert f"larger than {MAX_BYTES // 1024**2} MB" in str(RefusedFile.TOO_LARGE.label)
    assert f"at most {MAX_FILES} can" in str(RefusedFile.TOO_MANY.label)
    assert f"at most {MAX_PIXELS // 10**6} million" in str(RefusedFile.TOO_MANY_PIXELS.label)


# Names


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("photo.jpg", "photo.txt"),
        (r"C:\Users\Klaas\photo.jpg", "photo.txt"),
        ("/etc/passwd", "passwd.txt"),
        ("in\r\nvoice\t2026.txt", "in voice 2026.txt"),
        ("gpj.\u202etxt.exe", "gpj.txt.txt"),
        ("a\u200bb\x07c.txt", "abc.txt"),
        ('a"b<c>|d*?.txt', "abcd.txt"),
        ("ﬁets – café 😀.txt", "ﬁets – café 😀.txt"),
        ("cafe\u0301.txt", "café.txt"),
        (".htaccess", "htaccess.txt"),
        ("version 1.2", "version 1.2.txt"),
        ("jan.jansen", "jan.jansen.txt"),
        ("...", "attachment.txt"),
        ("", "attachment.txt"),
        ("x" * 300 + ".txt", "x" * (MAX_NAME - 4) + ".txt"),
    ],
)
def test_names_are_cleaned(name: str, cleaned: str) -> None:
    assert clean_name(name, AttachmentKind.TEXT) == cleaned


@given(st.text(max_size=300))
@example("../../..")
@example("\ud800")
def test_no_name_leads_anywhere(name: str) -> None:
    cleaned = clean_name(name, AttachmentKind.PDF)

    assert cleaned.endswith(".pdf")
    assert 5 <= len(cleaned) <= MAX_NAME
    assert cleaned.isprintable()
    assert not set(cleaned) & set('/\\\0\r\n"')
    assert not cleaned.startswith(".")
    assert not is_bad_name(cleaned)


@given(st.binary(max_size=2_000))
@example(b"\x89PNG\r\n\x1a\n")
@example(b"\xff\xd8\xff\xe0")
@example(b"\0\0\0\x18ftypheic")
def test_every_file_is_taken_or_refused(content: bytes) -> None:
    try:
        checked = check_file("a", content)
    except AttachmentRefused:
        return

    assert checked.data

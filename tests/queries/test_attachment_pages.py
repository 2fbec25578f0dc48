"""Files on the agent's page: chosen, refused with a sentence, shown, and taken home."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from queries import actions
from queries.attachments import CheckedFile
from queries.downloads import attachment_response
from queries.enums import AttachmentKind
from queries.files import attach, path_of
from queries.models import Attachment, CustomerQuery
from queries.privacy import erase_texts
from sellers.events import Actor
from sellers.models import User
from tests.conftest import NOON, NOTE, Market, admin_url, text

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture
def bob_s(log_in: Callable[[User], Client], bob: User) -> Client:
    """Bob's browser."""
    return log_in(bob)


@pytest.fixture
def query(market: Market) -> CustomerQuery:
    """A query that waits for an answer."""
    return market.query()


def upload(name: str, content: bytes = b"Hi.") -> SimpleUploadedFile:
    """Return a file as somebody chooses it."""
    return SimpleUploadedFile(name, content)


def send(
    browser: Client, query: CustomerQuery, *files: SimpleUploadedFile, **typed: Any
) -> HttpResponse:
    """Send a reply with files."""
    typed = {"body": "See below.", "attachments": files} | typed
    return browser.post(reverse("queries:reply", args=[query.pk]), typed)


def url_of(attachment: Attachment) -> str:
    """Return where a file is given."""
    return reverse("queries:attachment", args=[attachment.message.query_id, attachment.pk])


# Choosing


def test_form_is_one_for_files(bob_s: Client, query: CustomerQuery) -> None:
    page = text(bob_s.get(query.get_absolute_url()))

    assert 'enctype="multipart/form-data"' in page
    assert 'type="file"' in page
    assert 'accept=".pdf,.png,.jpg,.jpeg,.heic,.txt"' in page
    assert " multiple" in page
    assert "PDF, PNG, JPG, HEIC or TXT, at most 5 files of 10 MB each." in page


def test_files_go_with_a_reply(bob_s: Client, query: CustomerQuery) -> None:
    page = send(bob_s, query, upload("a.txt"), upload("b.txt", b"More."))

    assert page.status_code == 302
    message = query.messages.get(body="See below.")
    assert [file.name for file in message.attachments.order_by("position")] == ["a.txt", "b.txt"]


def test_reply_needs_no_file(bob_s: Client, query: CustomerQuery) -> None:
    assert send(bob_s, query).status_code == 302
    assert not Attachment.objects.exists()


def test_files_go_with_the_last_reply(bob_s: Client, query: CustomerQuery) -> None:
    typed = {"body": "See below.", "attachments": [upload("a.txt")], "predicted_score": "8"}

    page = bob_s.post(reverse("queries:close", args=[query.pk]), typed)

    assert page.status_code == 302
    query.refresh_from_db()
    assert query.is_closed
    assert query.closings.get().predicted_score == 8
    assert Attachment.objects.get().message.body == "See below."


def test_one_refused_file_and_nothing_is_stored(
    bob_s: Client, query: CustomerQuery, settings: LazySettings
) -> None:
    page = send(bob_s, query, upload("good.txt"), upload("logo.png", SVG), predicted_score="8")

    assert page.status_code == 422
    shown = text(page)
    assert "“logo.png” is a web page, a drawing (SVG) or a program" in shown
    assert "See below.</textarea>" in shown
    assert "Nothing was sent yet. Choose your files again." in shown
    assert 'aria-invalid="true"' in shown
    assert "“good.txt”" not in shown
    assert query.messages.count() == 1
    assert not list(settings.ATTACHMENTS_ROOT.rglob("*"))


def test_every_refused_file_is_named_with_its_reason(bob_s: Client, query: CustomerQuery) -> None:
    shown = text(
        send(
            bob_s,
            query,
            upload("setup.pdf", b"MZ\x90\0"),
            upload("half.png", b"\x89PNG\r\n\x1a\n"),
            upload("film.mov", b"x" * (10 * 1024 * 1024 + 1)),
            *[upload(f"{number}.txt") for number in range(3)],
        )
    )

    assert "“setup.pdf” is not a file that can be attached, whatever its name says." in shown
    assert "“half.png” is damaged or was cut off." in shown
    assert "“film.mov” is larger than 10 MB" in shown
    assert "“2.txt” is one file too many: at most 5 can go with a message." in shown


def test_empty_file_is_refused(bob_s: Client, query: CustomerQuery) -> None:
    page = send(bob_s, query, upload("a.txt", b""))

    assert "“a.txt” is empty." in text(page)


def test_sentence_is_dutch_for_who_reads_dutch(
    bob_s: Client, bob: User, query: CustomerQuery
) -> None:
    bob.language = "nl"
    bob.save()

    page = send(bob_s, query, upload("logo.png", SVG))

    assert "“logo.png” is een webpagina" in text(page)


def test_name_of_a_file_is_escaped(bob_s: Client, query: CustomerQuery) -> None:
    page = send(bob_s, query, upload("a & <b>.png", SVG))

    assert "“a &amp; b.png”" in page.content.decode()


def test_files_are_to_be_chosen_again_when_something_else_is_wrong(
    bob_s: Client, query: CustomerQuery
) -> None:
    page = send(bob_s, query, upload("a.txt"), body="")

    assert page.status_code == 422
    assert "Choose your files again." in text(page)


def test_nothing_is_said_about_files_that_nobody_chose(bob_s: Client, query: CustomerQuery) -> None:
    assert "Choose your files again." not in text(send(bob_s, query, body=""))


def test_reply_that_came_too_late_keeps_its_words(bob_s: Client, market: Market) -> None:
    query = market.closing().query

    page = send(bob_s, query, upload("a.txt"))

    assert page.status_code == 409
    assert "See below.</textarea>" in text(page)
    assert "Choose your files again." in text(page)


def test_closing_without_a_reply_throws_no_file_away(bob_s: Client, query: CustomerQuery) -> None:
    page = bob_s.post(
        reverse("queries:close", args=[query.pk]), {"body": "", "attachments": [upload("a.txt")]}
    )

    assert page.status_code == 422
    assert "Write your reply first." in text(page)
    query.refresh_from_db()
    assert not query.is_closed


def test_reopening_says_that_files_are_not_kept(bob_s: Client, market: Market) -> None:
    query = market.closing().query

    page = bob_s.post(
        reverse("queries:reopen", args=[query.pk]),
        {"body": "Look.", "attachments": [upload("a.txt")]},
        follow=True,
    )

    assert "Look.</textarea>" in text(page)
    assert "Your files are not kept: choose them again." in text(page)


def test_full_disk_loses_no_words(
    bob_s: Client, query: CustomerQuery, settings: LazySettings
) -> None:
    settings.ATTACHMENTS_ROOT.write_text("no folder")

    page = send(bob_s, query, upload("a.txt"))

    assert page.status_code == 503
    assert "Files cannot be stored at the moment. Nothing was sent." in text(page)
    assert "See below.</textarea>" in text(page)
    assert query.messages.count() == 1


# Showing and giving


def test_thread_shows_names_and_sizes(bob_s: Client, query: CustomerQuery) -> None:
    large = CheckedFile("return.pdf", AttachmentKind.PDF, b"%PDF-" + b"x" * 1_572_859)
    note, pdf = attach(query.messages.get(), [NOTE, large])

    shown = text(bob_s.get(query.get_absolute_url()))

    assert f'href="{url_of(note)}"' in shown
    assert f'href="{url_of(pdf)}"' in shown
    assert "note.txt" in shown
    assert "1.5\xa0MB" in shown


@pytest.mark.parametrize("by", ["the guard", "itself"])
def test_file_is_saved_and_never_shown(bob_s: Client, query: CustomerQuery, by: str) -> None:
    (note,) = attach(query.messages.get(), [NOTE])

    page = bob_s.get(url_of(note)) if by == "the guard" else attachment_response(note)

    assert page.content == NOTE.data
    assert page["Content-Type"] == "text/plain; charset=utf-8"
    assert page["Content-Disposition"] == 'attachment; filename="note.txt"'
    assert page["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert {"private", "no-store"} <= set(page["Cache-Control"].split(", "))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("bon & co.txt", 'attachment; filename="bon & co.txt"'),
        ("café.txt", "attachment; filename*=utf-8''caf%C3%A9.txt"),
        ("it's; a=b.txt", 'attachment; filename="it\'s; a=b.txt"'),
    ],
)
def test_name_is_safe_in_the_header(
    bob_s: Client, query: CustomerQuery, name: str, header: str
) -> None:
    (note,) = attach(query.messages.get(), [CheckedFile(name, AttachmentKind.TEXT, b"Ring twice.")])

    assert bob_s.get(url_of(note))["Content-Disposition"] == header


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("pdf", "application/pdf"), ("png", "image/png"), ("jpg", "image/jpeg")],
)
def test_file_has_the_type_of_its_content(
    bob_s: Client, query: CustomerQuery, kind: str, content_type: str
) -> None:
    (file,) = attach(query.messages.get(), [CheckedFile("a", AttachmentKind(kind), b"?")])

    assert bob_s.get(url_of(file))["Content-Type"] == content_type


def test_looking_at_a_file_stores_nothing(
    committed_db: None, log_in: Callable[[User], Client], market: Market
) -> None:
    (note,) = attach(market.query().messages.get(), [NOTE])

    assert log_in(market.agent).get(url_of(note)).content == NOTE.data


def test_file_is_only_looked_at(bob_s: Client, query: CustomerQuery) -> None:
    (note,) = attach(query.messages.get(), [NOTE])

    assert bob_s.post(url_of(note)).status_code == 405
    assert bob_s.head(url_of(note)).status_code == 200


def test_file_of_another_query_is_not_found(
    bob_s: Client, query: CustomerQuery, market: Market
) -> None:
    (note,) = attach(query.messages.get(), [NOTE])
    other = market.query()

    assert bob_s.get(reverse("queries:attachment", args=[other.pk, note.pk])).status_code == 404


def test_lost_file_is_not_found_and_noted(
    bob_s: Client, query: CustomerQuery, caplog: pytest.LogCaptureFixture
) -> None:
    (note,) = attach(query.messages.get(), [NOTE])
    path_of(note.file).unlink()

    assert bob_s.get(url_of(note)).status_code == 404
    assert f"The file of attachment {note.pk} cannot be read." in caplog.messages


def test_erased_file_is_not_found(bob_s: Client, query: CustomerQuery, market: Market) -> None:
    (note,) = attach(query.messages.get(), [NOTE])
    actions.close(query, by=market.actor, now=NOON)
    erase_texts(CustomerQuery.objects.all(), by=Actor.SYSTEM, now=NOON)

    assert bob_s.get(url_of(note)).status_code == 404


def test_staff_read_names_only(staff_s: Client, query: CustomerQuery) -> None:
    (note,) = attach(query.messages.get(), [NOTE])

    shown = text(staff_s.get(admin_url(CustomerQuery, "change", query.pk)))

    assert "note.txt" in shown
    assert note.file not in shown
    assert url_of(note) not in shown


def test_photo_comes_home_as_it_was_stored(bob_s: Client, query: CustomerQuery) -> None:
    photo = BytesIO()
    Image.new("RGB", (8, 8), "red").save(photo, "PNG")
    send(bob_s, query, upload("C:\\fakepath\\photo.exe", photo.getvalue()))

    (stored,) = Attachment.objects.all()
    given = bob_s.get(url_of(stored))

    assert given["Content-Disposition"] == 'attachment; filename="photo.png"'
    assert Image.open(BytesIO(given.content)).getpixel((4, 4)) == (255, 0, 0)

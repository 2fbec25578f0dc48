"""Attachments with their message or not at all; gone with their person; nothing lies about."""

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks
from time_machine import travel

from queries import actions, tasks
from queries.attachments import MAX_FILES, CheckedFile
from queries.customers import erase_customer
from queries.enums import AttachmentKind, Channel
from queries.files import LEFT_BEHIND_AFTER, FilesCannotBeStored, attach, path_of, sweep
from queries.models import Attachment, Customer
from sellers.events import Actor
from tests.conftest import NOON, NOTE, Market, refused_by

PHOTO = CheckedFile("photo.jpg", AttachmentKind.JPG, b"\xff\xd8\xff")
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def attachment(market: Market, customer: Customer) -> Attachment:
    """A note that came with a question."""
    (attachment,) = attach(market.query(customer).messages.get(), [NOTE])
    return attachment


def on_disk(settings: LazySettings) -> set[str]:
    """Return the names of all files."""
    return {path.name for path in Path(settings.ATTACHMENTS_ROOT).rglob("*") if path.is_file()}


def left_behind(settings: LazySettings, *, name: str = "ab" * 16, age: timedelta) -> Path:
    """Return a file without a row, this old at NOON."""
    path: Path = settings.ATTACHMENTS_ROOT / "ab" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"?")
    written_at = (NOON - age).timestamp()
    os.utime(path, (written_at, written_at))
    return path


@transaction.atomic
def undone(action: Callable[[], object]) -> None:
    """Do something in a transaction that fails after it."""
    action()
    raise DatabaseError


# With their message


def test_files_are_stored_with_a_reply(market: Market) -> None:
    message = actions.reply(
        market.query(), body="See below.", attachments=[NOTE, PHOTO], by=market.actor, now=LATER
    )

    first, second = message.attachments.order_by("position")
    assert (first.position, first.name, first.kind, first.size) == (1, "note.txt", "txt", 11)
    assert (second.position, second.name, second.kind, second.size) == (2, "photo.jpg", "jpg", 3)
    assert path_of(first.file).read_bytes() == b"Ring twice."
    assert str(first) == "note.txt"


def test_files_are_stored_with_what_a_customer_writes(market: Market, customer: Customer) -> None:
    query = actions.ask(
        market.shop,
        customer=customer,
        subject="Broken",
        body="See the photo.",
        channel=Channel.WEB,
        attachments=[PHOTO],
        by=Actor.CUSTOMER,
        now=NOON,
    )
    actions.receive_reaction(
        query, body="And this.", attachments=[NOTE], by=Actor.CUSTOMER, now=LATER
    )

    thread = [[file.name for file in message.files] for message in query.messages.as_thread()]  # type: ignore[attr-defined]
    assert thread == [["photo.jpg"], ["note.txt"]]


def test_files_are_stored_when_a_query_is_closed_with_them(market: Market) -> None:
    query = market.query()

    actions.reply(query, body="Done.", attachments=[NOTE], by=market.actor, closes=True, now=LATER)

    assert Attachment.objects.get().message.body == "Done."


def test_second_click_stores_files_once(market: Market) -> None:
    query = market.query()

    for _ in range(2):
        actions.reply(query, body="Look.", attachments=[NOTE], by=market.actor, now=LATER)

    assert Attachment.objects.count() == 1


def test_same_words_with_the_forgotten_file_are_another_reply(market: Market) -> None:
    query = market.query()

    actions.reply(query, body="Look.", by=market.actor, now=LATER)
    actions.reply(query, body="Look.", attachments=[NOTE], by=market.actor, now=LATER)

    assert [message.attachments.count() for message in query.messages.order_by("pk")] == [0, 0, 1]


def test_closed_query_takes_no_file(market: Market, settings: LazySettings) -> None:
    query = market.closing().query

    with pytest.raises(actions.QueryIsClosed):
        actions.reply(query, body="Look.", attachments=[NOTE], by=market.actor, now=LATER)

    assert not on_disk(settings)


def test_more_files_than_allowed_are_a_mistake(market: Market, settings: LazySettings) -> None:
    with pytest.raises(ValueError, match="6 files"):
        attach(market.query().messages.get(), [NOTE] * (MAX_FILES + 1))

    assert not on_disk(settings)


def test_nothing_is_stored_when_a_file_cannot_be(market: Market, settings: LazySettings) -> None:
    query = market.query()
    Path(settings.ATTACHMENTS_ROOT).write_text("no folder")

    with pytest.raises(FilesCannotBeStored):
        actions.reply(query, body="Look.", attachments=[NOTE], by=market.actor, now=LATER)

    assert query.messages.count() == 1


def test_files_lie_under_names_that_cannot_be_guessed(market: Market) -> None:
    message = market.query().messages.get()

    names = [attachment.file for attachment in attach(message, [NOTE] * MAX_FILES)]

    assert len(set(names)) == MAX_FILES
    assert {len(name) for name in names} == {32}
    assert all(path_of(name).parent.name == name[:2] for name in names)
    assert not path_of(names[0]).stat().st_mode & stat.S_IXUSR


# Guards


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("attachment_kind_known", {"kind": "exe"}),
        ("attachment_name_is_no_path", {"name": "../note.txt"}),
        ("attachment_name_is_no_path", {"name": r"..\note.txt"}),
        ("attachment_name_is_no_path", {"name": ""}),
        ("attachment_file_is_random", {"file": "note.txt"}),
        ("attachment_file_is_random", {"file": "../../../etc/passwd0000000000000"}),
        ("attachment_has_something_in_it", {"size": 0}),
        ("attachment_not_too_many", {"position": MAX_FILES + 1}),
        ("attachment_not_too_many", {"position": 0}),
        ("attachment_numbered_once", {"position": 1}),
        ("attachment_file_is_its_own", {}),
    ],
)
def test_attachment_is_refused(
    attachment: Attachment, guard: str, change: dict[str, object]
) -> None:
    fields: dict[str, object] = {"kind": "txt", "name": "a.txt", "size": 1, "position": 2}
    fields["file"] = attachment.file if guard == "attachment_file_is_its_own" else "0" * 32

    with refused_by(guard):
        Attachment.objects.create(message=attachment.message, **fields | change)


@pytest.mark.parametrize(
    "change",
    [{"name": "b.txt"}, {"kind": "pdf"}, {"size": 1}, {"position": 2}, {"file": "0" * 32}],
)
def test_attachment_never_changes(attachment: Attachment, change: dict[str, object]) -> None:
    with refused_by("attachment_never_changes"):
        Attachment.objects.filter(pk=attachment.pk).update(**change)


def test_attachment_moves_to_no_other_message(attachment: Attachment, market: Market) -> None:
    other = market.query().messages.get()

    with refused_by("attachment_never_changes"):
        Attachment.objects.filter(pk=attachment.pk).update(message=other)


def test_attachment_stays_until_its_query_is_erased(attachment: Attachment) -> None:
    with refused_by("attachment_stays_until_erased"):
        Attachment.objects.all().delete()


# Gone with their person


def test_files_are_deleted_once_erasing_is_committed(
    attachment: Attachment,
    customer: Customer,
    market: Market,
    settings: LazySettings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    (other,) = attach(market.query().messages.get(), [NOTE])

    with django_capture_on_commit_callbacks(execute=True):
        erase_customer(customer, by=Actor.SYSTEM, now=LATER)
        assert path_of(attachment.file).exists()

    assert Attachment.objects.get() == other
    assert on_disk(settings) == {other.file}


def test_erasing_that_fails_keeps_the_files(
    committed_db: None, attachment: Attachment, customer: Customer
) -> None:
    with pytest.raises(DatabaseError):
        undone(lambda: erase_customer(customer, by=Actor.SYSTEM, now=LATER))

    assert Attachment.objects.get() == attachment
    assert path_of(attachment.file).exists()


def test_erasing_goes_on_when_a_file_is_gone_already(
    attachment: Attachment,
    customer: Customer,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    path_of(attachment.file).unlink()

    with django_capture_on_commit_callbacks(execute=True):
        erase_customer(customer, by=Actor.SYSTEM, now=LATER)

    assert "No such file" in caplog.text
    assert attachment.file not in caplog.text
    assert not Attachment.objects.exists()


# What is left behind


def test_sweep_leaves_what_a_message_has(attachment: Attachment) -> None:
    assert sweep(now=NOON + timedelta(days=900)) == 0
    assert path_of(attachment.file).exists()


def test_sweep_deletes_what_was_left(attachment: Attachment, settings: LazySettings) -> None:
    left_behind(settings, age=LEFT_BEHIND_AFTER + timedelta(seconds=1))

    assert sweep(now=NOON) == 1
    assert on_disk(settings) == {attachment.file}


def test_sweep_leaves_what_is_being_uploaded(db: None, settings: LazySettings) -> None:
    path = left_behind(settings, age=LEFT_BEHIND_AFTER)

    assert sweep(now=NOON) == 0
    assert path.exists()


@pytest.mark.parametrize("name", ["passwd", "AB" * 16, "ab" * 16 + ".jpg"])
def test_sweep_leaves_what_is_not_ours(db: None, settings: LazySettings, name: str) -> None:
    path = left_behind(settings, name=name, age=timedelta(days=900))

    assert sweep(now=NOON) == 0
    assert path.exists()


def test_sweep_finds_no_folder_yet(db: None) -> None:
    assert sweep(now=NOON) == 0


def test_upload_that_was_undone_is_swept_up(
    committed_db: None, market: Market, settings: LazySettings
) -> None:
    query = market.query()
    with pytest.raises(DatabaseError):
        undone(
            lambda: actions.reply(
                query, body="Look.", attachments=[NOTE], by=market.actor, now=LATER
            )
        )
    (name,) = on_disk(settings)
    written_at = path_of(name).stat().st_mtime

    with travel(written_at + LEFT_BEHIND_AFTER.total_seconds() + 1, tick=False):
        tasks.sweep_attachments()

    assert not on_disk(settings)


def test_crash_between_commit_and_delete_is_swept_up(
    attachment: Attachment, customer: Customer, settings: LazySettings
) -> None:
    erase_customer(customer, by=Actor.SYSTEM, now=LATER)  # its transaction is never committed here
    assert on_disk(settings) == {attachment.file}
    long_ago = (NOON - 2 * LEFT_BEHIND_AFTER).timestamp()
    os.utime(path_of(attachment.file), (long_ago, long_ago))

    assert sweep(now=NOON) == 1
    assert not on_disk(settings)


def test_task_says_how_many(
    db: None, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    left_behind(settings, age=2 * LEFT_BEHIND_AFTER)

    with travel(NOON, tick=False):
        tasks.sweep_attachments()
        tasks.sweep_attachments()

    assert caplog.messages == ["Deleted files of attachments without a row: 1"]

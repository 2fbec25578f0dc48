"""Attachments on disk, outside of what the web server shows: each under a random name.

A file is written before its row is committed and deleted after: whoever is interrupted leaves a
file without a row, never a row without a file. Each night sweeps up what was left.
"""

import logging
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from queries.attachments import MAX_FILES, CheckedFile
from queries.models import Attachment, Attachments, Message

# Nobody's upload takes so long, so a file that old and without a row belongs to nobody.
LEFT_BEHIND_AFTER: Final = timedelta(days=1)
OUR_NAME: Final = re.compile(r"[0-9a-f]{32}")

logger = logging.getLogger(__name__)


class FilesCannotBeStored(Exception):
    """The folder of the attachments is full, missing or not ours; nothing was stored."""


def attach(message: Message, files: Sequence[CheckedFile]) -> list[Attachment]:
    """Store files with a message, in the transaction that stores the message.

    Raises ValueError for more than MAX_FILES, and FilesCannotBeStored.
    """
    if len(files) > MAX_FILES:
        raise ValueError(f"{len(files)} files with one message; {MAX_FILES} is the most.")
    return Attachment.objects.bulk_create(
        Attachment(
            message=message,
            position=position,
            name=each.name,
            kind=each.kind,
            size=len(each.data),
            file=_written(each.data),
        )
        for position, each in enumerate(files, start=1)
    )


def delete_attachments(attachments: Attachments) -> None:
    """Delete attachments of erased queries; their files go when that is committed."""
    names = list(attachments.values_list("file", flat=True))
    if names:
        attachments.delete()
        transaction.on_commit(lambda: _delete(names), robust=True)


def path_of(name: str) -> Path:
    """Return where a file lies: 256 folders, so that none gets slow to list."""
    folder: Path = settings.ATTACHMENTS_ROOT
    return folder / name[:2] / name


def sweep(*, now: datetime) -> int:
    """Delete the files that no row names and nobody is still uploading; return how many."""
    swept = 0
    for folder in sorted(settings.ATTACHMENTS_ROOT.glob("[0-9a-f][0-9a-f]")):
        names = {path.name for path in folder.iterdir() if _is_left_behind(path, now=now)}
        rows = Attachment.objects.filter(file__in=names)
        swept += _delete(names.difference(rows.values_list("file", flat=True)))
    return swept


def _is_left_behind(path: Path, *, now: datetime) -> bool:
    """Return whether a file may be swept: one of ours, and too old to be still on its way in."""
    if not OUR_NAME.fullmatch(path.name) or not path.is_file():
        return False
    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return now - written_at > LEFT_BEHIND_AFTER


def _written(data: bytes) -> str:
    """Write a file that is safe on disk before any row can name it; return its random name."""
    name = secrets.token_hex(16)
    path = path_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise FilesCannotBeStored from error
    return name


def _delete(names: Iterable[str]) -> int:
    """Delete files; what cannot be deleted now is left for a night's sweep."""
    deleted = 0
    for name in names:
        try:
            path_of(name).unlink()
        except OSError as error:
            logger.warning("Could not delete the file of an attachment: %s", error.strerror)
        else:
            deleted += 1
    return deleted

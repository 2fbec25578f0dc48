"""Answers as mail programs write them: what is shown of each."""

from pathlib import Path

import pytest

from queries.received import MailKind, read

REPLIES = sorted((Path(__file__).parent / "replies").glob("*.eml"))


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_what_a_person_wrote_is_shown_and_nothing_else(path: Path) -> None:
    mail = read(path.read_bytes())

    assert mail.shown.split("\n") == path.with_suffix(".txt").read_text().rstrip("\n").split("\n")
    assert mail.kind is MailKind.REPLY


def test_there_are_enough_programs() -> None:
    assert len(REPLIES) >= 30


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_the_whole_text_is_kept(path: Path) -> None:
    mail = read(path.read_bytes())

    assert mail.body.startswith(mail.shown)
    assert mail.quoted_from is None or mail.body[mail.quoted_from :].strip()

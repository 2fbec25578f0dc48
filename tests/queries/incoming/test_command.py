"""The command that a mail server's pipe hands mails to."""

from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from time_machine import travel

from queries.enums import HeldReason, MessageVia
from queries.models import CustomerQuery, IncomingMail
from queries.received import MAX_BYTES
from tests.queries.incoming.conftest import LATER, mail, with_files


@pytest.fixture(autouse=True)
def _an_hour_later() -> Iterator[None]:
    with travel(LATER, tick=False):
        yield


def run(raw: bytes, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw)))
    call_command("receive_mail", *options)


def test_command_takes_a_mail_from_standard_input(
    query: CustomerQuery,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(mail("x@y.example"), monkeypatch, "--to", address)

    assert query.messages.latest("pk").via == MessageVia.MAIL
    assert "placed" in capsys.readouterr().out


def test_command_never_keeps_more_than_is_taken(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    run(b"x" * (MAX_BYTES + 3_000_000), monkeypatch)

    incoming = IncomingMail.objects.get()
    assert incoming.reason == HeldReason.TOO_LARGE
    assert incoming.raw is not None
    assert len(incoming.raw) < 100_000


def test_command_lets_the_mail_server_try_again_whatever_fails(
    query: CustomerQuery,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
    tmp_path: Path,
) -> None:
    (tmp_path / "full").write_text("no folder")
    settings.ATTACHMENTS_ROOT = tmp_path / "full"

    with pytest.raises(SystemExit) as ending:
        run(with_files(address, ("1.txt", b"Paid")), monkeypatch)

    assert ending.value.code == 75
    assert not IncomingMail.objects.exists()

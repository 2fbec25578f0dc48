"""What the fault tests share: what mails lead to, and how they report what they went through."""

import logging
import re
from collections.abc import Mapping
from email.message import EmailMessage

import pytest


def print_table(rows: Mapping[str, int]) -> None:
    """Print what was counted, for whoever reads `make test-faults`."""
    print()
    for what, count in rows.items():
        print(f"{what:32}{count:>10}")


def links(mail: EmailMessage) -> set[str]:
    """Return the path of the survey that a mail asks to answer; none of another mail."""
    body = mail.get_body(("plain",))
    assert body
    return {
        f"/survey/{token}/" for token in re.findall(r"/survey/([\w-]{43})/", body.get_content())
    }


@pytest.fixture(autouse=True)
def _quiet_mail_log(caplog: pytest.LogCaptureFixture) -> None:
    """Keep ten lines for every mail out of the log."""
    caplog.set_level(logging.WARNING, logger="mail.log")

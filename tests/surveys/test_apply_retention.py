"""The command for what was kept long enough."""

import io
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from time_machine import travel

from queries.models import Message
from tests.conftest import NOON, Market

PERIOD = timedelta(days=100)  # short, so that no moment here is to come


def printed_by(command: str, *arguments: str, **options: object) -> str:
    """Call a command; return what it says."""
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("options", "left"),
    [pytest.param(["--dry-run"], 2, id="dry run"), pytest.param([], 0, id="for good")],
)
def test_apply_retention_counts_first(
    market: Market, settings: LazySettings, options: list[str], left: int
) -> None:
    settings.RETENTION_MESSAGES, settings.RETENTION_ANSWERS = PERIOD, PERIOD
    for _ in range(2):
        market.response(3, reason="It never came.")

    with travel(NOON + 2 * PERIOD, tick=False):
        lines = printed_by("apply_retention", *options).splitlines()

    counted = "2 queries, 2 answers."
    assert lines == [f"To be erased: {counted}", f"Erased: {counted}"][: 1 if left else 2]
    assert Message.objects.count() == left


def test_apply_retention_says_that_all_is_kept(market: Market) -> None:
    assert printed_by("apply_retention", "--dry-run") == "To be erased: nothing.\n"

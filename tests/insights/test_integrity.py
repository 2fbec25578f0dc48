"""All checks together, the command, and the nightly alert."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from insights import tasks
from insights.integrity import check_all
from sellers.models import User
from sellers.tasks import send_mail
from surveys.integrity import survey_checks
from surveys.models import Invitation
from tests.conftest import NOON, RULES, Market
from tests.guards import switch_guards

NAMES = [*(check.name for check in survey_checks()), "kept_counts"]


@pytest.fixture
def broken(market: Market) -> list[int]:
    """Let three queries be closed without a closing; return their primary keys."""
    queries = [market.query().pk for _ in range(3)]
    market.shop.queries.update(state="closed", reply_needed_since=None)
    return queries


def test_check_all_carries_out_every_check(db: None) -> None:
    findings = list(check_all())

    assert [found.check.name for found in findings] == NAMES
    assert not any(found.count for found in findings)


# The command


def test_command_is_content_with_what_is_right(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_integrity")

    _heading, *lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [[name, "0"] for name in NAMES]


def test_command_fails_and_names_what_differs(
    broken: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match=r"^These differ: query_state\.$") as failure:
        call_command("check_integrity")

    examples = ", ".join(map(str, broken))
    assert failure.value.returncode == 1
    assert f"query_state                         3  {examples}\n" in capsys.readouterr().out


def test_command_writes_json(broken: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        call_command("check_integrity", "--json")

    first, *others = json.loads(capsys.readouterr().out)
    assert first == {
        "check": "query_state",
        "rows": "CustomerQuery",
        "count": 3,
        "ids": broken,
        "alarming": True,
    }
    assert {other["count"] for other in others} == {0}


@pytest.mark.usefixtures("owner_db")
def test_command_does_not_fail_for_what_informs_only(
    market: Market, capsys: pytest.CaptureFixture[str]
) -> None:
    customer = market.new_customer()
    market.invitation(market.closing(customer))
    second = market.invitation(market.closing(customer, closed_at=NOON + RULES.cooldown))
    switch_guards(on=False)
    Invitation.objects.filter(pk=second.pk).update(sent_at=second.sent_at - timedelta(days=1))

    call_command("check_integrity")

    assert f"customer_rest                       1  {second.pk}\n" in capsys.readouterr().out


# The nightly alert


@pytest.fixture
def superuser(db: None) -> Callable[..., User]:
    """Return a way to hire staff who may do everything."""

    def hire(email: str, **fields: object) -> User:
        return User.objects.create_superuser(email, name="Staff", **fields)

    return hire


def test_alert_goes_to_superusers_who_still_work_there(
    broken: list[int], superuser: Callable[..., User], caplog: pytest.LogCaptureFixture
) -> None:
    superuser("an@markt.example", language="en")
    superuser("bea@markt.example", language="nl")
    superuser("gone@markt.example", is_active=False)
    User.objects.create_user("desk@markt.example", name="Desk", is_staff=True)

    tasks.check_integrity()
    send_mail()

    assert [message.to for message in mail.outbox] == [["an@markt.example"], ["bea@markt.example"]]
    assert "Integrity: these differ: query_state" in caplog.messages


def test_alert_says_what_differs_and_nothing_about_anybody(
    broken: list[int], superuser: Callable[..., User], market: Market
) -> None:
    superuser("an@markt.example", language="en")

    tasks.check_integrity()
    send_mail()

    (message,) = mail.outbox
    assert message.subject == "Markt: 1 integrity check found differences"
    assert "query_state: 3 rows" in message.body
    assert "closed from its last closing until it is reopened" in message.body
    customers = market.shop.queries.values_list("customer__name", "customer__email", "subject")
    for name, email, subject in customers:
        assert name not in message.body
        assert email not in message.body
        assert subject not in message.body


def test_alert_stays_away_when_all_is_right(market: Market, superuser: Callable[..., User]) -> None:
    superuser("an@markt.example")
    market.response(9)

    tasks.check_integrity()
    send_mail()

    assert mail.outbox == []

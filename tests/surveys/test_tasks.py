"""The survey engine's clock."""

from datetime import timedelta

import pytest
from django.core import mail
from time_machine import travel

from sellers.tasks import send_mail
from surveys import tasks
from surveys.enums import InvitationState
from surveys.models import Invitation
from tests.conftest import NOON, Market

DAY = timedelta(days=1)


def survey_round() -> None:
    tasks.decide_surveys()
    send_mail()
    tasks.expire_surveys()


def test_a_closing_becomes_a_mail_and_expires(
    market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    market.closing()
    caplog.set_level("INFO", "surveys.tasks")
    caplog.set_level("INFO", "sellers.tasks")

    with travel(NOON + DAY, tick=False):
        survey_round()

    (message,) = mail.outbox
    invitation = Invitation.objects.get()
    assert message.to == [invitation.customer.email]
    assert (invitation.state, invitation.sent_at) == (InvitationState.SENT, NOON + DAY)

    with travel(NOON + 15 * DAY, tick=False):
        survey_round()

    invitation.refresh_from_db()
    assert invitation.state == InvitationState.EXPIRED
    assert [record.getMessage() for record in caplog.records] == [
        "Surveys decided: 1 send",
        "Mail: 1 sent",
        "Surveys expired: 1 expired",
    ]


def test_every_task_twice_sends_one_mail(market: Market) -> None:
    market.closing()

    with travel(NOON + DAY, tick=False):
        survey_round()
        survey_round()

    assert len(mail.outbox) == 1


def test_nothing_to_do_is_not_worth_a_line(db: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "surveys.tasks")
    caplog.set_level("INFO", "sellers.tasks")

    survey_round()

    assert not caplog.records

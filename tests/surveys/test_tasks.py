"""The survey engine's clock."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from time_machine import travel

from surveys import tasks
from surveys.enums import InvitationState
from surveys.models import Invitation
from tests.conftest import NOON, Market

DAY = timedelta(days=1)


def survey_round() -> None:
    tasks.decide_surveys()
    tasks.send_surveys()
    tasks.expire_surveys()


def test_a_closing_becomes_a_mail_and_expires(
    market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    market.closing()
    caplog.set_level("INFO", "surveys.tasks")

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
        "Surveys sent: 1 sent",
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

    survey_round()

    assert not caplog.records


def test_sending_stops_at_a_mail_server_that_is_gone(
    market: Market, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    market.closing()
    market.closing()

    with travel(NOON + DAY, tick=False):
        survey_round()

    assert sorted(Invitation.objects.values_list("tries", flat=True)) == [0, 1]
    assert "The mail server cannot be reached: ConnectionRefusedError" in caplog.messages

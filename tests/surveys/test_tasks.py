"""The survey engine's clock."""

from datetime import timedelta

import pytest
from django.core import mail
from time_machine import travel

from surveys.enums import InvitationState
from surveys.models import Invitation
from surveys.tasks import survey_round
from tests.conftest import NOON, Market

DAY = timedelta(days=1)


def test_survey_round_goes_from_closing_to_mail_to_expiry(
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
        "Survey round: 1 send, 1 sent",
        "Survey round: 1 expired",
    ]


def test_survey_round_twice_sends_one_mail(market: Market) -> None:
    market.closing()

    with travel(NOON + DAY, tick=False):
        survey_round()
        survey_round()

    assert len(mail.outbox) == 1


def test_survey_round_with_nothing_to_do_says_nothing(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "surveys.tasks")

    survey_round()

    assert not caplog.records

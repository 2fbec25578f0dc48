"""What a mail server's refusal says, and about whom."""

import smtplib
import socket
import ssl

import pytest

from sellers.refusals import DeliveryOutcome, judge


def recipient(code: int, words: bytes = b"no") -> smtplib.SMTPRecipientsRefused:
    """Return the refusal of the only recipient."""
    return smtplib.SMTPRecipientsRefused({"klaas@klant.example": (code, words)})


def silence() -> Exception:
    """Return what smtplib raises when a server keeps silent in a conversation."""
    try:
        try:
            raise TimeoutError
        except OSError:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed: timed out")  # noqa: B904  as smtplib does
    except smtplib.SMTPServerDisconnected as failure:
        return failure


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        pytest.param(None, DeliveryOutcome.TAKEN, id="nothing wrong"),
        pytest.param(recipient(550), DeliveryOutcome.BOUNCED, id="no such user"),
        pytest.param(recipient(553), DeliveryOutcome.BOUNCED, id="mailbox name not allowed"),
        pytest.param(
            recipient(550, b"5.1.1 unknown"), DeliveryOutcome.BOUNCED, id="unknown, enhanced"
        ),
        pytest.param(recipient(550, b"5.2.1 closed"), DeliveryOutcome.BOUNCED, id="mailbox closed"),
        pytest.param(recipient(552, b"5.2.2 full"), DeliveryOutcome.REJECTED, id="full for good"),
        pytest.param(recipient(550, b"5.4.4 no route"), DeliveryOutcome.REJECTED, id="no route"),
        pytest.param(recipient(554, b"5.3.0 system"), DeliveryOutcome.REJECTED, id="system"),
        pytest.param(recipient(450), DeliveryOutcome.LATER, id="greylisted"),
        pytest.param(recipient(452, b"4.2.2 over quota"), DeliveryOutcome.LATER, id="mailbox full"),
        pytest.param(
            recipient(554, b"5.7.1 relay access denied"), DeliveryOutcome.LATER, id="policy"
        ),
        pytest.param(recipient(421), DeliveryOutcome.BROKEN, id="closing down at a recipient"),
        pytest.param(recipient(530), DeliveryOutcome.OUR_FAULT, id="log in first"),
        pytest.param(smtplib.SMTPDataError(554, b"spam"), DeliveryOutcome.REJECTED, id="spam"),
        pytest.param(
            smtplib.SMTPDataError(552, b"too big"), DeliveryOutcome.REJECTED, id="too big"
        ),
        pytest.param(smtplib.SMTPDataError(451, b"later"), DeliveryOutcome.LATER, id="for now"),
        pytest.param(smtplib.SMTPDataError(421, b"bye"), DeliveryOutcome.BROKEN, id="closing down"),
        pytest.param(
            smtplib.SMTPSenderRefused(550, b"not you", "us@markt.example"),
            DeliveryOutcome.OUR_FAULT,
            id="sender refused",
        ),
        pytest.param(
            smtplib.SMTPSenderRefused(452, b"too many mails", "us@markt.example"),
            DeliveryOutcome.UNREACHABLE,
            id="sender refused for now",
        ),
        pytest.param(
            smtplib.SMTPAuthenticationError(535, b"wrong"),
            DeliveryOutcome.OUR_FAULT,
            id="wrong password",
        ),
        pytest.param(
            smtplib.SMTPAuthenticationError(454, b"later"),
            DeliveryOutcome.UNREACHABLE,
            id="no log-in now",
        ),
        pytest.param(
            smtplib.SMTPConnectError(421, b"too many connections"),
            DeliveryOutcome.UNREACHABLE,
            id="too many connections",
        ),
        pytest.param(
            smtplib.SMTPConnectError(554, b"no"), DeliveryOutcome.OUR_FAULT, id="not welcome"
        ),
        pytest.param(smtplib.SMTPNotSupportedError(), DeliveryOutcome.OUR_FAULT, id="no STARTTLS"),
        pytest.param(
            ssl.SSLCertVerificationError(), DeliveryOutcome.OUR_FAULT, id="wrong certificate"
        ),
        pytest.param(smtplib.SMTPServerDisconnected(), DeliveryOutcome.BROKEN, id="hung up"),
        pytest.param(ConnectionResetError(), DeliveryOutcome.BROKEN, id="reset"),
        pytest.param(BrokenPipeError(), DeliveryOutcome.BROKEN, id="broken pipe"),
        pytest.param(silence(), DeliveryOutcome.UNREACHABLE, id="silence in a conversation"),
        pytest.param(TimeoutError(), DeliveryOutcome.UNREACHABLE, id="silence at the door"),
        pytest.param(ConnectionRefusedError(), DeliveryOutcome.UNREACHABLE, id="nobody there"),
        pytest.param(socket.gaierror(), DeliveryOutcome.UNREACHABLE, id="no such host"),
        pytest.param(KeyError("kind"), DeliveryOutcome.UNSENDABLE, id="cannot be built"),
    ],
)
def test_judge(failure: Exception | None, outcome: DeliveryOutcome) -> None:
    assert judge(failure) is outcome

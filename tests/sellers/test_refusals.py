"""What a mail server's refusal says, and about whom."""

import smtplib
import socket
import ssl

import pytest

from sellers.refusals import Verdict, judge


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
    ("failure", "verdict"),
    [
        pytest.param(None, Verdict.TAKEN, id="nothing wrong"),
        pytest.param(recipient(550), Verdict.BOUNCED, id="no such user"),
        pytest.param(recipient(553), Verdict.BOUNCED, id="no such address"),
        pytest.param(recipient(550, b"5.1.1 unknown"), Verdict.BOUNCED, id="unknown, enhanced"),
        pytest.param(recipient(450), Verdict.LATER, id="greylisted"),
        pytest.param(recipient(452, b"4.2.2 over quota"), Verdict.LATER, id="mailbox full"),
        pytest.param(recipient(554, b"5.7.1 relay access denied"), Verdict.LATER, id="policy"),
        pytest.param(recipient(421), Verdict.BROKEN, id="closing down at a recipient"),
        pytest.param(recipient(530), Verdict.OUR_FAULT, id="log in first"),
        pytest.param(smtplib.SMTPDataError(554, b"spam"), Verdict.BOUNCED, id="spam"),
        pytest.param(smtplib.SMTPDataError(552, b"too big"), Verdict.BOUNCED, id="too big"),
        pytest.param(smtplib.SMTPDataError(451, b"later"), Verdict.LATER, id="for now"),
        pytest.param(smtplib.SMTPDataError(421, b"bye"), Verdict.BROKEN, id="closing down"),
        pytest.param(
            smtplib.SMTPSenderRefused(550, b"not you", "us@markt.example"),
            Verdict.OUR_FAULT,
            id="sender refused",
        ),
        pytest.param(
            smtplib.SMTPSenderRefused(452, b"too many mails", "us@markt.example"),
            Verdict.UNREACHABLE,
            id="sender refused for now",
        ),
        pytest.param(
            smtplib.SMTPAuthenticationError(535, b"wrong"), Verdict.OUR_FAULT, id="wrong password"
        ),
        pytest.param(
            smtplib.SMTPAuthenticationError(454, b"later"), Verdict.UNREACHABLE, id="no log-in now"
        ),
        pytest.param(
            smtplib.SMTPConnectError(421, b"too many connections"),
            Verdict.UNREACHABLE,
            id="too many connections",
        ),
        pytest.param(smtplib.SMTPConnectError(554, b"no"), Verdict.OUR_FAULT, id="not welcome"),
        pytest.param(smtplib.SMTPNotSupportedError(), Verdict.OUR_FAULT, id="no STARTTLS"),
        pytest.param(ssl.SSLCertVerificationError(), Verdict.OUR_FAULT, id="wrong certificate"),
        pytest.param(smtplib.SMTPServerDisconnected(), Verdict.BROKEN, id="hung up"),
        pytest.param(ConnectionResetError(), Verdict.BROKEN, id="reset"),
        pytest.param(BrokenPipeError(), Verdict.BROKEN, id="broken pipe"),
        pytest.param(silence(), Verdict.UNREACHABLE, id="silence in a conversation"),
        pytest.param(TimeoutError(), Verdict.UNREACHABLE, id="silence at the door"),
        pytest.param(ConnectionRefusedError(), Verdict.UNREACHABLE, id="nobody there"),
        pytest.param(socket.gaierror(), Verdict.UNREACHABLE, id="no such host"),
        pytest.param(KeyError("kind"), Verdict.UNSENDABLE, id="cannot be built"),
    ],
)
def test_judge(failure: Exception | None, verdict: Verdict) -> None:
    assert judge(failure) is verdict

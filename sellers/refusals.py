"""What a mail server's refusal says, and about whom."""

import re
import smtplib
import ssl
from enum import Enum
from typing import Final

from sellers.smtp import Unanswered

# Reply codes: RFC 5321 §4.2.1, RFC 4954 §6 (log in first); enhanced ones: RFC 3463.
PERMANENT_FROM: Final = 500
CLOSING_DOWN: Final = 421
LOG_IN_FIRST: Final = (530, 534, 535, 538)
ENHANCED: Final = re.compile(rb"5\.\d{1,3}\.\d{1,3}\b")
OF_THE_ADDRESS: Final = ("5.1.", "5.2.1")  # there is no such address, or it is closed
POLICY: Final = b"5.7."  # of the server against the sender, such as "relay access denied"


class DeliveryOutcome(Enum):
    """What became of one try to send a mail."""

    TAKEN = "the server has the mail"
    LATER = "this mail is not taken for now"
    BOUNCED = "this mail is refused for good"
    REJECTED = "this mail is refused for good, another to the same address may not be"
    UNSENDABLE = "this mail cannot be built or written down"
    BROKEN = "the conversation broke off"
    HUNG_UP = "the conversation broke off when the server had the whole mail"
    SILENT = "the server has the whole mail and says nothing"
    UNREACHABLE = "the server cannot be talked to now"
    OUR_FAULT = "the server does not take mail from us as we are set up"


def judge(failure: Exception | None) -> DeliveryOutcome:
    """Return what an exception from building or sending a mail to one recipient says."""
    match failure:
        case None:
            return DeliveryOutcome.TAKEN
        case Unanswered():
            is_silent = judge(_cause(failure)) is DeliveryOutcome.UNREACHABLE
            return DeliveryOutcome.SILENT if is_silent else DeliveryOutcome.HUNG_UP
        case smtplib.SMTPRecipientsRefused():
            ((code, words),) = failure.recipients.values()
            return _judge_mail(code, words)
        case smtplib.SMTPDataError():
            outcome = _judge_mail(failure.smtp_code, failure.smtp_error)
            # The recipient was taken before: the text was not.
            bounced = outcome is DeliveryOutcome.BOUNCED
            return DeliveryOutcome.REJECTED if bounced else outcome
        case smtplib.SMTPResponseException():  # to connecting, the greeting, log-in or the sender
            permanent = failure.smtp_code >= PERMANENT_FROM
            return DeliveryOutcome.OUR_FAULT if permanent else DeliveryOutcome.UNREACHABLE
        case smtplib.SMTPNotSupportedError() | ssl.SSLCertVerificationError():
            return DeliveryOutcome.OUR_FAULT
        case smtplib.SMTPServerDisconnected():
            # smtplib says the same of a server that keeps silent.
            stalled = isinstance(failure.__context__, TimeoutError)
            return DeliveryOutcome.UNREACHABLE if stalled else DeliveryOutcome.BROKEN
        case ConnectionResetError() | BrokenPipeError():
            return DeliveryOutcome.BROKEN
        case OSError():
            return DeliveryOutcome.UNREACHABLE
        case _:
            return DeliveryOutcome.UNSENDABLE


def _cause(failure: Exception) -> Exception | None:
    """Return what an exception was raised for."""
    return failure.__cause__ if isinstance(failure.__cause__, Exception) else None


def _judge_mail(code: int, words: bytes | str) -> DeliveryOutcome:
    """Return what a refusal of a recipient or of the mail's text says."""
    if code == CLOSING_DOWN:
        return DeliveryOutcome.BROKEN
    if code in LOG_IN_FIRST:
        return DeliveryOutcome.OUR_FAULT
    said = words.encode() if isinstance(words, str) else words
    if code < PERMANENT_FROM or said.startswith(POLICY):
        return DeliveryOutcome.LATER
    enhanced = ENHANCED.match(said)
    of_address = is_of_address(enhanced[0].decode() if enhanced else "")
    return DeliveryOutcome.BOUNCED if of_address else DeliveryOutcome.REJECTED


def is_of_address(status: str) -> bool:
    """Return whether an enhanced code, or none, says that no mail can go to this address.

    A mailbox that is full, or a host that cannot be reached, is no address that does not exist.
    """
    return not status or status.startswith(OF_THE_ADDRESS)

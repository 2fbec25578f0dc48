"""The mailbox of all customers together, so that the demo's mails can be read and followed.

Django's file backend keeps the mails: some in each file, each followed by a line of dashes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Final

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_replace
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from queries.incoming import receive

MOST_MAILS: Final = 50
END_OF_MAIL: Final = b"\n" + b"-" * 79 + b"\n"
HEAD: Final = re.compile(r"<head\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was sent."""

    key: str
    message: EmailMessage

    @property
    def to(self) -> str:
        """Return who got it."""
        return self._header("to")

    @property
    def sender(self) -> str:
        """Return who it says it is from."""
        return self._header("from")

    @property
    def subject(self) -> str:
        """Return the subject."""
        return self._header("subject")

    @property
    def sent_at(self) -> datetime:
        """Return the moment it was sent, in UTC."""
        moment = parsedate_to_datetime(self.message["date"])
        # "-0000" means: in UTC, of a sender who does not say where he is.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def text(self) -> str:
        """Return the part without markup."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """Return the part with markup, or nothing when there is none."""
        return self._part("html")

    @property
    def reply_to(self) -> str:
        """Return where an answer goes, or nothing when the mail takes none."""
        return self._header("reply-to") if self.message["reply-to"] else ""

    def answered_with(self, text: str, *, now: datetime) -> bytes:
        """Return an answer as a mail program would send it, with this mail below it."""
        answer = EmailMessage()
        answer["From"], answer["To"] = self.to, self.reply_to
        answer["Subject"] = self.subject
        answer["Date"], answer["Message-ID"] = format_datetime(now), make_msgid(domain="demo")
        answer["In-Reply-To"] = str(self.message["message-id"])
        quoted = "\n".join(f"> {line}" for line in self.text.splitlines())
        answer.set_content(f"{text}\n\n{self.sent_at:%d-%m-%Y %H:%M}, {self.sender}:\n{quoted}")
        return answer.as_bytes()

    def _header(self, name: str) -> str:
        return str(self.message[name]).strip()  # a folded header begins with a space

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        return str(part.get_content()) if part else ""


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Show the latest mails of all customers."""
    mails = list(islice(_latest_mails(), MOST_MAILS))
    return render(request, "demo/mailbox.html", {"mails": mails})


@require_safe
@csp_replace({"frame-src": [SELF]})  # type: ignore[arg-type]  # as below
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """Show one mail, with the links it had."""
    return render(request, "demo/mail.html", {"mail": _find(key)})


@require_POST
def answer(request: HttpRequest, key: str) -> HttpResponse:
    """Answer a mail as its customer, as `manage.py receive_mail` would take it."""
    mail = _find(key)
    text = request.POST.get("text", "").strip()
    if not mail.reply_to or not text:
        messages.info(request, _("Write your answer first."))
        return redirect("demo:mail", key)
    now = timezone.now()
    receive(mail.answered_with(text, now=now), recipients=[mail.reply_to], now=now)
    messages.success(request, _("Your answer has arrived: look at the query."))
    return redirect("demo:mail", key)


@require_safe
@xframe_options_sameorigin
@csp(  # type: ignore[arg-type]  # it knows no views with more than a request
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "frame-ancestors": [SELF],
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    }
)
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """Show the part with markup as a mail program would: mails bring their own styles."""
    html = _find(key).html
    if not html:
        raise Http404
    # Links open beside the mailbox: inside its frame the survey may not be shown.
    head = HEAD.search(html)
    place = head.end() if head else 0
    return HttpResponse(f'{html[:place]}<base target="_blank">{html[place:]}')


def _latest_mails() -> Iterator[Mail]:
    """Yield all mails, latest first."""
    for file in sorted(_files(), reverse=True):
        for place, message in reversed(list(enumerate(_messages(file)))):
            yield Mail(f"{file.stem}-{place}", message)


def _find(key: str) -> Mail:
    """Return the mail with this key; the key is compared with what there is, never opened."""
    for file in _files():
        for place, message in enumerate(_messages(file) if key.startswith(file.stem) else []):
            if key == f"{file.stem}-{place}":
                return Mail(key, message)
    raise Http404


def _messages(file: Path) -> list[EmailMessage]:
    """Return the complete mails of a file; one that is being written has no end yet."""
    *complete, _ = file.read_bytes().split(END_OF_MAIL)
    return [message_from_bytes(each, policy=policy.default) for each in complete]


def _files() -> list[Path]:
    # Without a folder mails really leave, and there is nothing to show.
    folder = getattr(settings, "EMAIL_FILE_PATH", "")
    return list(Path(folder).glob("*.log")) if folder else []

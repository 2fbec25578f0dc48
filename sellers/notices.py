"""Mails from the portal itself to its users: each kind with its own builder."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from sellers.enums import MailState, UnsentReason
from sellers.mailings import Mailer
from sellers.models import Notice, UnansweredMail, User

KEPT_FOR = timedelta(days=90)  # after that nobody asks any more whether a notice was sent
# While one version takes the place of another, a worker may meet kinds of the other.
UNKNOWN_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """How notices of one kind are built, how old one may be, and when it is not needed any more."""

    email: Callable[[Notice, User], EmailMessage]
    stale_after: timedelta
    is_needless: Callable[[Notice], bool] = lambda _notice: False


_kinds: dict[str, Kind] = {}


def register_kind(name: str, kind: Kind) -> None:
    """Let notices of one more kind be sent; each app does this when it is ready."""
    _kinds[name] = kind


def notify(user: User | None, *, kind: str, now: datetime, **parameters: Any) -> Notice:
    """Queue a notice in the user's stored language; a sender takes it from there.

    Without a user it costs the same and is never sent, so that nobody learns who is a user.
    The parameters are stored as JSON and never hold a secret.
    """
    return Notice.objects.create(
        user=user,
        kind=kind,
        parameters=parameters,
        language=user.language if user else settings.LANGUAGE_CODE,
        state=MailState.DECIDED,
        next_try_at=now,
        created_at=now,
    )


def drop_finished(*, now: datetime) -> int:
    """Delete the notices that are long finished; return how many. Forget unanswered mails too."""
    UnansweredMail.objects.filter(noted_at__lt=now - KEPT_FOR).delete()
    deleted, _ = Notice.objects.finished_before(now - KEPT_FOR).delete()
    return deleted


class NoticeMailer(Mailer[Notice]):
    """Sends notices before all other mail: somebody waits for a new password."""

    model = Notice
    is_urgent = True

    def recipient(self, mailing: Notice) -> str:
        """Return the user's e-mail."""
        return mailing.user.email if mailing.user else ""

    def reason_not_to_send(self, mailing: Notice, *, now: datetime) -> str:
        """Return what has become of the user, or that it is too late."""
        if mailing.user is None:
            return UnsentReason.NO_USER
        if not mailing.user.is_active:
            return UnsentReason.INACTIVE
        kind = _kinds.get(mailing.kind)
        if kind is None:
            is_settled = now - mailing.created_at > UNKNOWN_FOR
            return UnsentReason.UNKNOWN if is_settled else ""
        if now - mailing.created_at > kind.stale_after or kind.is_needless(mailing):
            return UnsentReason.STALE
        return ""

    def email(self, mailing: Notice) -> EmailMessage:
        """Return the mail, built by what is registered for its kind. Raises KeyError."""
        assert mailing.user is not None
        return _kinds[mailing.kind].email(mailing, mailing.user)

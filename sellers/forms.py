"""What a visitor fills in about an account."""

from datetime import datetime
from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from sellers.enums import NoticeKind
from sellers.models import User
from sellers.notices import notify


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Asks for the e-mail of an account, and does the same work whether or not there is one."""

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now

    def clean_email(self) -> str:
        """Return the e-mail as typed; who has it is looked up when the form is saved."""
        email: str = self.cleaned_data["email"]
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Queue the mail; nothing is sent, and no key made, while the visitor waits."""
        email: str = self.cleaned_data["email"]
        user = User.objects.filter(email=email.lower(), is_active=True).first()
        notify(user, kind=NoticeKind.RESET, now=self._now)
        return email

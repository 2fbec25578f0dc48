"""Two-step verification: after the password, a code that changes every half minute.

The codes and pages are allauth's (TOTP of RFC 6238, recovery codes); here is what differs, and who
must use it (docs/decisions/0031-guessing.md).
"""

from typing import Any, Final

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sellers.adapter import count_guess
from sellers.guessing import is_first_use
from sellers.models import User
from sellers.sealing import CannotBeUnsealed, seal, unseal

CODE: Final = "code"
PROVED: Final = "second_factor_of"  # session key: who gave a code in it


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Seals the secrets, so that a copy of the database gives no codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or not any more. Wait for the next one."),
    }

    def encrypt(self, text: str) -> str:
        """Return what is stored of a secret."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret. Raises ValidationError when SECRET_KEY is another one."""
        try:
            return unseal(encrypted_text)
        except CannotBeUnsealed:
            sentence = _("Your codes cannot be checked any more. Ask the marketplace.")
            raise ValidationError(sentence) from None

    def get_totp_issuer(self) -> str:
        """Return the name under which an app lists the codes."""
        return str(settings.MARKETPLACE_NAME)


class CountedCode(forms.Form):
    """Asks for a code; who guesses waits, and a code is good for one use."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    user: User

    def clean_code(self) -> str:
        """Return the right code, and know that it was given in this session."""
        guess = count_guess(context.request, CODE, self.user.email)
        code: str = super().clean_code()  # type: ignore[misc]  # of allauth's form beside this one
        if not is_first_use(code, account=self.user.email, now=timezone.now()):
            raise ValidationError(SecondFactorAdapter.error_messages["incorrect_code"])
        guess.was_right()
        context.request.session[PROVED] = self.user.pk
        return code


class CodeForm(CountedCode, AuthenticateForm):  # type: ignore[misc]
    """Asks for a code after the password; a recovery code will do."""


class CodeAgainForm(CountedCode, ReauthenticateForm):  # type: ignore[misc]
    """Asks somebody who is logged in for a code."""


class FirstCodeForm(CountedCode, ActivateTOTPForm):  # type: ignore[misc]
    """Asks for the first code of an app."""


def has_second_factor(user: User) -> bool:
    """Return whether a code is asked for when this user logs in."""
    of_app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    return bool(of_app.exists())


def remove_second_factor(user: User) -> bool:
    """Forget the app and the recovery codes of a user who lost both; return whether any were."""
    deleted, _each = Authenticator.objects.filter(user=user).delete()
    return bool(deleted)


def is_proved(request: HttpRequest) -> bool:
    """Return whether who is logged in gave a code in this session."""
    proved: Any = request.session.get(PROVED)
    return bool(proved == request.user.pk)

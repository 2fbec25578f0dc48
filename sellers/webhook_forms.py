"""What people fill in about webhooks."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sellers.enums import WEBHOOK_CHOICES
from sellers.targets import LONGEST_URL, ForbiddenTarget, Objection, parse
from sellers.webhooks.clearing import KEPT_FOR

WORDS: Final[dict[Objection, Promise]] = {
    Objection.NO_URL: _("This is not a URL such as https://shop.example/hooks."),
    Objection.TOO_LONG: _("This URL is too long."),
    Objection.NOT_HTTPS: _("The URL must begin with https://."),
    Objection.HAS_PASSWORD: _(
        "Leave out the name and password: each call is signed with the secret."
    ),
    Objection.IS_ADDRESS: _("Use the name of your server, not its IP address."),
    Objection.LOCAL_NAME: _("This name is not known on the internet."),
    Objection.PORT: _("This port cannot be called. Use the usual one, 443."),
}


class WebhookForm(forms.Form):
    """Which server is told, and of what."""

    url = forms.CharField(
        label=_("URL of your server"),
        max_length=LONGEST_URL,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is told"),
        choices=[(kind.value, kind.label) for kind in WEBHOOK_CHOICES],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_url(self) -> str:
        """Return the URL in one form; refuse what may not be called."""
        try:
            return parse(self.cleaned_data["url"], rules=settings.WEBHOOK_TARGETS).url
        except ForbiddenTarget as forbidden:
            raise forms.ValidationError(str(WORDS[forbidden.objection])) from None


class ReplayForm(forms.Form):
    """Of which time everything is sent again, by the marketplace's clock."""

    start = forms.DateTimeField(
        label=_("From"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    end = forms.DateTimeField(
        label=_("Until before"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    also_delivered = forms.BooleanField(
        label=_("Also what was delivered"),
        required=False,
        help_text=_("It has the same id, so a server that kept it can skip it."),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now

    def clean_start(self) -> datetime:
        """Refuse what is longer ago than the log goes back."""
        start: datetime = self.cleaned_data["start"]
        if start < self._now - KEPT_FOR:
            raise forms.ValidationError(
                _("Choose a moment in the last %(days)s days.") % {"days": KEPT_FOR.days}
            )
        return start

    def clean(self) -> dict[str, Any]:
        """Refuse a time that ends before it begins."""
        given = self.cleaned_data
        if "start" in given and "end" in given and given["end"] <= given["start"]:
            self.add_error("end", _("This is not after the beginning."))
        return given

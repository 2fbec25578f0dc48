"""What a shop's people fill in about passives and promoters."""

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queries.forms import REPLY_MAX_LENGTH, TypedText
from sellers.forms import Line
from surveys.enums import ConsentWay

NOTE_MAX_LENGTH: Final = 2_000
MOST_WORTH: Final = Decimal("99_999_999.99")


# Thousands apart or not, by whichever sign; two digits at most after the last one are cents.
AMOUNT: Final = re.compile(r"(\d{1,3}(?:[.,\s]\d{3})+|\d+)(?:[.,](\d{1,2}))?", re.ASCII)


class Amount(forms.DecimalField):
    """An amount in euros, as people of any language type it: 640, 39,95, € 1.249,50, 1,249.50."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as Django does
        """Return the amount."""
        typed = str(value or "").replace("€", "").strip()
        found = AMOUNT.fullmatch(typed)
        if typed and not found:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        whole, cents = found.groups() if found else ("", None)
        return super().to_python(re.sub(r"\D", "", whole) + (f".{cents}" if cents else ""))


class LetterForm(forms.Form):
    """What is written to the customer in the conversation."""

    body = TypedText(
        label=_("Your message"),
        max_length=REPLY_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        error_messages={"required": _("Write your message first.")},
    )


class CallForm(forms.Form):
    """What came of a phone call, for colleagues."""

    call_note = TypedText(
        label=_("What was said (only your team reads it)"),
        max_length=NOTE_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class ImprovementForm(forms.Form):
    """What the customer said would have made it a 9 or 10."""

    note = TypedText(
        label=_("What would have made it a 9 or 10, in the customer’s words"),
        max_length=NOTE_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Write what the customer said.")},
    )


class QuoteForm(forms.Form):
    """That the customer may be quoted, as whom, and how they said so."""

    name = Line(
        label=_("Quoted as"),
        max_length=100,
        help_text=_("As the customer wants it: Fatima P., or a customer from Utrecht."),
        error_messages={"required": _("Say under which name you may quote.")},
    )
    way = forms.ChoiceField(
        label=_("How the customer allowed it"), choices=[("", "–"), *ConsentWay.choices]
    )


class ReferralForm(forms.Form):
    """Who came in by a promoter, and what that was worth."""

    order_reference = Line(
        label=_("Order number"),
        max_length=40,
        required=False,
        help_text=_("Of the new customer, when they ordered from you already."),
    )
    words = Line(
        label=_("Who came in"),
        max_length=200,
        required=False,
        help_text=_("In a few words: her sister. No more than you need."),
    )
    worth = Amount(
        label=_("Worth in euros"),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        min_value=Decimal("0.01"),
        max_value=MOST_WORTH,
        decimal_places=2,
        error_messages={
            "invalid": _("Write an amount, such as 640 or 39.95."),
            "min_value": _("An order is worth more than nothing."),
        },
    )
    came_on = forms.DateField(
        label=_("Came in on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("This is not a date. Write it as 2026-03-31.")},
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def clean_came_on(self) -> date:
        """Refuse a day that has not come yet, and one of before there were shops online."""
        day: date = self.cleaned_data["came_on"]
        if not date(1990, 1, 1) <= day <= self._today:
            raise forms.ValidationError(_("Choose a day that has been."))
        return day

    def clean(self) -> dict[str, Any]:
        """Ask who came in, in one of two ways."""
        filled = self.cleaned_data
        if not (filled.get("order_reference") or filled.get("words") or self.errors):
            self.add_error("words", _("Say who came in: an order number, or a few words."))
        return filled

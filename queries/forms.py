"""What a seller's people fill in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

PREDICTIONS = [("", _("No prediction")), *((score, str(score)) for score in range(11))]


class ReplyForm(forms.Form):
    """An answer to the customer."""

    body = forms.CharField(
        label=_("Your reply"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 5})
    )


class PredictionField(forms.TypedChoiceField):
    """The score, 0–10, that an agent expects the customer to give; may stay open."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=PREDICTIONS,
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect,
            label=_("What score do you expect this customer to give?"),
            error_messages={"invalid_choice": _("A prediction is a whole number from 0 to 10.")},
            **kwargs,
        )


class CloseForm(forms.Form):
    """Closing a query."""

    predicted_score = PredictionField()


class PhoneContactForm(forms.Form):
    """A contact by phone that is over."""

    name = forms.CharField(label=_("Customer's name"), max_length=120)
    email = forms.EmailField(
        label=_("Customer's e-mail address"),
        max_length=254,
        required=False,
        help_text=_("The address with which the customer asked you something before."),
    )
    subject = forms.CharField(label=_("What was it about?"), max_length=200)
    order_reference = forms.CharField(label=_("Order number"), max_length=40, required=False)
    note = forms.CharField(
        label=_("What did you agree?"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    predicted_score = PredictionField()

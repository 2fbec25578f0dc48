"""What a shop's people fill in about one follow-up task."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from queries.forms import REPLY_MAX_LENGTH, TypedText
from sellers.forms import Line
from surveys.enums import CallOutcome, FollowUpState
from surveys.models import FINISHED, FollowUp, Topic

NOTE_MAX_LENGTH: Final = 4_000
LESSON_NEEDED: Final = _("Say what your team can learn from it.")


class ContactReplyForm(forms.Form):
    """A reply in the conversation."""

    use_required_attribute = False  # on a page with other forms

    body = TypedText(
        label=_("Your reply"),
        max_length=REPLY_MAX_LENGTH,
        widget=forms.Textarea(
            attrs={"rows": 4, "dir": "auto", "placeholder": _("Write your reply…")}
        ),
        error_messages={"required": _("Write your reply first.")},
    )


class LoggedCallForm(forms.Form):
    """What came of a phone call."""

    use_required_attribute = False

    outcome = forms.ChoiceField(
        choices=CallOutcome.choices,
        widget=forms.RadioSelect,
        label=_("What came of it"),
        error_messages={"required": _("Say what came of the call.")},
    )
    call_note = TypedText(
        label=_("What was said?"),
        max_length=NOTE_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 2, "dir": "auto", "placeholder": _("What was said, what was agreed?")}
        ),
    )


class FinishForm(forms.Form):
    """How a task ends, what was done, and what can be learned."""

    use_required_attribute = False

    state = forms.ChoiceField(
        choices=[(ending.value, ending.label) for ending in FINISHED],
        widget=forms.RadioSelect,
        label=_("Outcome"),
        error_messages={"required": _("Choose how it ended.")},
    )
    note = TypedText(
        label=_("Note"),
        max_length=NOTE_MAX_LENGTH,
        widget=forms.Textarea(
            attrs={"rows": 2, "dir": "auto", "placeholder": _("What was it, and what was done?")}
        ),
        error_messages={"required": _("Say what was done: a note is needed to finish.")},
    )
    promised = Line(
        label=_("Promised to the customer"),
        max_length=300,
        required=False,
        help_text=_("It is at the top of this customer’s next query."),
    )
    cause_topic = forms.ModelChoiceField(
        queryset=Topic.objects.none(),
        required=False,
        label=_("Root cause"),
        empty_label=_("Not chosen"),
    )
    cause = Line(
        label=_("Root cause in your own words"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("In your own words")}),
    )
    lesson = TypedText(
        label=_("Lesson for your team"),
        max_length=NOTE_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the topics that staff ask about."""
        super().__init__(*args, **kwargs)
        field = self.fields["cause_topic"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Topic.objects.offered()

    def clean(self) -> None:
        """Ask for the lesson where the customer was not won back."""
        lost = self.cleaned_data.get("state") == FollowUpState.NOT_RECOVERABLE
        if lost and not self.cleaned_data.get("lesson") and "lesson" not in self.errors:
            self.add_error("lesson", LESSON_NEEDED)


def written_before(followup: FollowUp) -> dict[str, object]:
    """Return what the form begins with: what was written when the task ended before."""
    return {
        "note": followup.note,
        "promised": followup.promised,
        "cause_topic": followup.cause_topic_id,
        "cause": followup.cause,
        "lesson": followup.lesson,
    }

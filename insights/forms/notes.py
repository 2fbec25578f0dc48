"""What an owner fills in about a month."""

from django import forms
from django.utils.translation import gettext_lazy as _

from insights.models.notes import MOST_LETTERS
from sellers.forms import Line


class MonthNoteForm(forms.Form):
    """What was different in a month."""

    words = Line(
        label=_("What was different?"),
        max_length=MOST_LETTERS,
        help_text=_("At most 140 characters, such as “new carrier”. Your whole team reads it."),
        error_messages={"required": _("Write what was different, or remove the note.")},
    )

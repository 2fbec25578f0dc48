"""The customer's form."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.forms import TypedText
from sellers.made_once import FoundOnce
from surveys.models import Topic
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE

REASON_MAX_LENGTH = 4000
# "on" is what a form says that was open in a browser when it had one box to tick.
MAY_CONTACT: Final = {"yes": True, "on": True, "no": False}
OFFERED: Final = FoundOnce(
    {}, Topic.objects.offered, only={"": ("id", "slug", "label_nl", "label_en")}
)
SCORES = [(score, str(score)) for score in range(LOWEST_SCORE, HIGHEST_SCORE + 1)]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose, as the template writes it; Django's own way takes ten times as long."""

    value: str
    label: str
    chosen: bool


class SurveyForm(forms.Form):
    """Score, reason, topics and whether the seller may be in touch; only the score is required."""

    score = forms.TypedChoiceField(
        choices=SCORES,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a score from 0 to 10."),
            "invalid_choice": _("Choose a score from 0 to 10."),
        },
    )
    reason = TypedText(
        required=False,
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        label=_("What is the most important reason for your score?"),
        error_messages={
            "max_length": _(
                "Your reason is %(show_value)d characters long and %(limit_value)d fit. Shorten it."
            ),
            "null_characters_not_allowed": _(
                "There is a character in your reason that cannot be stored. Remove it, or type the "
                "reason again."
            ),
        },
    )
    topics = forms.Field(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("What played a part?"),
        error_messages={
            "invalid_choice": _(
                "A topic that you chose is not in the list any more. Choose from these."
            )
        },
    )
    may_contact = forms.Field(required=False)
    # When the form was shown, signed: a GET stores nothing, so the page remembers it itself.
    shown = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["shown"].initial = signing.dumps(now.timestamp(), salt="surveys.shown")

    @cached_property
    def offered(self) -> list[Topic]:
        """Return the topics to choose from; who ticked none does not wait for them."""
        return OFFERED.all()

    @property
    def scores(self) -> list[Option]:
        """Return the scores, with the one that was chosen."""
        chosen = str(self["score"].value())
        return [Option(label, label, chosen=label == chosen) for _score, label in SCORES]

    @property
    def played_a_part(self) -> list[Option]:
        """Return the topics, with those that were ticked."""
        ticked = self["topics"].value() or ()
        return [Option(one.slug, one.label, chosen=one.slug in ticked) for one in self.offered]

    @property
    def contact_answers(self) -> list[Option]:
        """Return both answers to whether the seller may be in touch; neither need be chosen."""
        chosen = MAY_CONTACT.get(str(self["may_contact"].value()))
        return [
            Option("yes", gettext("Yes"), chosen=chosen is True),
            Option("no", gettext("No"), chosen=chosen is False),
        ]

    def clean_may_contact(self) -> bool | None:
        """Return what was said; None when nothing was, or nothing that we offer."""
        return MAY_CONTACT.get(str(self.cleaned_data["may_contact"]))

    def clean_topics(self) -> list[Topic]:
        """Return the topics that were ticked, each once."""
        ticked = dict.fromkeys(self.cleaned_data["topics"] or ())
        offered = {topic.slug: topic for topic in self.offered} if ticked else {}
        if not offered.keys() >= ticked.keys():
            raise forms.ValidationError(self.fields["topics"].error_messages["invalid_choice"])
        return [offered[slug] for slug in ticked]

    def clean_score(self) -> int:
        """Refuse two scores in one answer: nobody knows which one is meant."""
        field = self.fields["score"]
        if isinstance(self.data, QueryDict) and len(self.data.getlist("score")) > 1:
            raise forms.ValidationError(field.error_messages["invalid_choice"])
        score: int = self.cleaned_data["score"]
        return score

    def opened_at(self) -> datetime | None:
        """Return when the form was shown, or None when the answer came without our form."""
        try:
            seconds = signing.loads(
                self.cleaned_data["shown"] or "", salt="surveys.shown", max_age=timedelta(days=60)
            )
        except signing.BadSignature:
            return None
        return datetime.fromtimestamp(seconds, tz=UTC)

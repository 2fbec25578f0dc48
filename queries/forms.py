"""What a shop's people and its customers fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from queries.attachments import (
    MAX_FILES,
    AttachmentRefused,
    CheckedFile,
    check_upload,
    too_many,
)
from queries.enums import StatementProblem
from queries.models import CustomerQuery
from queries.search import asked_before
from queries.snoozes import Snooze, wakes_at
from queries.statements import Statement, StatementRefused
from sellers.models import Seller, User

# What is said when the disk is full; all of the form is kept.
NO_FILES_NOW = _("Files cannot be stored at the moment. Nothing was sent.")
COMPOSER = "composer"  # the form on the page; what belongs to it may be elsewhere
REPLY_MAX_LENGTH = 10_000
QUESTION_MAX_LENGTH = 10_000
STATEMENT_SALT: Final = "queries.statement"
TIME_TO_TYPE: Final = timedelta(days=1)
LONGEST_SNOOZE: Final = timedelta(days=366)
REASON_MIN_LENGTH, REASON_MAX_LENGTH = 10, 1_000
PREDICTIONS = [("", _("No prediction")), *((score, str(score)) for score in range(11))]


class TypedText(forms.CharField):
    """Text of so many characters as people count them: browsers send two where a line ends."""

    def to_python(self, value: Any) -> str:
        """Return the text with its line ends as they were typed."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class FilesInput(forms.FileInput):
    """A box of the browser for several files."""

    allow_multiple_selected = True


class AttachmentsField(forms.FileField):
    """Files that go with a message: all of them, checked, or none and a sentence for each refused.

    A browser takes no file back into a form: queries/_files_field.html says to choose them again.
    """

    widget = FilesInput
    ACCEPTED: Final = ".pdf,.png,.jpg,.jpeg,.heic,.txt"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=FilesInput(attrs={"accept": self.ACCEPTED}),
            label=_("Files"),
            help_text=_("PDF, PNG, JPG, HEIC or TXT, at most 5 files of 10 MB each."),
            **kwargs,
        )

    def clean(
        self, data: "Sequence[UploadedFile[Any]]", initial: object = None
    ) -> list[CheckedFile]:
        """Return the files as they may be stored."""
        refused: list[AttachmentRefused] = too_many(file.name or "" for file in data)
        checked = []
        for file in data[:MAX_FILES]:
            try:
                checked.append(check_upload(file))
            except AttachmentRefused as refusal:
                refused.append(refusal)
        if refused:
            raise forms.ValidationError([str(refusal) for refusal in refused])
        return checked


class PredictionField(forms.TypedChoiceField):
    """The score, 0–10, that an agent expects the customer to give; may stay open."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=PREDICTIONS,
            coerce=int,
            empty_value=None,
            required=False,
            widget=forms.RadioSelect(attrs={"form": COMPOSER}),
            label=_("What score do you expect this customer to give?"),
            error_messages={"invalid_choice": _("A prediction is a whole number from 0 to 10.")},
            **kwargs,
        )


class ReasonField(forms.CharField):
    """Why a query is handed over; the box is folded away, so others forms let it stay empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Why do you hand it over?"),
            help_text=_("Staff of the marketplace read this, the customer does not."),
            widget=forms.Textarea(attrs={"rows": 3, "form": COMPOSER}),
            **kwargs,
        )


class ReplyForm(forms.Form):
    """An answer to the customer, and the prediction for when the query is closed with it."""

    body = forms.CharField(
        label=_("Your reply"),
        max_length=REPLY_MAX_LENGTH,
        # Said here, because a form for closing that comes back still asks for a reply.
        widget=forms.Textarea(attrs={"rows": 5, "required": True}),
    )
    attachments = AttachmentsField()
    predicted_score = PredictionField()
    reason = ReasonField(required=False)


class CustomerReplyForm(forms.Form):
    """What a customer writes back, on the page that the link leads to."""

    body = forms.CharField(
        label=_("Your message"),
        max_length=REPLY_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        error_messages={"required": _("Write your message first.")},
    )
    attachments = AttachmentsField()


class CloseForm(ReplyForm):
    """Closing without a reply: the same boxes, but the one for the reply must be empty."""

    unsent = _("This reply was not sent yet. Send it and close, or empty the box to close.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].required = False

    def clean(self) -> None:
        """Refuse to throw away what was typed."""
        if self.cleaned_data.get("body") or self.cleaned_data.get("attachments"):
            raise forms.ValidationError(self.unsent)


class HandOverForm(CloseForm):
    """Handing over to the marketplace, with a reason and nothing left in the box for the reply."""

    unsent = _("This reply was not sent yet. Send it first, or empty the box to hand over.")
    use_required_attribute = False  # who replies after all gives no reason

    reason = ReasonField(min_length=REASON_MIN_LENGTH, max_length=REASON_MAX_LENGTH)


class PhoneContactForm(forms.Form):
    """A contact by phone that is over.

    Whoever asked this shop something before and fits the name, address or order that was typed is
    offered: then it must be said who of them called, or that it was somebody new.
    """

    NEW: Final = "new"
    MOST_OFFERED: Final = 8

    name = forms.CharField(
        label=_("Who called?"),
        max_length=120,
        help_text=_("A name; of somebody who asked before also the e-mail address or order."),
    )
    order_reference = forms.CharField(label=_("Order number"), max_length=40, required=False)
    earlier = forms.ChoiceField(
        label=_("Is it one of these?"), required=False, widget=forms.RadioSelect
    )
    subject = forms.CharField(label=_("What was it about?"), max_length=200)
    note = forms.CharField(
        label=_("What did you agree?"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only you and your team read this: it is mailed to nobody."),
    )
    predicted_score = PredictionField()

    def __init__(self, *args: Any, seller: Seller | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = [self.data.get(name, "") for name in ("name", "order_reference")]
        self.offered = _offered(typed, seller)[: self.MOST_OFFERED] if seller else []
        earlier = self.fields["earlier"]
        assert isinstance(earlier, forms.ChoiceField)
        earlier.choices = [
            *((str(query.pk), _as_caller(query)) for query in self.offered),
            (self.NEW, _("Somebody new")),
        ]

    def clean_earlier(self) -> CustomerQuery | None:
        """Return the query of who called, nothing for somebody new; it must be said which."""
        chosen = self.cleaned_data["earlier"]
        if self.offered and not chosen:
            raise forms.ValidationError(_("Choose who called, or somebody new."))
        return next((query for query in self.offered if str(query.pk) == chosen), None)

    def clean(self) -> None:
        """Refuse an address for a name."""
        name, earlier = self.cleaned_data.get("name", ""), self.cleaned_data.get("earlier")
        if "@" in name and not earlier and "earlier" not in self.errors:
            self.add_error("name", _("Nobody with this address asked you anything. Type a name."))


def _as_caller(query: CustomerQuery) -> str:
    """Return who asked something before, about which order, and what."""
    return " · ".join(filter(None, (query.asked_by, query.order_reference, query.subject)))


def _offered(typed: Sequence[str], seller: Seller) -> list[CustomerQuery]:
    """Return a query of each customer and order that is meant, the latest."""
    offered: dict[tuple[int, str], CustomerQuery] = {}
    for words in typed:
        for query in asked_before(words, seller=seller).with_people()[:50]:
            offered.setdefault((query.customer_id, query.order_reference), query)
    return list(offered.values())


class AskForm(forms.Form):
    """A question of a customer; the page itself keeps, signed by us, who it is and about what.

    The marketplace's statement lives for a quarter of an hour, and typing may take longer.
    """

    subject = forms.CharField(
        label=_("What is it about?"),
        max_length=200,
        error_messages={
            "required": _("Say in a few words what it is about."),
            "max_length": _("That is %(show_value)d characters long and %(limit_value)d fit."),
        },
    )
    body = TypedText(
        label=_("Your question"),
        max_length=QUESTION_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        error_messages={
            "required": _("Write your question."),
            "max_length": _(
                "Your question is %(show_value)d characters long and %(limit_value)d fit. "
                "Shorten it."
            ),
        },
    )
    attachments = AttachmentsField()


class AssignForm(forms.Form):
    """Who is to answer; nobody when it stays empty."""

    assignee = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label=_("Assign to"),
        empty_label=_("Nobody"),
    )

    def __init__(self, *args: Any, seller: Seller, **kwargs: Any) -> None:
        """Offer who may answer for a shop."""
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.answering_for(seller)


class SnoozeForm(forms.Form):
    """Until when a query sleeps: one of the buttons, as before, or a moment that is typed."""

    AGAIN: Final = "again"
    MOMENT: Final = "moment"

    until = forms.ChoiceField(
        choices=[(each, each) for each in (*Snooze, AGAIN, MOMENT)],
        error_messages={"required": _("Choose until when.")},
    )
    moment = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, query: CustomerQuery, now: datetime, **kwargs: Any) -> None:
        """Ask about a query at a moment."""
        super().__init__(*args, **kwargs)
        self.query, self.now = query, now

    def clean(self) -> dict[str, Any]:
        """Put the moment itself in `until`."""
        chosen = self.cleaned_data
        match chosen.get("until"):
            case None:
                return chosen
            case self.AGAIN:
                until = self.query.snooze_cut_short
            case self.MOMENT:
                until = chosen.get("moment")
            case choice:
                until = wakes_at(Snooze(choice), now=self.now, zone=settings.MARKETPLACE_ZONE)
        if not self.errors and (until is None or not self.now < until < self.now + LONGEST_SNOOZE):
            raise forms.ValidationError(_("Choose a moment within a year from now."))
        return {**chosen, "until": until}


def kept(statement: Statement) -> str:
    """Return a statement as a page keeps it while somebody types."""
    return signing.dumps(asdict(statement), salt=STATEMENT_SALT, compress=True)


def read_kept(posted: Mapping[str, str]) -> Statement:
    """Return the statement that a page kept. Raises StatementRefused."""
    try:
        fields = signing.loads(posted.get("kept", ""), salt=STATEMENT_SALT, max_age=TIME_TO_TYPE)
    except signing.SignatureExpired as error:
        raise StatementRefused(StatementProblem.TOO_OLD) from error
    except signing.BadSignature as error:
        raise StatementRefused(StatementProblem.NOT_SIGNED) from error
    return Statement(**fields)

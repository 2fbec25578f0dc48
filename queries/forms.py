"""What a shop's people and its customers fill in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from django import forms
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from queries.attachments import (
    MAX_FILES,
    AttachmentRefused,
    CheckedFile,
    check_upload,
    too_many,
)
from queries.enums import DraftKind, StatementProblem
from queries.models import CustomerQuery, Order
from queries.placeholders import MARKS, unknown_marks
from queries.search import asked_before
from queries.snoozes import Snooze, wakes_at
from queries.statements import Statement, StatementRefused
from sellers.enums import Language
from sellers.forms import Line
from sellers.lines import one_line
from sellers.models import Seller, User

# What is said when the disk is full; all of the form is kept.
NO_FILES_NOW = _("Files cannot be stored at the moment. Nothing was sent.")
TOO_FAST = _("Many messages came by this link just now. Wait a minute, then send yours again.")
COMPOSER = "composer"  # the form on the page; what belongs to it may be elsewhere
NOTE_COMPOSER = "note"  # that of an internal note
REPLY_MAX_LENGTH = 10_000
DRAFT_MAX_LENGTH = 2 * REPLY_MAX_LENGTH
QUESTION_MAX_LENGTH = 10_000
STATEMENT_SALT: Final = "queries.statement"
FORM_KEY_SALT: Final = "queries.form_key"
TIME_TO_TYPE: Final = timedelta(days=1)
LONGEST_SNOOZE: Final = timedelta(days=366)
REASON_MIN_LENGTH, REASON_MAX_LENGTH = 10, 1_000
PREDICTIONS = [("", _("No prediction")), *((score, str(score)) for score in range(11))]


class TypedText(forms.CharField):
    """Text of so many characters as people count them: browsers send two where a line ends."""

    def to_python(self, value: Any) -> str:
        """Return the text with its line ends as they were typed."""
        return (super().to_python(value) or "").replace("\r\n", "\n")


class AnyText(TypedText):
    """Text that is kept whatever is in it, but for what the database cannot store."""

    def to_python(self, value: Any) -> str:
        """Return the text without what is no character."""
        return super().to_python(value).replace("\0", "")


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


class CloseManyForm(forms.Form):
    """The prediction for all of the queries that are closed at once."""

    predicted_score = PredictionField()


class ReplyForm(forms.Form):
    """An answer to the customer, and the prediction for when the query is closed with it."""

    use_required_attribute = False  # a query may be closed without a reply

    body = TypedText(
        label=_("Your reply"),
        max_length=REPLY_MAX_LENGTH,
        widget=forms.Textarea(
            attrs={"rows": 4, "dir": "auto", "placeholder": _("Write your reply…")}
        ),
        error_messages={"required": _("Write your reply first.")},
    )
    attachments = AttachmentsField()
    predicted_score = PredictionField()


class ClosingForm(ReplyForm):
    """The last answer, or none: the same boxes, of which all may stay empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].required = False

    def clean(self) -> None:
        """Refuse files without a word."""
        if self.cleaned_data.get("attachments") and not self.cleaned_data.get("body"):
            self.add_error("body", self.fields["body"].error_messages["required"])


class NoteForm(forms.Form):
    """What only the shop's own people read."""

    use_required_attribute = False

    body = TypedText(
        label=_("Your note"),
        max_length=REPLY_MAX_LENGTH,
        widget=forms.Textarea(
            attrs={"rows": 4, "dir": "auto", "placeholder": _("Only your team reads this…")}
        ),
        error_messages={"required": _("Write your note first.")},
    )


class DraftForm(forms.Form):
    """What somebody is still writing: whatever it is, it is kept."""

    kind = forms.ChoiceField(choices=DraftKind.choices)
    body = AnyText(required=False, strip=False)
    predicted_score = PredictionField()

    def clean_body(self) -> str:
        """Return as much as will ever be taken."""
        typed: str = self.cleaned_data["body"]
        return typed[:DRAFT_MAX_LENGTH]


class NoReplyNeededForm(forms.Form):
    """Why what the customer wrote last needs no reply."""

    why = forms.CharField(
        label=_("Why not?"),
        max_length=REASON_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"form": COMPOSER}),
    )


class QueryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no [] when it runs
    """One of some queries, each told by its subject and the day on which it was asked."""

    def label_from_instance(self, obj: Any) -> str:
        """Return how a query is offered."""
        asked_at = obj.asked_at.astimezone(settings.MARKETPLACE_ZONE)
        return f"{obj} ({date_format(asked_at, 'j F Y')})"


class DuplicateForm(forms.Form):
    """Which other query of the same customer is kept."""

    kept = QueryField(
        CustomerQuery.objects.none(),
        label=_("Duplicate of"),
        empty_label=None,
        widget=forms.RadioSelect(attrs={"form": COMPOSER}),
        error_messages={
            "required": _("Choose the query that is kept."),
            "invalid_choice": _("This query cannot be kept: choose another."),
        },
    )

    def __init__(self, *args: Any, query: CustomerQuery, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.fields["kept"]
        assert isinstance(kept, QueryField)
        kept.queryset = query.possible_originals()


class HandOverForm(forms.Form):
    """Handing over to the marketplace, with a reason."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("Why do you hand it over?"),
        help_text=_("Staff of the marketplace read this, the customer does not."),
        min_length=REASON_MIN_LENGTH,
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "form": COMPOSER}),
    )


class SavedReplyForm(forms.Form):
    """A text to use again, with marks for what differs."""

    title = forms.CharField(label=_("Name"), max_length=80)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("All languages")), *Language.choices], required=False
    )
    body = TypedText(
        label=_("Text"),
        max_length=REPLY_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )

    def clean_body(self) -> str:
        """Refuse a mark that nothing can be put in the place of."""
        body: str = self.cleaned_data["body"]
        if unknown := unknown_marks(body):
            raise forms.ValidationError(
                _("Nothing can be put in the place of %(unknown)s. These can be used: %(known)s."),
                params={"unknown": ", ".join(unknown), "known": ", ".join(MARKS)},
            )
        return body


class CustomerReplyForm(forms.Form):
    """What a customer writes back, on the page that the link leads to."""

    body = forms.CharField(
        label=_("Your message"),
        max_length=REPLY_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        error_messages={"required": _("Write your message first.")},
    )
    attachments = AttachmentsField()


class PhoneContactForm(forms.Form):
    """A contact by phone that is over.

    Whoever asked this shop something before and fits the name, address or order that was typed is
    offered, and who bought what has that number: then it must be said who of them called, or that
    it was somebody new.
    """

    NEW: Final = "new"
    MOST_OFFERED: Final = 8

    name = Line(
        label=_("Who called?"),
        max_length=120,
        help_text=_("A name, an order number, or the e-mail address of somebody who asked before."),
    )
    order_reference = Line(label=_("Order number"), max_length=40, required=False)
    earlier = forms.ChoiceField(
        label=_("Is it one of these?"), required=False, widget=forms.RadioSelect
    )
    subject = Line(label=_("What was it about?"), max_length=200)
    note = forms.CharField(
        label=_("What did you agree?"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only you and your team read this: it is mailed to nobody."),
    )
    predicted_score = PredictionField()

    def __init__(self, *args: Any, seller: Seller | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = [one_line(self.data.get(name, "")) for name in ("name", "order_reference")]
        self.offered = _offered(typed, seller, most=self.MOST_OFFERED) if seller else {}
        earlier = self.fields["earlier"]
        assert isinstance(earlier, forms.ChoiceField)
        earlier.choices = [
            *((key, _as_caller(each)) for key, each in self.offered.items()),
            (self.NEW, _("Somebody new")),
        ]

    def clean_earlier(self) -> CustomerQuery | Order | None:
        """Return what who called asked or bought, nothing for somebody new; it must be said."""
        chosen = self.cleaned_data["earlier"]
        if self.offered and not chosen:
            raise forms.ValidationError(_("Choose who called, or somebody new."))
        return self.offered.get(chosen)

    def clean(self) -> None:
        """Refuse an address for a name."""
        name, earlier = self.cleaned_data.get("name", ""), self.cleaned_data.get("earlier")
        if "@" in name and not earlier and "earlier" not in self.errors:
            self.add_error("name", _("Nobody with this address asked you anything. Type a name."))


def _as_caller(earlier: CustomerQuery | Order) -> str:
    """Return who asked or bought before, the number of the order, and what."""
    if isinstance(earlier, Order):
        bought = ", ".join(item.name for item in earlier.items.all())
        parts = (earlier.bought_by, earlier.reference, bought)
    else:
        parts = (earlier.asked_by, earlier.order_reference, earlier.subject)
    return " · ".join(filter(None, parts))


def _offered(
    typed: Sequence[str], seller: Seller, *, most: int
) -> dict[str, CustomerQuery | Order]:
    """Return of each customer and order that is meant the latest query, or else the order itself.

    By what the form calls it.
    """
    offered: dict[tuple[int | None, str], tuple[str, CustomerQuery | Order]] = {}
    for words in typed:
        for query in asked_before(words, seller=seller).with_people()[:50]:
            found = str(query.pk), query
            offered.setdefault((query.customer_id, query.order_reference), found)
    for order in Order.objects.for_seller(seller).known_as(*typed).with_items():
        offered.setdefault((order.customer_id, order.reference), (f"order-{order.pk}", order))
    return dict(list(offered.values())[:most])


class AskForm(forms.Form):
    """A question of a customer; the page itself keeps, signed by us, who it is and about what.

    The marketplace's statement lives for a quarter of an hour, and typing may take longer.
    """

    subject = Line(
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


@dataclass(frozen=True, slots=True)
class FormKey:
    """What tells one form of a query's page from all others, and for whom the page was made.

    It is signed: whoever was logged out meanwhile proves with it whose words are to be kept.
    """

    key: UUID
    query_id: int
    user_id: int

    @classmethod
    def of(cls, key: UUID, *, query: CustomerQuery, user: User) -> str:
        """Return a key as a page keeps it."""
        return signing.dumps([key.hex, query.pk, user.pk], salt=FORM_KEY_SALT)

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> Self | None:
        """Return the key that a page kept; None when it kept none of ours."""
        try:
            key, query_id, user_id = signing.loads(posted.get("form_key", ""), salt=FORM_KEY_SALT)
        except signing.BadSignature:
            return None
        return cls(UUID(key), query_id, user_id)

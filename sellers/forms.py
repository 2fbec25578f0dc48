"""What people fill in about accounts and teams."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.forms import ResetPasswordForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sellers.enums import DEFAULT_SCOPES, SELLER_SCOPES, AlertKind, Language, NoticeKind, Role
from sellers.lines import one_line
from sellers.models import AlertPreferences, Membership, Seller, User
from sellers.models.alerts import HIGHEST_SCORE
from sellers.notices import notify


class Line(forms.CharField):
    """Text of one line, as it will be stored."""

    def to_python(self, value: Any) -> str:
        """Return the text without what nobody sees in it."""
        return one_line(super().to_python(value) or "")


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


class TeamInvitationForm(forms.Form):
    """Who is asked to join the team of a shop, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=Role.choices, initial=Role.AGENT, widget=forms.RadioSelect
    )


class RoleForm(forms.Form):
    """What a member becomes."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)


class HandToForm(forms.Form):
    """Who gets what a colleague has in hand; nobody in particular when it is left empty."""

    hand_to = forms.ModelChoiceField(
        label=_("Open queries go to"),
        queryset=Membership.objects.none(),
        required=False,
        empty_label=_("Nobody yet: whoever picks them up"),
    )

    def __init__(self, *args: Any, leaving: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = Membership.objects.for_seller(leaving.seller).answering()
        field: Any = self.fields["hand_to"]
        field.queryset = team.exclude(pk=leaving.pk)
        field.label_from_instance = lambda member: str(member.user)


class NewAccountForm(forms.Form):
    """Who was invited, and has no account yet."""

    name = Line(
        label=_("Your name"),
        max_length=120,
        help_text=_("Your colleagues and customers see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        max_length=128,
        strip=False,
        help_text=_("At least 8 characters; three or four words that only you think of are fine."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email

    def clean(self) -> dict[str, Any]:
        """Refuse a password that others would guess, also from the name or address."""
        given = self.cleaned_data
        if "password" in given:
            user = User(email=self._email, name=given.get("name", ""))
            try:
                validate_password(given["password"], user)
            except forms.ValidationError as refused:
                self.add_error("password", refused)
        return given


class ShopSettingsForm(forms.Form):
    """What an owner sets for the whole shop."""

    worst_scores_to = forms.ModelChoiceField(
        label=_("Who follows up on scores of 0 to 2"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("The owner"),
        help_text=_("Whoever was scored does not do it themselves while a colleague can."),
    )
    account_contact = forms.ModelChoiceField(
        label=_("Account contact"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("The owner"),
        help_text=_("Whom the playbook says to inform about an unhappy customer."),
    )
    requires_prediction = forms.BooleanField(
        label=_("Closing a query needs a prediction of the score"), required=False
    )
    compares_agents = forms.BooleanField(
        label=_("Show me how well each colleague predicts"), required=False
    )
    alerts_quote_customers = forms.BooleanField(
        label=_("Alerts by mail carry what the customer wrote"),
        required=False,
        help_text=_("Mail may end in a private mailbox: without it, an alert has score and link."),
    )

    def __init__(self, *args: Any, seller: Seller, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(seller, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        members = Membership.objects.for_seller(seller).filter(user__is_active=True)
        worst: Any = self.fields["worst_scores_to"]
        worst.queryset = User.objects.answering_for(seller)
        contact: Any = self.fields["account_contact"]
        contact.queryset = User.objects.filter(pk__in=members.values("user")).order_by("name", "pk")
        for field in (worst, contact):
            field.label_from_instance = str

    @property
    def switches(self) -> list[forms.BoundField]:
        """Return what is either so or not, for the page."""
        return [field for field in self if isinstance(field.field, forms.BooleanField)]


class ApiClientForm(forms.Form):
    """A program of the shop, and what it may do."""

    name = Line(
        label=_("Name"),
        max_length=80,
        help_text=_("What you call the program, such as CRM or dashboard."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(scope.value, scope.label) for scope in SELLER_SCOPES],
        initial=list(DEFAULT_SCOPES),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick what it may do: at least one thing.")},
    )


class OwnSettingsForm(forms.Form):
    """What is a reader's own to set; a signature for each of their shops."""

    name = Line(
        label=_("Your name"),
        max_length=120,
        help_text=_("Your colleagues and customers see it."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=Language.choices,
        help_text=_("Of your pages, and of the mails that you get."),
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, user: User, memberships: Iterable[Membership], **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"name": user.name, "language": user.language}
        super().__init__(*args, **kwargs)
        self._answering = [one for one in memberships if one.may_answer]
        for one in self._answering:
            self.fields[f"signature_{one.pk}"] = forms.CharField(
                label=_("Signature at %(seller)s") % {"seller": one.seller},
                initial=one.signature,
                max_length=1_000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    @property
    def signature_fields(self) -> list[forms.BoundField]:
        """Return the boxes of the signatures, for the page."""
        return [self[f"signature_{one.pk}"] for one in self._answering]

    @property
    def signatures(self) -> dict[int, str]:
        """Return what was filled in, by membership."""
        given = self.cleaned_data
        return {one.pk: given[f"signature_{one.pk}"].strip() for one in self._answering}


@dataclass(frozen=True, slots=True)
class AlertFields:
    """The two boxes of one kind of alert."""

    kind: AlertKind
    listed: forms.BoundField
    mailed: forms.BoundField


class AlertsForm(forms.Form):
    """What a reader wants to be told of, of all that a member of their shops can be told of."""

    low_score_at_most = forms.TypedChoiceField(
        label=_("A score is low from"),
        coerce=int,
    )
    quiet_from = forms.TimeField(
        label=_("No mails from"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    quiet_until = forms.TimeField(
        label=_("until"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def __init__(
        self,
        *args: Any,
        preferences: AlertPreferences,
        memberships: Iterable[Membership],
        **kwargs: Any,
    ) -> None:
        chosen = ("low_score_at_most", "quiet_from", "quiet_until")
        kwargs["initial"] = {name: getattr(preferences, name) for name in chosen}
        super().__init__(*args, **kwargs)
        rights = list(memberships)
        self._kinds = [kind for kind in AlertKind if any(one.may_be_told(kind) for one in rights)]
        if AlertKind.LOW_SCORE in self._kinds:
            low: Any = self.fields["low_score_at_most"]
            low.choices = [(score, _at_most(score)) for score in range(HIGHEST_SCORE + 1)]
        else:
            del self.fields["low_score_at_most"]
        for field in (self.fields["quiet_from"], self.fields["quiet_until"]):
            field.widget.format = "%H:%M"  # what browsers want
        for kind in self._kinds:
            self._add_box(f"listed_{kind}", is_on=preferences.lists(kind))
            self._add_box(f"mailed_{kind}", is_on=preferences.mails(kind))

    @property
    def kinds(self) -> list[AlertFields]:
        """Return the boxes, for the page."""
        return [
            AlertFields(kind, self[f"listed_{kind}"], self[f"mailed_{kind}"])
            for kind in self._kinds
        ]

    @property
    def quiet_fields(self) -> list[forms.BoundField]:
        """Return both ends of the quiet hours, for the page."""
        return [self["quiet_from"], self["quiet_until"]]

    def switched_off(self, way: str, before: Iterable[str]) -> list[AlertKind]:
        """Return what is not wanted "listed" or "mailed"; what the page did not ask stays."""
        unasked = [AlertKind(kind) for kind in before if kind not in self._kinds]
        return unasked + [kind for kind in self._kinds if not self.cleaned_data[f"{way}_{kind}"]]

    def clean(self) -> dict[str, Any]:
        """Refuse half of the quiet hours, and those that never end."""
        given = self.cleaned_data
        begin, end = given.get("quiet_from"), given.get("quiet_until")
        if (begin is None) != (end is None) and not self.errors:
            missing = "quiet_until" if end is None else "quiet_from"
            self.add_error(missing, _("Fill in both times, or neither."))
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _("Choose two different times."))
        return given

    def _add_box(self, name: str, *, is_on: bool) -> None:
        self.fields[name] = forms.BooleanField(initial=is_on, required=False)


def _at_most(score: int) -> str:
    """Return what a threshold says."""
    return gettext("%(score)s or lower") % {"score": score} if score else gettext("only 0")

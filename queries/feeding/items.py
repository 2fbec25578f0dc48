"""What can be told of, and how it is written: one form for the door, the batch and the file."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError as Invalid
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from queries.enums import ActorType, Author, Channel, FedKind
from queries.forms import REASON_MAX_LENGTH, REPLY_MAX_LENGTH
from queries.models import EXTERNAL_ID, SOURCE
from sellers.addresses import normalised_email
from sellers.api.fields import SentSerializer, one_of
from sellers.enums import Language, Role
from sellers.lines import one_line
from sellers.models import FIRST_DAY, LAST_DAY
from sellers.models.shops import refuse_unknown_region

MOST_LINES: Final = 200  # of one order
FIRST_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
CLOCKS_DIFFER: Final = timedelta(minutes=5)
HALVES: Final = re.compile("[\ud800-\udfff]")  # halves of characters
ID_FORM: Final = gettext_lazy("1 to 100 visible ASCII characters, without spaces and slashes.")
WRITERS: Final = [each for each in Author.choices if each[0] != Author.OTHER]

KEY: Final = ("kind", "external_id")  # as an item of a batch or a file says it
Key = tuple[str, str]


class DayField(serializers.DateField):
    """A day that can be stored."""

    def __init__(self, **options: Any) -> None:
        limits = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(validators=limits, **options)


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One thing that the platform told of, as it was read."""

    kind: FedKind
    external_id: str
    told: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Return what the platform knows it by."""
        return self.kind.value, self.external_id

    @property
    def at(self) -> datetime:
        """Return when it was so, or happened, at the platform."""
        moment: datetime = self.told["occurred_at"]
        return moment

    @property
    def parents(self) -> list[Key]:
        """Return what it belongs to, which has to be there first."""
        of_same_id = FORMS[self.kind].same_id_as
        return [
            *([(of_same_id.value, self.external_id)] if of_same_id else []),
            *(
                (kind.value, self.told[name])
                for name, kind in BELONGS_TO.items()
                if self.told.get(name) and kind != self.kind
            ),
        ]

    def as_json(self) -> Any:
        """Return it as it can be stored and read again, to the microsecond."""
        return json.loads(json.dumps(self.told, default=str))


class Unreadable(Exception):
    """An item that cannot be taken as it is; `error` says what is wrong."""

    def __init__(self, error: ValidationError) -> None:
        super().__init__(str(error))
        self.error = error


class LineField(serializers.CharField):
    """Text of one line: what nobody sees is left out."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text as it is stored."""
        return one_line(super().to_internal_value(data))

    def run_validators(self, value: Any) -> None:
        """Refuse a text in which nothing can be seen where one is needed."""
        if not value and not self.allow_blank:
            self.fail("blank")
        super().run_validators(value)


class WordsField(serializers.CharField):
    """What somebody wrote, of so many characters as people count them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=REPLY_MAX_LENGTH, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the text with its line ends as they were typed."""
        return super().to_internal_value(data).replace("\r\n", "\n")


class AddressField(serializers.EmailField):
    """An e-mail address in the one form in which they are stored."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the address in lower case, its domain as DNS knows it."""
        return normalised_email(super().to_internal_value(data))


class ExternalIdField(serializers.RegexField):
    """An id of the platform's own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(EXTERNAL_ID, error_messages={"invalid": ID_FORM}, **options)


class MomentField(serializers.DateTimeField):
    """A moment, which says of which zone it is."""

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a moment without one."""
        if value.utcoffset() is None:
            raise serializers.ValidationError(
                _("Say of which zone this moment is, such as 2026-11-02T09:30:00Z.")
            )
        return super().enforce_timezone(value)


class TellingSerializer(SentSerializer):
    """What every item says: when it was so."""

    same_id_as: ClassVar[FedKind | None] = None  # whose id it has, when it has none of its own

    occurred_at = MomentField(
        default_timezone=UTC,
        help_text="When it happened, or was so, at yours; with its zone. What is older than what "
        "is known changes nothing.",
    )

    def validate_occurred_at(self, value: datetime) -> datetime:
        """Refuse what cannot be, and what is still to come."""
        if not FIRST_MOMENT <= value <= self.context["now"] + CLOCKS_DIFFER:
            raise serializers.ValidationError(_("From the year 2000 until now."))
        return value


class SellerSerializer(TellingSerializer):
    """A shop."""

    name = LineField(max_length=120)
    country = serializers.RegexField(r"^[A-Z]{2}$", help_text="Two capitals, such as NL.")
    region = LineField(
        max_length=20, required=False, allow_blank=True, default="", help_text="Such as BY."
    )
    contact_email = AddressField()
    joined_on = DayField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a region that the country has not."""
        try:
            refuse_unknown_region(attrs["country"], attrs["region"])
        except Invalid as error:
            raise serializers.ValidationError({"region": error.messages}) from error
        return attrs


class MemberSerializer(TellingSerializer):
    """Somebody who works at a shop. An account of theirs is made once, and then their own."""

    seller = ExternalIdField(help_text="Your id of the shop.")
    email = AddressField(help_text="With which they log in; never changes.")
    name = LineField(max_length=120)
    language = serializers.ChoiceField(choices=Language.choices, default=Language.DUTCH)
    role = serializers.ChoiceField(choices=Role.choices)
    active = serializers.BooleanField(default=True, help_text="False once they left the shop.")


class CustomerSerializer(TellingSerializer):
    """Somebody who asks or buys."""

    number = LineField(
        max_length=64,
        required=False,
        allow_blank=True,
        default="",
        help_text="Your own number of the customer; without it the address is the key.",
    )
    name = LineField(max_length=120, required=False, allow_blank=True, default="")
    email = AddressField(required=False, allow_blank=True, default="")
    shared = serializers.BooleanField(
        default=False, help_text="Whether several people use this address."
    )
    masked = serializers.BooleanField(
        default=False, help_text="Whether this address stands for the customer’s own."
    )
    language = serializers.ChoiceField(choices=Language.choices)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse somebody who cannot be told from others."""
        if not attrs["number"] and (attrs["shared"] or attrs["masked"] or not attrs["email"]):
            raise serializers.ValidationError(
                {"number": [_("Needed where the address is none, shared or masked.")]}
            )
        return attrs


class OrderLineSerializer(SentSerializer):
    """So many of one thing."""

    name = LineField(max_length=200)
    quantity = serializers.IntegerField(min_value=1, max_value=32_767, default=1)
    price = serializers.DecimalField(
        max_digits=10,
        decimal_places=2,
        min_value=0,
        allow_null=True,
        default=None,
        help_text="Of one, in euros.",
    )
    warranty_until = DayField(allow_null=True, default=None)
    serial_number = LineField(max_length=60, required=False, allow_blank=True, default="")


class OrderSerializer(TellingSerializer):
    """What somebody bought at a shop, with its track and trace."""

    seller = ExternalIdField(help_text="Your id of the shop.")
    customer = ExternalIdField(
        required=False, allow_null=True, default=None, help_text="Your id of who bought it."
    )
    reference = LineField(max_length=40, help_text="The order number as the customer knows it.")
    ordered_on = DayField()
    delivered_on = DayField(allow_null=True, default=None)
    carrier = LineField(max_length=60, required=False, allow_blank=True, default="")
    tracking_code = LineField(max_length=60, required=False, allow_blank=True, default="")
    tracking_url = serializers.RegexField(
        r"^https://[^\s/@]+(/\S*)?$",
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="A page of the carrier: https.",
    )
    items = serializers.ListField(
        child=OrderLineSerializer(), required=False, default=list, max_length=MOST_LINES
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what came before it was ordered."""
        if attrs["delivered_on"] and attrs["delivered_on"] < attrs["ordered_on"]:
            raise serializers.ValidationError({"delivered_on": [_("Before it was ordered.")]})
        return attrs


class BounceSerializer(TellingSerializer):
    """That mail to an address of a customer was refused for good, or came back later."""

    customer = ExternalIdField(help_text="Your id of the customer.")
    email = AddressField(help_text="The address: no mail goes there until staff lift that.")
    message_id = LineField(
        max_length=255,
        required=False,
        allow_blank=True,
        default="",
        help_text="The Message-ID of the mail, when it was one of the portal’s: a survey that "
        "bounced does not count for the rest.",
    )


class QuerySerializer(TellingSerializer):
    """What a customer asks a shop, with the first message."""

    seller = ExternalIdField(help_text="Your id of the shop.")
    customer = ExternalIdField(help_text="Your id of who asks.")
    subject = LineField(max_length=200)
    body = WordsField(help_text="The first message.")
    channel = serializers.ChoiceField(choices=Channel.choices, default=Channel.WEB)
    language = serializers.ChoiceField(
        choices=Language.choices,
        required=False,
        allow_blank=True,
        help_text="In which they ask; without it that of the customer.",
    )
    order_reference = LineField(max_length=40, required=False, allow_blank=True, default="")
    contact_email = AddressField(
        required=False,
        allow_blank=True,
        default="",
        help_text="Where answers to this one and its survey go, such as an address of this order.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Say of a language that nobody named that it is none."""
        return {"language": "", **attrs}


class MessageSerializer(TellingSerializer):
    """What was written in a query after the first message."""

    query = ExternalIdField(help_text="Your id of the query.")
    author = serializers.ChoiceField(choices=WRITERS)
    agent = ExternalIdField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Your id of the member of the shop who wrote it.",
    )
    body = WordsField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an agent of another side than the shop's."""
        if attrs["agent"] and attrs["author"] != Author.SELLER:
            raise serializers.ValidationError({"agent": [_("Only of the shop.")]})
        return attrs


class HandoverSerializer(TellingSerializer):
    """That a query was handed over to the marketplace."""

    query = ExternalIdField(help_text="Your id of the query.")
    agent = ExternalIdField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Your id of the member of the shop who handed it over; null for anybody else.",
    )
    reason = serializers.CharField(
        max_length=REASON_MAX_LENGTH, help_text="Why: staff and the shop read it."
    )


class HandbackSerializer(TellingSerializer):
    """That a query came back from the marketplace to the shop."""

    query = ExternalIdField(help_text="Your id of the query.")


class ClosingSerializer(TellingSerializer):
    """That a query was closed."""

    query = ExternalIdField(help_text="Your id of the query.")
    actor = serializers.ChoiceField(choices=ActorType.choices)
    agent = ExternalIdField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Your id of the member of the shop who closed it: must for seller.",
    )
    predicted_score = serializers.IntegerField(
        min_value=0, max_value=10, allow_null=True, default=None
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a closing by the shop of which nobody knows whose, and the other way round."""
        is_seller_s = attrs["actor"] == ActorType.SELLER
        if is_seller_s and not attrs["agent"]:
            raise serializers.ValidationError({"agent": [_("Say who of the shop closed it.")]})
        if not is_seller_s and attrs["agent"]:
            raise serializers.ValidationError({"agent": [_("Only of the shop.")]})
        if not is_seller_s and attrs["predicted_score"] is not None:
            raise serializers.ValidationError({"predicted_score": [_("Only of the shop.")]})
        return attrs


# An app above this one adds its own (`register` in queries/feeding/single.py).
FORMS: Final[dict[FedKind, type[TellingSerializer]]] = {
    FedKind.SELLER: SellerSerializer,
    FedKind.MEMBER: MemberSerializer,
    FedKind.CUSTOMER: CustomerSerializer,
    FedKind.ORDER: OrderSerializer,
    FedKind.BOUNCE: BounceSerializer,
    FedKind.QUERY: QuerySerializer,
    FedKind.MESSAGE: MessageSerializer,
    FedKind.HANDOVER: HandoverSerializer,
    FedKind.HANDBACK: HandbackSerializer,
    FedKind.CLOSING: ClosingSerializer,
}
BELONGS_TO: Final = {
    "seller": FedKind.SELLER,
    "agent": FedKind.MEMBER,
    "customer": FedKind.CUSTOMER,
    "query": FedKind.QUERY,
}


def is_source(text: str) -> bool:
    """Return whether a platform can be called this."""
    return re.fullmatch(SOURCE, text) is not None


def key_of(told: Any) -> tuple[FedKind, str]:
    """Return of what an item of a batch or a file tells. Raises Unreadable."""
    wrong: dict[str, list[str]] = {}
    if not isinstance(told, Mapping):
        raise Unreadable(ValidationError({"kind": [_("An item is an object.")]}))
    kind, external_id = told.get("kind"), told.get("external_id")
    if kind not in FedKind.values:
        wrong["kind"] = [one_of(", ".join(FedKind.values))]
    if not isinstance(external_id, str) or not re.fullmatch(EXTERNAL_ID, external_id):
        wrong["external_id"] = [str(ID_FORM)]
    if wrong:
        raise Unreadable(ValidationError(wrong))
    return FedKind(str(kind)), str(external_id)


def _without_key(told: Mapping[str, Any], key: Key) -> dict[str, Any]:
    """Return what is told beside its own name. Raises Unreadable when that is another's."""
    own = dict(zip(KEY, key, strict=True))
    if others := [name for name in KEY if told.get(name, own[name]) != own[name]]:
        reason = _("The address of this request names another one.")
        raise Unreadable(ValidationError({name: [reason] for name in others}))
    return {name: each for name, each in told.items() if name not in KEY}


class Reader:
    """Reads items; a form for each kind is made once, which takes longer than to read one."""

    def __init__(self, *, now: datetime) -> None:
        self._forms = {kind: form(context={"now": now}) for kind, form in FORMS.items()}

    def read(self, kind: FedKind, external_id: str, told: Any) -> Item:
        """Return what is told of one thing, which may name itself. Raises Unreadable."""
        if isinstance(told, Mapping) and HALVES.search(json.dumps(told, ensure_ascii=False)):
            reason = _("A character in this is none that can be stored.")
            raise Unreadable(ValidationError([reason]))
        if isinstance(told, Mapping):
            told = _without_key(told, (kind.value, external_id))
        try:
            return Item(kind, external_id, self._forms[kind].run_validation(told))
        except ValidationError as error:
            raise Unreadable(error) from error

    def read_any(self, told: Any) -> Item:
        """Return what an item says that names its kind and id itself. Raises Unreadable."""
        return self.read(*key_of(told), told)

"""What the fields of the API have in common: moments, texts and people, in and out."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC
from itertools import islice
from typing import Any, Final

from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from sellers.lines import one_line
from sellers.models import User

MOST_NAMED, LONGEST_NAME = 20, 80  # of what is refused
PRIMARY_KEY: Final = re.compile(r"[0-9]{1,18}")


class MomentField(serializers.DateTimeField):
    """A moment in UTC, written with a Z."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default_timezone=UTC, **kwargs)


@extend_schema_field(OpenApiTypes.NUMBER)
class RoundedField(serializers.Field[Any, Any, Any, Any]):
    """A number as precise as people read it: 24, 24.6."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, value: Any) -> float | int:
        """Return a JSON number, without decimals where it has none."""
        return int(value) if value == int(value) else float(value)


class TextField(serializers.CharField):
    """Text, and nothing that can be made into text."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text with its line ends as they were typed."""
        if not isinstance(data, str):
            self.fail("invalid")
        text: str = super().to_internal_value(data)
        return text.replace("\r\n", "\n")


class LineField(TextField):
    """Text of one line, as it will be stored."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text without what nobody sees in it."""
        return one_line(super().to_internal_value(data))


class PersonSerializer(serializers.Serializer[User]):
    """Somebody of the shop, or who was."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField(source="__str__")


@extend_schema_field(OpenApiTypes.STR)
class ColleagueField(serializers.Field[Any, Any, Any, Any]):
    """Somebody who may answer for the shop, by the id that the list of members has."""

    default_error_messages = {"unknown": _("Choose somebody who may answer for this shop.")}

    def to_internal_value(self, data: object) -> User:
        """Return who it is. Raises ValidationError."""
        answering = User.objects.answering_for(self.context["view"].seller)
        known = isinstance(data, str) and PRIMARY_KEY.fullmatch(data)
        found = answering.filter(pk=known[0]).first() if known else None
        if found is None:
            self.fail("unknown")
        return found


class SentSerializer(serializers.Serializer[Any]):
    """What a client sends. A name that is none of it is refused: else it is skipped unnoticed."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; of those with choices a refusal names them."""
        fields: dict[str, serializers.Field[Any, Any, Any, Any]] = super().get_fields()
        for field in fields.values():
            if isinstance(field, serializers.ChoiceField):
                field.error_messages["invalid_choice"] = one_of(", ".join(map(str, field.choices)))
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """Return what was sent. Raises ValidationError."""
        unknown = unknown_names(data, self.fields) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            said: Any = error.detail
            raise serializers.ValidationError({**said, **unknown}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return value


def unknown_names(sent: Iterable[Any], known: Collection[str]) -> dict[str, list[str]]:
    """Return what is wrong with the names that are not known, of at most a few."""
    strange = islice((str(name) for name in sent if name not in known), MOST_NAMED)
    there = ", ".join(sorted(known))
    said = gettext("There is none of this name. There are: %(names)s.") % {"names": there}
    reason = said if known else gettext("There is none of this name.")
    return {one_line(name)[:LONGEST_NAME]: [reason] for name in strange}


def one_of(choices: str) -> str:
    """Return what is said where something else was chosen."""
    return gettext("One of: %(choices)s.") % {"choices": choices}


def pk_or_404(written: str) -> int:
    """Return the primary key that an id is. Raises Http404 for what can be none."""
    if not PRIMARY_KEY.fullmatch(written):
        raise Http404
    return int(written)

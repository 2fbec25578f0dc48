"""The closed lists of this app."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Language(TextChoices):
    """A language that Nazorg speaks completely."""

    DUTCH = "nl", "Nederlands"
    ENGLISH = "en", "English"


class Role(TextChoices):
    """What a user is to a shop."""

    OWNER = "owner", _("Owner")
    AGENT = "agent", _("Agent")
    ANALYST = "analyst", _("Analyst")


class Right(StrEnum):
    """Something a member of a shop may do there."""

    READ = "read"
    ANSWER = "answer"  # reply to, close and reopen customer queries


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.AGENT: frozenset({Right.READ, Right.ANSWER}),
    Role.ANALYST: frozenset({Right.READ}),
}

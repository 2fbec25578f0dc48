"""Who of a shop is told of what."""

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Final

from sellers.enums import AlertKind

NOBODY: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The members of a shop who may log in, by primary key of the user; owners may answer too."""

    owners: Set[int] = field(default=NOBODY)
    answering: Set[int] = field(default=NOBODY)
    all: Set[int] = field(default=NOBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """Whom something concerns: whose task or query it is, whom the owner named, who did it."""

    assignee: int | None = None
    account_contact: int | None = None
    actor: int | None = None


def told_of(kind: AlertKind, team: Team, concerned: Concerned) -> Set[int]:
    """Return who is told, by primary key of the user; never who did it."""
    assignee = {concerned.assignee} & team.answering
    match kind:
        case AlertKind.LOW_SCORE:
            told = team.owners | assignee | ({concerned.account_contact} & team.all)
        case AlertKind.TASK_DUE:
            told = assignee
        case AlertKind.TASK_OVERDUE:
            told = team.owners | assignee
        case AlertKind.NEW_QUERY | AlertKind.DEADLINE:
            told = assignee or team.answering
        case AlertKind.STANDARD | AlertKind.DIGEST:
            told = team.all
    return {user for user in told if user is not None and user != concerned.actor}

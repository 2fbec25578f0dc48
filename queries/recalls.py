"""What a customer's earlier low score asks to come back to, above their next conversation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from queries.models import CustomerQuery


@dataclass(frozen=True, slots=True)
class Recall:
    """An earlier low score of the same customer at the same shop; empty is what nobody wrote.

    `query` is what it was about, `outcome` how the follow-up stands, in words.
    """

    score: int
    given_at: datetime
    reason: str
    outcome: str
    note: str
    promised: str
    query: CustomerQuery


def recall_of(query: CustomerQuery) -> Recall | None:
    """Return what to come back to in a conversation: an app above knows."""
    find: Any = import_string(settings.RECALL)
    found: Recall | None = find(query)
    return found

"""What is told of queries elsewhere: asked, said, closed, handed over or come back."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from queries.enums import Author, Channel, QueryEvent
from queries.models import Customer, CustomerQuery
from sellers.events import Actor
from sellers.models import Seller


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query that a customer asked elsewhere."""

    seller: Seller
    customer: Customer
    subject: str
    body: str
    channel: Channel
    contact_email: str
    order_reference: str
    language: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """A message that was written elsewhere; `by` is for which side and agent."""

    query: CustomerQuery
    author: Author
    body: str
    by: Actor
    at: datetime

    @property
    def kind(self) -> QueryEvent:
        """Return what it is to the query."""
        return QueryEvent.REACTED if self.author == Author.CUSTOMER else QueryEvent.REPLIED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ending:
    """A closing that was made elsewhere."""

    query: CustomerQuery
    predicted_score: int | None
    by: Actor
    at: datetime
    kind: ClassVar[QueryEvent] = QueryEvent.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Escalation:
    """A hand-over to the marketplace that was made elsewhere."""

    query: CustomerQuery
    reason: str
    by: Actor
    at: datetime
    kind: ClassVar[QueryEvent] = QueryEvent.HANDED_OVER


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Return:
    """That a query came back from the marketplace elsewhere."""

    query: CustomerQuery
    by: Actor
    at: datetime
    kind: ClassVar[QueryEvent] = QueryEvent.HANDED_BACK


Told = Words | Ending | Escalation | Return

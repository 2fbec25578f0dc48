"""Which queries mention what somebody typed.

The database keeps the words of every query (queries/models/search.py) and knows what is one word
in several spellings; of what was typed nothing is ever syntax (docs/decisions/0020-searching.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Concat

from queries.enums import QueryState
from queries.models import CustomerQueries, CustomerQuery, SearchDocument
from sellers.addresses import normalised_email
from sellers.models import Seller

MOST_LETTERS: Final = 200
# Of what was typed: who pastes a whole letter is looked for by its beginning.
MOST_WORDS: Final = 12
MANY: Final = 4_000  # queries that are found


class Sought(Func):
    """What finds the documents of a shop that have all these words."""

    function = "queries_sought"
    output_field = SearchQueryField()


class Mentions(Func):
    """Whether a document has the words."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


class IsAmong(Func):
    """Whether a number is in a list; of an empty one, too, the database is asked."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def has_words(typed: str) -> bool:
    """Return whether there is anything to search for: a letter or a digit."""
    return any(letter.isalnum() for letter in normalize("NFKD", typed[:MOST_LETTERS]))


@dataclass(frozen=True, slots=True)
class Found:
    """The condition for what a search finds; how many that are, counted up to one more than MANY.

    What is found no more often than that is a list: it fits every other condition and order. What
    is found more often is so frequent that a page of it is found by looking at one query after
    another. Left to the planner, which knows nothing of rare words that begin so, either can be
    taken for the other (docs/decisions/0020-searching.md).
    """

    condition: Q
    open: int
    closed: int

    def number(self, *, closed_alone: bool) -> int:
        """Return how many were counted, of all or of what is closed."""
        return self.closed if closed_alone else self.open + self.closed


def look_for(typed: str, *, seller: Seller) -> Found | None:
    """Look for the queries of a shop that have every word typed, or words that begin so.

    In any order, in subject, customer, order number, messages and notes; an e-mail address only as
    a whole. None when there is no word in it. Asks the database once.
    """
    if not has_words(typed):
        return None
    sought = _sought(typed, seller)
    found = Seller.objects.filter(pk=seller.pk).values_list(
        *(ArraySubquery(_documents(sought, closed=each)[: MANY + 1]) for each in (False, True))
    )
    open_pks, closed_pks = found.get()
    # Never gathered beforehand, as EXISTS may be: each query is asked for its words.
    words = Subquery(SearchDocument.objects.filter(pk=OuterRef("pk")).values("words"))
    many = Mentions(words, sought)
    return Found(
        condition=~Q(state=QueryState.CLOSED) & (_among(open_pks) or Q(many))
        | Q(state=QueryState.CLOSED) & (_among(closed_pks) or Q(many)),
        open=len(open_pks),
        closed=len(closed_pks),
    )


def mentioning(typed: str, *, seller: Seller) -> Q:
    """Return the condition for what `look_for` finds; without any word it is true."""
    found = look_for(typed, seller=seller)
    return found.condition if found else Q()


def asked_before(typed: str, *, seller: Seller) -> CustomerQueries:
    """Return a shop's queries of whom somebody means by a name, an address or an order.

    The latest first.
    """
    ours, typed = CustomerQuery.objects.for_seller(seller).with_texts(), typed.replace("\0", "")
    if not has_words(typed):
        return ours.none()
    sought = _sought(typed, seller)
    who = Concat("customer__name", Value(" "), "order_reference", output_field=TextField())
    is_meant = Q(
        Mentions(Func(Value(seller.pk, BigIntegerField()), who, function="queries_words"), sought)
    )
    meant = ours.filter(mentioning(typed, seller=seller)).filter(is_meant | _has_address(typed))
    return meant.latest_first()


def _has_address(typed: str) -> Q:
    """Return the condition that replies go to the address typed, as the shop knows it."""
    email = normalised_email(typed)
    return Q(contact_email=email) | Q(contact_email="", customer__email=email)


def _sought(typed: str, seller: Seller) -> Sought:
    words = typed[:MOST_LETTERS].replace("\0", "").split()[:MOST_WORDS]
    emails = [normalised_email(word) if "@" in word else "" for word in words]
    texts = ArrayField(TextField())
    return Sought(Value(seller.pk, BigIntegerField()), Value(words, texts), Value(emails, texts))


def _documents(sought: Sought, *, closed: bool) -> "QuerySet[SearchDocument, int]":
    """Return what is found, by one of the two indexes."""
    found = SearchDocument.objects.filter(Mentions("words", sought), closed=closed)
    return found.values_list("pk", flat=True)


def _among(pks: Sequence[int]) -> Q | None:
    """Return the condition to be one of these; None for too many."""
    return Q(IsAmong("pk", Value(pks, ArrayField(BigIntegerField())))) if len(pks) <= MANY else None

"""Which queries mention what somebody typed.

The database keeps the words of every query (queries/models/search.py) and knows what is one word
in several spellings; of what was typed nothing is ever syntax (docs/decisions/0020-searching.md).
"""

from typing import Final
from unicodedata import normalize

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField
from django.db.models import BigIntegerField, BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import Concat

from queries.models import CustomerQueries, CustomerQuery, SearchDocument
from sellers.addresses import normalised_email
from sellers.models import Seller

MOST_LETTERS: Final = 200
MOST_WORDS: Final = (
    12  # of what was typed; who pastes a whole letter is looked for by its beginning
)
FEW: Final = 1_000
NO_QUERY: Final = (0,)  # of nothing at all Django asks nothing, so it could not be counted either


class Sought(Func):
    """What finds the documents of a shop that have all these words."""

    function = "queries_sought"
    output_field = SearchQueryField()


class Mentions(Func):
    """Whether a document has the words."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def has_words(typed: str) -> bool:
    """Return whether there is anything to search for: a letter or a digit."""
    return any(letter.isalnum() for letter in normalize("NFKD", typed[:MOST_LETTERS]))


def mentioning(typed: str, *, seller: Seller) -> Q:
    """Return the condition that a shop's query has every word typed, or words that begin so.

    In any order, in subject, customer, order number, messages and notes; an e-mail address only as
    a whole. Without any word it is true. Asks the database once: what few queries have is a list
    of them, which fits any other condition and order.
    """
    if not has_words(typed):
        return Q()
    sought = _sought(typed, seller)
    found = SearchDocument.objects.filter(_open_or_closed("", sought)).values_list("pk", flat=True)
    few = list(found[: FEW + 1])
    if len(few) <= FEW:
        return Q(pk__in=few or NO_QUERY)
    return _open_or_closed("search_document__", sought)


def asked_before(typed: str, *, seller: Seller) -> CustomerQueries:
    """Return a shop's queries of whom somebody means by a name, an address or an order.

    The latest first.
    """
    ours = CustomerQuery.objects.for_seller(seller).with_texts()
    if not has_words(typed):
        return ours.none()
    sought = _sought(typed, seller)
    who = Concat("customer__name", Value(" "), "order_reference")
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


def _open_or_closed(document: str, sought: Sought) -> Q:
    """Return the condition as the two indexes know it."""
    mentions = Q(Mentions(F(f"{document}words"), sought))
    return Q((f"{document}closed", False)) & mentions | Q((f"{document}closed", True)) & mentions

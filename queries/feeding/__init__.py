"""What the marketplace's platform feeds in: by its own ids, in any order, as often as it likes."""

from queries.feeding.feed import feed
from queries.feeding.items import FORMS, Item, Reader, Unreadable, key_of
from queries.feeding.results import Effect, Outcome, Result
from queries.feeding.single import register
from queries.feeding.waiting import drop_given_up, give_up_waiting

__all__ = [
    "FORMS",
    "Effect",
    "Item",
    "Outcome",
    "Reader",
    "Result",
    "Unreadable",
    "drop_given_up",
    "feed",
    "give_up_waiting",
    "key_of",
    "register",
]

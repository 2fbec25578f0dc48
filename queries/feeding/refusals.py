"""In which words an item of the platform is rejected."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from queries.actions import PredictionMissing, QueryIsClosed, QueryIsErased, WithMarketplace
from queries.actions.history import BeforeItWasAsked, WorkedOnSince
from queries.identity import CustomerIsErased, KnownOtherwise
from sellers.actions import LastOwner, MembershipIsOver
from sellers.api.problems import Refusals


class ToldOtherwise(Exception):
    """What never changes was told before, and otherwise."""


class OrderOfAnother(Exception):
    """The shop has an order with this number that the platform knows by another id."""


class OfAnotherShop(Exception):
    """The agent does not work at the shop of the query, and never did."""


class AddressNeverChanges(Exception):
    """Somebody logs in with an address, and it is theirs to change."""


class TooMuchWaits(Exception):
    """Very much waits already for what it belongs to."""


class WaitedTooLong(Exception):
    """What it belongs to did not come."""


REFUSALS: Final[Refusals] = {
    AddressNeverChanges: _("This member has another address. Send a new member, with a new id."),
    BeforeItWasAsked: _("This is older than the question that it belongs to."),
    CustomerIsErased: _("This customer was erased and stays so."),
    KnownOtherwise: _("Another customer has this number or address."),
    LastOwner: _("A shop keeps an owner who can log in. Send another owner first."),
    MembershipIsOver: _("This colleague was removed meanwhile."),
    OfAnotherShop: _("The agent does not belong to the shop of this query."),
    OrderOfAnother: _("The shop has an order with this number under another id of yours."),
    PredictionMissing: _("This shop wants a predicted score with each closing."),
    QueryIsClosed: _("This query was closed already, and nobody opened it again since."),
    QueryIsErased: _("The texts of this query were erased: it is closed for good."),
    ToldOtherwise: _(
        "This was told otherwise before, and it never changes. Give what is new an id of its own."
    ),
    TooMuchWaits: _("Too much waits already for what it belongs to. Send that first."),
    WaitedTooLong: _("What this belongs to did not come in time. Send both again."),
    WithMarketplace: _("The shop handed this query over to the marketplace: it only reads now."),
    WorkedOnSince: _("The shop did more with this query since then than answer it."),
}

"""What is said when somebody else was faster, or what was asked cannot be done any more."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from queries.actions import QueryIsErased, WithMarketplace
from surveys.followups import appreciations, working

CONTACT_NOT_WANTED: Final = _("This customer does not want to be contacted in this way.")
REFUSED: Final[dict[type[Exception], str | Promise]] = {
    working.Lapsed: _("This task does not count any more, so nothing was changed."),
    working.IsFinished: _("This task was finished meanwhile. Reopen it to go on."),
    working.IsOpen: _("This task is open already."),
    working.CannotAnswer: _("Choose somebody who may answer for this shop."),
    working.AlreadyAssigned: _("Nothing changed: it was so already."),
    working.NotWanted: CONTACT_NOT_WANTED,
    appreciations.NoContactWanted: CONTACT_NOT_WANTED,
    appreciations.AlreadyApproached: _("Somebody did so just before you. Nothing was sent."),
    appreciations.AlreadyNoted: _("Somebody noted it just before you."),
    appreciations.NoWords: _("There are no words to quote."),
    appreciations.AlreadyAllowed: _("A permission to quote is recorded already."),
    appreciations.AlreadyWithdrawn: _("It was withdrawn before."),
    appreciations.UnknownOrder: _(
        "Your shop has no order with this number. Leave it empty, and say in words who came in."
    ),
    appreciations.OwnOrder: _("This is an order of the very customer who recommended you."),
    appreciations.OrderAlreadyRecorded: _("This order counts for a referral already."),
    QueryIsErased: _("The texts of this query were erased: nothing can be added any more."),
    WithMarketplace: _("The query is with the marketplace. You can write once it is back."),
}

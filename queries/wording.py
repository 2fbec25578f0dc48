"""In which words a person or a program is told why a query cannot be changed so."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from queries import actions

PREDICTION_MISSING: Final = _(
    "Your shop wants a prediction with each closing. Choose the score that you expect; nothing "
    "you typed is lost."
)
NOBODY_SUCH: Final = _("Choose somebody who may answer for this shop.")
NOTHING_CHANGED: Final = _("Nothing changed: it was so already.")
CLOSED_ALREADY: Final = _("This query was closed already.")
STAYS_CLOSED: Final = _("This query was erased, so it stays closed.")
NOTHING_TO_NOTE: Final = _("This query was erased, so nothing can be noted.")
WITH_MARKETPLACE: Final = _(
    "This query is with the marketplace: you can write again once it is back."
)
NOT_REPLIED: Final = {
    actions.QueryIsClosed: _("This query was closed meanwhile. Reopen it to send your reply."),
    actions.WithMarketplace: _(
        "This query was handed over meanwhile. Keep your reply until it is back."
    ),
    actions.PredictionMissing: PREDICTION_MISSING,
}
NOT_CLOSED: Final = {
    actions.QueryIsClosed: CLOSED_ALREADY,
    actions.WithMarketplace: WITH_MARKETPLACE,
    actions.PredictionMissing: PREDICTION_MISSING,
}
NOT_REOPENED: Final = {
    actions.QueryIsOpen: _("This query was open already."),
    actions.WithMarketplace: WITH_MARKETPLACE,
    actions.QueryIsErased: STAYS_CLOSED,
}
NOT_SPARED: Final = {
    actions.NobodyWaits: _("It is not your turn in this query any more."),
    actions.WithMarketplace: WITH_MARKETPLACE,
}
NOT_ASSIGNED: Final = {
    actions.QueryIsClosed: CLOSED_ALREADY,
    actions.AlreadyAssigned: NOTHING_CHANGED,
    actions.CannotAnswer: NOBODY_SUCH,
}

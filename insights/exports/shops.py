"""All shops in a period as a table, for staff."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from insights.reports.handling import Share
from insights.reports.shops import ShopScore
from insights.wording import verdict_label
from queries.exports.tables import Cell, Column, Table, Word
from queries.timeouts import CLOSE_AFTER


def shops_table(shops: Iterable[ShopScore]) -> Table:
    """Return the shops in their order; a cell about a score is empty when nobody answered."""
    long_ago = _("Queries asked %(days)d days ago or longer") % {"days": CLOSE_AFTER.days}
    return Table(
        name="shops",
        title=_("Shops"),
        columns=[
            Column("shop", _("Shop number")),
            Column("name", _("Name")),
            Column("measurements", _("Measurements")),
            Column("promoters", _("Promoters")),
            Column("passives", _("Passives")),
            Column("detractors", _("Detractors")),
            Column("nps", _("NPS")),
            Column("change", _("Change in points")),
            Column("standard", _("Standard")),
            Column("verdict", _("Verdict")),
            Column("asked", _("Queries asked")),
            Column("handed_over", _("Of these handed over")),
            Column("closings", _("Closings")),
            Column("closed_by_itself", _("Of these by themselves")),
            Column("asked_long_ago", long_ago),
            Column("never_closed", _("Of these never closed")),
        ],
        rows=(_row(shop) for shop in shops),
    )


def _row(shop: ShopScore) -> list[Cell]:
    judged = shop.verdict if shop.tally.total else None
    return [
        shop.seller_id,
        shop.name,
        shop.tally.total,
        shop.tally.promoters,
        shop.tally.passives,
        shop.tally.detractors,
        shop.displayed,
        shop.change.points if shop.change else None,
        shop.standard.value if shop.standard else None,
        Word(judged.value, verdict_label(judged)) if judged else None,
        *_counts(shop.handling.handed_over),
        *_counts(shop.handling.closed_by_itself),
        *_counts(shop.handling.never_closed),
    ]


def _counts(share: Share) -> tuple[int, int]:
    return share.of, share.count

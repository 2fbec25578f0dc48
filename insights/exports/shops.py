"""All shops in a period as a table, for staff."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from insights.exports.tables import Cell, Column, Table, Word
from insights.reports.shops import ShopScore
from insights.wording import verdict_label


def shops_table(shops: Iterable[ShopScore]) -> Table:
    """Return the shops in their order; a cell about a score is empty when nobody answered."""
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
    ]

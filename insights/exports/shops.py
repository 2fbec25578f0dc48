"""All shops in a period as a table, for staff."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from insights.exports.tables import Cell, Column, Table, Word
from insights.reports.shops import ShopScore
from surveys.nps import Verdict


def shops_table(shops: Iterable[ShopScore]) -> Table:
    """Return the shops in their order; a cell about a score is empty when nobody answered."""
    verdicts = {
        Verdict.MET: Word("met", _("standard met")),
        Verdict.NOT_MET: Word("not_met", _("not met")),
        Verdict.TOO_FEW: Word("too_few", _("too few for a verdict")),
    }
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
        rows=(_row(shop, verdicts) for shop in shops),
    )


def _row(shop: ShopScore, verdicts: dict[Verdict, Word]) -> list[Cell]:
    return [
        shop.seller_id,
        shop.name,
        shop.tally.total,
        shop.tally.promoters,
        shop.tally.passives,
        shop.tally.detractors,
        shop.shown,
        shop.change.points if shop.change else None,
        shop.standard.value if shop.standard else None,
        verdicts[shop.verdict] if shop.verdict and shop.tally.total else None,
    ]

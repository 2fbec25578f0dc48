"""What becomes of months when staff exclude an import as a whole, or include it again."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q

from surveys.models import ImportBatch, MeasurementExclusion, SurveyResponse
from surveys.nps import Tally, displayed

ScoreCounts = dict[int, int]


@dataclass(frozen=True, slots=True)
class ChangedMonth:
    """One month of one shop: its tally now, and when the import is in or out after all."""

    seller: int
    shop: str
    month: date
    now: Tally
    after: Tally

    @property
    def nps_now(self) -> Decimal | None:
        """Return the NPS as people read it."""
        return None if self.now.nps is None else displayed(self.now.nps)

    @property
    def nps_after(self) -> Decimal | None:
        """Return what it becomes."""
        return None if self.after.nps is None else displayed(self.after.nps)


def changed_months(batch: ImportBatch, *, is_excluded: bool) -> list[ChangedMonth]:
    """Return the months that change when an import is excluded, or is not any more.

    By shop and month, in one statement. What is excluded otherwise is in no tally.
    """
    in_force = MeasurementExclusion.objects.in_force()
    otherwise = in_force.exclude(batch=batch)
    touched = SurveyResponse.objects.for_shops().filter(
        batch=batch, seller=OuterRef("seller"), month=OuterRef("month")
    )
    counting = SurveyResponse.objects.for_shops().filter(
        ~Exists(in_force.filter(response=OuterRef("pk"))),
        ~Exists(otherwise.filter(batch=OuterRef("batch"))),
        seller__in=batch.responses.values("seller"),
        month__range=(batch.first_month, batch.last_month),
    )
    rows = (
        counting.filter(Exists(touched))
        .annotate(came=ExpressionWrapper(Q(batch=batch, batch__isnull=False), BooleanField()))
        .order_by(F("seller__name"), "seller", "month")
        .values_list("seller__name", "seller", "month", "came", "score")
        .annotate(count=Count("score"))
    )
    found = defaultdict[tuple[str, int, date], tuple[ScoreCounts, ScoreCounts]](
        lambda: (defaultdict(int), defaultdict(int))
    )
    for shop, pk, month, came, score, count in rows:
        every, others = found[shop, pk, month]
        every[score] += count
        others[score] += 0 if came else count
    changed = []
    for (shop, pk, month), both in found.items():
        included, excluded = map(Tally.from_scores, both)
        if included != excluded:
            now, after = (excluded, included) if is_excluded else (included, excluded)
            changed.append(ChangedMonth(pk, shop, month, now, after))
    return changed

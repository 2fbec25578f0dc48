"""Who came back better after a low score: what the customer's next measurement at the shop says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from insights.recovered import Difference, Returned, difference
from sellers.models import Seller
from surveys.nps import PASSIVE_FROM

YEAR: Final = timedelta(days=365)

# Each task with the next measurement that counts of the same customer at the same shop. Who was
# contacted only after that was not contacted in time to change it.
COUNT: Final = """
    SELECT COALESCE(followup.contacted_at < later.submitted_at, false),
           count(*) FILTER (WHERE later.score >= %(passive_from)s),
           count(*)
      FROM surveys_followup AS followup
      JOIN surveys_surveyresponse AS low ON low.id = followup.response_id
      JOIN queries_customerquery AS query ON query.id = low.query_id
     CROSS JOIN LATERAL (
           SELECT response.score, response.submitted_at
             FROM queries_customerquery AS other
             JOIN surveys_surveyresponse AS response ON response.query_id = other.id
            WHERE other.customer_id = query.customer_id
              AND other.seller_id = followup.seller_id
              AND response.seller_id = followup.seller_id
              AND response.closed_by = 'seller'
              AND (response.submitted_at, response.id) > (low.submitted_at, low.id)
              AND NOT EXISTS (SELECT FROM surveys_measurementexclusion AS exclusion
                               WHERE exclusion.response_id = response.id
                                 AND exclusion.lifted_at IS NULL)
            ORDER BY response.submitted_at, response.id
            LIMIT 1) AS later
     WHERE followup.seller_id = %(seller)s
       AND followup.lapsed_at IS NULL
       AND followup.opened_at >= %(since)s
     GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class CameBack:
    """Who came back better in a year, of who was contacted before that and of who was not."""

    contacted: Returned
    others: Returned

    @property
    def difference(self) -> Difference | None:
        """Return how far the two lie apart; None where either are too few."""
        return difference(self.contacted, self.others)


def came_back(seller: Seller, *, now: datetime) -> CameBack:
    """Count the low scores of the last year by what followed them, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            COUNT, {"seller": seller.pk, "since": now - YEAR, "passive_from": PASSIVE_FROM}
        )
        found = {contacted: Returned(better, of) for contacted, better, of in cursor.fetchall()}
    return CameBack(found.get(True, Returned()), found.get(False, Returned()))

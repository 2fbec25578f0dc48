"""The places that a shop may have among the others, as a part of a strip of all places."""

from insights.charts.geometry import Span
from insights.reports.peers import Places


def strip(places: Places) -> Span:
    """Return the part of all places, in percent of the width, the lowest scores at the left."""
    left, right = places.shops - places.worst, places.shops - places.best + 1
    if places.percents:  # no closer than the words have it
        above, up_to = places.percents
        return Span.between(100 - up_to, 100 - above)
    return Span.between(100 * left / places.shops, 100 * right / places.shops)

"""What is said of a topic beside its numbers, in the reader's language."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from insights.reports.topics import TopicRow
from insights.topics import Kind
from insights.wording import month_name, signed


def topic_note(row: TopicRow, since: date | None) -> str:
    """Return the few words below the name of a topic: its trend where that is certain."""
    if row.trend and row.trend.is_certain and since:
        return _("%(points)s since %(month)s") % {
            "points": signed(row.trend.nps.points),
            "month": month_name(since, "F"),
        }
    return _("indicative") if row.part.indicative else ""


def topic_explanation(row: TopicRow, since: date | None) -> Iterator[str]:
    """Yield what there is to know about a part: its trend, and how far to trust it."""
    month = {"month": month_name(since, "F")} if since else {}
    if row.part.kind is Kind.OTHER:
        yield _("Topics with fewer than 5 responses each, put together.")
    elif row.trend:
        yield _("Since %(month)s: points %(points)s, own NPS %(nps)s.") % {
            **month,
            "points": signed(row.trend.displayed),
            "nps": signed(row.trend.nps.points),
        }
        if row.trend.indicative:
            yield _("There are too few responses to call that a trend.")
        elif row.trend.is_certain:
            yield _("The change of its own NPS is more than chance.")
    elif month:
        yield _("Too few responses to compare with %(month)s.") % month
    if row.differs == "above":
        yield _("Its own NPS is above that of all others by more than chance.")
    elif row.differs:
        yield _("Its own NPS is below that of all others by more than chance.")
    if row.part.indicative:
        minimum = _("With fewer than %(minimum)s responses this is indicative.")
        yield minimum % {"minimum": row.part.minimum}

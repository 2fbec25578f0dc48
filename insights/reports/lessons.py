"""What a shop learned where a customer was not won back, or wanted to remember anyway."""

from insights.reports.followups import Part, followup_page
from queries.keyset import Page
from surveys.models import FollowUp, FollowUps


def lesson_page(
    followups: FollowUps, *, after: FollowUp | None = None, before: FollowUp | None = None
) -> Page[FollowUp]:
    """Return a page of the finished tasks with a lesson, the latest first. One statement."""
    learned = followups.finished().exclude(lesson="")
    return followup_page(learned, keys=Part.FINISHED.keys, after=after, before=before)

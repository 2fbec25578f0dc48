"""What a shop learned where a customer was not won back, or wanted to remember anyway."""

from insights.reports.followups import FollowUpPage, Part, followup_page
from surveys.models import FollowUp, FollowUps


def lesson_page(
    followups: FollowUps, *, after: FollowUp | None = None, before: FollowUp | None = None
) -> FollowUpPage:
    """Return a page of the finished tasks with a lesson, the latest first. One statement."""
    learned = followups.finished().exclude(lesson="").select_related("cause_topic")
    return followup_page(learned, keys=Part.FINISHED.keys, after=after, before=before)

"""What a shop learned where a customer was not won back, or wanted to remember anyway."""

from typing import Final

from insights.reports.followups import Part, followup_page
from sellers.keyset import Page
from surveys.models import FollowUp, FollowUps

LATEST: Final = Part.FINISHED.keys


def lesson_page(followups: FollowUps, *, after: str = "", before: str = "") -> Page[FollowUp]:
    """Return a page of the finished tasks with a lesson, the latest first. One statement."""
    learned = followups.finished().exclude(lesson="")
    return followup_page(learned, keys=LATEST, after=after, before=before)

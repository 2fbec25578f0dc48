"""What the pages of following up print."""

from datetime import datetime, timedelta
from typing import Final

from django import template
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.recovered import LEAST, Difference, Returned
from insights.reports.handling import Share
from insights.reports.returned import CameBack
from insights.wording import NO_SCORE, counts_in_words, share_in_words, signed, whole
from surveys.models import FollowUp

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

register = template.Library()


@register.filter
def pressing(task: FollowUp, now: datetime) -> str:
    """Return how much a task to do presses, as the fill of its chip: late, today or nothing."""
    if task.is_late(now=now):
        return "late"
    today = now.astimezone(settings.MARKETPLACE_ZONE).date()
    return "today" if task.due_on() == today else ""


@register.filter
def duration_in_words(duration: timedelta | None) -> str:
    """Return how long something took: "6 h 20 min", "2 d 4 h", "35 min"; – for nothing."""
    if duration is None:
        return NO_SCORE
    days, hours = duration // DAY, duration % DAY // HOUR
    if days and hours:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if days:
        return _("%(days)d d") % {"days": days}
    minutes = duration % HOUR // MINUTE
    if hours and minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(minutes)d min") % {"minutes": minutes}


@register.filter
def returned_share(group: Returned) -> str:
    """Return how many of a group came back better: a share from 25 on, else the counts alone."""
    share = Share(group.better, group.of)
    return share_in_words(share) if group.of >= LEAST else counts_in_words(share) or NO_SCORE


@register.filter
def difference_in_words(difference: Difference) -> str:
    """Return how far two shares lie apart: "+12 points (95% interval: −3 to +27)"."""
    points = whole(float(difference.exact))
    said = ngettext(
        "%(points)s point (95%% interval: %(low)s to %(high)s)",
        "%(points)s points (95%% interval: %(low)s to %(high)s)",
        abs(int(points)),
    )
    return said % {
        "points": signed(points),
        "low": signed(whole(difference.low)),
        "high": signed(whole(difference.high)),
    }


@register.filter
def returned_in_words(returned: CameBack) -> str:
    """Return in a sentence whether contact went together with a better next score."""
    difference = returned.difference
    if difference is None:
        return _(
            "There is nothing to compare yet: that takes %(least)s customers who scored again on "
            "each side."
        ) % {"least": LEAST}
    if difference.could_be_chance:
        return _("The difference between whom you contacted and whom you did not can be chance.")
    if difference.exact > 0:
        return _("Whom you contacted came back better more often than whom you did not.")
    return _("Whom you contacted came back better less often than whom you did not.")

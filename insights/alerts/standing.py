"""Whether what an alert tells is still worth a mail, at the moment at which it would leave."""

from datetime import datetime

from insights.alerts.raising import MAILED_WITHIN
from insights.enums import UnsentAlertReason
from insights.models import Alert
from sellers.enums import AlertKind
from sellers.models import AlertPreferences, Membership
from surveys.enums import FollowUpState
from surveys.models import FollowUp


def reason_not_to_mail(
    alert: Alert, *, wish: AlertPreferences, membership: Membership | None, now: datetime
) -> str:
    """Return what came between an alert and its mail, if anything."""
    kind = AlertKind(alert.kind)
    if membership is None or not membership.may_be_told(kind):
        return UnsentAlertReason.NOT_IN_TEAM
    if not wish.mails(kind):
        return UnsentAlertReason.SWITCHED_OFF
    if now - alert.happened_at >= MAILED_WITHIN:
        return UnsentAlertReason.TOO_OLD
    return UnsentAlertReason.DONE if _is_done(alert) else ""


def _is_done(alert: Alert) -> bool:
    """Return whether somebody did already what the alert asks for."""
    task, query = alert.followup, alert.query
    match alert.kind:
        case AlertKind.LOW_SCORE:
            return _does_not_count(alert) or (task is not None and not _is_to_do(task))
        case AlertKind.TASK_DUE:
            return task is None or not _is_to_do(task) or task.assignee_id != alert.user_id
        case AlertKind.TASK_OVERDUE:
            return task is None or not _is_to_do(task)
        case AlertKind.NEW_QUERY:
            return query is None or not query.awaits_shop
        case AlertKind.DEADLINE:
            return query is None or not query.awaits_shop or query.due_at != alert.due_at
    return False


def _does_not_count(alert: Alert) -> bool:
    """Return whether staff took the measurement out of the score."""
    response = alert.response
    return response is None or any(each.lifted_at is None for each in response.exclusions.all())


def _is_to_do(task: FollowUp) -> bool:
    """Return whether the customer still is to be contacted."""
    return task.state == FollowUpState.TO_DO and task.lapsed_at is None

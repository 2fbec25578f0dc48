"""Ways to let alerts come about, without the clock."""

from datetime import datetime, timedelta

from insights.alerts.packing import pack_mails
from insights.alerts.raising import raise_alerts
from insights.alerts.reading import news_of
from insights.models import Alert
from sellers.models import AlertPreferences, Event, User
from sellers.sending import send_due
from tests.conftest import NOON

ANSWERED = NOON + timedelta(days=2)


def tell(*, now: datetime = ANSWERED) -> None:
    """Tell of all that happened, also in the transaction of a test; twice is once."""
    raise_alerts(news_of(list(Event.objects.order_by("pk"))), now=now)


def mail(*, now: datetime = ANSWERED) -> dict[str, int]:
    """Put into mails what waits, and send; return how many mails ended how."""
    pack_mails(now=now)
    return dict(send_due(clock=lambda: now))


def told(user: User) -> list[str]:
    """Return the kinds of what somebody was told of, in order."""
    return [alert.kind for alert in Alert.objects.filter(user=user).order_by("pk")]


def mail_everything_to(*users: User) -> None:
    """Let people have asked for mails of every kind, of new queries too."""
    AlertPreferences.objects.bulk_create(AlertPreferences(user=user) for user in users)

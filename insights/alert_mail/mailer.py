"""How mails with alerts leave: what was done meanwhile is left out, at the last moment."""

from collections.abc import Iterable
from datetime import datetime

from django.core.mail import EmailMessage

from insights.alert_mail.emails import alert_email
from insights.alerts.standing import reason_not_to_mail
from insights.enums import UnsentAlertReason
from insights.models import Alert, AlertMail, Alerts
from sellers.mailings import Mailer
from sellers.models import AlertPreferences, Membership


class AlertMailer(Mailer[AlertMail]):
    """Sends alerts before mail to many: they are few, and somebody is to do something."""

    model = AlertMail
    is_urgent = True

    def prepare(self, mailing: AlertMail, *, now: datetime) -> Iterable[str]:
        """Let the link be found that this mail carries."""
        mailing.renew_digest()
        return ("token_digest",)

    def recipient(self, mailing: AlertMail) -> str:
        """Return the user's e-mail."""
        return mailing.user.email

    def reason_not_to_send(self, mailing: AlertMail, *, now: datetime) -> str:
        """Note which alerts need no mail any more; return why when none does."""
        wish = AlertPreferences.objects.by_user([mailing.user_id])[mailing.user_id]
        theirs = Membership.objects.current().filter(user=mailing.user_id, user__is_active=True)
        memberships = {one.seller_id: one for one in theirs.select_related("seller")}
        reasons = {
            alert.pk: reason_not_to_mail(
                alert, wish=wish, membership=memberships.get(alert.seller_id), now=now
            )
            for alert in self._alerts(mailing)
        }
        for reason in {*reasons.values()} - {""}:
            over = [alert for alert, found in reasons.items() if found == reason]
            Alert.objects.filter(pk__in=over).update(unsent_reason=reason)
        if "" in reasons.values():
            return ""
        return next(iter(reasons.values()), UnsentAlertReason.DONE)

    def email(self, mailing: AlertMail) -> EmailMessage:
        """Return the mail with what still needs one."""
        return alert_email(mailing, list(self._alerts(mailing)))

    def _alerts(self, mailing: AlertMail) -> Alerts:
        alerts = mailing.alerts.to_send().with_subject().prefetch_related("response__exclusions")
        return alerts.order_by("happened_at", "pk")

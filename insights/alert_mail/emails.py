"""How mails with alerts are built: a line and a link for each, in the user's stored language."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.mime.image import MIMEImage
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.alert_mail.picture import history_picture
from insights.alerts.words import alert_in_words, moment_in_words, path_of
from insights.models import Alert, AlertMail
from insights.reports.months import shop_history
from insights.reports.weeks import shop_week
from insights.trend import agreed_shift
from sellers.access import at_shop
from sellers.enums import AlertKind

MOST_LINES: Final = 50  # of a mail about several things; all are in the portal
PICTURE: Final = "history"  # what the HTML calls it
TEMPLATES: Final = {
    "alerts": ("insights/email/alerts.txt", "insights/email/alerts.html"),
    "overview": ("insights/email/overview.txt", "insights/email/overview.html"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What a mail says of one alert, and what is to be done.

    `quote` is the customer's words, where the shop wants them.
    """

    words: str
    link: str
    seller: str
    todo: str
    quote: str


@dataclass(frozen=True, slots=True)
class More:
    """How many alerts of a shop a mail does not say, and where they are."""

    count: int
    seller: str
    link: str


def alert_email(mail: AlertMail, alerts: Sequence[Alert]) -> EmailMultiAlternatives:
    """Return the mail that brings these alerts, or the overview of a week."""
    with translation.override(mail.language):
        if alerts[0].kind == AlertKind.DIGEST:
            return _overview(mail, alerts[0])
        lines = [_line(alert) for alert in alerts[:MOST_LINES]]
        if len(alerts) == 1:
            subject = _("%(seller)s: %(alert)s")
            subject %= {"seller": lines[0].seller, "alert": lines[0].words}
        else:
            subject = ngettext("%(count)s alert", "%(count)s alerts", len(alerts))
            subject = f"{settings.MARKETPLACE_NAME}: {subject % {'count': len(alerts)}}"
        return _email(
            mail,
            "alerts",
            subject=subject,
            lines=lines,
            more=_more(alerts[MOST_LINES:]),
        )


def _line(alert: Alert) -> Line:
    return Line(
        alert_in_words(alert),
        settings.SITE_URL + path_of(alert),
        alert.seller.name,
        _todo(alert),
        _quote(alert) if alert.seller.alerts_quote_customers else "",
    )


def _todo(alert: Alert) -> str:
    """Return until when the customer of a low score is to be contacted, where they may be."""
    task = alert.followup if alert.kind == AlertKind.LOW_SCORE else None
    if not task or (alert.response and alert.response.may_contact is False):
        return ""
    return _("Get in touch before %(due)s.") % {"due": moment_in_words(task.due_at)}


def _more(alerts: Sequence[Alert]) -> list[More]:
    """Return how many of these are in the portal, shop by shop."""
    counted = Counter(alert.seller for alert in alerts)
    return [
        More(count, seller.name, settings.SITE_URL + at_shop(reverse("alerts:list"), seller.pk))
        for seller, count in counted.items()
    ]


def _quote(alert: Alert) -> str:
    """Return what the customer wrote about a score, or asked."""
    if alert.kind == AlertKind.LOW_SCORE and alert.response:
        return alert.response.reason
    return alert.query.subject if alert.query else ""


def _overview(mail: AlertMail, alert: Alert) -> EmailMultiAlternatives:
    """Return the overview of a week, as it was when the mail was made."""
    assert alert.day
    now = mail.created_at
    history = shop_history(alert.seller, today=now.astimezone(settings.MARKETPLACE_ZONE).date())
    week = shop_week(alert.seller, user=mail.user, monday=alert.day, now=now)
    measured = any(month.tally.total for month in history.months)
    email = _email(
        mail,
        "overview",
        subject=_("%(seller)s: %(alert)s")
        % {"seller": alert.seller.name, "alert": alert_in_words(alert)},
        seller=alert.seller,
        title=alert_in_words(alert),
        week=week,
        months=history.months[::-1] if measured else (),
        running=history.running,
        shift=agreed_shift(history.finished),
        link=settings.SITE_URL + path_of(alert),
        picture=PICTURE,
    )
    if measured:
        image = MIMEImage(history_picture(history), "png")
        image.add_header("Content-ID", f"<{PICTURE}>")
        image.add_header("Content-Disposition", "inline", filename=f"{PICTURE}.png")
        email.attach(image)
        # To the HTML, and nothing to keep apart from it.
        email.mixed_subtype = "related"  # type: ignore[attr-defined]  # the types do not know it
    return email


def _email(mail: AlertMail, name: str, *, subject: str, **context: Any) -> EmailMultiAlternatives:
    """Return a mail in the active language, its text and its HTML alike."""
    stop_link = settings.SITE_URL + reverse("alerts:stop", args=[mail.token])
    context |= {
        "user": mail.user,
        "kinds": ", ".join(str(AlertKind(kind).label) for kind in mail.kinds),
        "marketplace": settings.MARKETPLACE_NAME,
        "stop_link": stop_link,
        "settings_link": settings.SITE_URL + reverse("sellers:alerts"),
    }
    text, html = TEMPLATES[name]
    email = EmailMultiAlternatives(
        subject=subject,
        body=render_to_string(text, context).strip() + "\n",
        to=[mail.user.email],
        headers={
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{stop_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
        },
    )
    email.attach_alternative(render_to_string(html, context), "text/html")
    return email

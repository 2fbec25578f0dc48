"""The mail to staff about a query that a shop handed over: a link, and no words of anybody."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from queries.models import HAND_BACK_AFTER, HandOver
from sellers.models import Notice, User
from sellers.notices import Kind, notify

HANDED_OVER: Final = "handed_over"


def tell_staff(handover: HandOver, *, now: datetime) -> int:
    """Queue a mail to everybody who can settle this hand-over; return how many.

    Staff who also belong to the shop leave it to a colleague.
    """
    rights = ModelBackend()
    sees = rights.with_perm("queries.view_customerquery")
    settles = rights.with_perm("queries.change_handover").filter(is_staff=True, pk__in=sees)
    staff = settles.exclude(memberships__seller=handover.seller_id).order_by("pk")
    for user in staff:
        notify(user, kind=HANDED_OVER, now=now, handover=handover.pk)
    return len(staff)


def _email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail about a hand-over."""
    handover = HandOver.objects.select_related("seller").get(pk=notice.parameters["handover"])
    page = reverse("admin:queries_customerquery_change", args=[handover.query_id])
    back_at = (handover.handed_over_at + HAND_BACK_AFTER).astimezone(settings.MARKETPLACE_ZONE)
    with translation.override(notice.language):
        names = {
            "seller": handover.seller.name,
            "marketplace": settings.MARKETPLACE_NAME,
            "moment": date_format(back_at, "j F H:i"),
        }
        subject = _("%(marketplace)s: %(seller)s hands a customer query over") % names
        words = [
            _("%(seller)s hands a customer query over: the customer now waits for you.") % names,
            _("Answer it, close it or give it back:") + f"\n{settings.SITE_URL}{page}",
            _("Without an answer it goes back to the shop by itself on %(moment)s.") % names,
        ]
    return EmailMessage(
        subject=subject,
        body="\n\n".join(words) + "\n",
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def _is_settled(notice: Notice) -> bool:
    """Return whether a colleague was faster."""
    waiting = HandOver.objects.unanswered()
    return not waiting.filter(pk=notice.parameters["handover"]).exists()


KIND: Final = Kind(_email, stale_after=HAND_BACK_AFTER, is_needless=_is_settled)

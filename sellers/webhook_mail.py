"""The mails about a webhook that fails, or that was switched off."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sellers.access import at_shop
from sellers.models import Notice, User, Webhook


def failing_email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail that says since when nothing arrives."""
    with translation.override(notice.language):
        return _email("webhook_failing", _("Your webhook gets nothing at the moment"), notice, user)


def off_email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail that says why nothing is sent any more."""
    with translation.override(notice.language):
        return _email("webhook_off", _("Your webhook was switched off"), notice, user)


def is_well(notice: Notice) -> bool:
    """Return whether something arrived meanwhile, or nobody expects anything any more."""
    webhook = _webhook(notice)
    return webhook is None or webhook.trouble is None


def is_on_again(notice: Notice) -> bool:
    """Return whether it was switched on again meanwhile, or removed."""
    webhook = _webhook(notice)
    return webhook is None or webhook.is_on


def _webhook(notice: Notice) -> Webhook | None:
    pk = notice.parameters["webhook"]
    return Webhook.objects.select_related("seller").filter(pk=pk).first()


def _email(name: str, subject: str, notice: Notice, user: User) -> EmailMessage:
    webhook = _webhook(notice)
    assert webhook is not None, "Asked just before."
    context: dict[str, Any] = {
        "webhook": webhook,
        "marketplace": settings.MARKETPLACE_NAME,
        "link": settings.SITE_URL + _page(webhook),
    }
    mail = EmailMultiAlternatives(
        subject=f"{subject}: {webhook.host}",
        body=render_to_string(f"sellers/email/{name}.txt", context).strip(),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    html = render_to_string(f"sellers/email/{name}.html", context)
    mail.attach_alternative(html, "text/html")
    return mail


def _page(webhook: Webhook) -> str:
    """Return where something can be done about it."""
    if webhook.seller_id is None:
        return reverse("admin:sellers_webhook_change", args=[webhook.pk])
    return at_shop(reverse("sellers:webhook", args=[webhook.pk]), webhook.seller_id)

"""The mails about a webhook that fails, or that was switched off."""

from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sellers.access import at_shop
from sellers.models import Notice, User, Webhook

FAILING: Final = ("sellers/email/webhook_failing.txt", "sellers/email/webhook_failing.html")
OFF: Final = ("sellers/email/webhook_off.txt", "sellers/email/webhook_off.html")


def failing_email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail that says since when nothing arrives."""
    with translation.override(notice.language):
        subject = _("Your webhook gets nothing at the moment")
        return _email(subject, notice, user, templates=FAILING)


def off_email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail that says why nothing is sent any more."""
    with translation.override(notice.language):
        return _email(_("Your webhook was switched off"), notice, user, templates=OFF)


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


def _email(subject: str, notice: Notice, user: User, *, templates: tuple[str, str]) -> EmailMessage:
    webhook = _webhook(notice)
    assert webhook is not None, "Asked just before."
    context: dict[str, Any] = {
        "webhook": webhook,
        "marketplace": settings.MARKETPLACE_NAME,
        "link": settings.SITE_URL + _page(webhook),
    }
    mail = EmailMultiAlternatives(
        subject=f"{subject}: {webhook.host}",
        body=render_to_string(templates[0], context).strip(),
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(templates[1], context), "text/html")
    return mail


def _page(webhook: Webhook) -> str:
    """Return where something can be done about it."""
    if webhook.seller_id is None:
        return reverse("admin:sellers_webhook_change", args=[webhook.pk])
    return at_shop(reverse("sellers:webhook", args=[webhook.pk]), webhook.seller_id)

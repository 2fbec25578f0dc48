"""The mail that invites a customer to answer."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from surveys.models import Invitation
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE


def invitation_email(invitation: Invitation) -> EmailMultiAlternatives:
    """Return the mail for a claimed invitation, in the language of its query."""
    token = invitation.token
    opt_out_link = settings.SITE_URL + reverse("surveys:opt_out", args=[token])
    with translation.override(invitation.language):
        context = {
            "invitation": invitation,
            "customer": invitation.query.customer,
            "helped_by": invitation.helped_by,
            "query": invitation.query,
            "marketplace": settings.MARKETPLACE_NAME,
            "link": settings.SITE_URL + reverse("surveys:answer", args=[token]),
            "opt_out_link": opt_out_link,
            "scores": range(LOWEST_SCORE, HIGHEST_SCORE + 1),
        }
        subject = _("How did %(seller)s help you?") % {"seller": invitation.helped_by}
        mail = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("surveys/email/invitation.txt", context),
            to=[invitation.query.reply_to_email],
            headers={
                "Auto-Submitted": "auto-generated",
                "List-Unsubscribe": f"<{opt_out_link}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            },
        )
        mail.attach_alternative(
            render_to_string("surveys/email/invitation.html", context), "text/html"
        )
    return mail

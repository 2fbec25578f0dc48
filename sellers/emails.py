"""The mails that users get: to choose a new password, and to join a team."""

from urllib.parse import urlsplit

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sellers.models import Notice, TeamInvitation, User

TEMPLATES = "account/email/password_reset_key"  # allauth's own, in every language


def password_reset_email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail with a key made now; the key is stored nowhere."""
    link = reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )
    host = urlsplit(settings.SITE_URL).netloc
    with translation.override(notice.language):
        context = {
            "user": user,
            "password_reset_url": settings.SITE_URL + link,
            "current_site": {"name": host, "domain": host},
        }
        subject = render_to_string(f"{TEMPLATES}_subject.txt", context)
        return EmailMessage(
            subject=subject,
            body=render_to_string(f"{TEMPLATES}_message.txt", context).strip(),
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )


def team_invitation_email(invitation: TeamInvitation) -> EmailMultiAlternatives:
    """Return the mail that asks somebody to join a team, with the link that works once."""
    with translation.override(invitation.language):
        context = {
            "invitation": invitation,
            "marketplace": settings.MARKETPLACE_NAME,
            "link": settings.SITE_URL + reverse("sellers:join", args=[invitation.token]),
        }
        subject = _("Join the team of %(seller)s") % {"seller": invitation.seller.name}
        mail = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("sellers/email/team_invitation.txt", context).strip(),
            to=[invitation.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(
            render_to_string("sellers/email/team_invitation.html", context), "text/html"
        )
    return mail

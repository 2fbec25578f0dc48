"""Where allauth's log-in and password pages do as this portal wants."""

import logging
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sends the mail about passwords, and the links in it."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Send a mail if the server takes it.

        An error page would tell a stranger that the address is a user's: nobody else gets mail.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as failure:  # smtplib's too; its text may hold the address, so only its name
            logger.error("%s was not sent: %s", template_prefix, type(failure).__name__)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link at the portal's own address, whatever Host the request named."""
        link: str = super().get_reset_password_from_key_url(key)
        return f"{settings.SITE_URL}{urlsplit(link).path}"

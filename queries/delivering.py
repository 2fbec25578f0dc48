"""How mails to customers leave, and what follows when one does not arrive."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from django.core.mail import EmailMessage

from queries.actions import note_not_delivered
from queries.emails import new_link_email, question_email, reply_email
from queries.enums import CustomerMailKind, UnsentMailReason
from queries.models import CustomerMail, CustomerQuery
from sellers.events import Actor
from sellers.mailings import Mailer

EMAILS: Final[dict[CustomerMailKind, Callable[[CustomerMail], EmailMessage]]] = {
    CustomerMailKind.QUESTION: question_email,
    CustomerMailKind.REPLY: reply_email,
    CustomerMailKind.NEW_LINK: new_link_email,
}


class CustomerMailer(Mailer[CustomerMail]):
    """Sends customers what CustomerMailKind lists."""

    model = CustomerMail

    def prepare(self, mailing: CustomerMail, *, now: datetime) -> Iterable[str]:
        """Let the link be found that this mail carries."""
        link = mailing.link
        link.renew_digest()
        link.save(update_fields=["token_digest", "reply_digest"])
        return ()

    def recipient(self, mailing: CustomerMail) -> str:
        """Return the e-mail that the link was made for."""
        return mailing.link.email

    def reason_not_to_send(self, mailing: CustomerMail, *, now: datetime) -> str:
        """Return whether there is still anything to say, and anybody to say it to."""
        if mailing.query.erased_at or not mailing.link.email:
            return UnsentMailReason.ERASED
        return ""

    def email(self, mailing: CustomerMail) -> EmailMessage:
        """Return the mail of its kind."""
        return EMAILS[CustomerMailKind(mailing.kind)](mailing)

    def lock(self, mailing: CustomerMail) -> None:
        """Lock the query, then see what is left when it was erased meanwhile."""
        CustomerQuery.objects.select_for_update(no_key=True).get(pk=mailing.query_id)
        mailing.refresh_from_db(fields=["link", "message"])

    def bounced(self, mailing: CustomerMail, *, now: datetime) -> None:
        """Say in the conversation that the reply did not arrive."""
        if mailing.message:
            note_not_delivered(mailing.message, by=Actor.SYSTEM, now=now)

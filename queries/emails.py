"""The mails to customers: that their question was sent, a reply of the shop, and a new link."""

from email.utils import formataddr, parseaddr
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from queries.enums import Author
from queries.models import CustomerMail, Message
from sellers.enums import MailState
from sellers.lines import one_line

MOST_REPEATED: Final = 3_000  # characters of what the customer wrote before
MOST_REFERENCES: Final = 20  # mails that a thread is known by; RFC 5322 §3.6.4


def question_email(mail: CustomerMail) -> EmailMultiAlternatives:
    """Return the mail that says that a question was sent; a machine speaks for the shop."""
    query = mail.query
    asked = query.messages.order_by("sent_at", "pk").first()
    with translation.override(mail.language):
        email = _email(
            mail,
            ("queries/email/question.txt", "queries/email/question.html"),
            sender=query.seller.name,
            before=Truncator(asked.words if asked else "").chars(MOST_REPEATED),
        )
    email.subject = query.subject  # nothing is answered yet
    email.extra_headers["Auto-Submitted"] = "auto-generated"
    return email


def reply_email(mail: CustomerMail) -> EmailMultiAlternatives:
    """Return the mail that brings a claimed reply; an agent wrote it, so no machine speaks."""
    message = mail.message
    assert message is not None
    with translation.override(mail.language):
        return _email(
            mail,
            ("queries/email/reply.txt", "queries/email/reply.html"),
            sender=_writer(message),
            message=message,
            signature=_signature(message),
            attachments=message.attachments.order_by("position"),
            before=Truncator(_words_before(message)).chars(MOST_REPEATED),
            survey_stands=_survey_stands(message),
        )


def new_link_email(mail: CustomerMail) -> EmailMultiAlternatives:
    """Return the mail with a link that works again."""
    with translation.override(mail.language):
        email = _email(
            mail,
            ("queries/email/new_link.txt", "queries/email/new_link.html"),
            sender=settings.MARKETPLACE_NAME,
        )
    email.extra_headers["Auto-Submitted"] = "auto-replied"
    return email


def _email(
    mail: CustomerMail, templates: tuple[str, str], *, sender: str, **context: object
) -> EmailMultiAlternatives:
    """Return a mail in the active language, its text and its HTML alike."""
    query, link = mail.query, mail.link
    text, html = templates
    context |= {
        "sender": sender,
        "query": query,
        "customer": query.customer,
        "marketplace": settings.MARKETPLACE_NAME,
        "link": settings.SITE_URL + reverse("thread:page", args=[link.token]),
        "can_answer": bool(link.reply_address),
    }
    via = _("%(name)s via %(marketplace)s") % {
        "name": sender,
        "marketplace": settings.MARKETPLACE_NAME,
    }
    _name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    email = EmailMultiAlternatives(
        subject=f"Re: {query.subject}",
        body=render_to_string(text, context),
        from_email=formataddr((one_line(via), address)),
        to=[link.email],
        reply_to=[link.reply_address] if link.reply_address else None,
    )
    if earlier := _earlier_message_ids(mail):
        email.extra_headers |= {"In-Reply-To": earlier[-1], "References": " ".join(earlier)}
    email.attach_alternative(render_to_string(html, context), "text/html")
    return email


def _writer(message: Message) -> str:
    """Return who answers: the shop, or the marketplace."""
    of_marketplace = message.author == Author.MARKETPLACE
    return settings.MARKETPLACE_NAME if of_marketplace else message.query.seller.name


def _signature(message: Message) -> str:
    """Return what an agent of the shop has below their replies; nothing of the marketplace."""
    if message.author != Author.SELLER or message.agent is None:
        return ""
    theirs = message.agent.memberships.filter(seller=message.query.seller_id)
    return theirs.order_by("-pk").values_list("signature", flat=True).first() or ""


def _survey_stands(message: Message) -> bool:
    """Return whether a reply is the first after a closing whose survey was not stopped any more."""
    replies = message.query.messages.standing().replies()
    earlier = replies.filter(sent_at__lt=message.sent_at).aggregate(last=Max("sent_at"))["last"]
    reopened = message.query.closings.reopened_after_decision()
    if earlier:
        reopened = reopened.filter(reopened_at__gte=earlier)
    return reopened.filter(reopened_at__lte=message.sent_at).exists()


def _words_before(message: Message) -> str:
    """Return the last thing that the customer wrote before a reply."""
    earlier = message.query.messages.filter(author=Author.CUSTOMER, sent_at__lte=message.sent_at)
    last = earlier.order_by("sent_at", "pk").last()
    return last.words if last else ""


def _earlier_message_ids(mail: CustomerMail) -> list[str]:
    """Return what the mails of this conversation are known by, oldest first."""
    earlier = mail.query.customer_mails.filter(created_at__lt=mail.created_at)
    sent = earlier.exclude(state=MailState.SUPPRESSED)
    ours = [
        (each.created_at, each.message_id_header) for each in sent.order_by("-pk")[:MOST_REFERENCES]
    ]
    received = mail.query.messages.exclude(message_id_header="").filter(sent_at__lt=mail.created_at)
    theirs = received.order_by("-pk").values_list("sent_at", "message_id_header")[:MOST_REFERENCES]
    return [header for _at, header in sorted([*ours, *theirs])][-MOST_REFERENCES:]

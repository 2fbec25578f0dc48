"""The customer's way to a conversation: a private link, and the mails that carry it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from queries.enums import CustomerMailKind, UnsentMailReason
from queries.models.messages import Message
from queries.models.queries import CustomerQuery
from sellers.enums import MailState
from sellers.guards import never_emptied, only_goes_on, sent_once
from sellers.models import Mailing, Mailings, PrivateLink
from sellers.tokens import REPLY_ADDRESS, digest, reply_token_for, token_known_as

LINK_LASTS: Final = timedelta(days=90)  # after the last message
ADDRESS_LASTS: Final = timedelta(days=180)  # after it, too: people answer old mails


class ThreadLinks(models.QuerySet["ThreadLink"]):
    """Links to conversations, narrowed by adjectives."""

    def with_last_message(self) -> Self:
        """Add `last_message_at`, from which the link's life is counted."""
        return self.annotate(
            last_message_at=models.Subquery(
                Message.objects.standing()
                .filter(query=models.OuterRef("query"))
                .values("query")
                .values(latest=models.Max("sent_at"))
            )
        )

    def at_reply_addresses(self, emails: Iterable[str]) -> Self:
        """Keep the link to which one of these addresses belongs."""
        tokens = (REPLY_ADDRESS.match(email) for email in emails)
        return self.filter(reply_digest__in=[digest(found[1].lower()) for found in tokens if found])

    def standing(self) -> Self:
        """Keep those that lead to the conversation: neither revoked nor replaced."""
        return self.filter(revoked_at=None, replaced_at=None)


MOVES: Final = {
    MailState.DECIDED: (
        MailState.SENDING,
        MailState.SENT,
        MailState.BOUNCED,
        MailState.SUPPRESSED,
    ),
    MailState.SENDING: (
        MailState.DECIDED,
        MailState.SENT,
        MailState.BOUNCED,
        MailState.SUPPRESSED,
    ),
    MailState.SENT: (MailState.BOUNCED,),
}


class ThreadLink(PrivateLink):
    """What one recipient of a conversation has: a link to its page, and an address to answer to.

    Of somebody erased it has no e-mail and is revoked.
    """

    query = models.ForeignKey(CustomerQuery, on_delete=models.PROTECT, related_name="thread_links")
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    reply_digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    # Then its page leads nowhere; what answers the mails that had it is still the customer's.
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    objects = ThreadLinks.as_manager()

    class Meta:
        verbose_name = _("link to the conversation")
        verbose_name_plural = _("links to the conversation")
        constraints = [
            models.UniqueConstraint(
                fields=["query", "email"],
                condition=models.Q(revoked_at=None, replaced_at=None),
                name="thread_link_one_per_recipient",
            ),
            models.CheckConstraint(
                condition=~models.Q(email="") | models.Q(revoked_at__isnull=False),
                name="thread_link_has_recipient",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="thread_link_stays", operation=pgtrigger.Delete),
            never_emptied("thread_links_stay"),
            pgtrigger.ReadOnly(name="thread_link_of_one_query", fields=["query", "created_at"]),
            pgtrigger.Protect(
                name="thread_link_email_only_emptied",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.email NOT IN ('', OLD.email)"),
            ),
            pgtrigger.Protect(
                name="thread_link_revoked_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__revoked_at__isnull=False)
                & pgtrigger.Q(old__revoked_at__df=pgtrigger.F("new__revoked_at")),
            ),
            pgtrigger.Protect(
                name="thread_link_replaced_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__replaced_at__isnull=False)
                & pgtrigger.Q(old__replaced_at__df=pgtrigger.F("new__replaced_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def reply_address(self) -> str:
        """Return the address at which an answer finds this conversation; "" without such mail."""
        if not settings.MAIL_IN_DOMAIN:
            return ""
        return f"reply-{self.reply_token}@{settings.MAIL_IN_DOMAIN}"

    @property
    def reply_token(self) -> str:
        """Return the secret in the address."""
        return token_known_as(self.reply_digest, self.token_salt, make=reply_token_for)

    def renew_digest(self) -> None:
        """Let both be found that are mailed now: others when their key was forgotten."""
        super().renew_digest()
        self.reply_digest = digest(self.reply_token)

    def is_over(self, *, now: datetime) -> bool:
        """Return whether the link leads nowhere: it ended, or nothing was said for so long.

        Needs `with_last_message`.
        """
        if self.revoked_at or self.replaced_at:
            return True
        return now >= self._last_said_at + LINK_LASTS

    def takes_no_answers(self, *, now: datetime) -> bool:
        """Return whether nothing was said for so long that its address leads nowhere either.

        Needs `with_last_message`.
        """
        return now >= self._last_said_at + ADDRESS_LASTS

    @property
    def _last_said_at(self) -> datetime:
        last: datetime | None = getattr(self, "last_message_at")  # noqa: B009  annotated
        return max(self.created_at, last or self.created_at)


class CustomerMails(Mailings["CustomerMail"]):
    """Mails to customers, narrowed by adjectives."""

    def with_contents(self) -> Self:
        """Fetch what the mail speaks of too."""
        return self.select_related("query__seller", "query__customer", "message__agent", "link")


class CustomerMail(Mailing):
    """A mail to a customer about a conversation: a reply, or a link alone."""

    query = models.ForeignKey(
        CustomerQuery,
        on_delete=models.PROTECT,
        related_name="customer_mails",
        verbose_name=_("query"),
    )
    link = models.ForeignKey(ThreadLink, on_delete=models.PROTECT, related_name="mails")
    # Gone when the texts are erased.
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, related_name="mail", null=True, blank=True
    )
    kind = models.CharField(_("kind"), max_length=20, choices=CustomerMailKind)
    created_at = models.DateTimeField(_("created"))
    reason = models.CharField(
        _("reason not to send"), max_length=20, choices=UnsentMailReason, blank=True
    )

    objects: ClassVar[CustomerMails] = CustomerMails.as_manager()  # type: ignore[assignment]

    class Meta(Mailing.Meta):
        verbose_name = _("mail to a customer")
        verbose_name_plural = _("mails to customers")
        constraints = [
            *Mailing.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state__in=MailState.values), name="customermail_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=CustomerMailKind.values),
                name="customermail_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state=MailState.SUPPRESSED, reason__in=UnsentMailReason.values)
                | ~models.Q(state=MailState.SUPPRESSED) & models.Q(reason=""),
                name="customermail_reason_iff_suppressed",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=MailState.SENT) | models.Q(sent_at__isnull=False),
                name="customermail_sent_has_moment",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="customermail_stays", operation=pgtrigger.Delete),
            never_emptied("customermails_stay"),
            pgtrigger.ReadOnly(
                name="customermail_of_one_query",
                fields=["query", "message_key", "kind", "created_at"],
            ),
            only_goes_on("customermail_only_goes_on", MOVES),
            sent_once("customermail_sent_once"),
            # What waits may come to carry another link; a message only goes, when it is erased.
            pgtrigger.Protect(
                name="customermail_carries_the_same",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.message_id <> coalesce(OLD.message_id, -1) OR OLD.link_id <> NEW.link_id "
                    f"AND OLD.state NOT IN ('{MailState.DECIDED}', '{MailState.SENDING}')"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"

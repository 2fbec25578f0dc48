"""What was said in the thread of a query."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext_lazy as _

from queries.enums import Author, MessageVia, QueryEvent
from queries.models.queries import CustomerQuery, raise_version
from queries.models.search import search_follows
from sellers.enums import MailState
from sellers.events import by_whom
from sellers.guards import not_ahead, told_of
from sellers.models import ApiClient

EXCERPT: Final = 200  # characters that a list shows of a message at most
LEAVES_AFTER: Final = timedelta(seconds=10)  # until then who sent a reply may take it back
REPLIES: Final = (Author.SELLER, Author.MARKETPLACE)

_TOLD_OF_TAKING_BACK: Final = told_of(
    QueryEvent.REPLY_WITHDRAWN, "queries.CustomerQuery", "NEW.query_id"
)


class Messages(models.QuerySet["Message"]):
    """Messages, narrowed by adjectives."""

    def standing(self) -> Self:
        """Leave out the replies that were taken back before they left."""
        return self.filter(withdrawn_at=None)

    def for_customer(self, *, now: datetime) -> Self:
        """Keep what the customer may read now.

        That is what stands and has left, and is not of somebody else whom nobody accepted.
        """
        not_out_yet = models.Q(author__in=REPLIES, sent_at__gt=now - LEAVES_AFTER)
        return self.standing().exclude(not_out_yet).exclude(author=Author.OTHER, accepted_at=None)

    def replies(self) -> Self:
        """Keep what the shop or the marketplace answered, whether it stands or not."""
        return self.filter(author__in=REPLIES)

    def as_thread(self) -> Self:
        """Sort as they were written, with who wrote and the mail; of each its files: `files`."""
        from queries.models.attachments import Attachment  # which needs Message first

        files = models.Prefetch("attachments", Attachment.objects.order_by("position"), "files")
        people = self.select_related("agent", "client", "mail")
        return people.prefetch_related(files).order_by("sent_at", "pk")

    def unaccepted(self) -> Self:
        """Keep what somebody else wrote and nobody has accepted."""
        return self.filter(author=Author.OTHER, accepted_at=None)

    def unanswered_since(self, *, spared_at: datetime | None) -> datetime | None:
        """Return when the customer wrote first after the last answer; None when nobody waits.

        What somebody else wrote counts from when it was accepted; what needed no reply, until
        `spared_at`, not at all.
        """
        said = self.standing().exclude(author=Author.OTHER, accepted_at=None)
        moments = said.annotate(said_at=Coalesce("accepted_at", "sent_at"))
        if spared_at:
            moments = moments.filter(said_at__gt=spared_at)
        since: datetime | None = None
        for author, moment in moments.order_by("said_at", "pk").values_list("author", "said_at"):
            since = None if author in REPLIES else since or moment
        return since

    def latest_of(self, queries: Iterable[CustomerQuery]) -> Self:
        """Keep the last one of each of these queries, with its beginning alone: `excerpt`."""
        return (
            self.filter(query__in=queries, withdrawn_at=None)
            .order_by("query", "-sent_at", "-pk")
            .distinct("query")
            .annotate(excerpt=Left("body", EXCERPT))
            .defer("body")
        )


class Message(models.Model):
    """One message in the thread of a query."""

    query = models.ForeignKey(CustomerQuery, on_delete=models.PROTECT, related_name="messages")
    author = models.CharField(_("author"), max_length=20, choices=Author)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="messages",
        null=True,
        blank=True,
        verbose_name=_("written by"),
    )
    # The program that sent it, in the name of the agent if there is one.
    client = models.ForeignKey(
        ApiClient,
        on_delete=models.PROTECT,
        related_name="messages",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("API client"),
    )
    body = models.TextField(_("text"))
    sent_at = models.DateTimeField(_("sent"))
    via = models.CharField(
        _("came"), max_length=10, choices=MessageVia, default=MessageVia.PORTAL, db_default="portal"
    )
    # Where in the body begins what the mail repeats of earlier ones; the page folds that.
    quoted_from = models.PositiveIntegerField(null=True, blank=True, editable=False)
    # Of a mail: what later ones refer to.
    message_id_header = models.CharField(
        max_length=255, blank=True, default="", db_default="", editable=False
    )
    # Of the form with which it was sent: the same form sends one message.
    send_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    # How the query stood before a reply, for who takes it back.
    query_before = models.JSONField(null=True, blank=True, editable=False)
    # By who sent it, before its mail left: the customer has not seen it and never will.
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    refused_files = models.TextField(
        _("files that were not taken"), blank=True, default="", db_default=""
    )  # one per line
    # Of somebody whom we do not know, until an agent accepts the message.
    from_email = models.EmailField(
        _("sender"), max_length=254, blank=True, default="", db_default=""
    )
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="accepted_messages",
        null=True,
        blank=True,
        verbose_name=_("accepted by"),
    )

    objects = Messages.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(author__in=Author.values), name="message_author_known"
            ),
            models.CheckConstraint(
                condition=models.Q(author__in=(Author.CUSTOMER, Author.OTHER), agent=None)
                | ~models.Q(author__in=(Author.CUSTOMER, Author.OTHER)),
                name="message_customer_is_no_agent",
            ),
            models.CheckConstraint(
                condition=models.Q(via__in=MessageVia.values), name="message_via_known"
            ),
            models.CheckConstraint(
                condition=models.Q(author=Author.OTHER) & ~models.Q(from_email="")
                | ~models.Q(author=Author.OTHER) & models.Q(from_email="", accepted_at=None),
                name="message_of_other_names_sender",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None, accepted_by=None)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="message_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(author__in=REPLIES),
                name="message_withdrawn_is_own",
            ),
        ]
        triggers = [
            not_ahead("message_not_ahead", "sent_at"),
            pgtrigger.ReadOnly(
                name="message_never_changes",
                # Not the body, which erasing a person may empty.
                fields=[
                    "query",
                    "author",
                    "agent",
                    "client",
                    "sent_at",
                    "send_key",
                    "query_before",
                    "via",
                    "quoted_from",
                    "message_id_header",
                    "refused_files",
                    "from_email",
                ],
            ),
            pgtrigger.Protect(
                name="message_accepted_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__accepted_at__isnull=False)
                & pgtrigger.Q(old__accepted_at__df=pgtrigger.F("new__accepted_at")),
            ),
            pgtrigger.Protect(
                name="message_withdrawn_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False)
                & pgtrigger.Q(old__withdrawn_at__df=pgtrigger.F("new__withdrawn_at")),
            ),
            # Once it left, the customer may have read it.
            pgtrigger.Trigger(
                name="message_withdrawn_before_it_left",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("withdrawn_at"),  # type: ignore[no-untyped-call]
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(old__withdrawn_at=None)
                & pgtrigger.Q(new__withdrawn_at__isnull=False),
                func=f"""
                IF NEW.withdrawn_at >= NEW.sent_at + interval '{LEAVES_AFTER.seconds} seconds'
                    OR EXISTS (
                        SELECT FROM queries_customermail WHERE message_id = NEW.id
                           AND (state <> '{MailState.SUPPRESSED}' OR tries > 0)
                    ) OR NOT EXISTS (
                        {_TOLD_OF_TAKING_BACK} AND details @> jsonb_build_object('message', NEW.id)
                    )
                THEN
                    RAISE EXCEPTION 'A reply is taken back before it leaves, and an event says so';
                END IF;
                RETURN NULL;
                """,
            ),
            pgtrigger.Protect(
                name="message_body_only_emptied",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__body__df=pgtrigger.F("new__body"))
                & ~pgtrigger.Q(new__body=""),
            ),
            pgtrigger.Trigger(
                name="message_stays_until_erased",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func="""
                IF EXISTS (
                    SELECT FROM queries_customerquery
                     WHERE id = OLD.query_id AND erased_at IS NOT NULL
                ) THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION 'Only messages of an erased query may be deleted';
                """,
            ),
            *search_follows("message"),
            *raise_version("message"),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def words(self) -> str:
        """Return what was written, without what the mail repeats of earlier ones; never empty."""
        return self.body[: self.quoted_from].strip() or self.body

    @property
    def quoted(self) -> str:
        """Return what the mail repeats of earlier ones, or nothing."""
        return self.body[self.quoted_from :].strip() if self.quoted_from else ""

    @property
    def written_by(self) -> str:
        """Return who of the shop or the marketplace wrote it, or which program; else nothing."""
        return by_whom(self.agent, self.client)

    @property
    def leaves_at(self) -> datetime:
        """Return when a reply can be read by the customer, and not be taken back any more."""
        return self.sent_at + LEAVES_AFTER

    def may_be_taken_back(self, *, now: datetime) -> bool:
        """Return whether it is a reply that did not leave yet; a note of a call never leaves."""
        is_reply = self.query_before is not None
        return is_reply and not self.withdrawn_at and now < self.leaves_at

    @property
    def is_unaccepted(self) -> bool:
        """Return whether somebody else wrote this and no agent has accepted it."""
        return self.author == Author.OTHER and self.accepted_at is None

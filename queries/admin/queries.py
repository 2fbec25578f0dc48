"""Queries with their thread and closings; what happened is read, not rewritten."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from queries.admin.readonly import ReadOnlyInline, ReadOnlyPage
from queries.customer_mail import revoke_links
from queries.models import Closing, CustomerQueries, CustomerQuery, Message
from sellers.admin import actor


class MessageInline(ReadOnlyInline):
    """The thread; of what is attached to it only the names."""

    model = Message
    fields = ("sent_at", "author", "agent", "body", "attached")
    readonly_fields = ("attached",)
    ordering = ("sent_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Fetch the attachments of all messages at once."""
        return super().get_queryset(request).prefetch_related("attachments")

    @admin.display(description=_("attachments"))
    def attached(self, message: Message) -> str:
        """Return the names of the files that came with a message."""
        return ", ".join(file.name for file in message.attachments.all())


class ClosingInline(ReadOnlyInline):
    """Every closing of a query."""

    model = Closing
    fields = (
        "closed_at",
        "closed_by",
        "agent",
        "predicted_score",
        "reopened_at",
        "survey_decided_at",
    )
    ordering = ("closed_at", "pk")


@admin.register(CustomerQuery)
class CustomerQueryPage(ReadOnlyPage):
    """Queries with their thread and closings."""

    list_display = ("__str__", "seller", "customer", "channel", "state", "asked_at", "due_at")
    list_filter = ("state", "channel", "language")
    search_fields = ("subject", "order_reference", "customer__name", "customer__email")
    list_select_related = ("seller", "customer")
    inlines = (MessageInline, ClosingInline)
    actions = ("revoke_links",)

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Allow it to who may change queries, though nobody edits one."""
        return request.user.has_perm("queries.change_customerquery")

    @admin.action(
        permissions=["handle"],
        description=_("Revoke the customer’s link; the next mail has another"),
    )
    def revoke_links(self, request: HttpRequest, queries: CustomerQueries) -> None:
        """Let the links to these conversations lead nowhere any more."""
        for query in queries:
            revoke_links(query, by=actor(request), now=timezone.now())
        self.message_user(request, _("The links are revoked."), messages.SUCCESS)


@admin.register(Closing)
class ClosingPage(ReadOnlyPage):
    """Closings, for looking things up."""

    list_display = ("__str__", "seller", "closed_by", "agent", "closed_at", "survey_decided_at")
    list_filter = ("closed_by", "channel")
    search_fields = ("subject", "seller__name", "customer__email")
    list_select_related = ("seller", "agent")

"""Queries with their thread and closings; staff handle what a shop handed over."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from queries import actions
from queries.admin.readonly import ReadOnlyInline, ReadOnlyPage
from queries.customer_mail import revoke_links
from queries.enums import Author, QueryState
from queries.forms import REPLY_MAX_LENGTH
from queries.models import Closing, CustomerQueries, CustomerQuery, HandOver, Message
from sellers.admin import actor
from sellers.events import Actor

ANSWER, ANSWER_AND_CLOSE, CLOSE, HAND_BACK = "answer", "answer_and_close", "close", "hand_back"
ACCEPT = "accept"
DONE = {
    ANSWER: _("The answer is in the conversation; it is now the customer’s turn."),
    ANSWER_AND_CLOSE: _("The answer is in the conversation, and the query is closed."),
    CLOSE: _("The query is closed."),
    HAND_BACK: _("The query is back with the shop."),
    ACCEPT: _("Accepted: the message counts as the customer’s."),
}
ANSWERING, CLOSING = (ANSWER, ANSWER_AND_CLOSE), (CLOSE, ANSWER_AND_CLOSE)
REFUSED: dict[type[Exception], Any] = {
    actions.NotWithMarketplace: _(
        "Nothing was done: meanwhile the query went back to the shop or was closed."
    ),
    actions.AlreadyAccepted: _("Nothing was done: this message was accepted already."),
    actions.QueryIsErased: _("Nothing was done: the query was erased meanwhile."),
    actions.WithMarketplace: _(
        "Nothing was done: you belong to this shop, so a colleague handles what it hands over."
    ),
}


class MessageInline(ReadOnlyInline):
    """The thread; of what is attached to it only the names."""

    model = Message
    fields = ("sent_at", "writer", "agent", "client", "body", "attached")
    readonly_fields = ("writer", "attached")
    ordering = ("sent_at", "pk")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow it also to who answers what was handed over."""
        answers = request.user.has_perm("queries.change_handover")
        return answers or super().has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Fetch the attachments of all messages at once."""
        return super().get_queryset(request).prefetch_related("attachments")

    @admin.display(description=_("author"))
    def writer(self, message: Message) -> str:
        """Return which side wrote a message; of somebody else from where, and what became of it."""
        if message.author != Author.OTHER:
            return message.get_author_display()
        accepted = _("accepted") if message.accepted_at else _("not accepted")
        return f"{message.get_author_display()}, {message.from_email}, {accepted}"

    @admin.display(description=_("attachments"))
    def attached(self, message: Message) -> str:
        """Return the names of the files that came with a message."""
        return ", ".join(file.name for file in message.attachments.all())


class HandOverInline(ReadOnlyInline):
    """Every time that the shop handed a query over."""

    model = HandOver
    fields = (
        "handed_over_at",
        "by",
        "client",
        "reason",
        "answered_at",
        "handed_back_at",
        "outcome",
    )
    ordering = ("handed_over_at", "pk")


class ClosingInline(ReadOnlyInline):
    """Every closing of a query."""

    model = Closing
    fields = (
        "closed_at",
        "closed_by",
        "agent",
        "client",
        "predicted_score",
        "reopened_at",
        "survey_decided_at",
    )
    ordering = ("closed_at", "pk")


class SettlingForm(forms.Form):
    """What staff do with a query that was handed over, and the answer if that is part of it."""

    body = forms.CharField(
        label=_("Answer to the customer"),
        max_length=REPLY_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
    )
    act = forms.ChoiceField(choices=[(act, act) for act in DONE])

    def clean(self) -> None:
        """Refuse an answer without words, and to throw away what was typed."""
        if "body" not in self.cleaned_data:
            return
        answers = self.cleaned_data.get("act") in ANSWERING
        if answers and not self.cleaned_data["body"]:
            self.add_error("body", _("Write the answer first."))
        if not answers and self.cleaned_data["body"]:
            self.add_error("body", _("This answer was not sent yet. Send it, or empty the box."))


@admin.register(CustomerQuery)
class CustomerQueryPage(ReadOnlyPage):
    """Queries with their thread and closings.

    Who may change hand-overs answers, closes and gives back what shops handed over.
    """

    list_display = (
        "__str__",
        "seller",
        "state",
        "turn_since",
        "answered",
        "customer",
        "due_at",
    )
    list_filter = ("state", "channel", "language")
    search_fields = ("subject", "order_reference", "customer__name", "customer__email")
    list_select_related = ("seller", "customer")
    inlines = (MessageInline, HandOverInline, ClosingInline)
    actions = ("revoke_links",)
    change_form_template = "admin/queries/customerquery/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the queries, and since when staff wait for the customer of one."""
        in_hand = HandOver.objects.open().filter(query=OuterRef("pk"))
        queries: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(answered_at=Subquery(in_hand.values("answered_at")))
        )
        return queries

    def get_ordering(self, request: HttpRequest) -> Any:
        """Begin with what waits longest where only what staff have in hand is listed."""
        if request.GET.get("state__exact") == QueryState.WITH_MARKETPLACE:
            return ("turn_since", "pk")
        return super().get_ordering(request)

    @admin.display(description=_("answered by staff"))
    def answered(self, query: CustomerQuery) -> Any:
        """Return since when it is the customer's turn in what staff have in hand."""
        return query.answered_at  # type: ignore[attr-defined]

    def get_urls(self) -> list[URLPattern]:
        """Add what staff do, before what Django looks up by primary key."""
        settle = self.admin_site.admin_view(require_POST(self.settle))
        name = "queries_customerquery_settle"
        own = [
            path("<path:object_id>/settle/", settle, name=name),
            path("<path:object_id>/settle/<int:message_id>/", settle, name=name),
        ]
        return [*own, *super().get_urls()]

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may handle what was handed over."""
        may = request.user.has_perm("queries.change_handover")
        return may and self.has_view_permission(request)

    def waiting_for_staff(self, request: HttpRequest) -> QuerySet[HandOver] | None:
        """Return what customers wait for, longest first; None for who can do nothing about it."""
        if not self.has_settle_permission(request):
            return None
        waiting = HandOver.objects.unanswered().order_by("unanswered_since", "pk")
        return waiting.select_related("query", "seller")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the query, with what staff can do when they have it in hand."""
        query = self.get_object(request, unquote(object_id))
        in_hand = query if query and query.is_with_marketplace else None
        if not extra_context and in_hand and self.has_settle_permission(request):
            extra_context = {"settling": SettlingForm()}
        if extra_context and in_hand:
            others = in_hand.messages.unaccepted().order_by("sent_at", "pk")
            extra_context = extra_context | {"others": others}
        return super().change_view(request, object_id, form_url, extra_context)

    def settle(
        self, request: HttpRequest, object_id: str, message_id: int | None = None
    ) -> HttpResponse:
        """Answer, close, hand back, or accept what somebody else wrote.

        What cannot be done is said, and what was typed stays.
        """
        query = self.get_object(request, unquote(object_id))
        if query is None:
            raise Http404
        if not self.has_settle_permission(request):
            raise PermissionDenied
        form, status = SettlingForm(request.POST), HTTPStatus.UNPROCESSABLE_ENTITY
        if form.is_valid():
            try:
                self._settle(query, message_id, by=actor(request), **form.cleaned_data)
            except tuple(REFUSED) as refused:
                form.add_error("body", REFUSED[type(refused)])
                status = HTTPStatus.CONFLICT
            else:
                self.message_user(request, DONE[form.cleaned_data["act"]], messages.SUCCESS)
                page = reverse("admin:queries_customerquery_change", args=[query.pk])
                return HttpResponseRedirect(page)
        request.method = "GET"  # the page as it is looked at, with this form
        response = self.change_view(request, object_id, extra_context={"settling": form})
        response.status_code = status
        return response

    def _settle(
        self, query: CustomerQuery, message_id: int | None, *, act: str, body: str, by: Actor
    ) -> None:
        now = timezone.now()
        if act == HAND_BACK:
            actions.hand_back(query, by=by, now=now)
        elif act == ACCEPT:
            message = get_object_or_404(query.messages.filter(author=Author.OTHER), pk=message_id)
            actions.accept_message(message, by=by, now=now)
        else:
            actions.settle(query, body=body, closes=act in CLOSING, by=by, now=now)

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

    list_display = (
        "__str__",
        "seller",
        "closed_by",
        "agent",
        "client",
        "closed_at",
        "survey_decided_at",
    )
    list_filter = ("closed_by", "channel")
    search_fields = ("subject", "seller__name", "customer__email")
    list_select_related = ("seller", "agent", "client")

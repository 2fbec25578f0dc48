"""Mail to customers, and mail that came: what cannot be placed waits here for staff."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from queries import incoming
from queries.actions import QueryIsErased
from queries.admin.readonly import ReadOnlyPage
from queries.enums import NotKeptReason
from queries.models import CustomerMail, CustomerQuery, IncomingMail, IncomingMails, MailNotKept
from queries.received import UnreadableMail, read
from sellers.admin import actor
from sellers.tokens import mask

SHOWN = 4_000  # characters of a mail that staff decide about


@admin.register(CustomerMail)
class CustomerMailPage(ReadOnlyPage):
    """Replies and links, and whether they arrived; the link itself is shown to nobody."""

    list_display = ("kind", "query", "state", "reason", "created_at", "sent_at", "tries")
    list_filter = ("state", "kind", "reason", "language")
    search_fields = ("query__subject", "link__email")
    list_select_related = ("query",)
    fields = ("kind", "query", "language", "state", "reason", "created_at", "sent_at", "bounced_at")


class PlaceForm(forms.Form):
    """In which conversation a mail belongs."""

    query = forms.ModelChoiceField(
        CustomerQuery.objects.with_texts(),
        label=_("Number of the query"),
        widget=forms.NumberInput,
        error_messages={"invalid_choice": _("There is no such query, or it was erased.")},
    )


@admin.register(IncomingMail)
class IncomingMailPage(ReadOnlyPage):
    """Every mail that came; those that wait can be placed or thrown away."""

    list_display = ("received_at", "state", "reason", "kind", "from_email", "subject", "query")
    list_filter = ("state", "reason")
    search_fields = ("from_email", "subject")
    list_select_related = ("query",)
    fields = (
        "received_at",
        "state",
        "reason",
        "kind",
        "from_email",
        "subject",
        "text",
        "query",
    )
    readonly_fields = ("text",)
    actions = ("place", "discard")
    change_list_template = "admin/queries/incomingmail/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[IncomingMail]:
        """Leave the mails themselves where they are: of one they are read when it is opened."""
        return super().get_queryset(request).defer("raw")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say above the list how often mail was turned away lately."""
        since = (timezone.now() - incoming.HELD_FOR).astimezone(settings.MARKETPLACE_ZONE).date()
        days = MailNotKept.objects.since(since).values("reason")
        counts = days.annotate(total=Sum("times")).values_list("reason", "total")
        not_kept = [(NotKeptReason(reason).label, total) for reason, total in counts.order_by()]
        context = {"not_kept": not_kept, "days": incoming.HELD_FOR.days}
        return super().changelist_view(request, {**(extra_context or {}), **context})

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Allow it to who may change mails, though nobody edits one."""
        return request.user.has_perm("queries.change_incomingmail")

    @admin.display(description=_("text"))
    def text(self, mail: IncomingMail) -> str:
        """Return what a held mail says."""
        if mail.raw is None:
            return "–"
        try:
            return mask(read(bytes(mail.raw)).body[:SHOWN])
        except UnreadableMail:
            return mask(bytes(mail.raw[:SHOWN]).decode(errors="replace"))

    @admin.action(permissions=["handle"], description=_("Put in a conversation (one mail)"))
    def place(self, request: HttpRequest, mails: IncomingMails) -> HttpResponse | None:
        """Ask for the query, then store the mail as a message there."""
        if mails.count() != 1:
            self.message_user(request, _("Choose one mail to place."), messages.ERROR)
            return None
        mail = mails.get()
        form = PlaceForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self._place(request, mail, form.cleaned_data["query"])
            return None
        context = self.admin_site.each_context(request) | {
            "title": _("Put in a conversation"),
            "opts": self.opts,
            "mail": mail,
            "text": self.text(mail),
            "form": form,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/queries/incomingmail/place.html", context)

    def _place(self, request: HttpRequest, mail: IncomingMail, query: CustomerQuery) -> None:
        try:
            incoming.place(mail, query, by=actor(request), now=timezone.now())
        except (incoming.NotHeld, QueryIsErased):
            self.message_user(request, _("This mail or query is done already."), messages.WARNING)
        except UnreadableMail:
            self.message_user(request, _("This mail cannot be read."), messages.ERROR)
        else:
            self.message_user(request, _("The mail is in the conversation."), messages.SUCCESS)

    @admin.action(permissions=["handle"], description=_("Throw away"))
    def discard(self, request: HttpRequest, mails: IncomingMails) -> None:
        """Throw the chosen mails away, those that still wait."""
        count = 0
        for mail in mails.held():
            incoming.discard(mail, by=actor(request), now=timezone.now())
            count += 1
        done = ngettext("%(count)d mail is thrown away.", "%(count)d mails are thrown away.", count)
        self.message_user(request, done % {"count": count}, messages.SUCCESS)

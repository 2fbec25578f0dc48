"""The shop's saved replies: a list, and a page to write one."""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from queries.forms import SavedReplyForm
from queries.models import SavedReply
from queries.placeholders import MARKS
from queries.saved_replies import NameIsTaken, save_reply
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right

MEANINGS: Final = (
    gettext_lazy("the customer’s name"),
    gettext_lazy("the customer’s first name"),
    gettext_lazy("the order number"),
    gettext_lazy("the name of your shop"),
    gettext_lazy("the name of who answers"),
)
MEANING_OF: Final = dict(zip(MARKS, MEANINGS, strict=True))


@shop_page(needs=Right.ANSWER)
def saved_replies(request: ShopRequest) -> HttpResponse:
    """List what the shop uses again and again."""
    rows = SavedReply.objects.filter(seller=request.seller).order_by("title", "pk")
    return render(request, "queries/saved_replies.html", {"saved_replies": rows})


@shop_page(needs=Right.ANSWER)
def add_saved_reply(request: ShopRequest) -> HttpResponse:
    """Write a new one."""
    return _write(request, None)


@shop_page(needs=Right.ANSWER)
def saved_reply(request: ShopRequest, saved_reply_id: int) -> HttpResponse:
    """Change one, or delete it."""
    saved = get_object_or_404(SavedReply, pk=saved_reply_id, seller=request.seller)
    if request.method == "POST" and "delete" in request.POST:
        saved.delete()
        messages.success(request, _("The saved reply is deleted."))
        return redirect("queries:saved_replies")
    return _write(request, saved)


def _write(request: ShopRequest, saved: SavedReply | None) -> HttpResponse:
    fields = ("title", "language", "body")
    initial = {name: getattr(saved, name) for name in fields} if saved else None
    form = SavedReplyForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_reply(request.seller, saved=saved, **form.cleaned_data, now=timezone.now())
        except NameIsTaken:
            form.add_error("title", _("There is already a saved reply with this name."))
        else:
            messages.success(request, _("The saved reply is saved."))
            return redirect("queries:saved_replies")
    context = {"form": form, "saved": saved, "marks": MEANING_OF}
    return render(request, "queries/saved_reply.html", context, status=422 if form.errors else 200)

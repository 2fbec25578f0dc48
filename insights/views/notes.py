"""The note of a month: an owner writes it, changes it, removes it and puts it back."""

from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from insights import notes
from insights.forms.notes import MonthNoteForm
from insights.models import MonthNote
from insights.views.parameters import chosen_month, is_no_month, today
from sellers.access import ShopRequest, shop_page
from sellers.actions.team import NotAnOwner
from sellers.enums import Right
from sellers.events import Actor


@shop_page(needs=Right.MANAGE_TEAM)
def month_note(request: ShopRequest) -> HttpResponse:
    """Show the note of a month; write it, remove it, or put back what it said before."""
    now = timezone.now()
    if is_no_month(request, today=today(now)):
        raise Http404
    month = chosen_month(request, today=today(now))
    note = MonthNote.objects.for_seller(request.seller).filter(month=month).first()
    form = MonthNoteForm(request.POST or None, initial={"words": note.words if note else ""})
    then = request.POST.get("then", "write")
    if request.method == "POST" and (then != "write" or form.is_valid()):
        words = form.cleaned_data["words"] if then == "write" else ""
        said = _change(request, month, words, put_back=then == "back", now=now)
        messages.success(request, said)
        return redirect(f"{reverse('insights:month_note')}?month={month:%Y-%m}")
    context = {
        "name": _("Note of a month"),
        "tab": "overview",
        "fragment": "insights/_month_note.html",
        "month": month,
        "note": note,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "insights/section.html", context, status=status)


def _change(request: ShopRequest, month: date, words: str, *, put_back: bool, now: datetime) -> str:
    """Do what is asked for and return what is said of it; raise PermissionDenied for no owner."""
    seller, by = request.seller, Actor.user(request.user)
    try:
        if put_back:
            notes.put_note_back(seller, month=month, by=by, now=now)
            return _("The note says again what it said before.")
        notes.note_month(seller, month=month, words=words, by=by, now=now)
    except NotAnOwner as error:
        raise PermissionDenied from error
    except notes.NothingToPutBack:
        return _("There is nothing to put back.")
    return _("The note is stored.") if words else _("The note is removed.")

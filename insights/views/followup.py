"""One follow-up task: its page, and everything that is done to it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from insights.forms.followups import ContactReplyForm, FinishForm, LoggedCallForm, written_before
from insights.refusals import REFUSED
from insights.reports.followup_steps import all_playbooks, checklist, followup_history
from insights.views.advice import advice_on
from insights.views.followup_list import assigned_in_words, followup_list
from insights.views.typed_words import TypedWords
from queries.advice import advise
from queries.forms import AssignForm, FormKey
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor
from surveys.enums import CallOutcome, ContactKind, FollowUpState
from surveys.followup_rules import may_be_called, may_be_written
from surveys.followups import working
from surveys.models import FollowUp, SurveyResponse

FINISH_BOXES: Final = ("state", "note", "promised", "cause_topic", "cause", "lesson")
REPLY_BOXES: Final = ("body", "how")
CALL_BOXES: Final = ("outcome", "call_note", "how")
BOXES: Final = (*FINISH_BOXES, "body", "outcome", "call_note", "how")
TEXT_BOXES: Final = ("body", "call_note", "note", "promised", "cause", "lesson")

FollowUpAction = Callable[[ShopRequest, FollowUp], HttpResponse]


@dataclass(kw_only=True)
class Typed:
    """The forms of a page that come back, each with what is wrong in it."""

    reply: Form | None = None
    call: Form | None = None
    finish: Form | None = None


def followup_action(act: FollowUpAction) -> Callable[..., HttpResponseBase]:
    """Allow what is done to a task only by POST, and by who may answer; else show the task.

    What else was typed on the page waits there. What cannot be done any more says so.
    """

    @shop_page(needs=Right.ANSWER)
    @wraps(act)
    def post_only(request: ShopRequest, followup_id: int) -> HttpResponse:
        task = _mine(request, followup_id)
        if request.method != "POST":
            return back_to(request, task)
        typed_about(request, task).keep(BOXES)
        try:
            return act(request, task)
        except tuple(REFUSED) as refused:
            messages.info(request, str(REFUSED[type(refused)]))
            return back_to(request, task)

    return post_only


def _mine(request: ShopRequest, followup_id: int) -> FollowUp:
    """Return a task of the reader's shop; another's is not found."""
    tasks = FollowUp.objects.for_seller(request.seller).with_people()
    return get_object_or_404(tasks.select_related("seller", "playbook"), pk=followup_id)


def back_to(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Return to a task, beside the list it was opened from."""
    path = reverse("insights:followup", args=[task.pk])
    return redirect(f"{path}?{request.GET.urlencode()}" if request.GET else path)


def typed_about(request: ShopRequest, task: FollowUp) -> TypedWords:
    """Return what the reader typed about this task and nothing stored."""
    began = written_before(task) | {"how": ContactKind.REPLY}
    return TypedWords(request, task, began=began)


@shop_page()
def followup(request: ShopRequest, followup_id: int) -> HttpResponse:
    """Show a task beside the list it was opened from."""
    return _page(request, _mine(request, followup_id))


def _page(
    request: ShopRequest, task: FollowUp, typed: Typed | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    now = timezone.now()
    steps = checklist(task)
    contacts = list(task.contacts.select_related("message").order_by("made_at", "pk"))
    acts = request.membership.may_answer and task.lapsed_at is None
    context = {
        "listed": followup_list(request, now=now),
        "task": task,
        "now": now,
        "steps": steps,
        "done": sum(each.is_done for each in steps),
        "topics": task.response.topics.all(),
        "history": followup_history(task, contacts=contacts, steps=steps),
        "matrix": all_playbooks(),
        "score": task.response.score,
        "works": acts and task.is_open,
        "reopens": acts and task.is_finished,
    }
    if context["works"]:
        context |= _forms(request, task, typed or Typed())
    context["unstored"] = _unstored(request, task, context)
    return render(request, "insights/followups/task.html", context, status=status)


def _forms(request: ShopRequest, task: FollowUp, typed: Typed) -> dict[str, Any]:
    """Return the forms with what was typed in each, and which ways of contact there are."""
    words, query = typed_about(request, task).words, task.response.query
    assert query, "Nobody follows up on what was imported."
    replies = task.contacts.replies().count()
    reply = typed.reply or ContactReplyForm(initial=words)
    return {
        "reply_form": reply,
        "call_form": typed.call or LoggedCallForm(initial=words),
        "finish_form": typed.finish or FinishForm(initial=written_before(task) | words),
        "form_key": FormKey.of(_key(request), query=query, user=request.user),
        "calls": may_be_called(task.wish),
        "writes": may_be_written(task.wish, replies=replies) and not query.erased_at,
        "how": ContactKind.CALL if words.get("how") == ContactKind.CALL else ContactKind.REPLY,
        "remarks": advise(str(reply["body"].value() or ""), language=query.language),
    }


def _unstored(request: ShopRequest, task: FollowUp, page: Mapping[str, Any]) -> list[str]:
    """Return what was typed in boxes that are not there any more, to copy."""
    words, there = typed_about(request, task).words, set(FINISH_BOXES if page["works"] else ())
    there |= {"body"} if page.get("writes") else set()
    there |= {"call_note"} if page.get("calls") else set()
    return [words[name] for name in TEXT_BOXES if words.get(name) and name not in there]


def _key(request: ShopRequest) -> UUID:
    """Return the key of the form that comes back, or a new one."""
    found = FormKey.read(request.POST)
    return found.key if found else uuid4()


@vary_on_headers("HX-Request")
@shop_page()
def of_measurement(request: ShopRequest, response_id: int) -> HttpResponse:
    """Show how far the follow-up of a measurement is, beside it and beside its query."""
    mine = SurveyResponse.objects.for_seller(request.seller)
    response = get_object_or_404(mine.select_related("query"), pk=response_id)
    task = FollowUp.objects.for_seller(request.seller).filter(response=response)
    context = {
        "measurement": response,
        "task": task.select_related("assignee", "cause_topic").first(),
        "now": timezone.now(),
    }
    fragment, page = "insights/followups/_beside.html", "insights/followups/beside.html"
    return render(request, fragment if request.htmx else page, context)


@followup_action
def step(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Tick a step of the playbook, or take the tick away."""
    act, pk = (
        (working.untick, request.POST["untick"])
        if "untick" in request.POST
        else (working.tick, request.POST.get("tick", ""))
    )
    if re.fullmatch(r"[0-9]{1,18}", pk):
        chosen = get_object_or_404(task.playbook.steps, pk=pk)
        act(task, step=chosen, by=Actor.user(request.user), now=timezone.now())
    return back_to(request, task)


@followup_action
def keep(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Keep what was typed: the first button of the form, so that Enter does nothing else."""
    return back_to(request, task)


@followup_action
def advice(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Say what may be better in the reply, or take a sentence out of it."""
    query = task.response.query
    assert query, "Nobody follows up on what was imported."
    return advice_on(request, query, typed=typed_about(request, task)) or back_to(request, task)


@followup_action
def reply(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Write to the customer in the conversation."""
    form = ContactReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, task, Typed(reply=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    found = FormKey.read(request.POST)
    working.reply(
        task,
        body=form.cleaned_data["body"],
        send_key=found.key if found else None,
        by=Actor.user(request.user),
        now=timezone.now(),
    )
    typed_about(request, task).forget(REPLY_BOXES)
    messages.success(request, _("Your reply is on its way to the customer."))
    return back_to(request, task)


@followup_action
def call(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Keep what came of a phone call."""
    form = LoggedCallForm(request.POST)
    if not form.is_valid():
        return _page(request, task, Typed(call=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    outcome = CallOutcome(form.cleaned_data["outcome"])
    note, by, now = form.cleaned_data["call_note"], Actor.user(request.user), timezone.now()
    working.log_call(task, outcome=outcome, note=note, by=by, now=now)
    typed_about(request, task).forget(CALL_BOXES)
    messages.success(request, _("The call is recorded."))
    return back_to(request, task)


@followup_action
def finish(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """End the task with a note."""
    form = FinishForm(request.POST)
    if not form.is_valid():
        return _page(request, task, Typed(finish=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = form.cleaned_data | {"state": FollowUpState(form.cleaned_data["state"])}
    working.finish(task, **chosen, by=Actor.user(request.user), now=timezone.now())
    typed_about(request, task).forget(BOXES)
    messages.success(request, _("Finished. The score stays what it is."))
    return back_to(request, task)


@followup_action
def reopen(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Open a finished task again."""
    working.reopen(task, by=Actor.user(request.user), now=timezone.now())
    messages.success(request, _("The task is open again."))
    return back_to(request, task)


@followup_action
def assign(request: ShopRequest, task: FollowUp) -> HttpResponse:
    """Give the task to a colleague, to oneself or to nobody."""
    form = AssignForm(request.POST, seller=request.seller)
    if not form.is_valid():
        raise working.CannotAnswer
    assignee = form.cleaned_data["assignee"]
    working.assign(task, assignee=assignee, by=Actor.user(request.user), now=timezone.now())
    messages.success(request, assigned_in_words(1, assignee))
    return back_to(request, task)

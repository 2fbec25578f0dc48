"""The team of a shop: who is in it and as what, who is invited, and who leaves.

It is here and not in `sellers` because open queries go to others with a member who leaves.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from queries.actions import (
    CannotAnswer,
    change_member_role,
    remove_member,
    work_in_hand,
)
from queries.models import CustomerQuery
from sellers import actions
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right, Role
from sellers.events import Actor
from sellers.forms import HandToForm, RoleForm, TeamInvitationForm
from sellers.models import LINK_WORKS_FOR, Membership, TeamInvitation

MEMBER: Final = "queries/team/member.html"
REMOVE: Final = "queries/team/remove.html"
NOT_INVITED: dict[type[Exception], Promise] = {
    actions.AlreadyMember: gettext_lazy("This person is in your team already."),
    actions.AlreadyInvited: gettext_lazy(
        "This address has an open invitation. You can send it again below."
    ),
    actions.TooManyInvitations: gettext_lazy(
        "Your shop invited very many people today. Invite the others tomorrow."
    ),
}
REFUSED: dict[type[Exception], Promise] = {
    actions.LastOwner: gettext_lazy(
        "A shop keeps at least one owner who can log in. Make a colleague owner first."
    ),
    actions.MembershipIsOver: gettext_lazy("This colleague was removed meanwhile."),
    actions.InvitationIsOver: gettext_lazy("This invitation was accepted or withdrawn meanwhile."),
    actions.AskedTooOften: gettext_lazy(
        "This invitation was mailed a moment ago. Wait five minutes before you send it again."
    ),
    CannotAnswer: gettext_lazy(
        "The colleague who should get the open queries cannot answer any more. Choose another."
    ),
}

InvitationAction = Callable[[ShopRequest, TeamInvitation], str]


@shop_page(needs=Right.MANAGE_TEAM)
def team(request: ShopRequest) -> HttpResponse:
    """Show who is in the team, and who is invited."""
    return _team(request, TeamInvitationForm())


@shop_page(needs=Right.MANAGE_TEAM)
def invite(request: ShopRequest) -> HttpResponse:
    """Ask somebody to join the shop that the form was about."""
    if request.method != "POST":
        return _team(request, TeamInvitationForm())
    form = TeamInvitationForm(request.POST)
    if request.POST.get("shop") != str(request.seller.pk):
        form.add_error(None, _("You look at another shop now: is it this team that you mean?"))
    if not form.is_valid():
        return _team(request, form)
    email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
    by, now = Actor.user(request.user), timezone.now()
    try:
        actions.invite(request.seller, email=email, role=role, by=by, now=now)
    except tuple(NOT_INVITED) as refused:
        form.add_error("email", str(NOT_INVITED[type(refused)]))
        return _team(request, form)
    except actions.NotAnOwner:
        return redirect("home")
    messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": email})
    return redirect("team:list")


def invitation_action(act: InvitationAction) -> Callable[..., HttpResponseBase]:
    """Allow what is done to an invitation only by POST; the action returns what to say."""

    @shop_page(needs=Right.MANAGE_TEAM)
    @wraps(act)
    def of_shop(request: ShopRequest, invitation_id: int) -> HttpResponse:
        mine = TeamInvitation.objects.for_seller(request.seller).select_related("seller")
        invitation = get_object_or_404(mine, pk=invitation_id)
        if request.method == "POST":
            try:
                messages.success(request, act(request, invitation))
            except tuple(REFUSED) as refused:
                messages.info(request, str(REFUSED[type(refused)]))
            except actions.NotAnOwner:
                return redirect("home")
        return redirect("team:list")

    return of_shop


@invitation_action
def invite_again(request: ShopRequest, invitation: TeamInvitation) -> str:
    """Mail an invitation once more."""
    actions.invite_again(invitation, by=Actor.user(request.user), now=timezone.now())
    return _("A new link is on its way to %(email)s; the old one does not work any more.") % {
        "email": invitation.email
    }


@invitation_action
def withdraw(request: ShopRequest, invitation: TeamInvitation) -> str:
    """Let an invitation lead nowhere."""
    actions.withdraw(invitation, by=Actor.user(request.user), now=timezone.now())
    return _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email}


@shop_page(needs=Right.MANAGE_TEAM)
def member(request: ShopRequest, member_id: int) -> HttpResponse:
    """Show a member, and change their role."""
    of_team = _of_team(request, member_id)
    typed = request.POST if request.method == "POST" else None
    form = RoleForm(typed, initial={"role": of_team.role})
    hand_to = HandToForm(typed, leaving=of_team)
    if not (form.is_valid() and hand_to.is_valid()):
        return _member(request, MEMBER, of_team, form=form, hand_to=hand_to)
    try:
        change_member_role(
            of_team,
            role=Role(form.cleaned_data["role"]),
            hand_to=hand_to.cleaned_data["hand_to"],
            by=Actor.user(request.user),
            now=timezone.now(),
        )
    except actions.NotAnOwner:
        return redirect("home")
    except tuple(REFUSED) as refused:
        form.add_error("role", str(REFUSED[type(refused)]))
        return _member(request, MEMBER, of_team, form=form, hand_to=hand_to)
    role = of_team.get_role_display()
    messages.success(
        request, _("%(name)s’s role is now: %(role)s.") % {"name": of_team.user, "role": role}
    )
    return redirect("home" if of_team.user == request.user else "team:list")


@shop_page(needs=Right.MANAGE_TEAM)
def remove(request: ShopRequest, member_id: int) -> HttpResponse:
    """Ask to confirm that a member goes, and say what becomes of their open queries."""
    of_team = _of_team(request, member_id)
    hand_to = HandToForm(request.POST if request.method == "POST" else None, leaving=of_team)
    if not hand_to.is_valid():
        return _member(request, REMOVE, of_team, hand_to=hand_to)
    by, now = Actor.user(request.user), timezone.now()
    try:
        remove_member(of_team, hand_to=hand_to.cleaned_data["hand_to"], by=by, now=now)
    except actions.NotAnOwner:
        return redirect("home")
    except tuple(REFUSED) as refused:
        messages.info(request, str(REFUSED[type(refused)]))
        return redirect("team:list")
    messages.success(request, _("%(name)s is not in the team any more.") % {"name": of_team.user})
    return redirect("home" if of_team.user == request.user else "team:list")


def _of_team(request: ShopRequest, member_id: int) -> Membership:
    return get_object_or_404(Membership.objects.for_seller(request.seller), pk=member_id)


def _team(request: ShopRequest, form: TeamInvitationForm) -> HttpResponse:
    now = timezone.now()
    invitations = TeamInvitation.objects.for_seller(request.seller).open()
    assigned = CustomerQuery.objects.for_seller(request.seller).open().exclude(assignee=None)
    work = dict(assigned.values_list("assignee").annotate(Count("pk")).order_by())
    context = {
        "members": [
            (each, work.get(each.user_id, 0))
            for each in Membership.objects.for_seller(request.seller)
        ],
        "invitations": [
            (each, each.is_expired(now=now))
            for each in invitations.select_related("invited_by").order_by("-expires_at", "-pk")
        ],
        "form": form,
        "works_for_days": LINK_WORKS_FOR.days,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    return render(request, "queries/team/list.html", context, status=status)


def _member(
    request: HttpRequest,
    template: str,
    of_team: Membership,
    *,
    hand_to: HandToForm,
    form: RoleForm | None = None,
) -> HttpResponse:
    others = Membership.objects.for_seller(of_team.seller).owning().exclude(pk=of_team.pk)
    context = {
        "member": of_team,
        "is_last_owner": of_team.role == Role.OWNER and not others.exists(),
        "work": work_in_hand(of_team).count(),
        "form": form,
        "hand_to": hand_to,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if hand_to.is_bound else HTTPStatus.OK
    return render(request, template, context, status=status)

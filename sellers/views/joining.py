"""Who was invited to a team joins it: by the link in the mail, or logged in with that address.

A GET only shows: mail scanners follow links. Who has the link reads that mailbox, so these pages
may say whether its address has an account; nobody else learns it.
"""

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sellers import actions
from sellers.access import CHOSEN_SHOP
from sellers.adapter import remember_browser
from sellers.addresses import normalised_email
from sellers.enums import Language
from sellers.forms import NewAccountForm
from sellers.links import PrivatePages, page_that_logs_in
from sellers.models import Membership, TeamInvitation, TeamInvitations, User


def _rows() -> TeamInvitations:
    return TeamInvitation.objects.select_related("seller", "invited_by")


join_pages = PrivatePages(
    path="/team/join/",
    find=lambda digest: _rows().filter(token_digest=digest).first(),
    unknown="sellers/join/over.html",
    too_many="sellers/join/too_many.html",
    keep=page_that_logs_in,
)


@join_pages.page
def join(request: HttpRequest, invitation: TeamInvitation, token: str) -> HttpResponse:
    """Show who invites to what, and let who was invited join."""
    is_open = TeamInvitation.objects.working(now=timezone.now()).filter(pk=invitation.pk).exists()
    if not is_open:
        return _over(request)
    if isinstance(request.user, User):
        return _join_as_reader(request, request.user, invitation, token)
    if User.objects.with_email(invitation.email).exists():
        return _page(request, "sellers/join/log_in.html", invitation, token)
    return _join_with_new_account(request, invitation, token)


@login_required
def accept(request: HttpRequest, own_invitation_id: int) -> HttpResponse:
    """Join without the link: the reader logs in with the address that was invited."""
    assert isinstance(request.user, User)
    mine = _rows().open().to_user(request.user)
    invitation = get_object_or_404(mine, pk=own_invitation_id)
    if request.method != "POST":
        return redirect("sellers:settings")
    try:
        membership = actions.join(invitation, user=request.user, now=timezone.now())
    except actions.AlreadyMember:
        messages.info(request, _("You belong to this shop already."))
    except actions.InvitationIsOver:
        messages.info(request, _("This invitation does not work any more. Ask for a new one."))
    else:
        return _welcome(request, membership)
    return redirect("home")


def _join_as_reader(
    request: HttpRequest, reader: User, invitation: TeamInvitation, token: str
) -> HttpResponse:
    """Ask who is logged in to confirm; somebody else, to log out."""
    if normalised_email(reader.email) != invitation.email:
        return _page(request, "sellers/join/somebody_else.html", invitation, token)
    if request.method != "POST":
        return _page(request, "sellers/join/confirm.html", invitation, token)
    return accept(request, invitation.pk)


def _join_with_new_account(
    request: HttpRequest, invitation: TeamInvitation, token: str
) -> HttpResponse:
    """Ask for a name and a password, and log in who gave them."""
    given = request.POST if request.method == "POST" else None
    initial = {"language": invitation.language}
    form = NewAccountForm(given, email=invitation.email, initial=initial)
    if not form.is_valid():
        return _page(request, "sellers/join/new_account.html", invitation, token, form=form)
    try:
        membership = actions.join_with_new_account(
            invitation,
            name=form.cleaned_data["name"],
            language=Language(form.cleaned_data["language"]),
            password=form.cleaned_data["password"],
            now=timezone.now(),
        )
    except actions.InvitationIsOver:
        return _over(request)
    except actions.HasAccount:
        return redirect("sellers:join", token)
    login(request, membership.user)
    response = _welcome(request, membership)
    remember_browser(response, membership.user)
    return response


def _welcome(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Look at the shop that was joined."""
    request.session[CHOSEN_SHOP] = membership.seller_id
    messages.success(
        request, _("Welcome to the team of %(seller)s!") % {"seller": membership.seller}
    )
    return redirect("home")


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "sellers/join/over.html", status=HTTPStatus.GONE)


def _page(
    request: HttpRequest,
    template: str,
    invitation: TeamInvitation,
    token: str,
    *,
    form: NewAccountForm | None = None,
) -> HttpResponse:
    context = {"invitation": invitation, "token": token, "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form and form.is_bound else HTTPStatus.OK
    return render(request, template, context, status=status)

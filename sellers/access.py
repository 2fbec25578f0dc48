"""The tenant guard: the one way from a request to a shop."""

import re
from collections.abc import Callable, Collection, Container
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.encoding import escape_uri_path
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRefresh
from django_htmx.middleware import HtmxDetails

from sellers.enums import Right, Role
from sellers.models import Membership, Seller, TeamInvitation, TeamInvitations, User
from sellers.typed import typed_words

CHOSEN_SHOP = "seller_id"  # session key: which of their shops a user looks at
LOOKED_AT = "looked_at"  # session key: which shop staff look at
SHOP = "shop"  # parameter of a link from elsewhere: which of their shops it is about


class ShopRequest(HttpRequest):
    """A request by a member of a shop; what it may see is `seller`'s.

    Where `is_staff_looking` it is one of the marketplace, in no team, who reads as an analyst does.
    """

    user: User
    htmx: HtmxDetails
    memberships: list[Membership]
    membership: Membership
    seller: Seller
    is_staff_looking: bool


def posted(request: HttpRequest) -> QueryDict:
    """Return what was sent with a form; nothing where that cannot be read.

    For pages that say what went wrong before anything looked at it: a second error would hide it.
    """
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return QueryDict()


def ask_to_log_in(request: Any, *, kept: Container[str] = ()) -> HttpResponseBase:
    """Send a visitor to the log-in page; what they typed and nothing keeps is shown, to copy."""
    if request.htmx:
        return HttpResponseClientRefresh()  # else the log-in page lands inside the page
    to_login = redirect_to_login(request.get_full_path())
    words = typed_words(posted(request), kept)
    if not words:
        return to_login
    context = {"words": words, "login": to_login.url}
    return render(request, "sellers/logged_out.html", context, status=403)


def open_invitations(user: User) -> TeamInvitations:
    """Return what a user may accept without the link: only they read mail to that address."""
    theirs = TeamInvitation.objects.open().to_user(user)
    return theirs.select_related("seller", "invited_by").order_by("seller__name", "pk")


def at_shop(path: str, seller_id: int) -> str:
    """Return a link to a page of a shop, for who may look at another when they follow it."""
    return f"{path}{'&' if '?' in path else '?'}{SHOP}={seller_id}"


ShopPage = Callable[Concatenate[ShopRequest, ...], HttpResponseBase]


def shop_page(
    *, needs: Right = Right.READ, staff_with: Collection[str] = ()
) -> Callable[[ShopPage], Callable[..., HttpResponseBase]]:
    """Guard a page: log in, find the shop, check the right; no browser keeps a copy.

    Anonymous visitors go to the log-in page, staff without a shop to the admin, other users
    without a shop get a page that says so. A link that says of which shop it is leads there, and
    nowhere else. Staff in no team who have the permissions `staff_with`, if there are any, read the
    page of the shop that a link from the admin names. Raises PermissionDenied when the role lacks
    `needs`.
    """

    def decorate(page: ShopPage) -> Callable[..., HttpResponseBase]:
        @never_cache
        @wraps(page)
        def of_shop(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_log_in(request)
            request.memberships = list(Membership.objects.of_user(request.user))
            request.is_staff_looking = False
            if not request.memberships:
                if request.user.is_staff:
                    elsewhere = _look_as_staff(request, staff_with)
                    return elsewhere if elsewhere else page(request, *args, **kwargs)
                invitations = open_invitations(request.user)
                context = {"invitations": invitations}
                return render(request, "sellers/no_shop.html", context, status=403)
            chosen = request.session.get(CHOSEN_SHOP)
            request.membership = next(
                (one for one in request.memberships if one.seller_id == chosen),
                request.memberships[0],
            )
            request.seller = request.membership.seller
            if request.method in ("GET", "HEAD") and SHOP in request.GET:
                return _follow_link(request)
            if not request.membership.may(needs):
                raise PermissionDenied
            return page(request, *args, **kwargs)

        return of_shop

    return decorate


def _look_as_staff(request: ShopRequest, permissions: Collection[str]) -> HttpResponseBase | None:
    """Let staff look at a shop as its analyst; return where they go instead when they may not.

    Nothing can be sent: only a page that is looked at is shown. Raises Http404 for no shop.
    """
    looks = request.method in ("GET", "HEAD")
    if not (permissions and looks and request.user.has_perms(permissions)):
        return redirect("admin:index")
    if SHOP in request.GET:
        asked = request.GET[SHOP]
        known = Seller.objects.filter(pk=asked) if re.fullmatch(r"[0-9]{1,18}", asked) else None
        if known is None or not known.exists():
            raise Http404
        request.session[LOOKED_AT] = int(asked)
        return redirect(_without_shop(request))
    seller = Seller.objects.filter(pk=request.session.get(LOOKED_AT, 0)).first()
    if seller is None:
        return redirect("admin:index")
    request.is_staff_looking, request.seller = True, seller
    request.membership = Membership(user=request.user, seller=seller, role=Role.ANALYST)
    return None


def _without_shop(request: ShopRequest) -> str:
    """Return the page that is asked for, without the parameter that says of which shop."""
    parameters = request.GET.copy()
    del parameters[SHOP]
    return f"{escape_uri_path(request.path)}{'?' if parameters else ''}{parameters.urlencode()}"


def _follow_link(request: ShopRequest) -> HttpResponseBase:
    """Go where a link leads that says of which shop it is; ask first when that is another one.

    Looking changes no choice: other windows show the shop that was chosen. Raises Http404 when it
    is none of the reader's shops.
    """
    about = next(
        (one for one in request.memberships if str(one.seller_id) == request.GET[SHOP]), None
    )
    if about is None:
        raise Http404
    page = _without_shop(request)
    if about == request.membership:
        return redirect(page)
    return render(request, "sellers/other_shop.html", {"about": about, "page": page})

"""What a reader was told of, and how they are told no more."""

import re
from typing import Final

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from insights.models import Alert, AlertMail, Alerts
from sellers import actions
from sellers.access import ShopRequest, shop_page
from sellers.enums import AlertKind
from sellers.events import Actor
from sellers.links import PrivatePages
from sellers.models import AlertPreferences

ALERTS_PER_PAGE: Final = 25
PRIMARY_KEY: Final = re.compile(r"[0-9]{1,18}")


def _mails() -> QuerySet[AlertMail]:
    return AlertMail.objects.select_related("user")


stop_pages = PrivatePages(
    path="/alerts/stop/",
    rows=_mails,
    unknown="insights/alerts/unknown.html",
    too_many="queries/too_many.html",
)


@shop_page()
def alerts(request: ShopRequest) -> HttpResponse:
    """List what the reader was told of at this shop, and mark as read what they say they read."""
    told = Alert.objects.of_user(request.user, seller=request.seller)
    if request.method == "POST":
        _chosen(told, request.POST).unread().mark_read(now=timezone.now())
        return redirect("alerts:list")
    pages = Paginator(told.latest_first().with_subject(), ALERTS_PER_PAGE)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "unread": told.unread().count(),
        "newest": told.order_by("-pk").values_list("pk", flat=True).first(),
    }
    return render(request, "insights/alerts/list.html", context)


@stop_pages.page
def stop(request: HttpRequest, mail: AlertMail, token: str) -> HttpResponse:
    """Ask, or with a POST store, that no such mails come any more; also undo that.

    A mail program's one-click POST (RFC 8058) carries `List-Unsubscribe=One-Click`.
    """
    kinds = [AlertKind(kind) for kind in mail.kinds]
    if request.method == "POST":
        act = actions.mail_again if "undo" in request.POST else actions.stop_mailing
        act(mail.user, kinds=kinds, by=Actor.user(mail.user), now=timezone.now())
        if "List-Unsubscribe" not in request.POST:  # mail programs do not follow redirects
            return redirect("alerts:stop", token)
    wish = AlertPreferences.objects.by_user([mail.user_id])[mail.user_id]
    stopped = not any(wish.mails(kind) for kind in kinds)
    return render(request, "insights/alerts/stop.html", {"kinds": kinds, "stopped": stopped})


def _chosen(told: Alerts, given: QueryDict) -> Alerts:
    """Return the one alert that was chosen, or all up to the latest that the page knew of."""
    one, newest = (PRIMARY_KEY.fullmatch(given.get(name, "")) for name in ("alert", "newest"))
    if one:
        return told.filter(pk=one[0])
    return told.filter(pk__lte=newest[0]) if newest else told.none()

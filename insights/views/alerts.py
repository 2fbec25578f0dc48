"""What a reader was told of, and how they are told no more."""

import re
from typing import Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from insights.alerts.words import path_of
from insights.models import Alert, AlertMail, Alerts
from queries.choices import changed_url
from sellers import actions
from sellers.access import ShopRequest, shop_page
from sellers.enums import AlertKind
from sellers.events import Actor
from sellers.keyset import page_of
from sellers.links import PrivatePages
from sellers.models import AlertPreferences

ALERTS_PER_PAGE: Final = 25
LATEST_FIRST: Final = ("-happened_at", "-pk")  # an index
PRIMARY_KEY: Final = re.compile(r"[0-9]{1,18}")


def _find(digest: str) -> AlertMail | None:
    return AlertMail.objects.select_related("user").filter(token_digest=digest).first()


stop_pages = PrivatePages(
    path="/alerts/stop/",
    find=_find,
    unknown="insights/alerts/unknown.html",
    too_many="queries/too_many.html",
)


@shop_page()
def alerts(request: ShopRequest) -> HttpResponse:
    """List what the reader was told of at this shop, and mark as read what they say they read."""
    told = Alert.objects.of_user(request.user, seller=request.seller)
    if request.method == "POST":
        return _read(request, told)
    page = page_of(
        told,
        LATEST_FIRST,
        size=ALERTS_PER_PAGE,
        fetch=_with_subject,
        after=_cursor(told, request.GET.get("after", "")),
        before=_cursor(told, request.GET.get("before", "")),
    )
    context = {
        "page": page,
        "previous": changed_url({"before": page.rows[0].pk}) if page.has_previous else "",
        "next": changed_url({"after": page.rows[-1].pk}) if page.has_next else "",
        "newest": told.unread().order_by("-pk").values_list("pk", flat=True).first(),
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


def _with_subject(few: Alerts) -> Alerts:
    """Fetch what a list shows of a few alerts; they are found first and then joined."""
    return Alert.objects.filter(pk__in=few.values("pk")).with_subject()


def _cursor(told: Alerts, pk: str) -> Alert | None:
    """Return the alert that a page begins or ends at, if there is such a one."""
    return told.filter(pk=pk).first() if PRIMARY_KEY.fullmatch(pk) else None


def _read(request: ShopRequest, told: Alerts) -> HttpResponse:
    """Mark as read what was chosen; what was opened leads where something can be done about it."""
    opened = _cursor(told, request.POST.get("open", ""))
    chosen = told.filter(pk=opened.pk) if opened else _chosen(told, request.POST)
    chosen.unread().mark_read(now=timezone.now())
    return redirect(path_of(opened) if opened else "alerts:list")


def _chosen(told: Alerts, given: QueryDict) -> Alerts:
    """Return the one alert that was chosen, or all up to the latest that the page knew of."""
    one, newest = (PRIMARY_KEY.fullmatch(given.get(name, "")) for name in ("alert", "newest"))
    if one:
        return told.filter(pk=one[0])
    return told.filter(pk__lte=newest[0]) if newest else told.none()

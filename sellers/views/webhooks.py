"""The webhooks of a shop: added, tested, switched off and looked into by its owner."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sellers import actions
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.events import Actor
from sellers.models import Webhook, WebhookDelivery, WebhookTry
from sellers.webhook_forms import ReplayForm, WebhookForm

PER_PAGE: Final = 25
REFUSED: Final[dict[type[Exception], Promise]] = {
    actions.WebhookIsOff: gettext_lazy("This webhook is switched off. Switch it on first."),
    actions.WebhookIsOn: gettext_lazy("Switch the webhook off before you remove it."),
    actions.SecretIsNewer: gettext_lazy(
        "The webhook was given a new secret meanwhile; that one stays. Did you not write it down? "
        "Then make another one."
    ),
    actions.TooManyEvents: gettext_lazy(
        "Too much happened in that time to send it at once. Choose a shorter time."
    ),
    Webhook.DoesNotExist: gettext_lazy("This webhook was removed meanwhile."),
}
NOT_STORED: Final[dict[type[Exception], Promise]] = {
    actions.WebhookExists: gettext_lazy("Your shop has a webhook with this URL already."),
    actions.TooManyWebhooks: gettext_lazy(
        "Your shop has as many webhooks as it can have. Remove one first."
    ),
}

WebhookPage = Callable[[ShopRequest, Webhook], HttpResponse]
WebhookAction = Callable[[ShopRequest, Webhook], str]


@shop_page(needs=Right.MANAGE_TEAM)
def webhooks(request: ShopRequest) -> HttpResponse:
    """Show the webhooks of the shop, and add the one that the form is about."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("shop") != str(request.seller.pk):
        form.add_error(None, _("You look at another shop now: is it this one that you mean?"))
    if form.is_valid():
        by, now = Actor.user(request.user), timezone.now()
        try:
            added = actions.add_webhook(request.seller, **form.cleaned_data, by=by, now=now)
        except tuple(NOT_STORED) as refused:
            form.add_error("url", str(NOT_STORED[type(refused)]))
        except actions.NotAnOwner:
            return redirect("home")
        else:
            return _secret(request, *added, is_new=True)
    theirs = Webhook.objects.for_seller(request.seller).order_by("pk")
    context = {"form": form, "webhooks": theirs}
    return render(request, "sellers/webhooks/list.html", context, status=_status(form))


def webhook_page(page: WebhookPage) -> Callable[..., HttpResponseBase]:
    """Find the webhook among those of the shop."""

    @shop_page(needs=Right.MANAGE_TEAM)
    @wraps(page)
    def of_shop(request: ShopRequest, webhook_id: int) -> HttpResponse:
        theirs = Webhook.objects.for_seller(request.seller).select_related("seller", "created_by")
        return page(request, get_object_or_404(theirs, pk=webhook_id))

    return of_shop


def webhook_action(act: WebhookAction) -> Callable[..., HttpResponseBase]:
    """Allow what is done to a webhook only by POST; the action returns what to say."""

    @webhook_page
    @wraps(act)
    def of_webhook(request: ShopRequest, webhook: Webhook) -> HttpResponse:
        if request.method == "POST":
            return _done(request, webhook, lambda: act(request, webhook))
        return redirect("sellers:webhook", webhook.pk)

    return of_webhook


@webhook_page
def webhook(request: ShopRequest, webhook: Webhook) -> HttpResponse:
    """Show how a webhook fares, and change where it goes and what it tells."""
    initial = {"url": webhook.url, "kinds": webhook.kinds}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        by, now = Actor.user(request.user), timezone.now()
        try:
            actions.change_webhook(webhook, **form.cleaned_data, by=by, now=now)
        except actions.WebhookExists as refused:
            form.add_error("url", str(NOT_STORED[type(refused)]))
        except (actions.NotAnOwner, Webhook.DoesNotExist):
            return redirect("home")
        else:
            messages.success(request, _("The webhook is stored."))
            return redirect("sellers:webhook", webhook.pk)
    return _webhook(request, webhook, form=form)


@webhook_page
def replay(request: ShopRequest, webhook: Webhook) -> HttpResponse:
    """Send what happened in a time again."""
    if request.method != "POST":
        return redirect("sellers:webhook", webhook.pk)
    form = ReplayForm(request.POST, now=timezone.now())
    if not form.is_valid():
        return _webhook(request, webhook, replay_form=form)

    def act() -> str:
        by, now = Actor.user(request.user), timezone.now()
        count = actions.replay(webhook, **form.cleaned_data, by=by, now=now)
        words = ngettext(
            "%(count)s event is on its way.", "%(count)s events are on their way.", count
        )
        return words % {"count": count}

    return _done(request, webhook, act)


@webhook_page
def rotate(request: ShopRequest, webhook: Webhook) -> HttpResponse:
    """Give a webhook a new secret, and show it this once."""
    if request.method != "POST":
        return redirect("sellers:webhook", webhook.pk)
    if request.POST.get("made_at") != webhook.secret_made_at.isoformat():
        messages.info(request, str(REFUSED[actions.SecretIsNewer]))
        return redirect("sellers:webhook", webhook.pk)
    by, now = Actor.user(request.user), timezone.now()
    try:
        secret = actions.rotate_secret(webhook, made_at=webhook.secret_made_at, by=by, now=now)
    except tuple(REFUSED) as refused:
        messages.info(request, str(REFUSED[type(refused)]))
        return redirect("sellers:webhooks")
    except actions.NotAnOwner:
        return redirect("home")
    return _secret(request, webhook, secret, is_new=False)


@webhook_action
def end_old_secret(request: ShopRequest, webhook: Webhook) -> str:
    """Sign with the new secret alone."""
    actions.end_old_secret(webhook, by=Actor.user(request.user), now=timezone.now())
    return _("The old secret does not sign any more.")


@webhook_action
def test(request: ShopRequest, webhook: Webhook) -> str:
    """Send an event about nothing."""
    actions.send_test(webhook, by=Actor.user(request.user), now=timezone.now())
    return _("A test event is on its way. How it fares stands in the log within seconds.")


@webhook_action
def turn_off(request: ShopRequest, webhook: Webhook) -> str:
    """Send nothing any more."""
    actions.turn_off(webhook, by=Actor.user(request.user), now=timezone.now())
    return _("The webhook is switched off.")


@webhook_action
def turn_on(request: ShopRequest, webhook: Webhook) -> str:
    """Send what happens from now on."""
    actions.turn_on(webhook, by=Actor.user(request.user), now=timezone.now())
    return _("The webhook is switched on. What happened meanwhile you can send again below.")


@webhook_page
def remove(request: ShopRequest, webhook: Webhook) -> HttpResponse:
    """Forget a webhook that is off."""
    if request.method != "POST":
        return redirect("sellers:webhook", webhook.pk)

    def act() -> str:
        actions.remove_webhook(webhook, by=Actor.user(request.user), now=timezone.now())
        return _("The webhook is removed.")

    return _done(request, webhook, act)


@shop_page(needs=Right.MANAGE_TEAM)
def send_again(request: ShopRequest, delivery_id: int) -> HttpResponse:
    """Send one event once more."""
    theirs = WebhookDelivery.objects.filter(webhook__seller=request.seller)
    delivery = get_object_or_404(theirs.select_related("webhook__seller"), pk=delivery_id)
    if request.method != "POST":
        return redirect("sellers:webhook", delivery.webhook_id)

    def act() -> str:
        actions.send_again(delivery, by=Actor.user(request.user), now=timezone.now())
        return _("The event is on its way once more.")

    return _done(request, delivery.webhook, act)


def _done(request: ShopRequest, webhook: Webhook, act: Callable[[], str]) -> HttpResponse:
    """Act and say how that went; go back to the webhook, or to the list when it is gone."""
    try:
        messages.success(request, act())
    except tuple(REFUSED) as refused:
        messages.info(request, str(REFUSED[type(refused)]))
    except actions.NotAnOwner:
        return redirect("home")
    is_there = Webhook.objects.for_seller(request.seller).filter(pk=webhook.pk).exists()
    return redirect("sellers:webhook", webhook.pk) if is_there else redirect("sellers:webhooks")


def _webhook(
    request: ShopRequest,
    webhook: Webhook,
    *,
    form: WebhookForm | None = None,
    replay_form: ReplayForm | None = None,
) -> HttpResponse:
    tries = Prefetch("tries", WebhookTry.objects.order_by("pk"))
    deliveries = webhook.deliveries.select_related("event").prefetch_related(tries)
    page = Paginator(deliveries.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "webhook": webhook,
        "now": now,
        "form": form or WebhookForm(initial={"url": webhook.url, "kinds": webhook.kinds}),
        "replay_form": replay_form or ReplayForm(now=now),
        "page": page,
    }
    status = _status(form, replay_form)
    return render(request, "sellers/webhooks/detail.html", context, status=status)


def _secret(request: ShopRequest, webhook: Webhook, secret: str, *, is_new: bool) -> HttpResponse:
    """Show a secret; no other page does, and no browser keeps this one."""
    context = {"webhook": webhook, "secret": secret, "is_new": is_new}
    return render(request, "sellers/webhooks/secret.html", context)


def _status(*filled_in: WebhookForm | ReplayForm | None) -> HTTPStatus:
    is_refused = any(form is not None and form.is_bound for form in filled_in)
    return HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK

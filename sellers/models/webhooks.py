"""Who wants to be told by a call of what happened, and what became of each call."""

from datetime import datetime
from typing import Final, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.enums import WEBHOOK_CHOICES, CallFailure, DeliveryState, OffReason, WebhookKind
from sellers.models.events import Event, EventCursor
from sellers.models.shops import Seller
from sellers.targets import LONGEST_URL
from sellers.webhook_rules import WARNED_AFTER, Trouble

TROUBLE: Final = ("failing_since", "warnings", "warned_at")  # fields
UNDER_WAY: Final = (DeliveryState.WAITING, DeliveryState.SENDING)
OVER: Final = tuple(state for state in DeliveryState if state not in UNDER_WAY)
SEALED: Final = r"^gAAAAA"  # how a Fernet token begins, and no secret in clear
LONGEST_KIND: Final = 40
LONGEST_EXCERPT: Final = 200

# Whatever the code above thinks: another shop's event does not go to this one's server. An event
# of no shop, such as a new standard, is everybody's.
OF_OWN_SHOP: Final = """
    IF EXISTS (
        SELECT FROM sellers_webhook AS webhook, sellers_event AS event
         WHERE webhook.id = NEW.webhook_id AND event.id = NEW.event_id
           AND webhook.seller_id <> event.seller_id
    ) THEN
        RAISE EXCEPTION 'The event is of another shop than the webhook';
    END IF;
    RETURN NEW;
"""


class Webhooks(models.QuerySet["Webhook"]):
    """Webhooks, narrowed by adjectives."""

    def for_seller(self, seller: Seller | None) -> Self:
        """Keep those of this shop; of None, the marketplace's."""
        return self.filter(seller=seller)

    def on(self) -> Self:
        """Keep those to which anything is sent."""
        return self.filter(off_reason="")

    def failing(self) -> Self:
        """Keep those to which nothing arrives."""
        return self.filter(failing_since__isnull=False)

    def resting(self, *, now: datetime) -> Self:
        """Keep those that are off, or that asked to be left in peace."""
        return self.filter(~models.Q(off_reason="") | models.Q(held_until__gt=now))


class Webhook(models.Model):
    """A server that wants to be told: whose, of what, and how it has fared."""

    seller = models.ForeignKey(
        Seller,
        on_delete=models.CASCADE,
        related_name="webhooks",
        null=True,
        blank=True,
        verbose_name=_("seller"),
        help_text=_("Empty: of the marketplace, about all shops."),
    )
    url = models.CharField(_("URL"), max_length=LONGEST_URL)
    kinds = ArrayField(
        models.CharField(max_length=LONGEST_KIND, choices=WebhookKind), verbose_name=_("events")
    )
    # Sealed (sellers/sealing.py): the portal signs with it, so it must be able to read it.
    secret = models.TextField(editable=False)
    secret_made_at = models.DateTimeField(_("secret made"), editable=False)
    old_secret = models.TextField(editable=False, blank=True, default="")
    old_secret_until = models.DateTimeField(
        _("old secret signs until"), null=True, blank=True, editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="webhooks",
        verbose_name=_("added by"),
    )
    created_at = models.DateTimeField(_("added"))
    on_since = models.DateTimeField(_("on since"))  # what happened before is not told by itself
    off_reason = models.CharField(_("off because"), max_length=20, choices=OffReason, blank=True)
    off_at = models.DateTimeField(_("off since"), null=True, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    warnings = models.PositiveSmallIntegerField(_("warnings"), default=0)
    warned_at = models.DateTimeField(_("warned"), null=True, blank=True)
    held_until = models.DateTimeField(_("asked to wait until"), null=True, blank=True)

    objects = Webhooks.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "url"], nulls_distinct=False, name="webhook_once_per_url"
            ),
            models.CheckConstraint(
                condition=models.Q(url__regex=r"^https?://[a-z0-9\[]"), name="webhook_url_of_web"
            ),
            models.CheckConstraint(
                condition=models.Q(kinds__len__gte=1)
                & models.Q(kinds__contained_by=[kind.value for kind in WEBHOOK_CHOICES]),
                name="webhook_kinds_known",
            ),
            models.CheckConstraint(
                condition=models.Q(secret__regex=SEALED),
                name="webhook_secret_sealed",
            ),
            models.CheckConstraint(
                condition=models.Q(old_secret="", old_secret_until=None)
                | models.Q(old_secret__regex=SEALED, old_secret_until__isnull=False),
                name="webhook_old_secret_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(off_reason="", off_at=None)
                | models.Q(off_reason__in=OffReason.values, off_at__isnull=False),
                name="webhook_off_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(warnings=0, warned_at=None)
                | models.Q(
                    warnings__range=(1, len(WARNED_AFTER)),
                    warned_at__isnull=False,
                    failing_since__isnull=False,
                ),
                name="webhook_warned_while_failing",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="webhook_stays_its_owner_s", fields=["seller", "created_by", "created_at"]
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"  # a URL may hold a key

    @property
    def host(self) -> str:
        """Return which server it calls; the rest of a URL may hold a key."""
        return self.url.split("/")[2]

    @property
    def trouble(self) -> Trouble | None:
        """Return since when nothing has arrived, if so."""
        if self.failing_since is None:
            return None
        return Trouble(self.failing_since, self.warnings, self.warned_at)

    @trouble.setter
    def trouble(self, trouble: Trouble | None) -> None:
        self.failing_since = trouble.since if trouble else None
        self.warnings = trouble.warnings if trouble else 0
        self.warned_at = trouble.warned_at if trouble else None

    @property
    def is_on(self) -> bool:
        """Return whether anything is sent to it."""
        return not self.off_reason

    @property
    def kind_labels(self) -> list[str]:
        """Return what it is told, in words."""
        return [str(kind.label) for kind in WEBHOOK_CHOICES if kind in self.kinds]


class WebhookDeliveries(models.QuerySet["WebhookDelivery"]):
    """Events on their way to webhooks, narrowed by adjectives."""

    def due(self, *, now: datetime) -> Self:
        """Keep those whose next try has come, also by a sender that died; a partial index."""
        return self.filter(state__in=UNDER_WAY, next_try_at__lte=now)

    def being_sent(self, *, now: datetime) -> Self:
        """Keep those that somebody is sending now."""
        return self.filter(state=DeliveryState.SENDING, next_try_at__gt=now)

    def next_due(self, *, now: datetime, calls_at_once: int) -> Self:
        """Keep what is due at webhooks that bear one more call; what waits longest comes first.

        Who is left out is asked for, and not who remains: those are few, and then an index in this
        order ends at the first row.
        """
        calls = WebhookDelivery.objects.being_sent(now=now).values("webhook")
        called_enough = calls.annotate(number=models.Count("pk")).filter(number__gte=calls_at_once)
        return (
            self.due(now=now)
            .exclude(webhook__in=Webhook.objects.resting(now=now).values("pk"))
            .exclude(webhook__in=called_enough.values("webhook"))
            .order_by("next_try_at", "pk")
        )

    def over_before(self, moment: datetime) -> Self:
        """Keep what began before a moment and is not to be sent any more."""
        return self.filter(created_at__lt=moment).exclude(state__in=UNDER_WAY)

    def forget(self) -> int:
        """Delete these with their tries, without loading any. Return how many."""
        WebhookTry.objects.filter(delivery__in=self.order_by().values("pk")).delete()
        return self.order_by()._raw_delete(self.db)  # noqa: SLF001  delete() loads what has children


class WebhookDelivery(models.Model):
    """One event on its way to one webhook."""

    webhook = models.ForeignKey(
        Webhook,
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,
        verbose_name=_("webhook"),
    )
    event = models.ForeignKey(
        Event,
        on_delete=models.PROTECT,
        related_name="webhook_deliveries",
        db_index=False,
        verbose_name=_("event"),
    )
    kind = models.CharField(_("what it tells"), max_length=LONGEST_KIND, choices=WebhookKind)
    object_pk = models.BigIntegerField(_("row"))
    # What the receiver knows it by: the same at every try, and it does not tell how many there are.
    key = models.UUIDField(db_default=RandomUUID(), editable=False)
    created_at = models.DateTimeField(_("made"))
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING
    )
    # While it is being sent: when the claim lapses.
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    objects = WebhookDeliveries.as_manager()

    class Meta:
        verbose_name = _("delivery to a webhook")
        verbose_name_plural = _("deliveries to webhooks")
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "event", "kind"], name="webhookdelivery_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=WebhookKind.values), name="webhookdelivery_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=UNDER_WAY, next_try_at__isnull=False)
                | models.Q(state__in=OVER, next_try_at=None),
                name="webhookdelivery_next_try_iff_under_way",
            ),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.DELIVERED, delivered_at__isnull=False)
                | ~models.Q(state=DeliveryState.DELIVERED),
                name="webhookdelivery_delivered_has_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=models.Q(state__in=UNDER_WAY),
                name="webhookdelivery_to_send",
            ),
            models.Index(
                fields=["webhook"],
                condition=models.Q(state=DeliveryState.SENDING),
                name="webhookdelivery_being_sent",
            ),
            models.Index(fields=["webhook", "-id"], name="webhookdelivery_log"),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="webhookdelivery_stays_the_same",
                fields=["webhook", "event", "kind", "object_pk", "key", "created_at"],
            ),
            pgtrigger.Trigger(
                name="webhookdelivery_of_own_shop",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=OF_OWN_SHOP,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"

    @property
    def message_id(self) -> str:
        """Return by what a receiver knows that it has this one already."""
        return f"msg_{self.key.hex}"

    @property
    def is_under_way(self) -> bool:
        """Return whether it is still to be sent."""
        return self.state in UNDER_WAY


class WebhookTry(models.Model):
    """One time that an event was sent to a webhook: when, how long it took, and the answer."""

    delivery = models.ForeignKey(
        WebhookDelivery,
        on_delete=models.CASCADE,
        related_name="tries",
        verbose_name=_("delivery"),
    )
    at = models.DateTimeField(_("moment"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    failure = models.CharField(
        _("why there was no answer"), max_length=20, choices=CallFailure, blank=True
    )
    excerpt = models.CharField(_("how the answer began"), max_length=LONGEST_EXCERPT, blank=True)

    class Meta:
        verbose_name = _("try to deliver to a webhook")
        verbose_name_plural = _("tries to deliver to webhooks")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__isnull=False, status__range=(100, 999), failure="")
                | models.Q(status=None, failure__in=CallFailure.values, excerpt=""),
                name="webhooktry_answered_or_why_not",
            ),
        ]
        triggers = [pgtrigger.Protect(name="webhooktry_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"#{self.pk}"


class WebhookCursor(EventCursor):
    """Up to which event webhooks were told; the only row there is, held by whoever reads on."""

    class Meta:
        verbose_name = _("cursor of the webhooks")
        verbose_name_plural = _("cursor of the webhooks")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="webhook_cursor_is_one")
        ]

    def __str__(self) -> str:
        return f"{self.position}"

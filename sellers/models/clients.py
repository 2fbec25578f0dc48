"""Programs that use the API: a shop's own, or the marketplace's platform."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar, Final, Self

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from oauth2_provider.models import AbstractApplication

from sellers.enums import DEFAULT_SCOPES, Scope
from sellers.models.lines import LineField
from sellers.models.shops import Seller
from sellers.tokens import digest

SECRET_BYTES: Final = 32
BOTH_SECRETS_FOR: Final = timedelta(days=7)  # after one was replaced
DIGEST: Final = r"^[0-9a-f]{64}$"
ERASED: Final = HTTPStatus.GONE  # the status of an answer that was emptied; none begins with it


def new_secret() -> str:
    """Return 256 random bits as 43 characters."""
    return secrets.token_urlsafe(SECRET_BYTES)


class ApiClients(models.QuerySet["ApiClient"]):
    """API clients, narrowed by adjectives."""

    def for_seller(self, seller: Seller) -> Self:
        """Keep those of this shop."""
        return self.filter(seller=seller)

    def of_marketplace(self) -> Self:
        """Keep the platform's own."""
        return self.filter(seller=None)

    def usable(self) -> Self:
        """Keep those that were not revoked."""
        return self.filter(revoked_at=None)


class ApiClient(AbstractApplication):  # type: ignore[misc]  # brings no types
    """A program of a shop, or of the marketplace when `seller` is empty.

    It gets tokens with its secret alone (RFC 6749 §4.4). Secrets are random, so what is stored of
    them is their SHA-256; for a while after one was replaced the one before works too.
    """

    seller = models.ForeignKey(
        Seller,
        on_delete=models.PROTECT,
        related_name="api_clients",
        null=True,
        blank=True,
        verbose_name=_("seller"),
    )
    name = LineField(_("name"), max_length=80)
    scopes = ArrayField(
        models.CharField(max_length=30, choices=Scope),
        verbose_name=pgettext_lazy("what a program is allowed", "may"),
        default=list,
    )
    previous_secret = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    previous_until = models.DateTimeField(
        _("secret before works until"), null=True, blank=True, editable=False
    )
    last_token_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects: ClassVar[ApiClients] = ApiClients.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="client_name_given"),
            models.CheckConstraint(
                condition=models.Q(
                    client_type=AbstractApplication.CLIENT_CONFIDENTIAL,
                    authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS,
                    hash_client_secret=False,
                ),
                name="client_of_one_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(client_secret__regex=DIGEST),
                name="client_secret_is_digest",
            ),
            models.CheckConstraint(
                condition=models.Q(previous_secret="", previous_until=None)
                | models.Q(previous_secret__regex=DIGEST, previous_until__isnull=False),
                name="client_previous_has_end",
            ),
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=list(Scope.values), scopes__len__gt=0),
                name="client_scopes_known",
            ),
            models.CheckConstraint(
                condition=models.Q(seller=None)
                | ~models.Q(scopes__contains=[Scope.MARKETPLACE_WRITE]),
                name="client_of_shop_feeds_nothing_in",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_usable(self, request: Any) -> bool:
        """Return whether it was not revoked; asked for each token and each use of one."""
        return self.revoked_at is None

    def knows(self, secret: str, *, now: datetime) -> bool:
        """Return whether this is its secret, or the one before while that works."""
        given = digest(secret)
        is_previous = constant_time_compare(given, self.previous_secret)
        still = self.has_two_secrets(now=now)
        return constant_time_compare(given, self.client_secret) or (is_previous and still)

    def has_two_secrets(self, *, now: datetime) -> bool:
        """Return whether the secret before works as well: one more would end that at once."""
        return self.previous_until is not None and now < self.previous_until

    @property
    def default_scopes(self) -> list[str]:
        """Return what a token may that was asked for without saying so."""
        return [scope for scope in self.scopes if scope in DEFAULT_SCOPES]

    def scopes_in_words(self) -> list[str]:
        """Return what it may do, in the reader's language."""
        return [str(Scope(scope).label) for scope in self.scopes]


class ApiAnswers(models.QuerySet["ApiAnswer"]):
    """Answers to requests with a key, narrowed by adjectives."""

    def telling_of(self, rows: Iterable[int], *, queries: Iterable[int]) -> Self:
        """Keep what says of itself that it is one of these rows, or about one of the queries."""
        itself = models.Q(body__id__in=[str(pk) for pk in rows])
        return self.filter(itself | models.Q(body__query_id__in=[str(pk) for pk in queries]))


class ApiAnswer(models.Model):
    """What a client was answered to a request with a key, to be answered the same again.

    What a person is to be forgotten in is emptied; its key still holds.
    """

    client = models.ForeignKey(
        ApiClient, on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    headers = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = ApiAnswers.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="answer_once_per_key"),
            models.CheckConstraint(
                condition=models.Q(status__gte=200, status__lt=500), name="answer_not_of_a_failure"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="answer_at")]

    def __str__(self) -> str:
        return f"{self.status} #{self.pk}"

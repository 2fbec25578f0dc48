"""The API against bare views of the same rows, and an answer that nothing changed."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice
from statistics import median
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from django.core import signing
from oauth2_provider.models import AccessToken
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.pagination import CursorPagination

from queries.models import Closing, Customer, CustomerQuery, HandOver
from sellers.actions import make_client
from sellers.api.paging import SALT
from sellers.enums import SELLER_SCOPES, Scope
from sellers.events import Actor
from sellers.models import ApiClient, Membership, Seller, User
from surveys.feeding import MOST, feed_told
from tests.bench import stock
from tests.bench.measuring import FEWEST_ROUNDS, Figure, alternate, at_least, ratio_of
from tests.bench.serving import Portal

ROUNDS: Final = 100
SIZE: Final = 25
FAR: Final = 10_000  # pages of one row
TOKEN: Final = "of-the-benchmark"
FEED: Final = "/api/v1/marketplace/bench/"
PLACES: Final = {"query": "queries", "message": "messages"}
PER_CONVERSATION: Final = 4
FED_SHOP: Final = [
    {
        "kind": "seller",
        "external_id": "s1",
        "name": "Gevoed",
        "country": "NL",
        "contact_email": "hallo@gevoed.example",
        "joined_on": "2024-01-01",
        "occurred_at": "2024-01-01T09:00:00Z",
    },
    {
        "kind": "customer",
        "external_id": "c1",
        "email": "klaas@gevoed.example",
        "language": "nl",
        "occurred_at": "2024-01-01T09:00:00Z",
    },
]


class BareCustomer(serializers.ModelSerializer[Customer]):
    """Who asked."""

    class Meta:
        model = Customer
        fields = ("id", "name", "email")


class BareQuery(serializers.ModelSerializer[CustomerQuery]):
    """The columns of a query, as Django REST framework makes them."""

    customer = BareCustomer()

    class Meta:
        model = CustomerQuery
        fields: tuple[str, ...] = (
            *("id", "state", "subject", "order_reference", "channel", "language", "assignee"),
            *("asked_at", "turn_since", "reply_needed_since", "due_at", "first_replied_at"),
            *("snoozed_until", "duplicate_of", "logged_by_seller", "erased_at", "customer"),
        )


class BareClosing(serializers.ModelSerializer[Closing]):
    """One time that a query was closed."""

    class Meta:
        model = Closing
        fields = ("closed_at", "closed_by", "agent", "client", "predicted_score", "reopened_at")


class BareHandOver(serializers.ModelSerializer[HandOver]):
    """One time that a query was handed over."""

    class Meta:
        model = HandOver
        fields = ("handed_over_at", "by", "reason", "handed_back_at")


class BareQueryDetail(BareQuery):
    """A query with the rows that belong to it."""

    closings = BareClosing(many=True)
    handovers = BareHandOver(many=True)

    class Meta(BareQuery.Meta):
        fields = (*BareQuery.Meta.fields, "closings", "handovers")


class BarePages(CursorPagination):
    """So many rows, and none counted."""

    page_size = SIZE
    ordering = ("-asked_at", "-pk")


class BareList(ListAPIView[CustomerQuery]):
    """The first queries of the shop with very many, for whoever asks."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    pagination_class = BarePages
    serializer_class = BareQuery

    def get_queryset(self) -> Any:
        """Return the same rows."""
        shop = self.request.query_params["shop"]  # without a join, as ours
        return CustomerQuery.objects.filter(seller_id=shop).select_related("customer")


class BareDetail(RetrieveAPIView[CustomerQuery]):
    """One query with what belongs to it, for whoever asks."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    queryset = CustomerQuery.objects.select_related("customer").prefetch_related(
        "closings", "handovers"
    )
    serializer_class = BareQueryDetail


def api_figures(portal: Portal) -> Iterator[Figure]:
    """Measure list, detail, a page far away and an answer that nothing changed."""
    shop = Seller.objects.get(name=stock.LOADED_INBOX)
    token = _token(shop)
    newest = CustomerQuery.objects.for_seller(shop).latest("asked_at", "pk")
    one = f"/api/v1/queries/{newest.pk}/"
    works = {
        "list": lambda: portal.get("/api/v1/queries/", token=token).took(status=200),
        "bare list": lambda: portal.get(f"/bench/api/?shop={shop.pk}").took(status=200),
        "detail": lambda: portal.get(one, token=token).took(status=200),
        "bare detail": lambda: portal.get(f"/bench/api/{newest.pk}/").took(status=200),
    }
    seconds = alternate(works, rounds=ROUNDS)
    for name in ("list", "detail"):
        ratio = ratio_of(seconds[f"bare {name}"], seconds[name])
        yield Figure(
            name=f"API, {name}, per second",
            value=1 / median(seconds[name]),
            against=f"bare {name}: {1 / median(seconds[f'bare {name}']):,.0f}",
            ratio=ratio,
            goal=at_least(0.7, ratio),
            count=len(seconds[name]),
        )
    first, far = "/api/v1/queries/?limit=1", _far(portal, token=token, shop=shop)
    etag = portal.get(one, token=token).etag
    seconds = alternate(
        {
            "first": lambda: portal.get(first, token=token).took(status=200),
            "far": lambda: portal.get(far, token=token).took(status=200),
            "read": lambda: portal.get(one, token=token).took(status=200),
            "unchanged": lambda: portal.get(one, token=token, etag=etag).took(status=304),
        },
        rounds=ROUNDS,
    )
    ratio = ratio_of(seconds["first"], seconds["far"])
    yield Figure(
        name=f"API, page {FAR:,}, ms",
        value=1000 * median(seconds["far"]),
        against=f"page 1: {1000 * median(seconds['first']):,.1f}",
        ratio=ratio,
        goal=at_least(0.9, ratio),
        count=len(seconds["far"]),
    )
    ratio = ratio_of(seconds["read"], seconds["unchanged"])
    yield Figure(
        name="API, 304 per second",
        value=1 / median(seconds["unchanged"]),
        against=f"200 of the same: {1 / median(seconds['read']):,.0f}",
        ratio=ratio,
        goal=at_least(2, ratio),
        count=len(seconds["unchanged"]),
    )


def feeding_figures(portal: Portal) -> Iterator[Figure]:
    """Measure what a platform feeds in at once, against the same things one by one."""
    staff, now = User.objects.filter(is_staff=True)[0], stock.NOW
    client, _secret = make_client(
        None, name="Platform", scopes=[Scope.MARKETPLACE_WRITE], by=Actor.user(staff), now=now
    )
    token = _stored_token(client, "of-the-platform")
    feed_told("bench", FED_SHOP, client=client, now=now)
    numbers = count()

    def one_by_one() -> float:
        told = _conversation(next(numbers))
        seconds = 0.0
        for each in told:
            path = f"{FEED}{PLACES[each['kind']]}/{each['external_id']}/"
            seconds += portal.send("PUT", path, each, token=token).took(status=201)
        return seconds / len(told)

    def at_once() -> float:
        numbered = islice(numbers, MOST // PER_CONVERSATION)
        told = [each for number in numbered for each in _conversation(number)]
        reply = portal.send("POST", f"{FEED}batch/", {"items": told}, token=token)
        assert {each["outcome"] for each in json.loads(reply.body)["results"]} == {"created"}
        return reply.took(status=207) / len(told)

    works = {"one by one": one_by_one, "at once": at_once}
    seconds = alternate(works, rounds=FEWEST_ROUNDS)
    ratio = ratio_of(seconds["one by one"], seconds["at once"])
    yield Figure(
        name="Fed in at once, items per second",
        value=1 / median(seconds["at once"]),
        against=f"one by one: {1 / median(seconds['one by one']):,.0f}",
        ratio=ratio,
        goal=at_least(10, ratio),
        count=len(seconds["at once"]),
    )


def _conversation(number: int) -> list[dict[str, Any]]:
    """Return a new query, and what was said in it."""
    query, asked_at = f"q{number}", stock.NOW - timedelta(days=1)
    asked = {"subject": f"Vraag {number}", "body": "Waar blijft het?"}
    told: list[dict[str, Any]] = [
        {"kind": "query", "external_id": query, "seller": "s1", "customer": "c1", **asked}
    ]
    for place, author in enumerate(("seller", "customer", "seller")):
        said = {"query": query, "author": author, "body": "Morgen wordt het bezorgd."}
        told.append({"kind": "message", "external_id": f"{query}-{place}", **said})
    for hours, each in enumerate(told):
        each["occurred_at"] = (asked_at + timedelta(hours=hours)).isoformat()
    assert len(told) == PER_CONVERSATION
    return told


def _token(shop: Seller) -> str:
    """Give a program of a shop a token that everybody knows."""
    owner = Membership.objects.owning().filter(seller=shop).select_related("user")[0].user
    by, now = Actor.user(owner), stock.NOW
    client, _secret = make_client(shop, name="Bench", scopes=SELLER_SCOPES, by=by, now=now)
    return _stored_token(client, TOKEN)


def _stored_token(client: ApiClient, token: str) -> str:
    AccessToken.objects.create(
        application=client,
        token=token,
        scope=" ".join(client.scopes),
        expires=stock.NOW + timedelta(days=1),
    )
    return token


def _far(portal: Portal, *, token: str, shop: Seller) -> str:
    """Return the address of a page far away: that of the second, with another place in it."""
    page = portal.get("/api/v1/queries/?limit=1", token=token)
    following = json.loads(gzip.decompress(page.body))["next"]
    query = parse_qs(urlsplit(following).query)
    direction, _place, made_for = signing.loads(query["cursor"][0], salt=SALT)
    rows = CustomerQuery.objects.for_seller(shop).order_by("-asked_at", "-pk")
    row = rows[min(FAR, rows.count() - 2)]
    place = [row.asked_at.isoformat(), row.pk]
    cursor = signing.dumps([direction, place, made_for], salt=SALT)
    return f"/api/v1/queries/?{urlencode({'limit': 1, 'cursor': cursor})}"

"""The invented marketplace's own shop: orders with a button that asks their seller (docs/ask.md).

A real marketplace signs with a private key that is not here. The demo makes one from SECRET_KEY,
which all its processes know, and takes what is signed with it (apps.py).
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from jwt.algorithms import OKPAlgorithm

from config.demo.shops import FIETSENZO, LICHTPUNT, SPEELHUIS
from sellers.models import Seller

GOOD_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody bought where, and what the marketplace says of who that is."""

    number: str
    shop: str
    items: tuple[str, ...]
    customer: dict[str, Any]


# One person whose address is masked per order, a company's two buyers, somebody without a number.
ORDERS: Final = (
    Order(
        "100482917",
        FIETSENZO.name,
        ("Fietslamp voor",),
        {
            "customer": "K-20731",
            "name": "Anouk Visser",
            "email": "o100482917@masker.klant.example",
            "masked": True,
        },
    ),
    Order(
        "100483105",
        SPEELHUIS.name,
        ("Houten trein", "Rails, 20 delen"),
        {
            "customer": "K-20731",
            "name": "Anouk Visser",
            "email": "o100483105@masker.klant.example",
            "masked": True,
        },
    ),
    Order(
        "100483388",
        LICHTPUNT.name,
        ("Bureaulamp", "Spaarlamp 9 W"),
        {
            "customer": "K-31002",
            "name": "Ruben, Atelier Noord",
            "email": "inkoop@atelier.klant.example",
            "shared": True,
        },
    ),
    Order(
        "100483390",
        LICHTPUNT.name,
        ("Hanglamp",),
        {
            "customer": "K-31003",
            "name": "Imke, Atelier Noord",
            "email": "inkoop@atelier.klant.example",
            "shared": True,
        },
    ),
    Order(
        "100483411",
        FIETSENZO.name,
        (),
        {"name": "Siân Ó Ceallaigh", "email": "sian@klant.example", "language": "en"},
    ),
)


def demo_key() -> Ed25519PrivateKey:
    """Return the key with which the demo's marketplace signs."""
    seed = hmac.digest(settings.SECRET_KEY.encode(), b"config.demo.orders", "sha256")
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_demo_key() -> jwt.PyJWK:
    """Return what the portal needs to know of it."""
    return jwt.PyJWK.from_dict(json.loads(OKPAlgorithm.to_jwk(demo_key().public_key())))


@require_safe
@never_cache
def orders(request: HttpRequest) -> HttpResponse:
    """Show some orders, each with the button; what it says is good for a quarter of an hour."""
    sellers = {seller.name: seller for seller in Seller.objects.order_by("-pk")}
    rows = [
        (order, _signed(order, sellers[order.shop], language=request.LANGUAGE_CODE))
        for order in ORDERS
        if order.shop in sellers
    ]
    return render(request, "demo/orders.html", {"rows": rows})


def _signed(order: Order, seller: Seller, *, language: str) -> str:
    now = timezone.now().replace(microsecond=0)
    claims = {
        "jti": secrets.token_urlsafe(16),
        "aud": settings.SITE_URL,
        "iat": now,
        "exp": now + GOOD_FOR,
        "shop": seller.pk,
        "order": order.number,
        "items": order.items,
        "language": language,
    }
    return jwt.encode(claims | order.customer, demo_key(), algorithm="EdDSA")

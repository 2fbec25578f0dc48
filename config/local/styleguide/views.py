"""The pages of the style guide."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.local.styleguide import scores
from queries.enums import ActorType, AttachmentKind, Author, Channel, QueryState
from queries.forms import PhoneContactForm, ReplyForm
from queries.models import Attachment, Closing, Customer, CustomerQuery, Message, OrderItem
from queries.worklist import Item, Urgency
from sellers.models import Seller, User
from surveys.enums import Band
from surveys.forms import SurveyForm
from surveys.models import Invitation

COLOURS: Final = (
    *("paper", "surface", "sunken", "line", "line-strong", "ink", "ink-soft"),
    *("accent", "accent-strong", "accent-soft", "on-accent", "on-band"),
    *("promoter", "promoter-soft", "passive", "passive-soft", "detractor", "detractor-soft"),
)
SHOP: Final = "Fietsenzo"


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component of the portal once."""
    now = timezone.now()
    context = {
        "colours": COLOURS,
        "states": QueryState,
        "scores": [(9, Band.PROMOTER), (7, Band.PASSIVE), (3, Band.DETRACTOR)],
        "customer": Customer(name="Anna de Wit"),
        "shop": SHOP,
        "queries": _queries(now),
        "agent": User(name="Chantal Verloop"),
        "thread": _thread(now),
        "attachments": _attachments(),
        "steps": _steps(now),
        "order": _order(now),
        "page": Paginator(range(60), 25).page(2),
        "form": PhoneContactForm({"name": "Anna de Wit"}),  # the rest of it is missing
        "reply": ReplyForm(initial={"predicted_score": 8}),
        "now": now,
        "zone": settings.TIME_ZONE,
    }
    today = now.astimezone(settings.MARKETPLACE_ZONE).date()
    return render(request, "styleguide/page.html", context | scores.insights(today))


def survey(request: HttpRequest) -> HttpResponse:
    """Show the customer's page, as it looks when no score was chosen."""
    seller = Seller(name=SHOP)
    query = CustomerQuery(seller=seller, subject="Where is my parcel?")
    closing = Closing(query=query, closed_by=ActorType.SELLER)
    context = {
        "form": SurveyForm({"reason": "It went well."}, now=timezone.now()),
        "invitation": Invitation(seller=seller, query=query, closing=closing),
        "token": "style-guide",
    }
    return render(request, "surveys/answer.html", context)


def _thread(now: datetime) -> list[Message]:
    return [
        Message(
            author=Author.CUSTOMER,
            body="Where is my parcel? It was promised for yesterday.",
            sent_at=now - timedelta(hours=3),
        ),
        Message(
            author=Author.SELLER,
            body="It is with the carrier and arrives tomorrow.\n\nOur apologies for the wait.",
            sent_at=now - timedelta(hours=1),
        ),
        Message(
            author=Author.MARKETPLACE,
            body="The carrier confirms this.",
            sent_at=now - timedelta(minutes=5),
        ),
    ]


def _attachments() -> list[Attachment]:
    names = {"parcel-at-the-door.jpg": 1_832_411, "return label.pdf": 48_213, "tracking.txt": 812}
    return [
        Attachment(pk=pk, name=name, kind=AttachmentKind(name[-3:]), size=size)
        for pk, (name, size) in enumerate(names.items(), start=1)
    ]


def _steps(now: datetime) -> list[dict[str, object]]:
    return [
        {"label": "Closed", "moment": now - timedelta(days=1), "done": True},
        {"label": "Sent", "moment": now, "done": True},
        {"label": "Waiting for the answer", "moment": now + timedelta(days=14), "done": False},
    ]


def _order(now: datetime) -> dict[str, object]:
    """Return an order with two items, as a template reads it: nothing is stored."""
    today = now.date()
    bike = OrderItem(
        name="E-bike Tour 500",
        price=Decimal(1849),
        warranty_until=today + timedelta(days=700),
        serial_number="AX48-77120",
    )
    pannier = OrderItem(name="Pannier", quantity=2, price=Decimal("39.95"))
    return {
        "items": {"all": [bike, pannier]},
        "ordered_on": today - timedelta(days=30),
        "delivered_on": today - timedelta(days=28),
        "carrier": "Bike Couriers",
        "tracking_code": "BC343949971",
        "tracking_url": "https://carrier.example/BC343949971",
    }


def _queries(now: datetime) -> list[Item]:
    """Return one query that is late, one that is due today, and one that is due later."""
    return [
        Item(
            query=CustomerQuery(
                pk=pk,
                subject="Garantie op e-bike",
                customer=Customer(name="Siân Ó Ceallaigh"),
                order_reference="1559378960",
                channel=Channel.WEB,
                state=QueryState.YOUR_TURN,
                asked_at=now - waited,
                turn_since=now - waited,
                due_at=now + due,
                reply_needed_since=now - waited,
            ),
            excerpt="Mijn accu laadt niet verder dan 83 procent.",
            is_unread=urgency is Urgency.TODAY,
            urgency=urgency,
        )
        for pk, (urgency, waited, due) in enumerate(
            [
                (Urgency.LATE, timedelta(days=5), -timedelta(days=2)),
                (Urgency.TODAY, timedelta(hours=19), timedelta(minutes=20)),
                (Urgency.LATER, timedelta(hours=2), timedelta(days=4)),
            ],
            start=1,
        )
    ]

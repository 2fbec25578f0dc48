"""The living style guide: every component once, with made-up content; only when DEBUG."""

from datetime import datetime, timedelta
from typing import Final

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone

from queries.enums import Author, QueryState
from queries.forms import PhoneContactForm
from queries.models import Customer, Message
from surveys.enums import Band

COLOURS: Final = (
    "paper",
    "surface",
    "sunken",
    "line",
    "line-strong",
    "ink",
    "ink-soft",
    "accent",
    "accent-soft",
    "promoter",
    "promoter-soft",
    "passive",
    "passive-soft",
    "detractor",
    "detractor-soft",
)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component once."""
    now = timezone.now()
    context = {
        "colours": COLOURS,
        "states": QueryState,
        "scores": [(9, Band.PROMOTER), (7, Band.PASSIVE), (3, Band.DETRACTOR)],
        "customer": Customer(name="Anna de Wit"),
        "thread": _thread(now),
        "moment": now,
        "steps": _steps(now),
        "page": Paginator(range(60), 25).page(2),
        "form": _form_with_errors(),
    }
    return render(request, "styleguide.html", context)


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


def _steps(now: datetime) -> list[dict[str, object]]:
    return [
        {"label": "Closed", "moment": now - timedelta(days=1), "done": True},
        {"label": "Sent", "moment": now, "done": True},
        {"label": "Waiting for the answer", "moment": now + timedelta(days=14), "done": False},
    ]


def _form_with_errors() -> forms.Form:
    """Return a form as it looks when something in it is wrong."""
    return PhoneContactForm({"name": "Anna de Wit", "email": "anna@", "predicted_score": "8"})


urlpatterns = [path("", styleguide, name="styleguide")]

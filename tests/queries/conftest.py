"""The moment at which the pages are looked at, who looks, and how a browser sends a form."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries.enums import QueryEvent
from queries.models import Customer, CustomerQuery
from sellers.events import Actor, record
from sellers.models import User
from tests.conftest import NOON, Market, text

HOUR = timedelta(hours=1)
NOW = NOON + HOUR


def mark_erased(*, now: datetime) -> None:
    """Empty the texts of all queries and leave their messages, with the trace of each."""
    for query in CustomerQuery.objects.all():
        record(QueryEvent.TEXTS_ERASED, query, seller_id=query.seller_id, by=Actor.SYSTEM, now=now)
    CustomerQuery.objects.update(subject="", order_reference="", contact_email="", erased_at=now)


@pytest.fixture
def _one_o_clock() -> Iterator[None]:
    """Stop the clock an hour after noon."""
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def bob_s(log_in: Callable[[User], Client], bob: User) -> Client:
    """Bob's browser."""
    return log_in(bob)


@pytest.fixture
def query(market: Market, customer: Customer) -> CustomerQuery:
    """Klaas asks."""
    return market.query(customer)


def url(name: str, query: CustomerQuery) -> str:
    return reverse(f"queries:{name}", args=[query.pk])


def form_of(page: HttpResponse, form: str = "composer") -> dict[str, str]:
    """Return what a browser sends of a form besides what is typed."""
    part = text(page).partition(f'id="{form}"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', part))


def opened(browser: Client, query: CustomerQuery) -> dict[str, str]:
    """Open a query; return its form."""
    return form_of(browser.get(query.get_absolute_url()))


def of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser

"""No request is a 500: every route, the admin and the API included, and every kind of junk."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.forms import BaseForm
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.http import urlencode
from django_filters import FilterSet
from rest_framework.serializers import Serializer
from time_machine import travel

from queries import actions
from sellers.actions import make_client
from sellers.enums import Scope
from sellers.events import Actor
from sellers.models import Seller, User
from sellers.tokens import token_for
from tests.api.conftest import Registered, with_token
from tests.conftest import NOON, Market
from tests.test_routes import TWO_DAYS_LATER, World, make_world

# Of all requests only one in so many; `make test-junk` sends all.
EVERY = int(os.environ.get("JUNK_EVERY", "97"))
PEOPLE = ("stranger", "owner", "staff")
OF_PROGRAMS = ("/api/", "/oauth/", "/.well-known/")
NAMES = (
    "q",
    "next",
    "page",
    "p",
    "o",
    "id",
    "valid_from",
    "joined_on__year",
    "e",
    "action",
    "month",
)
VALUES = ("a\0b", "\ud800", "9" * 30, "-1", "9999-12-31", "//[", "(?", "2026-02-30", "é" * 3000)
JSON = (
    *(r'"a\u0000b"', r'"\ud800"', "9" * 30, "-1", "1e999", "NaN", "null", "true", '""', '" "'),
    *("[]", "{}", "[[null]]", '{"a": [1]}', '["a", 1]', '"9999-12-31T23:59:59Z"'),
    *('"0001-01-01T00:00:00+23:59"', '"2026-02-30"', '"nobody@x"', f'"{"é" * 3000}"'),
)


def known_names() -> tuple[str, ...]:
    """Return what the forms, filters and serializers that there are read."""
    names = {*NAMES}
    for kind in (BaseForm, FilterSet, Serializer):
        for each in _below(kind):
            for fields in ("base_fields", "base_filters", "_declared_fields"):
                names |= set(getattr(each, fields, ()))
    return tuple(sorted(names))


def _below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def addresses(
    values: dict[str, object], resolver: URLResolver | None = None, place: str = "/"
) -> Iterator[str]:
    """Yield an address of every route; what it names is there where `values` knows one."""

    def value(name: re.Match[str]) -> str:
        key = path_begins if name["name"] == "token" else name["name"]
        return str(values.get(key, 1))

    for each in (resolver or get_resolver()).url_patterns:
        path_begins = f"{place}{each.pattern}".split("/")[1]
        part = re.sub(r"(?<!\?P)<(\w+:)?(?P<name>\w+)>", value, str(each.pattern))
        part = re.sub(r"\(\?P<(?P<name>\w+)>[^)]*\)", value, part)
        path = place + part.replace("^", "").replace("$", "")
        if isinstance(each, URLResolver):
            yield from addresses(_of_model(path, values), each, path)
        elif isinstance(each, URLPattern):
            yield path


def _of_model(path: str, values: dict[str, object]) -> dict[str, object]:
    """Return the values, with a row of the model whose pages in the admin begin so."""
    match path.strip("/").split("/"):
        case ["admin", app, model] if model in apps.get_app_config(app).models:
            row = apps.get_model(app, model).objects.order_by("pk").first()
            return values | ({"object_id": row.pk} if row else {})
    return values


def kinds() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every kind of junk: its name, and what a request has of it."""
    names = known_names()
    for value in VALUES:
        junk = value.encode("utf-8", "surrogatepass")
        shown = junk[:9]
        data = dict.fromkeys(names, junk[:300]) | dict.fromkeys(NAMES, junk)
        yield f"GET {shown!r}", _query(data)
        yield f"form {shown!r}", _form(data)
    for value in JSON:
        body = "{" + ", ".join(f'"{name}": {value}' for name in names) + "}"
        for method in ("POST", "PUT", "PATCH"):
            yield (
                f"{method} JSON {value[:9]}",
                {"method": method, "data": body.encode(), "content_type": "application/json"},
            )
    many = {f"p{number}": "1" for number in range(2_000)}
    yield "2,000 parameters", _query(many)
    yield "form of 2,000 fields", _form(many)
    for name, value in (
        ("HTTP_ACCEPT_LANGUAGE", "\xff;q=x,,-" + "a" * 600),
        ("HTTP_RANGE", "bytes=9-1,-"),
        ("HTTP_IF_NONE_MATCH", '"\0'),
        ("HTTP_IF_MODIFIED_SINCE", "Thu, 99 Foo 99999 99:99:99 GMT"),
        ("HTTP_HOST", "evil.example:x"),
        ("HTTP_AUTHORIZATION", "Bearer \xff\0"),
        ("HTTP_X_FORWARDED_FOR", "nonsense, ::g"),
        ("HTTP_REFERER", "//["),
        ("HTTP_HX_CURRENT_URL", "http://[%zz"),
    ):
        yield f"{name}={value[:9]!r}", {"method": "GET", name: value}
    for name in (
        *(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME),
        *(settings.LANGUAGE_COOKIE_NAME, "messages"),
    ):
        for value in ("a\0b", "\xff" * 40, "[[]]", "x" * 3_000):
            yield f"cookie {name}={value[:5]!r}", {"method": "GET", "cookie": (name, value)}
    for content_type, body in (
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n\xff"),
        ("application/json", b'{"a": \xff'),
        ("application/json", b"[" * 5_000),
        ("application/json", b"NaN"),
        ("application/x-www-form-urlencoded", b"a=%ff%00&%zz&action=%00&_selected_action=%00"),
        (
            "application/x-www-form-urlencoded",
            b"action=delete_selected&_selected_action=x&_selected_action=99999999999999999999&index=z",
        ),
    ):
        for method in ("POST", "PUT", "PATCH"):
            yield (
                f"{method} {content_type} {body[:20]!r}",
                {
                    "method": method,
                    "data": body,
                    "content_type": content_type,
                },
            )


def _query(data: dict[str, Any]) -> dict[str, Any]:
    return {"method": "GET", "QUERY_STRING": urlencode(data)}


def _form(data: dict[str, Any]) -> dict[str, Any]:
    body = encode_multipart(BOUNDARY, data)
    return {"method": "POST", "data": body, "content_type": MULTIPART_CONTENT}


def answer(browser: Client, place: str, *, cookie: Any = None, **sent: Any) -> int:
    """Send a request as it is, perhaps with a cookie in place of one that the browser has."""
    if cookie:
        kept = {name: each.value for name, each in browser.cookies.items()} | dict([cookie])
        sent["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in kept.items())
    return int(browser.generic(path=place, **sent).status_code)


def browser_of(who: str, world: World) -> Client:
    """Return a browser in which somebody is logged in, or a program with a token of one scope."""
    if who in Scope.values:
        chief = User.objects.get(pk=world.people["alice"])
        seller = None if who == Scope.MARKETPLACE_WRITE else chief.memberships.get().seller
        by = Actor.user(chief)
        client = Registered(*make_client(seller, name="CRM", scopes=[Scope(who)], by=by, now=NOON))
        token = with_token(client)._credentials["HTTP_AUTHORIZATION"]
        return Client(raise_request_exception=False, headers={"authorization": token})
    browser = Client(raise_request_exception=False)
    if who == "staff":
        browser.force_login(User.objects.create_superuser("chief@markt.example", name="Chief"))
    if who == "owner":
        browser.force_login(User.objects.get(pk=world.people["alice"]))
    return browser


def there_is(world: World) -> dict[str, object]:
    """Return what the addresses name, by the parameter; a token by the first part of its path."""
    shop, bob = Seller.objects.get(name="Fietsenzo"), User.objects.get(pk=world.people["bob"])
    market = Market(shop, bob)
    invitation = market.invitation(market.closing())
    query = market.query(contact_email="klaas@klant.example")
    actions.reply(query, body="It is on its way.", by=market.actor, now=TWO_DAYS_LATER)
    return world.values | {
        "survey": token_for(invitation.token_salt),
        "thread": token_for(query.thread_links.get().token_salt),
        "measurement_id": world.values["response_id"],
        "source": "mp",
        "period": "2026-03",
        "app_label": "sellers",
    }


# That they were who they are until the end; everybody else may see no page.
STILL_SEEN = {"staff": ("/admin/", 200), "owner": ("/queries/", 200)}


@pytest.mark.parametrize("who", [*PEOPLE, *Scope.values])
def test_no_request_is_a_500(db: None, who: str) -> None:
    with travel(TWO_DAYS_LATER, tick=False):
        world = make_world()
        values, browser = there_is(world), browser_of(who, world)
        cookies = {name: each.value for name, each in browser.cookies.items()}
        places = [place for place in addresses(values) if "logout" not in place]
        if who in Scope.values:
            places = [place for place in places if place.startswith(OF_PROGRAMS)]
        junk = [*kinds()]  # written once: that takes longer than many an answer
        requests = ((place, *kind) for place in places for kind in junk)

        statuses: Counter[int] = Counter()
        broken = []
        for place, name, sent in islice(requests, 0, None, EVERY):
            browser.cookies.load(cookies)  # a junk session ended it in this browser
            cache.clear()  # else most of them are only told to wait
            with transaction.atomic():  # each finds what the one before did
                status = answer(browser, place, **sent)
                transaction.set_rollback(True)
            statuses[status] += 1
            if status >= 500:
                broken.append(f"{status} {place} {name}")

        browser.cookies.load(cookies)
        page, status = STILL_SEEN.get(who, ("/admin/", 302))
        assert browser.get(page).status_code == status
    print(f"{who}: {statuses.total()} requests, {dict(statuses)}")
    assert not broken, "\n".join(broken)

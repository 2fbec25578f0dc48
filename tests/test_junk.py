"""No request is a 500: every route, the admin and the API included, and every kind of junk."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sellers.models import User

# Of all requests only one in so many; `make test-junk` sends all.
EVERY = int(os.environ.get("JUNK_EVERY", "97"))
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


def addresses(resolver: URLResolver | None = None, place: str = "/") -> Iterator[str]:
    """Yield an address of every route; what it names may be there or not."""
    for each in (resolver or get_resolver()).url_patterns:
        part = re.sub(r"<int:\w+>", "1", str(each.pattern))
        part = re.sub(r"<(\w+:)?\w+>", "1", part)
        part = re.sub(r"\(\?P<\w+>[^)]*\)|\([^)]*\)|[\^$?\\]", "1", part) if "(?" in part else part
        if isinstance(each, URLResolver):
            yield from addresses(each, place + part)
        elif isinstance(each, URLPattern):
            yield place + part.replace("^", "").replace("$", "")


def kinds() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every kind of junk: its name, and what a request has of it."""
    for value in VALUES:
        shown = value.encode("utf-8", "surrogatepass")[:9]
        data = dict.fromkeys(NAMES, value.encode("utf-8", "surrogatepass"))
        yield f"GET {shown!r}", {"method": "GET", "data": data}
        yield f"form {shown!r}", {"method": "POST", "data": data}
    many = {f"p{number}": "1" for number in range(2_000)}
    yield "2,000 parameters", {"method": "GET", "data": many}
    yield "form of 2,000 fields", {"method": "POST", "data": many}
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


def answer(browser: Client, place: str, *, method: str, cookie: Any = None, **sent: Any) -> int:
    """Send a request, perhaps with a cookie in place of one that the browser has."""
    if cookie:
        kept = {name: each.value for name, each in browser.cookies.items()} | dict([cookie])
        sent["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name, value in kept.items())
    return int(getattr(browser, method.lower())(place, **sent).status_code)


@pytest.mark.parametrize("who", ["stranger", "staff"])
def test_no_request_is_a_500(db: None, who: str) -> None:
    browser = Client(raise_request_exception=False)
    cookies: dict[str, str] = {}
    if who == "staff":
        chief = User.objects.create_superuser("chief@markt.example", "old-horse", name="Chief")
        browser.force_login(chief)
        cookies = {name: each.value for name, each in browser.cookies.items()}
    requests = (
        (place, *kind) for place in addresses() if "logout" not in place for kind in kinds()
    )

    statuses: Counter[int] = Counter()
    broken = []
    for place, name, sent in islice(requests, 0, None, EVERY):
        browser.cookies.load(cookies)  # a junk session ended it in this browser
        status = answer(browser, place, **sent)
        statuses[status] += 1
        if status >= 500:
            broken.append(f"{status} {place} {name}")

    browser.cookies.load(cookies)
    assert browser.get("/admin/").status_code == (200 if who == "staff" else 302)
    print(f"{who}: {statuses.total()} requests, {dict(statuses)}")
    assert not broken, "\n".join(broken)

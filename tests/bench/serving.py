"""Requests as the web server hands them over, timed.

In one process, through the very function that granian calls, all middleware included. Sockets and
threads are left out: they cost every request the same, and would make each ratio look better.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application
from django.test import Client, RequestFactory

from sellers.access import CHOSEN_SHOP
from sellers.models import User

CSRF: Final = "b" * 32  # as good as any


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes
    seconds: float
    etag: str

    def took(self, *, status: int) -> float:
        """Return the seconds it took; raise AssertionError when it is not what was expected."""
        assert self.status == status, f"{self.status} instead of {status}"
        return self.seconds


@dataclass
class Portal:
    """The portal, asked without a network; each request comes from an IP of its own."""

    application: WSGIApplication = field(default_factory=get_wsgi_application)
    visitors: Iterator[int] = field(default_factory=lambda: count(1))

    def get(self, path: str, *, session: str = "", token: str = "", etag: str = "") -> Reply:
        """Ask for a page, as who has `session` or `token`, and perhaps the page of before."""
        headers = {"if-none-match": etag} if etag else {}
        headers["accept-encoding"] = "gzip"  # as browsers ask
        if token:
            headers["authorization"] = f"Bearer {token}"
        return self._serve(self._requests(session).get(path, headers=headers).environ)

    def post(
        self, path: str, form: Mapping[str, Any], *, session: str = "", htmx: bool = False
    ) -> Reply:
        """Send a form, as who has `session`; a script of the page sends it by htmx."""
        requests = self._requests(session)
        if session:
            requests.cookies["csrftoken"] = CSRF
            form = {**form, "csrfmiddlewaretoken": CSRF}
        body = urlencode(form, doseq=True)
        kind = "application/x-www-form-urlencoded"  # as a browser sends a form without files
        headers = {"hx-request": "true"} if htmx else None
        return self._serve(requests.post(path, body, content_type=kind, headers=headers).environ)

    def send(self, method: str, path: str, told: Any, *, token: str) -> Reply:
        """Send what a program tells, as JSON."""
        headers = {"authorization": f"Bearer {token}"}
        requests = self._requests("")
        kind = "application/json"
        sent = requests.generic(method, path, json.dumps(told), content_type=kind, headers=headers)
        return self._serve(sent.environ)

    def _requests(self, session: str) -> RequestFactory:
        number = next(self.visitors)
        ip = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        requests = RequestFactory(
            SERVER_NAME="localhost", REMOTE_ADDR=ip, headers={"accept-language": "nl"}
        )
        if session:
            requests.cookies["sessionid"] = session
        return requests

    def _serve(self, environ: dict[str, Any]) -> Reply:
        statuses: list[str] = []
        sent: dict[str, str] = {}

        def start(
            status: str, headers: list[tuple[str, str]], error: object = None
        ) -> Callable[..., object]:
            statuses.append(status)
            sent.update(headers)
            return statuses.append

        begin = time.perf_counter()
        response = self.application(environ, start)
        body = b"".join(response)
        response.close()
        seconds = time.perf_counter() - begin
        return Reply(int(statuses[0].split()[0]), body, seconds, sent.get("ETag", ""))


def session_of(user: User, *, shop: int) -> str:
    """Log in; return the key of a session that looks at `shop`."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[CHOSEN_SHOP] = shop
    session.save()
    return str(session.session_key)

"""Every answer that leaves, whatever made it, closes what no page needs of a browser."""

from io import BytesIO
from typing import Any, NoReturn

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from django.utils.module_loading import import_string

from config.urls import handler400, handler500  # noqa: F401  found by name
from config.urls import urlpatterns as portal_urls


def breaks(_request: HttpRequest) -> NoReturn:
    raise RuntimeError


urlpatterns = [path("breaks", breaks), path("api/breaks", breaks), *portal_urls]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def answer(target: str, **environ: str) -> tuple[int, list[tuple[str, str]]]:
    """Return the status and the headers that our entry point for web servers answers with."""
    application: Any = import_string("config.wsgi.application")  # with the settings of tests
    said: list[tuple[int, list[tuple[str, str]]]] = []
    request = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": target,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    }
    request_started.disconnect(close_old_connections)  # the test's transaction is on it
    application(request | environ, lambda status, headers: said.append((int(status[:3]), headers)))
    request_started.connect(close_old_connections)
    return said[0]


@pytest.mark.parametrize(
    ("target", "environ", "status"),
    [
        pytest.param("/accounts/login/", {}, 200, id="page"),
        pytest.param("/", {}, 302, id="redirect"),
        pytest.param("/nowhere/", {}, 404, id="no page"),
        pytest.param("/survey/no-such-link/", {}, 404, id="no survey"),
        pytest.param("/accounts/login/", {"HTTP_HOST": "other.example"}, 400, id="wrong host"),
        pytest.param("/accounts/login/", {"REQUEST_METHOD": "POST"}, 403, id="no CSRF token"),
        pytest.param("/breaks", {}, 500, id="error"),
        pytest.param("/static/nothing.css", {}, 404, id="no static file"),
        pytest.param("/admin/", {}, 302, id="admin"),
        pytest.param("/api/v1/queries/", {}, 401, id="API"),
        pytest.param("/api/v1/docs/", {}, 200, id="API's pages"),
        pytest.param("/api/breaks", {}, 500, id="error of the API"),
        pytest.param("/oauth/token", {}, 405, id="wrong method"),
        pytest.param("/health/live", {}, 200, id="health"),
        pytest.param("/", {"CONTENT_TYPE": "text/plain; charset=zlib"}, 415, id="unread charset"),
    ],
)
def test_every_answer_closes_what_no_page_needs(
    target: str, environ: dict[str, str], status: int
) -> None:
    found, headers = answer(target, **environ)

    assert found == status
    assert len([name for name, _value in headers if name == "Permissions-Policy"]) == 1
    policy = dict(headers)["Permissions-Policy"]
    assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} < set(policy.split(", "))
    features: tuple[str, ...] = import_string("config.wsgi.FEATURES")
    assert len(policy.split(", ")) == len(features) == len(set(features))


@pytest.mark.parametrize(("target", "words"), [("/nowhere/", "not here"), ("/breaks", "wrong")])
def test_errors_have_the_portal_s_own_pages(client: Client, target: str, words: str) -> None:
    client.raise_request_exception = False

    page = client.get(target)

    assert words in page.content.decode()
    assert "Traceback" not in page.content.decode()

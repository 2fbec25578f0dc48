"""A request that was cut off on its way is no request, and who only looks stores nothing."""

from collections.abc import Callable

import psycopg
import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import BadRequest
from django.db import InternalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.middleware import complete_body, read_only_get
from queries.models import Customer
from sellers.models import User


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("score", "none"))


def test_whole_request_goes_on(rf: RequestFactory) -> None:
    assert complete_body(page)(rf.post("/", {"score": "3"})).content == b"3"


def test_request_without_body_goes_on(rf: RequestFactory) -> None:
    assert complete_body(page)(rf.get("/")).content == b"none"


def test_half_a_request_is_refused(rf: RequestFactory) -> None:
    request = rf.post("/", "score=1", content_type="application/x-www-form-urlencoded")
    request.META["CONTENT_LENGTH"] = "8"

    with pytest.raises(BadRequest):
        complete_body(page)(request)


def new_customer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(Customer.objects.create(name="Klaas").pk))


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_whoever_only_looks_stores_nothing(
    committed_db: None, rf: RequestFactory, method: str
) -> None:
    look = getattr(rf, method)

    with pytest.raises(InternalError, match="read-only"):
        read_only_get(new_customer)(look("/"))

    assert not Customer.objects.exists()


def test_whoever_only_looks_stores_nothing_within_a_transaction(
    db: None, rf: RequestFactory
) -> None:
    with pytest.raises(InternalError, match="read-only"), transaction.atomic():
        read_only_get(new_customer)(rf.get("/"))

    assert not Customer.objects.exists()
    assert read_only_get(new_customer)(rf.post("/")).status_code == 200


def test_post_after_a_look_stores(committed_db: None, rf: RequestFactory) -> None:
    read_only_get(page)(rf.get("/"))

    read_only_get(new_customer)(rf.post("/"))

    assert Customer.objects.exists()


@pytest.mark.parametrize(
    "breaking",
    [
        pytest.param(lambda session: session.close(), id="closed"),
        pytest.param(lambda session: session.pgconn.exec_(b"BEGIN; SELECT 1 / 0"), id="failed"),
    ],
)
def test_connection_that_broke_meanwhile_is_no_error(
    committed_db: None, rf: RequestFactory, breaking: Callable[[psycopg.Connection], object]
) -> None:
    connection.ensure_connection()
    session = connection.connection

    def breaks(request: HttpRequest) -> HttpResponse:
        breaking(session)
        return HttpResponse("broken")

    assert read_only_get(breaks)(rf.get("/")).content == b"broken"
    assert session.closed  # or the pool would give it to somebody who has to store
    connection.close()
    assert read_only_get(new_customer)(rf.post("/")).status_code == 200


def test_session_from_before_a_new_password_ends(
    committed_db: None, client: Client, alice: User
) -> None:
    client.force_login(alice)
    alice.set_password("another")
    alice.save()

    pages = [client.get("/queries/"), client.get("/accounts/login/"), client.get("/queries/")]

    assert [page.status_code for page in pages] == [302, 200, 302]


@pytest.mark.parametrize("key", ["nonsense", "real"])
def test_link_for_a_new_password_is_only_looked_at(
    committed_db: None, client: Client, alice: User, key: str
) -> None:
    if key == "real":
        key = default_token_generator.make_token(alice)
    url = f"/accounts/password/reset/key/{user_pk_to_url_str(alice)}-{key}/"
    stranger = f"/accounts/password/reset/key/zzz-{key}/"

    assert client.get(url, follow=True).status_code == 200
    assert client.get(stranger, follow=True).status_code == 200

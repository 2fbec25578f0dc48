"""A request that was cut off on its way is no request."""

import pytest
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.middleware import whole_body


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("score", "none"))


def test_whole_request_goes_on(rf: RequestFactory) -> None:
    assert whole_body(page)(rf.post("/", {"score": "3"})).content == b"3"


def test_request_without_body_goes_on(rf: RequestFactory) -> None:
    assert whole_body(page)(rf.get("/")).content == b"none"


def test_half_a_request_is_refused(rf: RequestFactory) -> None:
    request = rf.post("/", "score=1", content_type="application/x-www-form-urlencoded")
    request.META["CONTENT_LENGTH"] = "8"

    with pytest.raises(BadRequest):
        whole_body(page)(request)

"""What a line in the logs has: of which request or task it is, and no private link.

Whoever reads a private link can act for the customer.
"""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from celery._state import get_current_task
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from sellers.tokens import mask

REQUEST_ID: Final = "X-Request-ID"
GIVEN: Final = re.compile(r"[\w.-]{8,64}", re.ASCII)
_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request an id, the one of the proxy before us if it has one, and answer with it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(REQUEST_ID, "")
        name = given if GIVEN.fullmatch(given) else uuid.uuid4().hex
        _request_id.set(name)
        response = get_response(request)
        response[REQUEST_ID] = name
        return response

    return middleware


@receiver(request_finished)
def forget_request_id(**_signal: object) -> None:
    """Let it go when all is sent: Django logs what failed after the outermost middleware."""
    _request_id.set("")


class OfRequestOrTask(logging.Filter):
    """Note in each record of which request or task it is; a line to search all others by."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `request_id` in place, - where there is neither; never drop a record."""
        task: Any = get_current_task()  # None outside of tasks
        record.request_id = _request_id.get() or (task and task.request.id) or "-"
        return True


class NoPrivateLinks(logging.Filter):
    """Leave out the token of every private link that a message or its arguments mention."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; never drop it."""
        record.msg = mask(record.getMessage())
        record.args = None
        return True

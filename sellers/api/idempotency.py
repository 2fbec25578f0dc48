"""A POST with an Idempotency-Key is done once, and answered the same as often as it is sent."""

import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sellers.api.problems import CONTENT_TYPE, Conflict, Unprocessable
from sellers.models import ERASED, ApiAnswer, ApiClient

KEY: Final = "Idempotency-Key"
FORM: Final = re.compile(r"[\x21-\x7e]{1,200}")
# Nothing was done: it may be said better, or of another version, with the same key.
NOT_KEPT: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.PRECONDITION_REQUIRED,
)
KEPT_HEADERS: Final = ("Location", "ETag")


class StillRunning(Conflict):
    """The same request is being answered."""

    default_code = "still_running"
    default_detail = gettext_lazy(
        "A request with this Idempotency-Key is being handled. Try again in a moment."
    )
    wait = 1


class KeyOfAnother(Unprocessable):
    """The key belongs to another request."""

    default_code = "key_of_another_request"
    default_detail = gettext_lazy(
        "This Idempotency-Key was sent with another request. Use a new one."
    )


class AnswerErased(Conflict):
    """It was done, and what it was answered with is gone."""

    default_code = "answer_erased"
    default_detail = gettext_lazy(
        "This was done already. What the answer said was erased since; nothing is done again."
    )


@transaction.atomic
def answered_once(
    view: Any, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
) -> Response:
    """Handle a request whose key is new, or repeat the answer to it.

    The answer is stored in the transaction of what was written; what failed on our side leaves
    nothing. Raises StillRunning, KeyOfAnother and AnswerErased.
    """
    client, key, asked = view.client, _key_of(request), _fingerprint(request)
    if not _locked(client, key):
        raise StillRunning
    answer = ApiAnswer.objects.filter(client=client, key=key).first()
    if answer:
        if answer.request_digest != asked:
            raise KeyOfAnother
        if answer.status == ERASED:
            raise AnswerErased
        return _repeat(answer)
    try:
        with transaction.atomic():
            response = handler(request, *args, **kwargs)
    except Exception as error:  # noqa: BLE001  what is ours is raised again there
        response = view.handle_exception(error)
    if response.status_code in NOT_KEPT:
        return response
    ApiAnswer.objects.create(
        client=client,
        key=key,
        request_digest=asked,
        status=response.status_code,
        body=response.data,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        at=timezone.now(),
    )
    return response


def _repeat(answer: ApiAnswer) -> Response:
    headers = {**answer.headers, "Idempotent-Replayed": "true"}
    content_type = CONTENT_TYPE if answer.status >= 400 else None
    return Response(answer.body, status=answer.status, headers=headers, content_type=content_type)


def _key_of(request: Request) -> str:
    key = request.headers[KEY]
    if not FORM.fullmatch(key):
        reason = _("1 to 200 visible ASCII characters, without spaces.")
        raise ValidationError({KEY: [reason]})
    return key


def _fingerprint(request: Request) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    return hashlib.sha256(said).hexdigest()


def _locked(client: ApiClient, key: str) -> bool:
    """Return whether nobody else handles this key now; until the end of the transaction."""
    number = hashlib.sha256(f"{client.pk} {key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        lock = int.from_bytes(number, signed=True)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return bool(cursor.fetchone()[0])

"""Versions of what a client read: ETag, If-None-Match and If-Match (RFC 9110 §13)."""

import hashlib
import re
from typing import Any, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from sellers.api.problems import PreconditionFailed, PreconditionRequired

ETAG: Final = r'(W/)?"[!#-~]*"'
ETAGS: Final = re.compile(rf"\*|{ETAG}(\s*,\s*{ETAG})*")
NOT_MODIFIED: Final = OpenApiResponse(
    description="If-None-Match had the ETag of this: it is what it was."
)


def etag_of(version: object) -> str:
    """Return the ETag of a version. Compressing an answer makes it weak, and it is ours still."""
    return f'"{version}"'


def unchanged(request: Request, version: object) -> Response | None:
    """Return the answer to a client that has this version already; else None."""
    etag = etag_of(version)
    if _is_among(etag, request.headers.get("If-None-Match", "")):
        return Response(status=304, headers={"ETag": etag})
    return None


def answer_unless_unchanged(request: Request, data: Any) -> Response:
    """Answer with what has no number of a version: its ETag is made of all that it says."""
    version = hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:32]
    same = unchanged(request, version)
    return Response(data, headers={"ETag": etag_of(version)}) if same is None else same


def refuse_other_version(request: Request, version: object) -> None:
    """Raise PreconditionFailed when the client read another version than this.

    Raises PreconditionRequired when it does not say, and ValidationError for what is no ETag.
    """
    wanted = request.headers.get("If-Match", "")
    if not wanted:
        raise PreconditionRequired
    if not ETAGS.fullmatch(wanted):
        reason = _('An ETag as it was answered, in its quotes, such as "12-ab34cd56"; or *.')
        raise ValidationError({"If-Match": [reason]})
    if not _is_among(etag_of(version), wanted):
        raise PreconditionFailed


def is_any(request: Request) -> bool:
    """Return whether a client changes whatever version there is: `If-Match: *`."""
    return "*" in _each(request.headers.get("If-Match", ""))


def _is_among(etag: str, listed: str) -> bool:
    each = _each(listed)
    return "*" in each or etag in each


def _each(listed: str) -> list[str]:
    return [one.strip().removeprefix("W/") for one in listed.split(",")]

"""Versions of what a client read: ETag, If-None-Match and If-Match (RFC 9110 §13)."""

from rest_framework.request import Request
from rest_framework.response import Response

from sellers.api.problems import PreconditionFailed, PreconditionRequired


def etag_of(version: object) -> str:
    """Return the ETag of a version. Compressing an answer makes it weak, and it is ours still."""
    return f'"{version}"'


def unchanged(request: Request, version: object) -> Response | None:
    """Return the answer to a client that has this version already; else None."""
    etag = etag_of(version)
    if _is_among(etag, request.headers.get("If-None-Match", "")):
        return Response(status=304, headers={"ETag": etag})
    return None


def refuse_other_version(request: Request, version: object) -> None:
    """Raise PreconditionRequired, or PreconditionFailed when the client read another version."""
    wanted = request.headers.get("If-Match", "")
    if not wanted:
        raise PreconditionRequired
    if not _is_among(etag_of(version), wanted):
        raise PreconditionFailed


def _is_among(etag: str, listed: str) -> bool:
    each = [one.strip().removeprefix("W/") for one in listed.split(",")]
    return "*" in each or etag in each

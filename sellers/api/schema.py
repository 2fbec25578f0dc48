"""How the API is described: names written by hand, and every problem that can come."""

from collections.abc import Iterable
from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance

from sellers.api.access import scopes_of
from sellers.api.fields import SentSerializer
from sellers.api.idempotency import AnswerErased, KeyOfAnother, StillRunning
from sellers.api.problems import (
    CONTENT_TYPE,
    PreconditionFailed,
    PreconditionRequired,
    code_of,
)
from sellers.enums import Scope

PROBLEM: Final = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence, in the language asked for."},
        "code": {"type": "string", "description": "What to branch on; never changes."},
        "violations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "reason"],
                "properties": {"name": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}
# What is said of each status, and which codes come with it.
Problems = dict[str, tuple[str, tuple[str, ...]]]
ALWAYS: Final[Problems] = {
    "400": (
        "Something that was sent cannot be taken: violations says what.",
        ("invalid", "parse_error", "bad_request"),
    ),
    "401": ("No token, or one that is over or revoked.", ("not_authenticated",)),
    "403": ("The token does not allow this.", ("insufficient_scope", "permission_denied")),
    "404": ("There is no such thing, or it is another shop’s.", ("not_found",)),
    "405": ("This cannot be done here.", ("method_not_allowed",)),
    "406": ("Only JSON is answered.", ("not_acceptable",)),
    "429": ("More than this client may ask; Retry-After says when again.", ("throttled",)),
    "503": ("The database is away: Retry-After says when again.", ("service_unavailable",)),
}
OF_WRITING: Final[Problems] = {
    "409": (
        "This cannot be done as things are: code says why.",
        (StillRunning.default_code, AnswerErased.default_code),
    ),
    "412": ("It was changed since it was read.", (PreconditionFailed.default_code,)),
    "413": ("Larger than may be sent.", ("request_entity_too_large",)),
    "415": ("Only JSON is taken.", ("unsupported_media_type",)),
    "422": ("The Idempotency-Key was sent with another request.", (KeyOfAnother.default_code,)),
    "428": ("If-Match is needed.", (PreconditionRequired.default_code,)),
}
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {
        "description": "The version of this: send it as If-None-Match, or as If-Match of a change.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "How many more this client may ask (r), and for how many seconds (t).",
        "schema": {"type": "string", "examples": ['"client";r=599;t=60']},
    },
    "RateLimit-Policy": {
        "description": "How much a client may ask (q) in so many seconds (w).",
        "schema": {"type": "string", "examples": ['"client";q=600;w=60']},
    },
    "Retry-After": {
        "description": "After how many seconds to ask again.",
        "schema": {"type": "integer", "minimum": 1},
    },
}
COUNTED: Final = ("RateLimit", "RateLimit-Policy")
LATER: Final = ("409", "429", "503")
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    "description": "The same key within 24 hours is done once, and answered the same.",
}


class Described(AutoSchema):
    """Asks for the name of each operation, so that clients made from it keep theirs."""

    def get_operation_id(self) -> str:
        """Return the name that the view gives this action."""
        view: Any = self.view
        name: str = view.operations[view.action]
        return name

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return what an operation does: its docstring, without the verb of a function."""
        said: str = super().get_description()
        paragraphs = [" ".join(each.split()) for each in said.split("\n\n")]
        told = [each.removeprefix("Return ") for each in paragraphs]
        return "\n\n".join(f"{each[:1].upper()}{each[1:]}" for each in told)

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        """Add what can go wrong, the headers of each answer, and the key of a POST."""
        operation: Any = super().get_operation(*args, **kwargs)  # never None: nothing is left out
        responses, parameters = operation["responses"], operation.setdefault("parameters", [])
        has_etag = "304" in responses or any(each["name"] == "If-Match" for each in parameters)
        for response in responses.values():
            response["headers"] = _headers(("ETag", *COUNTED) if has_etag else COUNTED)
        for status, (says, codes) in self._problems().items():
            later = ("Retry-After",) if status in LATER else ()
            responses[status] = {
                "description": f"{says} Code: {' or '.join(codes)}.",
                "headers": _headers((*COUNTED, *later)),
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        if self.method == "POST":
            parameters.append(IDEMPOTENCY_KEY)
        return operation

    def _problems(self) -> Problems:
        """Return what can go wrong, with what the view refuses among the conflicts."""
        if self.method == "GET":
            return ALWAYS
        view: Any = self.view
        says, codes = OF_WRITING["409"]
        refused = sorted({code_of(each) for each in view.refusals})
        return {**ALWAYS, **OF_WRITING, "409": (says, (*refused, *codes))}

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """Say of what is sent that nothing else can be in it."""
        described: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        is_sent = isinstance(force_instance(serializer), SentSerializer)  # type: ignore[no-untyped-call]
        return {**described, "additionalProperties": False} if is_sent else described

    def get_tags(self) -> list[str]:
        """Return the part of the API that the view belongs to."""
        view: Any = self.view
        return [view.part]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tokens by client credentials, and which scopes each operation needs."""

    target_class = "sellers.api.access.ClientAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Describe where tokens come from."""
        flow = {
            "tokenUrl": "/oauth/token",
            "scopes": {scope.value: str(scope.label) for scope in Scope},
        }
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Return the scopes of which an operation needs one."""
        return [{self.name: [scope.value]} for scope in scopes_of(auto_schema.view)]


def add_shared(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add the form of a problem, and the headers that many answers have."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    result["components"]["headers"] = HEADERS
    return result


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}

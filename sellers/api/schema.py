"""How the API is described: names written by hand, and every problem that can come."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from sellers.api.access import scopes_of
from sellers.api.problems import CONTENT_TYPE
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
ALWAYS: Final = {
    "400": "Something that was sent cannot be taken: violations says what.",
    "401": "No token, or one that is over or revoked.",
    "403": "The token does not allow this.",
    "404": "There is no such thing, or it is another shop’s.",
    "405": "This cannot be done here.",
    "406": "Only JSON is answered.",
    "429": "More than this client may ask; Retry-After says when again.",
    "503": "Not now; nothing was done, and Retry-After says when again.",
}
OF_WRITING: Final = {
    "409": "This cannot be done as things are: code says why.",
    "412": "It was changed since it was read.",
    "413": "Larger than may be sent.",
    "415": "Only JSON is taken.",
    "422": "The Idempotency-Key was sent with another request.",
    "428": "If-Match is needed.",
}
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


def add_problems(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Add what can go wrong to every operation, and the key of every POST."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method, operation in path.items():
            problems = ALWAYS if method == "get" else {**ALWAYS, **OF_WRITING}
            for status, description in problems.items():
                operation["responses"].setdefault(
                    status,
                    {
                        "description": description,
                        "content": {
                            CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
                        },
                    },
                )
            if method == "post":
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return result

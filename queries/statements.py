"""What the marketplace says about a customer who asks: signed by it, short-lived, used once.

A JWS in compact form (RFC 7515) with the claims that docs/ask.md lists. Which keys count, and so
which algorithms, is our setting; the statement itself only says which of them it was signed with.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unicodedata import category

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from jwt.exceptions import (
    InvalidAlgorithmError,
    InvalidAudienceError,
    InvalidSignatureError,
    InvalidTokenError,
)

from queries.enums import StatementProblem
from sellers.addresses import normalised_email
from sellers.enums import Language
from sellers.lines import one_line

LIVES_FOR: Final = timedelta(minutes=15)
CLOCKS_DIFFER: Final = timedelta(minutes=1)
MOST_CHARACTERS: Final = 8_000
MOST_ITEMS: Final = 20
# Checked here instead, against our own clock.
UNCHECKED: Final[Any] = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
REQUIRED: Final[Any] = {"strict_aud": True, "require": ["aud", "iat", "exp", "jti"]}
NOT_IN_A_LINE: Final = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half characters, line ends


class StatementRefused(Exception):
    """A statement that is not taken, and why."""

    def __init__(self, problem: StatementProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Who asks which shop about which order, as the marketplace says.

    `customer` is the marketplace's own number. Of a statement that several people's address is in,
    or a masked one, it is always there.
    """

    digest: str  # of the number of the statement
    shop: int
    order: str
    items: Sequence[str]
    customer: str | None
    email: str
    name: str
    language: str
    shared: bool


def read_statement(
    token: str, *, keys: Sequence[jwt.PyJWK], audience: str, now: datetime
) -> Statement:
    """Return what a signed statement says. Raises StatementRefused."""
    claims = _verified(token.strip(), keys=keys, audience=audience)
    _check_moments(claims, now=now)
    customer = _line(claims, "customer", most=64) or None
    shared, masked = _flag(claims, "shared"), _flag(claims, "masked")
    if (shared or masked) and customer is None:  # the address alone does not say who it is
        raise StatementRefused(StatementProblem.MALFORMED)
    language = _line(claims, "language", most=35)[:2].lower()
    return Statement(
        digest=hashlib.sha256(_line(claims, "jti", least=8, most=64).encode()).hexdigest(),
        shop=_shop(claims),
        order=_line(claims, "order", most=40),
        items=_items(claims),
        customer=customer,
        email=_email(claims),
        name=_line(claims, "name", most=120),
        language=language if language in Language.values else "",
        shared=shared,
    )


def _verified(token: str, *, keys: Sequence[jwt.PyJWK], audience: str) -> Mapping[str, Any]:
    """Return the claims if one of our keys says that the marketplace wrote them."""
    if not token.isascii() or len(token) > MOST_CHARACTERS:
        raise StatementRefused(StatementProblem.MALFORMED)
    try:
        wanted = jwt.get_unverified_header(token).get("kid")
        for key in keys:
            if wanted is None or key.key_id in {None, wanted}:
                try:
                    return jwt.decode(
                        token,
                        key,
                        algorithms=[key.algorithm_name],
                        audience=audience,
                        options=UNCHECKED | REQUIRED,
                    )
                except (InvalidSignatureError, InvalidAlgorithmError):
                    continue
    except InvalidAudienceError as error:
        raise StatementRefused(StatementProblem.WRONG_AUDIENCE) from error
    except (InvalidTokenError, RecursionError) as error:
        raise StatementRefused(StatementProblem.MALFORMED) from error
    raise StatementRefused(StatementProblem.NOT_SIGNED)


def _check_moments(claims: Mapping[str, Any], *, now: datetime) -> None:
    """Refuse what is not of now, or would live longer than a quarter of an hour."""
    made_at, ends_at = _moment(claims, "iat"), _moment(claims, "exp")
    if not made_at < ends_at <= made_at + LIVES_FOR:
        raise StatementRefused(StatementProblem.MALFORMED)
    if made_at > now + CLOCKS_DIFFER:
        raise StatementRefused(StatementProblem.NOT_YET)
    if ends_at <= now:
        raise StatementRefused(StatementProblem.TOO_OLD)


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims[name]
    if type(seconds) is not int or not 0 <= seconds < 2**35:
        raise StatementRefused(StatementProblem.MALFORMED)
    return datetime.fromtimestamp(seconds, tz=UTC)


def _shop(claims: Mapping[str, Any]) -> int:
    number = claims.get("shop")
    if type(number) is not int or not 0 < number < 2**63:
        raise StatementRefused(StatementProblem.MALFORMED)
    return number


def _items(claims: Mapping[str, Any]) -> list[str]:
    items = claims.get("items", [])
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise StatementRefused(StatementProblem.MALFORMED)
    return [_line({"item": item}, "item", least=1, most=200) for item in items]


def _email(claims: Mapping[str, Any]) -> str:
    email = normalised_email(_line(claims, "email", least=3, most=254))
    try:
        validate_email(email)
    except ValidationError as error:
        raise StatementRefused(StatementProblem.MALFORMED) from error
    return email


def _flag(claims: Mapping[str, Any], name: str) -> bool:
    flag = claims.get(name, False)
    if not isinstance(flag, bool):
        raise StatementRefused(StatementProblem.MALFORMED)
    return flag


def _line(claims: Mapping[str, Any], name: str, *, least: int = 0, most: int) -> str:
    """Return a text of one line; nothing when it is left out and may be."""
    text = claims.get(name, "")
    if not isinstance(text, str) or any(category(each) in NOT_IN_A_LINE for each in text):
        raise StatementRefused(StatementProblem.MALFORMED)
    text = one_line(text)
    if not least <= len(text) <= most:
        raise StatementRefused(StatementProblem.MALFORMED)
    return text

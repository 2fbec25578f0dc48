"""What is taken for a statement of the marketplace, and what is not."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from queries.enums import StatementProblem
from queries.statements import Statement, StatementRefused, read_statement
from tests.conftest import NOON

PORTAL = "http://localhost:8000"
KEY = Ed25519PrivateKey.from_private_bytes(b"the marketplace's private key...")
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"somebody else's private key.....")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def public(key: Ed25519PrivateKey, **more: str) -> jwt.PyJWK:
    """Return what the portal knows of a key."""
    return jwt.PyJWK.from_dict(json.loads(OKPAlgorithm.to_jwk(key.public_key())) | more)


def claims(**changes: Any) -> dict[str, Any]:
    """Return a whole statement with some changed; None leaves one out."""
    seconds = int(NOON.timestamp())
    whole = {
        "aud": PORTAL,
        "jti": "statement-1",
        "iat": seconds,
        "exp": seconds + 900,
        "shop": 12,
        "order": "4711",
        "items": ["Bell", "Brakes"],
        "customer": "K-1",
        "email": "Klaas@Bücher.example",
        "name": "Klaas Vaak",
        "language": "nl",
        "shared": False,
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def signed(key: Any = KEY, *, algorithm: str = "EdDSA", kid: str = "", **changes: Any) -> str:
    """Return a signed statement."""
    headers = {"kid": kid} if kid else None
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def read(token: str, *keys: jwt.PyJWK, now: Any = NOON) -> Statement:
    """Return what the portal reads in a statement."""
    return read_statement(token, keys=keys or (public(KEY),), audience=PORTAL, now=now)


def problem(token: str, *keys: jwt.PyJWK, now: Any = NOON) -> StatementProblem:
    """Return why a statement is refused."""
    with pytest.raises(StatementRefused) as refusal:
        read(token, *keys, now=now)
    return refusal.value.problem


def test_statement_is_read() -> None:
    assert read(signed()) == Statement(
        digest=hashlib.sha256(b"statement-1").hexdigest(),
        shop=12,
        order="4711",
        items=["Bell", "Brakes"],
        customer="K-1",
        email="klaas@xn--bcher-kva.example",
        name="Klaas Vaak",
        language="nl",
        shared=False,
    )


def test_little_is_needed() -> None:
    left_out = ("order", "items", "customer", "name", "language", "shared")

    statement = read(signed(**dict.fromkeys(left_out)))

    assert (statement.order, statement.items, statement.customer) == ("", [], None)
    assert (statement.name, statement.language, statement.shared) == ("", "", False)


@pytest.mark.parametrize(
    ("language", "expected"), [("nl", "nl"), ("en-GB", "en"), ("NL", "nl"), ("fr", ""), ("", "")]
)
def test_language_is_ours_or_none(language: str, expected: str) -> None:
    assert read(signed(language=language)).language == expected


def test_text_reads_as_it_is_written() -> None:
    statement = read(
        signed(name="Klaas\u202e kaaV", order="\u206647\u200f11", items=["\u202aBell "])
    )

    assert (statement.name, statement.order) == ("Klaas kaaV", "4711")
    assert statement.items == ["Bell"]


def test_other_claims_are_ignored() -> None:
    assert read(signed(iss="https://shop.example", colour="red")) == read(signed())


# Which key


def test_other_algorithms_of_a_private_key_are_taken() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    large = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    es256 = jwt.PyJWK.from_dict(json.loads(ECAlgorithm.to_jwk(curve.public_key())))
    rs256 = jwt.PyJWK.from_dict(json.loads(RSAAlgorithm.to_jwk(large.public_key())))

    assert read(signed(curve, algorithm="ES256"), es256) == read(signed())
    assert read(signed(large, algorithm="RS256"), rs256) == read(signed())
    assert problem(signed(large, algorithm="RS512"), rs256) == StatementProblem.NOT_SIGNED
    assert problem(signed(large, algorithm="PS256"), rs256) == StatementProblem.NOT_SIGNED


def test_one_of_several_keys_is_found() -> None:
    old, new = public(KEY, kid="old"), public(OTHER_KEY, kid="new")

    assert read(signed(KEY, kid="old"), old, new) == read(signed(OTHER_KEY, kid="new"), old, new)
    assert read(signed(OTHER_KEY), old, new) == read(signed())  # names none: each is tried
    assert problem(signed(KEY, kid="new"), old, new) == StatementProblem.NOT_SIGNED
    assert problem(signed(KEY, kid="third"), old, new) == StatementProblem.NOT_SIGNED


def test_key_of_somebody_else_is_refused() -> None:
    assert problem(signed(OTHER_KEY)) == StatementProblem.NOT_SIGNED


def part(value: object) -> str:
    """Return a part of a JWS as it is written."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None])
def test_statement_without_a_signature_is_refused(algorithm: str | None) -> None:
    unsigned = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}."

    assert problem(unsigned) in {StatementProblem.NOT_SIGNED, StatementProblem.MALFORMED}


@pytest.mark.parametrize("encoding", ["raw", "pem", "jwk"])
def test_public_key_is_no_secret_to_sign_with(encoding: str) -> None:
    """What everybody may know, taken for the secret of HS256."""
    public_key = KEY.public_key()
    secret = {
        "raw": public_key.public_bytes_raw(),
        "pem": public_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        "jwk": str(OKPAlgorithm.to_jwk(public_key)).encode(),
    }[encoding]
    body = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    mac = hmac.digest(secret, body.encode(), "sha256")

    forged = f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    assert problem(forged) == StatementProblem.NOT_SIGNED


def test_key_that_comes_along_is_not_used() -> None:
    jwk = json.loads(OKPAlgorithm.to_jwk(OTHER_KEY.public_key()))
    headers = {"jwk": jwk, "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert"}

    token = jwt.encode(claims(), OTHER_KEY, algorithm="EdDSA", headers=headers)

    assert problem(token) == StatementProblem.NOT_SIGNED


@pytest.mark.parametrize("place", [0, 1, 2])
def test_statement_that_was_changed_is_refused(place: int) -> None:
    parts, others = signed().split("."), signed(shop=13).split(".")
    parts[place] = others[place] if place else part({"alg": "EdDSA", "typ": "jwt"})

    assert problem(".".join(parts)) == StatementProblem.NOT_SIGNED


# For whom and when


@pytest.mark.parametrize(
    "audience",
    [
        "http://localhost:8000/",
        "https://other.example",
        "",
        [],
        ["http://localhost:8000"],
        ["http://localhost:8000", "https://other.example"],
    ],
)
def test_statement_for_another_website_is_refused(audience: Any) -> None:
    assert problem(signed(aud=audience)) in {
        StatementProblem.WRONG_AUDIENCE,
        StatementProblem.MALFORMED,
    }


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param(-MINUTE, None, id="clocks differ"),
        pytest.param(-MINUTE - SECOND, StatementProblem.NOT_YET, id="too early"),
        pytest.param(15 * MINUTE - SECOND, None, id="last second"),
        pytest.param(15 * MINUTE, StatementProblem.TOO_OLD, id="too late"),
    ],
)
def test_statement_is_of_now(later: timedelta, expected: StatementProblem | None) -> None:
    if expected is None:
        assert read(signed(), now=NOON + later)
    else:
        assert problem(signed(), now=NOON + later) == expected


SECONDS = int(NOON.timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": SECONDS + 901}, id="lives too long"),
        pytest.param({"exp": SECONDS}, id="over at once"),
        pytest.param({"exp": None}, id="lives for ever"),
        pytest.param({"iat": None}, id="of no moment"),
        pytest.param({"exp": str(SECONDS + 60)}, id="text"),
        pytest.param({"exp": SECONDS + 60.5}, id="half a second"),
        pytest.param({"iat": True}, id="yes"),
        pytest.param({"iat": -(2**70), "exp": 1 - 2**70}, id="before everything"),
        pytest.param({"iat": 2**70, "exp": 2**70 + 1}, id="after everything"),
        pytest.param({"exp": float("nan")}, id="no number"),
        pytest.param({"jti": None}, id="no number of its own"),
        pytest.param({"jti": "short"}, id="a number that others have"),
        pytest.param({"jti": "x" * 65}, id="long number"),
        pytest.param({"jti": 12345678}, id="number of another kind"),
        pytest.param({"shop": None}, id="no shop"),
        pytest.param({"shop": "12"}, id="shop as text"),
        pytest.param({"shop": True}, id="shop as a yes"),
        pytest.param({"shop": 0}, id="shop zero"),
        pytest.param({"shop": 2**63}, id="shop too large"),
        pytest.param({"shop": 12.0}, id="shop with a point"),
        pytest.param({"email": None}, id="no address"),
        pytest.param({"email": "klaas"}, id="no address but a name"),
        pytest.param({"email": "a@b.example, c@d.example"}, id="two addresses"),
        pytest.param({"email": "a@b.example\nBcc: c@d.example"}, id="header in the address"),
        pytest.param({"email": f"{'a' * 250}@klant.example"}, id="long address"),
        pytest.param({"order": "x" * 41}, id="long order"),
        pytest.param({"order": 4711}, id="order as a number"),
        pytest.param({"order": "47\x0011"}, id="NUL"),
        pytest.param({"name": "Klaas\nVaak"}, id="two lines"),
        pytest.param({"name": "Klaas\u2028Vaak"}, id="two lines of another kind"),
        pytest.param({"name": "\ud800"}, id="half a character"),
        pytest.param({"name": "x" * 121}, id="long name"),
        pytest.param({"customer": "x" * 65}, id="long customer number"),
        pytest.param({"customer": 20731}, id="customer number as a number"),
        pytest.param({"items": "Bell"}, id="items as text"),
        pytest.param({"items": ["Bell"] * 21}, id="many items"),
        pytest.param({"items": ["x" * 201]}, id="long item"),
        pytest.param({"items": [["Bell"]]}, id="items in items"),
        pytest.param({"items": [""]}, id="item without a name"),
        pytest.param({"language": 1}, id="language as a number"),
        pytest.param({"shared": "yes"}, id="shared as text"),
        pytest.param({"masked": 1}, id="masked as a number"),
        pytest.param({"shared": True, "customer": None}, id="shared by nobody knows whom"),
        pytest.param({"masked": True, "customer": ""}, id="masked and nobody"),
    ],
)
def test_statement_that_does_not_say_it_well_is_refused(changes: dict[str, Any]) -> None:
    assert read(signed())
    assert problem(signed(**changes)) == StatementProblem.MALFORMED


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("a.b", id="two parts"),
        pytest.param("a.b.c.d.e", id="encrypted"),
        pytest.param("é.é.é", id="not ASCII"),
        pytest.param(json.dumps(claims()), id="bare claims"),
        pytest.param(f"{part('EdDSA')}.{part(claims())}.", id="header is a text"),
        pytest.param(f"{part({'alg': 'EdDSA', 'kid': 7})}.{part(claims())}.", id="kid is a number"),
        pytest.param(base64.urlsafe_b64encode(b"[" * 5_000).decode() + ".e30.", id="deep header"),
        pytest.param(
            jwt.encode(claims(x="x" * 8_000), KEY, algorithm="EdDSA"), id="8,000 and more"
        ),
    ],
)
def test_what_is_no_statement_is_refused(token: str) -> None:
    assert problem(token) == StatementProblem.MALFORMED


def test_deep_claims_are_refused() -> None:
    header, payload = part({"alg": "EdDSA"}), base64.urlsafe_b64encode(b"[" * 5_000).rstrip(b"=")
    body = f"{header}.{payload.decode()}"
    signature = base64.urlsafe_b64encode(KEY.sign(body.encode())).rstrip(b"=").decode()

    assert problem(f"{body}.{signature}") == StatementProblem.MALFORMED


@given(st.text() | st.text(alphabet="abcXYZ019-_.=", max_size=60))
@example(".." * 3)
def test_no_text_is_more_than_refused(text: str) -> None:
    assert problem(text) in StatementProblem


@given(st.data())
def test_any_changed_character_is_refused(data: st.DataObject) -> None:
    token = signed()
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AQgw_-."))
    changed = token[:place] + other + token[place + 1 :]
    last = changed.rstrip(".").rfind(".") + 86  # of the last character only some bits count
    if changed == token or place >= last - 1:
        return

    assert problem(changed) in StatementProblem

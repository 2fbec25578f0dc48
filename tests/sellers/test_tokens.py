"""The secret in a survey link."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings

from sellers.tokens import (
    MakeToken,
    digest,
    mask,
    new_salt,
    reply_token_for,
    salt_of,
    token_for,
    token_known_as,
)
from tests.conftest import NOON


def test_salt_is_128_random_bits() -> None:
    salts = {new_salt() for _ in range(100)}

    assert len(salts) == 100
    assert all(re.fullmatch(r"[0-9a-f]{32}", salt) for salt in salts)


def test_token_is_256_bits_that_are_safe_in_a_url() -> None:
    token = token_for(new_salt())

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)


def test_token_is_the_same_for_the_same_salt_and_key() -> None:
    assert token_for("a" * 32) == token_for("a" * 32)
    assert token_for("a" * 32) != token_for("b" * 32)


def test_token_cannot_be_made_without_the_key(settings: LazySettings) -> None:
    before = token_for("a" * 32)
    settings.SECRET_KEY = "another"

    assert token_for("a" * 32) != before


def test_digest_is_sha_256() -> None:
    assert digest("token") == "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0"


@pytest.mark.parametrize(
    "written",
    [
        "http://localhost/thread/{token}/",
        "/survey/{token}/?score=9",
        "/survey//{token}/",
        "/Survey/{token}/",
        "/survey/%22{token}/",
        "/survey/'{token}/",
        "/survey/%20{token}/",
        "/survey:{token}/",
        "/thread/\n> {token}",
        "/alerts/stop/{token}/",
        "https://x.example/?q=https%3A%2F%2Fp.example%2Falerts%2Fstop%2F{token}%2F",
        "token {token}.",
        "<{token}>",
        "Reply-To: reply-{reply}@reply.markt.example",
        "mailto:reply-{reply}%40reply.markt.example",
        "https://nl.safelinks.example/?url=https%3A%2F%2Fp.example%2Fsurvey%2F{token}%2F&data=05",
        "https://x.example/?q=https%253A%252F%252Fp.example%252Fthread%252F{token}%252F",
        "https://urldefense.example/v2/url?u=https-3A__p.example_thread_{token}_&d=Dw",
    ],
)
def test_mask_leaves_no_secret_however_it_is_mangled(written: str) -> None:
    token, reply = token_for(new_salt()), reply_token_for(new_salt())

    masked = mask(f"before {written.format(token=token, reply=reply)} after")

    assert token not in masked
    assert reply not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def test_mask_leaves_other_words_alone() -> None:
    words = "See /queries/12/, the survey/ thread, or " + "a" * 42 + " and " + "b" * 44 + "."

    assert mask(words) == words


@pytest.mark.parametrize("at", [1, 5, 20, 42])
@pytest.mark.parametrize("broken", ["\n> ", "=\r\n", "\n> > "])
def test_mask_finds_what_it_knows_in_two_lines(at: int, broken: str) -> None:
    token = token_for(new_salt())
    written = f"> http://p.example/thread/{token[:at]}{broken}{token[at:]}/ after"

    masked = mask(written, known=[token])

    assert token[:at] + broken not in masked
    assert token[at:] not in masked
    assert masked.endswith("/ after")


def test_salt_is_of_what_the_link_is_about_and_of_the_key(settings: LazySettings) -> None:
    salt = salt_of("survey", 1, 23, NOON)

    assert re.fullmatch(r"[0-9a-f]{32}", salt)
    assert salt == salt_of("survey", 1, 23, NOON)
    assert salt not in {
        salt_of("survey", 12, 3, NOON),
        salt_of("survey", 1, 23, NOON + timedelta(microseconds=1)),
        salt_of("thread", 1, 23, NOON),
        salt_of("survey", "1', '23", NOON),
    }
    settings.SECRET_KEY = "another"
    assert salt != salt_of("survey", 1, 23, NOON)


@pytest.mark.parametrize("make", [token_for, reply_token_for])
def test_token_is_the_one_that_was_mailed_while_its_key_is_remembered(
    make: MakeToken, settings: LazySettings
) -> None:
    mailed = make("a" * 32)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]

    assert token_known_as(digest(mailed), "a" * 32, make=make) == mailed
    assert token_known_as(None, "a" * 32, make=make) == make("a" * 32)
    settings.SECRET_KEY_FALLBACKS = []
    assert token_known_as(digest(mailed), "a" * 32, make=make) == make("a" * 32) != mailed

"""Settings from the environment: good values, and sentences for bad ones."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import (
    Timeouts,
    duration,
    flag,
    mail_server,
    ports,
    required,
    retention,
    timeouts,
    whole_number,
)

NAME = "NAZORG_TEST"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """Set the variable, or take it away."""
    if value is None:
        monkeypatch.delenv(NAME, raising=False)
    else:
        monkeypatch.setenv(NAME, value)


@pytest.mark.parametrize("value", ["secret", "  secret  "])
def test_required_returns_the_value(given: None, value: str) -> None:
    assert required(NAME, why="It is needed.") == "secret"


@pytest.mark.parametrize("value", [None, "", "   "])
def test_required_says_what_is_missing_and_why(given: None, value: str | None) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"Set {NAME}: It is needed\. .*\.env\.example"):
        required(NAME, why="It is needed.")


@pytest.mark.parametrize("value", ["1", "true", "True", "YES", " on "])
def test_flag_is_true(given: None, value: str) -> None:
    assert flag(NAME, default=False) is True


@pytest.mark.parametrize("value", ["0", "false", "False", "NO", " off ", ""])
def test_flag_is_false(given: None, value: str) -> None:
    assert flag(NAME, default=True) is False


@pytest.mark.parametrize("value", [None])
@pytest.mark.parametrize("default", [True, False])
def test_flag_has_a_default(given: None, value: None, default: bool) -> None:
    assert flag(NAME, default=default) is default


@pytest.mark.parametrize("value", ["ja", "2", "truee", "-1", "none"])
def test_flag_refuses_anything_else(given: None, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"{NAME}='{value}' is neither true nor false"):
        flag(NAME, default=False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(hours=24)),
        ("30d", timedelta(days=30)),
        ("0s", timedelta()),
        (" 1h ", timedelta(hours=1)),
        (None, timedelta(days=7)),
    ],
)
def test_duration(given: None, value: str | None, expected: timedelta) -> None:
    assert duration(NAME, default=timedelta(days=7)) == expected


@pytest.mark.parametrize(
    "value", ["30", "s", "1.5h", "-1h", "1 h", "1w", "1H", "9999999s", "٣d", "３０s"]
)
def test_duration_refuses_anything_else(given: None, value: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match="is not a duration such as 30s, 15m, 24h or 30d"
    ):
        duration(NAME, default=timedelta(days=7))


@pytest.mark.parametrize(("value", "expected"), [("0", 0), (" 2 ", 2), (None, 7)])
def test_whole_number(given: None, value: str | None, expected: int) -> None:
    assert whole_number(NAME, default=7) == expected


@pytest.mark.parametrize("value", ["", "-1", "1.0", "one", "²", "٣", "1 0", "9999999"])
def test_whole_number_refuses_anything_else(given: None, value: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match=f"{NAME}='{value}' is not a whole number from 0 to 999999"
    ):
        whole_number(NAME, default=0)


@pytest.mark.parametrize("value", ["0"])
def test_whole_number_refuses_less_than_the_least(given: None, value: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match=f"{NAME}='0' is not a whole number from 1 to 999999"
    ):
        whole_number(NAME, default=4, least=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, None, id="not set"),
        pytest.param(" ", None, id="empty"),
        pytest.param("30d", timedelta(days=30), id="shortest"),
        pytest.param("36500d", timedelta(days=36_500), id="longest"),
    ],
)
def test_retention(given: None, value: str | None, expected: timedelta | None) -> None:
    assert retention(NAME) == expected


@pytest.mark.parametrize("value", ["0d", "24m", "29d", "36501d", "999999d"])
def test_retention_refuses_what_can_only_be_a_mistake(given: None, value: str) -> None:
    with pytest.raises(
        ImproperlyConfigured, match=f"{NAME}='{value}' is not between 30d and 36500d; leave it"
    ):
        retention(NAME)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, {443, 8443}),
        ("443", {443}),
        (" 443 , 8443,443", {443, 8443}),
        ("1,65535", {1, 65_535}),
    ],
)
def test_ports(given: None, value: str | None, expected: set[int]) -> None:
    assert ports(NAME, default=frozenset({443, 8443})) == expected


@pytest.mark.parametrize("value", [",", "0", "65536", "https", "443;80", "-1", "٤٤٣", "443,"])
def test_ports_refuse_anything_else(given: None, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=NAME):
        ports(NAME, default=frozenset({443}))


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Timeouts(SECOND, 2 * SECOND, 3 * SECOND)),
        ("", Timeouts(SECOND, 2 * SECOND, 3 * SECOND)),
        ("lock=5s", Timeouts(SECOND, 5 * SECOND, 3 * SECOND)),
        ("  idle=1m statement=0s ", Timeouts(timedelta(0), 2 * SECOND, 60 * SECOND)),
    ],
)
def test_timeouts_that_are_not_named_keep_their_default(
    given: None, value: str | None, expected: Timeouts
) -> None:
    assert timeouts(NAME, default=Timeouts(SECOND, 2 * SECOND, 3 * SECOND)) == expected


def test_longest_timeout_is_one_for_postgresql() -> None:
    week = Timeouts(*[timedelta(days=7)] * 3)

    milliseconds = [int(each.partition("=")[2]) for each in week.as_options().split("-c")[1:]]

    assert milliseconds == [604_800_000] * 3
    assert max(milliseconds) < 2**31


@pytest.mark.parametrize(
    ("value", "backend"),
    [
        ("smtp+tls://me:key@mail.example:587", "ours"),
        ("smtps://me:key@mail.example:465", "ours"),
        ("smtp://mail.example", "ours"),
        ("memorymail://", "django.core.mail.backends.locmem.EmailBackend"),
        (None, "ours"),
    ],
)
def test_mail_server_is_talked_to_by_what_notices(given: None, backend: str) -> None:
    assert mail_server(NAME, default={"EMAIL_BACKEND": "ours"})["EMAIL_BACKEND"] == backend

"""What is kept of a pure function: the same as it makes anew, for the same values alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.utils import translation
from pytest_django import Settings

from sellers import kept as module
from sellers.kept import kept, release


@dataclass(frozen=True)
class Number:
    """A value, and a dataclass as most of what is printed."""

    value: int


made: list[tuple[int, str]] = []


def doubled(number: Number, *, words: str = "") -> tuple[int, str]:
    """Return something that takes long, and note that it was made."""
    made.append((number.value, words))
    return 2 * number.value, translation.gettext("Topic") + words


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    cache.clear()
    made.clear()
    yield
    cache.clear()


def test_same_values_are_made_once() -> None:
    assert kept(doubled, Number(4)) == kept(doubled, Number(4)) == doubled(Number(4))

    assert made == [(4, ""), (4, "")]  # the second by the test itself


def test_other_values_other_words_and_another_language_are_made_anew() -> None:
    kept(doubled, Number(4))
    assert kept(doubled, Number(5))[0] == 10
    assert kept(doubled, Number(4), words="!")[1].endswith("!")
    with translation.override("nl"):
        assert kept(doubled, Number(4)) == (8, "Onderwerp")

    assert len(made) == 4


def test_new_release_keeps_nothing_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(doubled, Number(4))
    monkeypatch.setattr(module, "release", lambda: f"not {release()}")
    kept(doubled, Number(4))

    assert len(made) == 2


def test_developer_sees_every_change_at_once(settings: Settings) -> None:
    settings.DEBUG = True
    kept(doubled, Number(4))
    kept(doubled, Number(4))

    assert len(made) == 2

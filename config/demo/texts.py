"""The sorts of questions there are, and the texts in which they are asked and answered.

The texts themselves, and the names of people, are in a file per language: nl.toml and en.toml.
"""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from sellers.enums import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of question.

    `weight` is how often it is asked; `mood` how much happier (or less happy) than others its
    customers are, as a share of promoters minus detractors; `theme` the slug of the topic that
    an unhappy customer most likely ticks.
    """

    slug: str
    weight: float
    mood: float
    theme: str


GENERAL_KINDS: Final = (
    Kind(slug="delivery", weight=24, mood=-0.10, theme="speed"),
    Kind(slug="damaged", weight=13, mood=-0.12, theme="solution"),
    Kind(slug="refund", weight=9, mood=-0.18, theme="effort"),
    Kind(slug="stock", weight=8, mood=0.20, theme="expertise"),
    Kind(slug="invoice", weight=6, mood=0.04, theme="effort"),
    Kind(slug="address", weight=6, mood=0.10, theme="speed"),
)
DEVICE_KINDS: Final = (
    *GENERAL_KINDS,
    Kind(slug="return", weight=12, mood=0.02, theme="effort"),
    Kind(slug="warranty", weight=11, mood=-0.14, theme="solution"),
    Kind(slug="missing", weight=9, mood=-0.06, theme="solution"),
    Kind(slug="assembly", weight=7, mood=-0.02, theme="clarity"),
)
BIKE_KINDS: Final = (
    *DEVICE_KINDS,
    Kind(slug="bike_advice", weight=10, mood=0.24, theme="expertise"),
    Kind(slug="e_bike", weight=9, mood=-0.05, theme="expertise"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that can be the matter: every reply fits every question under every subject."""

    subjects: list[str]
    questions: list[str]
    replies: list[str]


@dataclass(frozen=True, slots=True)
class KindTexts:
    """The cases of a kind, and what it can be about; without products, any of the shop's."""

    cases: list[Case]
    products: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What exactly was bought; `warranty` in years, `serial` is how its number begins, if any."""

    title: str
    price: Decimal
    warranty: int
    serial: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All texts of one language; `reasons` by band and topic, `ends` by band, `kinds` by slug.

    `catalogue` by the word for a product that everybody uses.
    """

    first_names: list[str]
    last_names: list[str]
    belgian_last_names: list[str]
    weekdays: list[str]
    openings: list[str]
    phone_openings: list[str]
    endings: list[str]
    reply_openings: list[str]
    reply_endings: list[str]
    thanks: list[str]
    coming_back: list[str]
    coming_back_replies: list[str]
    marketplace_replies: list[str]
    thank_yous: list[str]
    what_was_missing: list[str]
    improvements: list[str]
    who_came_in: list[str]
    hand_over_reasons: list[str]
    followup_calls: list[str]
    followup_notes: list[str]
    followup_losses: list[str]
    followup_promises: list[str]
    followup_causes: list[str]
    followup_lessons: list[str]
    more_to_know: list[list[str]]
    ends: dict[str, list[str]]
    reasons: dict[str, dict[str, list[str]]]
    kinds: dict[str, KindTexts]
    catalogue: dict[str, Article]


@cache
def texts_in(language: Language) -> Texts:
    """Return the texts of a language."""
    path = Path(__file__).with_name(f"{language}.toml")
    raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    kinds = {
        slug: KindTexts([Case(**case) for case in kind["cases"]], kind.get("products", []))
        for slug, kind in raw.pop("kinds").items()
    }
    catalogue = {
        word: Article(**article | {"price": Decimal(article["price"])})
        for word, article in raw.pop("catalogue").items()
    }
    return Texts(**raw, kinds=kinds, catalogue=catalogue)

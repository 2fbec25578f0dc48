"""Dutch says je everywhere, also in sentences that come with Django and its companions."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation.trans_real import translation

FORMAL = re.compile(r"\b(u|uw|uzelf)\b", re.IGNORECASE)
OTHER_WORDS = re.compile(r"a\.u\.b\.|\)d u\b")  # "please", and the sign for hours
# Of pages that we have ourselves, or that only programmers see.
NEVER_READ = ("Referer", "referrer", "same-origin", "CSRF", "DEBUG=True", "ManagementForm")


def spoken() -> Iterator[tuple[str, str]]:
    """Yield every source text with its Dutch, as the first catalog that has it says it."""
    catalog: Any = translation("nl")._catalog  # type: ignore[attr-defined]
    dutch: dict[Any, str] = {}
    for each in reversed(catalog._catalogs):
        dutch |= each
    for source, words in dutch.items():
        yield (source[0] if isinstance(source, tuple) else source), words


def test_nobody_is_addressed_formally() -> None:
    formal = [
        source
        for source, words in spoken()
        if source
        and FORMAL.search(OTHER_WORDS.sub("", words))
        and not any(word in source for word in NEVER_READ)
    ]

    assert formal == []

"""What a pure function made, kept by all that it was made of, so that it cannot be out of date.

Printing a page costs more than asking the database for its numbers: docs/decisions/0009.
"""

import pickle
from collections.abc import Callable
from datetime import timedelta
from functools import cache as once
from hashlib import sha256
from typing import Final, ParamSpec, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language

KEPT_FOR: Final = timedelta(minutes=10)
# What is made may depend on these files too: a new release keeps nothing of the one before.
CODE: Final = ("**/*.py", "**/*.html", "**/*.mo")

P = ParamSpec("P")
T = TypeVar("T")


def kept(make: Callable[P, T], *made_of: P.args, **named: P.kwargs) -> T:
    """Return `make(*made_of, **named)`, made once for the same values in the same language.

    So it may depend on nothing else: on no request, no clock, no row of the database. Values and
    outcome can be pickled; what prints another value has another key. A developer, who changes
    templates while the server runs, gets everything anew.
    """
    if settings.DEBUG:
        return make(*made_of, **named)
    written = pickle.dumps((made_of, named, get_language(), release()))
    key = f"kept:{make.__module__}.{make.__qualname__}:{sha256(written).hexdigest()}"
    found: T | None = cache.get(key)
    if found is None:
        found = make(*made_of, **named)
        cache.set(key, found, KEPT_FOR.total_seconds())
    return found


@once
def release() -> str:
    """Return what differs for each release: a digest of its code, templates and translations."""
    digest = sha256((settings.BASE_DIR / "requirements.txt").read_bytes())
    folders = (each for each in settings.BASE_DIR.iterdir() if each.is_dir())
    for folder in sorted(each for each in folders if not each.name.startswith(".")):
        for pattern in CODE:
            for file in sorted(folder.glob(pattern)):
                digest.update(file.read_bytes())
    return digest.hexdigest()

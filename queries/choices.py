"""What a page offers to choose from: links that change the query string of its URL."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: where it leads from the page that offers it, and how many rows it shows there.

    There are `more` when counting stopped.
    """

    name: str
    label: str
    url: str
    current: bool = False
    count: int | None = None
    more: bool = False


def changed_url(parameters: Mapping[str, object], **changes: object) -> str:
    """Return the query string of these parameters with some changed; None takes one out.

    `?` alone, and not nothing, undoes all others.
    """
    query = {**parameters, **changes}
    return "?" + urlencode({name: value for name, value in query.items() if value is not None})

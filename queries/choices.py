"""What a page offers to choose from: links that change the query string of its URL."""

from dataclasses import dataclass

from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: the query string that makes it, and how many rows it shows."""

    name: str
    label: str
    query: QueryDict
    current: bool = False
    count: int | None = None

    @property
    def url(self) -> str:
        """Return where it leads, from the page that offers it; `?` alone undoes all others."""
        return f"?{self.query.urlencode()}"


def changed(parameters: QueryDict, **changes: object) -> QueryDict:
    """Return parameters of a URL with some of them changed; None takes one out."""
    query = parameters.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return query

"""What somebody typed on the page of one subject, kept in the session until it is stored.

Whatever else is done meanwhile, there or on another page, loses none of it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from django.db.models import Model

from queries.forms import DRAFT_MAX_LENGTH
from sellers.access import ShopRequest

TYPED: Final = "typed_words"  # session key: words by box, by who typed about what, latest last
SUBJECTS_MAX: Final = 10


class TypedWords:
    """What the reader typed about one subject and nothing stored.

    `began` is what the boxes of its page begin with: what is still so was not typed.
    """

    def __init__(
        self, request: ShopRequest, subject: Model, *, began: Mapping[str, object] | None = None
    ) -> None:
        self._request = request
        self._key = f"{request.user.pk} {subject._meta.label_lower} {subject.pk}"
        self._began = {name: str(words or "") for name, words in (began or {}).items()}

    @property
    def words(self) -> dict[str, str]:
        """Return what was typed, by box; also where nothing is left of what it began with."""
        return dict(self._request.session.get(TYPED, {}).get(self._key, {}))

    def keep(self, boxes: Iterable[str]) -> None:
        """Keep what is in those boxes that a form was sent with.

        What a script asks while somebody types is no form that was sent.
        """
        if not self._request.htmx:
            sent = self._request.POST
            self.put({name: sent[name] for name in boxes if name in sent})

    def put(self, words: Mapping[str, str]) -> None:
        """Let these boxes come back like this."""
        cleaned = {name: said.replace("\0", "")[:DRAFT_MAX_LENGTH] for name, said in words.items()}
        self._store(self.words | cleaned)

    def forget(self, boxes: Iterable[str]) -> None:
        """Forget what was typed in some boxes: it is stored."""
        stored = set(boxes)
        self._store({name: said for name, said in self.words.items() if name not in stored})

    def _store(self, words: dict[str, str]) -> None:
        if words == self.words:
            return
        typed = dict(self._request.session.get(TYPED, {}))
        typed.pop(self._key, None)
        if any(said != self._began.get(name, "") for name, said in words.items()):
            typed[self._key] = words
        self._request.session[TYPED] = dict(list(typed.items())[-SUBJECTS_MAX:])

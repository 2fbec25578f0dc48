"""The column of a text of one line."""

from typing import TYPE_CHECKING, Any

from django.db import models

from sellers.lines import one_line

if TYPE_CHECKING:
    CharField = models.CharField[str, str]  # for a type checker it is generic, when it runs not
else:
    CharField = models.CharField


class LineField(CharField):
    """A text of one line: whatever writes it, only what can be seen is stored."""

    def to_python(self, value: Any) -> Any:
        """Return the text as it is stored; forms and every way to the database ask for it."""
        text = super().to_python(value)
        return one_line(text) if isinstance(text, str) else text

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """Return the text as it would be stored today, whatever wrote the row."""
        return one_line(value) if isinstance(value, str) else value

    def deconstruct(self) -> Any:
        """Be what every text is to a migration: the column is the same."""
        name, _path, arguments, keywords = super().deconstruct()
        return name, "django.db.models.CharField", arguments, keywords

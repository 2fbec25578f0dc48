"""What a client sends."""

from collections.abc import Mapping
from json import JSONDecodeError
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """JSON as RFC 8259 has it; what cannot be read is the client's mistake, however deep."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return what a body says; raises ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ParseError as error:
            raise ParseError(_what_is_wrong(error.__context__)) from error


def _what_is_wrong(error: BaseException | None) -> str:
    """Return in the reader's language what the library says in English."""
    if isinstance(error, JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno}
        return _("This is not JSON, from line %(line)d, column %(column)d.") % place
    if isinstance(error, UnicodeDecodeError):
        return _("This is not JSON: it is not written in UTF-8.")
    return _("A number in this JSON is none that can be stored.")  # NaN, or thousands of digits

"""How files come in with a form: whole, in order, and no more of each than may be stored.

What is over is counted and thrown away as it comes, so that the form can still say which file is
too large and show what was typed, however large the file is.
"""

import html
from tempfile import SpooledTemporaryFile
from typing import Any, Final, cast

from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

from queries.attachments import MAX_BYTES, MAX_FILES, is_bad_name

IN_MEMORY: Final = 512 * 1024  # larger ones are on disk while they come


class WholeUpload(FileUploadHandler):
    """Refuses a form that was cut off on its way: a part of it would be stored as if it were all.

    Raises BadRequest. The handlers after this one get the files.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803  Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> tuple[Any, "MultiValueDict[str, UploadedFile[Any]]"]:
        """Return fields and files, in the only encoding that browsers send."""
        if encoding and encoding.lower() not in ("utf-8", "utf8"):
            raise BadRequest("A form comes in UTF-8.")
        counted = _Counted(input_data)
        handlers = list(self.request.upload_handlers)[1:] if self.request else []
        fields, files = _Parser(META, cast(Any, counted), handlers, encoding).parse()
        if counted.bytes < content_length:
            for file in [file for _, some in files.lists() for file in some]:
                file.close()
            raise BadRequest("The request was cut off.")
        return fields, files


class BoundedUpload(FileUploadHandler):
    """Keeps as many bytes of as many files as may go with a message, and the size of the rest."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file that is gone when it is closed."""
        super().new_file(*args, **kwargs)
        self.files += 1
        self.file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the request closes it

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, or only let it be counted."""
        if start < MAX_BYTES and self.files <= MAX_FILES:
            self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any]":
        """Return what a form sees: a size of all that came, also where less was kept."""
        self.file.seek(0)
        return UploadedFile(
            cast(Any, self.file), self.file_name, self.content_type, file_size, self.charset
        )

    def upload_interrupted(self) -> None:
        """Forget the piece of a file."""
        self.file.close()


class _Counted:
    """A body that knows how much of it was read."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self.bytes = 0

    def read(self, size: int) -> bytes:
        try:
            piece: bytes = self._body.read(size)
        except UnreadablePostError as error:
            raise BadRequest("The connection broke.") from error
        self.bytes += len(piece)
        return piece


class _Parser(MultiPartParser):
    """Refuses a name that no browser sends, before Django makes another one of it."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        if is_bad_name(html.unescape(file_name)):
            raise BadRequest("The name of a file leads elsewhere.")
        return super().sanitize_file_name(file_name)

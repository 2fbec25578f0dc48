"""How a file is handed over: to be saved, never to be shown by a browser."""

import logging
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language

from queries.enums import AttachmentKind
from queries.exports.files import Dialect, csv_pieces
from queries.exports.tables import Table
from queries.files import path_of
from queries.models import Attachment
from sellers.enums import Language
from sellers.models import Seller

CONTENT_TYPES: Final = {
    AttachmentKind.PDF: "application/pdf",
    AttachmentKind.PNG: "image/png",
    AttachmentKind.JPG: "image/jpeg",
    AttachmentKind.TEXT: "text/plain; charset=utf-8",
}

logger = logging.getLogger(__name__)


def attachment_response(attachment: Attachment) -> HttpResponse:
    """Return an attachment for somebody who was let in; raises Http404 when its file is gone.

    It is handed over whole: while a slow visitor takes it, the thread that read it is free.
    """
    try:
        content = path_of(attachment.file).read_bytes()
    except OSError as error:
        logger.error("The file of attachment %s cannot be read.", attachment.pk)
        raise Http404 from error
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[AttachmentKind(attachment.kind)],
        headers={
            "Content-Disposition": content_disposition_header(
                as_attachment=True, filename=attachment.name
            ),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


def csv_response(table: Table, *, dialect: str = "") -> HttpResponseBase:
    """Stream a table as CSV, in a dialect that is asked for or in that of the reader."""
    default = Dialect.EXCEL_NL if get_language() == Language.DUTCH else Dialect.INTERNATIONAL
    wanted = Dialect(dialect) if dialect in {*Dialect} else default
    pieces = csv_pieces(table, dialect=wanted, zone=settings.MARKETPLACE_ZONE)
    return streamed(pieces, content_type="text/csv; charset=utf-8")


def streamed(pieces: Iterator[str], *, content_type: str) -> HttpResponseBase:
    """Hand over a file piece by piece, beginning when its first rows are there.

    All rows are the database's by then (docs/decisions/0008-downloads.md): what it gives up before
    is answered with an error, and not with half a file that looks like a whole one.
    """
    head_and_rows = list(islice(pieces, 2))
    return StreamingHttpResponse(chain(head_and_rows, pieces), content_type=content_type)


def saved_as(
    response: HttpResponseBase, subject: str, seller: Seller, *parts: str, extension: str
) -> HttpResponseBase:
    """Let a browser save the answer as a file: measurements-fietsenzo-2026-10.csv."""
    shop = slugify(seller.name, allow_unicode=True)
    name = "-".join(part for part in (subject, shop, *parts) if part)
    header = content_disposition_header(as_attachment=True, filename=f"{name}.{extension}")
    response["Content-Disposition"] = header
    return response

"""How a file that somebody attached is handed over: to be saved, never to be shown by a browser."""

import logging
from typing import Final

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from queries.enums import AttachmentKind
from queries.files import path_of
from queries.models import Attachment

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

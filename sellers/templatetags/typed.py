"""What was typed, on pages that no view of ours makes."""

from django import template
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from sellers.typed import typed_words

register = template.Library()
register.filter(typed_words)


@register.filter
def posted(request: HttpRequest) -> QueryDict:
    """Return what came with a form; nothing where it cannot be read, as a page then says."""
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation, UnreadablePostError, MultiPartParserError):
        return QueryDict()

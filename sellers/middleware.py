"""The reader's language: what a user chose wins over the browser's wish."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation


def reader_language(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer a logged-in user in the language stored with the account."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return get_response(request)

    return middleware

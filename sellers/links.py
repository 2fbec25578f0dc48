"""Pages behind a private link, and where customers ask.

Those of customers have no session and no cookie. The token in the path, or the signed statement in
the form, is the secret that a CSRF token would be elsewhere, and because of the referrer policy a
browser sends `Origin: null`, which Django's CSRF check refuses: hence csrf_exempt
(docs/decisions/0003-a-get-stores-nothing.md). Where a link ends in a log-in, a browser says which
site a form came from and nothing more, and a CSRF token is asked for as on every other page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Concatenate, Final, Generic, ParamSpec, TypeVar

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_ratelimit.core import is_ratelimited

from sellers.models import PrivateLink
from sellers.tokens import PRIVATE_PATHS, digest

# Of what leads nowhere: far above the typing errors of an office, far below a search for links.
IPV6: Final = 6
PER_IP: Final = "120/m"
# Of what is sent with one secret: nobody types as fast.
PER_LINK: Final = "30/m"


P = ParamSpec("P")
L = TypeVar("L", bound=PrivateLink)
Page = Callable[[HttpRequest, L, str], HttpResponse]
TokenPage = Callable[[HttpRequest, str], HttpResponse]


def customer_page(
    page: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Keep a page of a customer to that customer: from caches, search engines and other sites."""
    return csrf_exempt(_kept_private(page, referrers="no-referrer"))


def page_that_logs_in(
    page: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Keep a page to who has its link, who may log in there: no site learns more than ours."""
    return _kept_private(page, referrers="strict-origin")


def _kept_private(
    page: Callable[Concatenate[HttpRequest, P], HttpResponse], *, referrers: str
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(page)
    def kept_private(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = page(request, *args, **kwargs)
        response["Referrer-Policy"] = referrers
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return kept_private


def too_many(request: HttpRequest, template: str) -> HttpResponse:
    """Ask to wait a minute."""
    response = render(request, template, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = "60"
    return response


def speak(request: HttpRequest, language: str) -> None:
    """Answer in the language of who reads, whatever the browser wishes."""
    translation.activate(language)
    request.LANGUAGE_CODE = language


def asks_too_often(request: HttpRequest, path: str) -> bool:
    """Count a request for its network; return whether that is over its rate."""
    return _is_over(request, f"{path} ip", of=network_of(request), rate=PER_IP)


def network_of(request: HttpRequest) -> str:
    """Return from where a request comes: its IP, of IPv6 its /64."""
    ip = ip_address(get_adapter().get_client_ip(request))
    return str(ip_network((ip, 64), strict=False) if ip.version == IPV6 else ip)


def sends_too_often(request: HttpRequest, path: str, *, secret: str) -> bool:
    """Count a request that sends something with a secret; return whether it is over its rate."""
    return _is_over(request, f"{path} link", of=secret, rate=PER_LINK)


def _is_over(request: HttpRequest, group: str, *, of: str, rate: str) -> bool:
    return bool(is_ratelimited(request, group, key=lambda *_: of, rate=rate, increment=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivatePages(Generic[L]):
    """What the pages behind one kind of private link have in common.

    `path` is what comes before the token; `find` returns what the link with a digest leads to;
    `unknown` and `too_many` are templates; `keep` is how its pages are kept private.

    Only who guesses is kept waiting: whatever scanners and other customers behind the same IP ask
    for, a link that leads somewhere does, too.
    """

    path: str
    find: Callable[[str], L | None]
    unknown: str
    too_many: str
    keep: Callable[[TokenPage], TokenPage] = customer_page

    def __post_init__(self) -> None:
        if self.path not in PRIVATE_PATHS:
            raise ValueError(f"Logs would show the links below {self.path}: see PRIVATE_PATHS.")

    def page(self, page: Page[L]) -> TokenPage:
        """Find what a link leads to, and answer in the language of its reader.

        An unknown and a malformed token are looked up alike and get the same page.
        """

        @self.keep
        @wraps(page)
        def found(request: HttpRequest, token: str) -> HttpResponse:
            row = self.find(digest(token))
            if row is None:
                if asks_too_often(request, self.path):
                    return too_many(request, self.too_many)
                return render(request, self.unknown, status=HTTPStatus.NOT_FOUND)
            speak(request, row.language)
            return page(request, row, token)

        return found

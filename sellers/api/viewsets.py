"""What the resources of the API have in common."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, ClassVar, Final

from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from sellers.api.access import client_of
from sellers.api.fields import unknown_names
from sellers.api.idempotency import KEY, answered_once
from sellers.api.limits import limit_headers
from sellers.api.paging import MomentPagination
from sellers.api.problems import Refusals
from sellers.enums import Scope
from sellers.models import ApiClient, Seller

METHODS: Final = ["get", "head", "post", "put", "patch", "delete"]


class ClientViewSet(GenericViewSet[Any]):
    """A resource of a shop, or of the marketplace.

    Each action has the scope that it needs, or several of which it needs one, and a name in the
    description; `refusals` says in which words what an action refuses is a conflict. A POST with an
    Idempotency-Key is done once.
    """

    http_method_names = METHODS
    pagination_class: type[BasePagination] | None = MomentPagination
    part: ClassVar[str]
    operations: ClassVar[dict[str, str]]
    scopes: ClassVar[dict[str, Scope | tuple[Scope, ...]]]
    refusals: ClassVar[Refusals] = {}
    of_marketplace: ClassVar[bool] = False

    @property
    def client(self) -> ApiClient:
        """Return who asks."""
        return client_of(self.request)

    @property
    def seller(self) -> Seller:
        """Return the shop whose client asks: the only one that it sees."""
        seller: Seller | None = self.client.seller
        assert seller, "HasScope let in a client of the marketplace."
        return seller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks and with what, then let what has a key be done once.

        Raises ValidationError for a parameter that the description has not.
        """
        super().initial(request, *args, **kwargs)
        if request.query_params and self.action:  # else there is no such method: 405
            known = asked_with(type(self), self.action)
            if unknown := unknown_names(request.query_params, known):
                raise ValidationError(unknown)
        handler: Callable[..., Response] | None = getattr(self, "post", None)  # set by as_view
        if handler and request.method == "POST" and KEY in request.headers:
            vars(self)["post"] = partial(answered_once, self, handler)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Say how much more may be asked, and that an answer is of who asked alone."""
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in limit_headers(request).items():
            final[name] = value
        final.setdefault("Cache-Control", "private, no-cache" if "ETag" in final else "no-store")
        patch_vary_headers(final, ["Authorization"])
        return final


@cache
def asked_with(view: type[ClientViewSet], action: str) -> frozenset[str]:
    """Return what an action can be asked with in its address, as its description has it."""
    names = set()
    described: Any = getattr(view, action).kwargs["schema"]()
    described.view = view(request=None, kwargs={})  # for the library; it asks which version
    for each in described.get_override_parameters():
        if not isinstance(each, OpenApiParameter):
            names |= each().fields.keys()
        elif each.location == OpenApiParameter.QUERY:
            names.add(each.name)
    pages: Any = view.pagination_class
    if action == "list" and pages:
        names |= {each["name"] for each in pages().get_schema_operation_parameters(view)}
    return frozenset(names)


class Unknown(APIView):
    """Whatever path the API has not."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise NotFound, whatever the method."""
        raise NotFound(_("There is nothing at this address. See /api/v1/schema/."))

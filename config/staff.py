"""The admin: the pages of its models, and staff's overview of all shops."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, FieldDoesNotExist, PermissionDenied
from django.db import DatabaseError, DataError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.start import SearchForm, search, start_page
from sellers import held
from sellers.access import posted
from sellers.events import Actor
from sellers.guards import REFUSALS
from sellers.held import NotHeld
from sellers.models import User
from surveys.backlog import backlog

ROW: Final = re.compile(r"[0-9]{1,18}")  # a primary key, as every page sends it
UNANSWERABLE: Final = (DataError, FieldDoesNotExist, OverflowError, TypeError, ValueError)

View = Callable[..., HttpResponseBase]


def asked_rightly(view: View) -> View:
    """Answer 400 where a page is asked for what cannot be: by its address, or for odd rows.

    Django's lists take any field and comparison in their address: a broken regular expression, the
    year 0, text in which the database finds a NUL. Its forms take any value for a relation there.
    What a guard of the database refuses is stored nowhere, and is no error of the portal either: a
    clock that differs from the database's lets a form believe what was true a moment ago.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not all(map(ROW.fullmatch, posted(request).getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest("These rows have no number.")
        try:
            response = view(request, *args, **kwargs)
            if isinstance(response, TemplateResponse):
                response.render()  # only now does it look for some of it
        except UNANSWERABLE as error:
            if request.method == "GET" and request.GET:
                raise BadRequest("A page cannot be asked for this.") from error
            raise
        except DatabaseError as error:
            if isinstance(error.__cause__, REFUSALS):
                raise BadRequest("The database keeps this as it is.") from error
            raise
        return response

    return checked


class StaffSite(AdminSite):
    """Has a start page and a search, and the overview in its list.

    The start page has all lists; beside each list they would take the room of its columns.
    """

    enable_nav_sidebar = False

    def admin_view(self, view: Any, *args: Any, **kwargs: Any) -> Any:
        """Let every page refuse what cannot be asked of it."""
        return super().admin_view(asked_rightly(view), *args, **kwargs)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Put the overview and the search before what Django looks up by model."""
        own: list[URLPattern | URLResolver] = [
            path("insights/shopscore/", include("insights.admin.urls")),
            path("search/", self.admin_view(self.search), name="search"),
            path("release/", self.admin_view(self.release), name="release"),
        ]
        return [*own, *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Begin with what waits for staff, as far as somebody may do something about it."""
        start = start_page(self, request, now=timezone.now())
        return super().index(request, {**(extra_context or {}), **start})

    def search(self, request: HttpRequest) -> TemplateResponse:
        """Look for words in shops, customers, orders and queries at once."""
        form = SearchForm(request.GET)
        words = form.cleaned_data["q"] if form.is_valid() else ""
        context = self.each_context(request) | {
            "title": _("Search"),
            "search": form,
            "words": words,
            "kinds": search(self, request, words) if words else [],
        }
        return TemplateResponse(request, "admin/search.html", context)

    def release(self, request: HttpRequest) -> HttpResponseBase:
        """Say what a held database would let out, and let superusers release it."""
        assert isinstance(request.user, User)  # everybody else was sent to log in
        if not request.user.is_superuser:
            raise PermissionDenied
        if request.method == "POST":
            with suppress(NotHeld):  # a colleague was faster
                held.release(by=Actor.user(request.user), now=timezone.now())
            return redirect("admin:index")
        waiting = backlog(now=timezone.now())
        context = self.each_context(request) | {"title": _("Release"), "backlog": waiting}
        return TemplateResponse(request, "admin/release.html", context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """List it among the insights, also for who may see nothing else there."""
        listed: list[Any] = super().get_app_list(request, app_label)
        insights = apps.get_app_config("insights")
        may_view = request.user.has_perm("insights.view_shopscore")
        if not may_view or app_label not in (None, insights.label):
            return listed
        overview = {
            "name": _("Shop scores"),
            "object_name": "ShopScore",
            "admin_url": reverse("admin:shop_scores"),
            "view_only": True,
        }
        for app in listed:
            if app["app_label"] == insights.label:
                app["models"].append(overview)
                return listed
        own = {
            "name": insights.verbose_name,
            "app_label": insights.label,
            "app_url": reverse("admin:app_list", args=[insights.label]),
            "models": [overview],
        }
        return [own, *listed]

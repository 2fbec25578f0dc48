"""The admin: the pages of its models, and staff's overview of all shops."""

from typing import Any

from django.apps import apps
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _


class StaffAdmin(AdminConfig):
    """Django's admin, on a site that has more than models."""

    default_site = "config.staff.StaffSite"


class StaffSite(AdminSite):
    """Has the overview among its URLs and in its list."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Put it before what Django looks up by model."""
        overview = path("insights/shopscore/", include("insights.admin.urls"))
        return [overview, *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Say at the start how many customers wait for staff, to who can do something about it."""
        queries: Any = self.get_model_admin(apps.get_model("queries", "CustomerQuery"))
        waiting = queries.waiting_for_staff(request)
        return super().index(request, {**(extra_context or {}), "waiting": waiting})

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

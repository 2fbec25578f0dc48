"""What staff are asked before an action of a list ends something that is in use."""

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

SURE = "sure"  # what the form says that asks


def is_sure(request: HttpRequest) -> bool:
    """Return whether an action was asked for by who knows what it ends."""
    return SURE in request.POST


def ask_about_secret(
    page: admin.ModelAdmin, request: HttpRequest, row: Model, *, warning: str
) -> HttpResponse:
    """Ask whether another secret is to be made; the form does the action that was chosen."""
    context = {
        **page.admin_site.each_context(request),
        "title": _("Another secret for %(name)s?") % {"name": row},
        "warning": warning,
        "hidden": {
            "action": request.POST["action"],
            ACTION_CHECKBOX_NAME: row.pk,
            SURE: "yes",
        },
        "opts": page.opts,
    }
    return TemplateResponse(request, "admin/sellers/sure.html", context)

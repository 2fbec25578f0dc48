"""Every URL of the portal."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_safe

from queries.views.asking import ask
from sellers.views.reader import home

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
urlpatterns = [
    path("", home, name="home"),
    path("accounts/", include("sellers.account_urls")),
    path("", include("sellers.urls")),
    path("queries/", include("insights.urls")),
    path("queries/", include("surveys.seller_urls")),
    path("queries/", include("queries.urls")),
    path("alerts/", include("insights.alert_urls")),
    path("team/", include("queries.team_urls")),
    path("ask/", ask, name="ask"),
    path("survey/", include("surveys.urls")),
    path("api/", include("config.api")),
    path("", include("sellers.oauth_urls")),
    path("thread/", include("queries.thread_urls")),
    # Before the admin's own: staff log in where everybody does, and wrong passwords are counted.
    path("admin/login/", require_safe(secure_admin_login(admin.site.login))),
    path("admin/", admin.site.urls),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("config.demo.urls")))
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", include("config.local.styleguide.urls")))

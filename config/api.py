"""Every URL of the API: the resources of each app, and what describes them."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.routers import SimpleRouter

from config.api_docs import docs
from sellers.api.resources import Changes, Members
from sellers.api.viewsets import Unknown
from surveys.api.marketplace import FEEDS, Batches, Waiting

router = SimpleRouter(use_regex_path=False)
router.register("members", Members, basename="member")
router.register("changes", Changes, basename="change")
for name, viewset in FEEDS.items():
    router.register(f"marketplace/<str:source>/{name}", viewset, basename=f"fed-{name}")
router.register("marketplace/<str:source>/batch", Batches, basename="batch")
router.register("marketplace/<str:source>/waiting", Waiting, basename="waiting")

v1 = [
    *router.urls,
    path(
        "schema/",
        SpectacularJSONAPIView.as_view(
            authentication_classes=[], permission_classes=[], throttle_classes=[]
        ),
        name="schema",
    ),
    path("docs/", docs, name="docs"),
]
urlpatterns = [
    path("v1/", include((v1, "api-v1"))),
    re_path("", Unknown.as_view(), name="unknown"),
]

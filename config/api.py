"""Every URL of the API: the resources of each app, and what describes them."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from config.api_docs import Description, docs
from insights.api.calibration import NpsCalibration
from insights.api.followups import FollowUps
from insights.api.measurements import Measurements
from insights.api.months import NpsMonths
from insights.api.reports import NpsReports
from queries.api.acting import Assign, Close, NoReplyNeeded, Notes, Reopen, Reply
from queries.api.reading import Messages, Queries
from sellers.api.resources import Changes, Members
from sellers.api.viewsets import Unknown
from surveys.api.fates import Fate
from surveys.api.marketplace import FEEDS, Batches, Waiting

QUERY = "queries/<str:query_id>"

router = SimpleRouter(use_regex_path=False)
router.register("members", Members, basename="member")
router.register("changes", Changes, basename="change")
router.register("nps/months", NpsMonths, basename="nps-month")
router.register("nps", NpsReports, basename="nps-report")
router.register("nps", NpsCalibration, basename="nps-calibration")
router.register("measurements", Measurements, basename="measurement")
router.register("follow-ups", FollowUps, basename="follow-up")
router.register("queries", Queries, basename="query")
router.register(f"{QUERY}/messages", Messages, basename="query-message")
router.register(f"{QUERY}/notes", Notes, basename="query-note")
router.register(f"{QUERY}/reply", Reply, basename="query-reply")
router.register(f"{QUERY}/close", Close, basename="query-close")
router.register(f"{QUERY}/reopen", Reopen, basename="query-reopen")
router.register(f"{QUERY}/assign", Assign, basename="query-assign")
router.register(f"{QUERY}/no-reply-needed", NoReplyNeeded, basename="query-no-reply-needed")
for name, viewset in FEEDS.items():
    router.register(f"marketplace/<str:source>/{name}", viewset, basename=f"fed-{name}")
router.register("marketplace/<str:source>/batch", Batches, basename="batch")
router.register("marketplace/<str:source>/waiting", Waiting, basename="waiting")

v1 = [
    *router.urls,
    path(f"{QUERY}/survey/", Fate.as_view({"get": "retrieve"}), name="query-survey"),
    path("schema/", Description.as_view(), name="schema"),
    path("docs/", docs, name="docs"),
]
urlpatterns = [
    path("v1/", include((v1, "api-v1"))),
    re_path("", Unknown.as_view(), name="unknown"),
]

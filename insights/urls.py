"""The address of the NPS tab."""

from django.urls import path

from insights.views import comments, downloads, funnel, measurements, peers, segments, tab

app_name = "insights"
urlpatterns = [
    path("nps/", tab.nps, name="nps"),
    path("nps/funnel/", funnel.funnel, name="funnel"),
    path("nps/comments/", comments.comments, name="comments"),
    path("nps/download/<str:subject>.<str:extension>", downloads.download, name="download"),
    path("nps/report.pdf", downloads.report, name="report"),
    path("nps/peers/", peers.peers, name="peers"),
    path("nps/segments/", segments.segments, name="segments"),
    path("nps/measurements/", measurements.measurements, name="measurements"),
    path("nps/measurements/<int:response_id>/", measurements.measurement, name="measurement"),
]

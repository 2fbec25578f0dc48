"""The URLs of the NPS tab."""

from django.urls import path

from insights.views import downloads, measurements, predictions, sections, tab

app_name = "insights"
urlpatterns = [
    path("nps/", tab.nps, name="nps"),
    path("nps/funnel/", sections.funnel, name="funnel"),
    path("nps/comments/", sections.comments, name="comments"),
    path("nps/peers/", sections.peers, name="peers"),
    path("nps/segments/", sections.segments, name="segments"),
    path("nps/measurements/", measurements.measurements, name="measurements"),
    path("nps/measurements/<int:response_id>/", measurements.measurement, name="measurement"),
    path("nps/predictions/", predictions.predictions, name="predictions"),
    path("nps/predictions/team/", predictions.team, name="team_predictions"),
    path("nps/predictions/<int:agent_id>/", predictions.agent, name="agent_predictions"),
    path("nps/download/<str:subject>.<str:extension>", downloads.download, name="download"),
    path("nps/report.pdf", downloads.report, name="report"),
]

"""The URLs of what a reader was told of."""

from django.urls import path

from insights.views import alerts

app_name = "alerts"
urlpatterns = [
    path("", alerts.alerts, name="list"),
    path("stop/<str:token>/", alerts.stop, name="stop"),
]

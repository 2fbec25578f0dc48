"""The address of the NPS tab."""

from django.urls import path

from insights import views

app_name = "insights"
urlpatterns = [path("nps/", views.nps, name="nps")]

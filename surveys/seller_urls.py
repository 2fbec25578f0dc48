"""The seller's URL for what became of a survey."""

from django.urls import path

from surveys import views

app_name = "surveys_seller"
urlpatterns = [path("<int:query_id>/survey/", views.query_survey, name="query_survey")]

"""The URLs of the style guide."""

from django.urls import path

from config.local.styleguide import views

urlpatterns = [
    path("", views.styleguide, name="styleguide"),
    path("survey/", views.survey, name="styleguide_survey"),
]

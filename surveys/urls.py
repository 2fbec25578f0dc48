"""The customer's URLs."""

from django.urls import path

from surveys import views

app_name = "surveys"
urlpatterns = [
    path("<str:token>/", views.answer, name="answer"),
    path("<str:token>/thanks/", views.thanks, name="thanks"),
    path("<str:token>/conversation/", views.conversation, name="conversation"),
    path("<str:token>/opt-out/", views.opt_out, name="opt_out"),
]

"""URLs with which an owner manages the team of a shop; joining one is in sellers/urls.py."""

from django.urls import path

from queries.views import team as views

app_name = "team"
urlpatterns = [
    path("", views.team, name="list"),
    path("invite/", views.invite, name="invite"),
    path("invitations/<int:invitation_id>/again/", views.invite_again, name="invite_again"),
    path("invitations/<int:invitation_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:member_id>/", views.member, name="member"),
    path("<int:member_id>/remove/", views.remove, name="remove"),
]

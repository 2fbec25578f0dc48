"""URLs about the reader."""

from django.urls import path

from sellers import views

app_name = "sellers"
urlpatterns = [
    path("language/", views.choose_language, name="language"),
    path("shop/<int:membership_id>/", views.choose_shop, name="shop"),
]

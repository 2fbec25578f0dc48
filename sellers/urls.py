"""URLs about the reader."""

from django.urls import path

from sellers.views import joining, reader, shops

app_name = "sellers"
urlpatterns = [
    path("language/", reader.choose_language, name="language"),
    path("shop/<int:membership_id>/", reader.choose_shop, name="shop"),
    path("settings/shop/", shops.shop_settings, name="shop_settings"),
    path("settings/", reader.own_settings, name="settings"),
    path("settings/alerts/", reader.own_alerts, name="alerts"),
    path("invitations/<int:own_invitation_id>/", joining.accept, name="accept"),
    path("team/join/<str:token>/", joining.join, name="join"),
]

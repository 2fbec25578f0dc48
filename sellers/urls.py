"""URLs about the reader."""

from django.urls import path

from sellers.views import connections, joining, reader, shops

app_name = "sellers"
urlpatterns = [
    path("language/", reader.choose_language, name="language"),
    path("shop/<int:membership_id>/", reader.choose_shop, name="shop"),
    path("settings/shop/", shops.shop_settings, name="shop_settings"),
    path("settings/connections/", connections.connections, name="connections"),
    path(
        "settings/connections/<int:client_id>/secret/",
        connections.replace_secret,
        name="replace_secret",
    ),
    path(
        "settings/connections/<int:client_id>/revoke/",
        connections.revoke_client,
        name="revoke_client",
    ),
    path("settings/", reader.own_settings, name="settings"),
    path("settings/alerts/", reader.own_alerts, name="alerts"),
    path("invitations/<int:own_invitation_id>/", joining.accept, name="accept"),
    path("team/join/<str:token>/", joining.join, name="join"),
]

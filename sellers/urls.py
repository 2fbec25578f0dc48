"""URLs about the reader."""

from django.urls import path

from sellers.views import connections, joining, reader, shops, webhooks

HOOKS = "settings/connections/webhooks/"

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
    path(HOOKS, webhooks.webhooks, name="webhooks"),
    path(f"{HOOKS}<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path(f"{HOOKS}<int:webhook_id>/rotate/", webhooks.rotate, name="webhook_rotate"),
    path(f"{HOOKS}<int:webhook_id>/end/", webhooks.end_old_secret, name="webhook_end_old"),
    path(f"{HOOKS}<int:webhook_id>/test/", webhooks.test, name="webhook_test"),
    path(f"{HOOKS}<int:webhook_id>/off/", webhooks.turn_off, name="webhook_off"),
    path(f"{HOOKS}<int:webhook_id>/on/", webhooks.turn_on, name="webhook_on"),
    path(f"{HOOKS}<int:webhook_id>/remove/", webhooks.remove, name="webhook_remove"),
    path(f"{HOOKS}<int:webhook_id>/replay/", webhooks.replay, name="webhook_replay"),
    path(f"{HOOKS}deliveries/<int:delivery_id>/", webhooks.send_again, name="webhook_again"),
    path("invitations/<int:own_invitation_id>/", joining.accept, name="accept"),
    path("team/join/<str:token>/", joining.join, name="join"),
]

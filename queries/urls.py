"""The seller's URLs for queries."""

from django.urls import path

from queries.views import workplace as views

app_name = "queries"
urlpatterns = [
    path("", views.inbox, name="list"),
    path("log-phone/", views.log_phone, name="log_phone"),
    path("<int:query_id>/", views.detail, name="detail"),
    path("<int:query_id>/reply/", views.reply, name="reply"),
    path("<int:query_id>/close/", views.close, name="close"),
    path("<int:query_id>/reopen/", views.reopen, name="reopen"),
    path("<int:query_id>/accept/", views.accept, name="accept"),
    path("<int:query_id>/attachments/<int:attachment_id>/", views.attachment, name="attachment"),
    path("<int:query_id>/hand-over/", views.hand_over, name="hand_over"),
]

"""The seller's URLs for queries."""

from django.urls import path

from queries.views import desk, inbox, phone, thread

app_name = "queries"
urlpatterns = [
    path("", inbox.inbox, name="list"),
    path("log-phone/", phone.log_phone, name="log_phone"),
    path("poll/", inbox.poll, name="poll"),
    path("export/", desk.export, name="export"),
    path("bulk/", desk.bulk, name="bulk"),
    path("<int:query_id>/assign/", desk.assign, name="assign"),
    path("<int:query_id>/snooze/", desk.snooze, name="snooze"),
    path("<int:query_id>/wake/", desk.wake, name="wake"),
    path("<int:query_id>/", thread.detail, name="detail"),
    path("<int:query_id>/reply/", thread.reply, name="reply"),
    path("<int:query_id>/close/", thread.close, name="close"),
    path("<int:query_id>/reopen/", thread.reopen, name="reopen"),
    path("<int:query_id>/accept/", thread.accept, name="accept"),
    path("<int:query_id>/attachments/<int:attachment_id>/", thread.attachment, name="attachment"),
    path("<int:query_id>/hand-over/", thread.hand_over, name="hand_over"),
]

"""The seller's URLs for queries."""

from django.urls import path

from queries.views import composer, desk, inbox, phone, saved_replies, thread

app_name = "queries"
urlpatterns = [
    path("", inbox.inbox, name="list"),
    path("log-phone/", phone.log_phone, name="log_phone"),
    path("saved-replies/", saved_replies.saved_replies, name="saved_replies"),
    path("saved-replies/add/", saved_replies.add_saved_reply, name="add_saved_reply"),
    path("saved-replies/<int:saved_reply_id>/", saved_replies.saved_reply, name="saved_reply"),
    path("poll/", inbox.poll, name="poll"),
    path("export/", desk.export, name="export"),
    path("bulk/", desk.bulk, name="bulk"),
    path("<int:query_id>/assign/", desk.assign, name="assign"),
    path("<int:query_id>/snooze/", desk.snooze, name="snooze"),
    path("<int:query_id>/wake/", desk.wake, name="wake"),
    path("<int:query_id>/", thread.detail, name="detail"),
    path("<int:query_id>/reply/", composer.reply, name="reply"),
    path("<int:query_id>/close/", composer.close, name="close"),
    path("<int:query_id>/undo/", composer.undo, name="undo"),
    path("<int:query_id>/note/", composer.note, name="note"),
    path("<int:query_id>/draft/", composer.draft, name="draft"),
    path("<int:query_id>/advice/", composer.advice, name="advice"),
    path("<int:query_id>/insert/", composer.insert, name="insert"),
    path("<int:query_id>/reopen/", thread.reopen, name="reopen"),
    path("<int:query_id>/accept/", thread.accept, name="accept"),
    path("<int:query_id>/attachments/<int:attachment_id>/", thread.attachment, name="attachment"),
    path("<int:query_id>/hand-over/", thread.hand_over, name="hand_over"),
    path("<int:query_id>/no-reply-needed/", thread.no_reply_needed, name="no_reply_needed"),
    path("<int:query_id>/duplicate/", thread.duplicate, name="duplicate"),
    path("<int:query_id>/email/", thread.show_email, name="show_email"),
    path("<int:query_id>/visit/", thread.visit, name="visit"),
]

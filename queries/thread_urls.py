"""The customer's URLs of a conversation."""

from django.urls import path

from queries.views import customer

app_name = "thread"
urlpatterns = [
    path("<str:token>/", customer.page, name="page"),
    path("<str:token>/attachments/<int:attachment_id>/", customer.attachment, name="attachment"),
    path("<str:token>/new-link/", customer.new_link, name="new_link"),
]

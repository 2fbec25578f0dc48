"""URLs that exist in the demo only."""

from django.urls import path

from config.demo import mailbox, orders

app_name = "demo"

urlpatterns = [
    path("shop/", orders.orders, name="orders"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<slug:key>/", mailbox.mail, name="mail"),
    path("mailbox/<slug:key>/html/", mailbox.mail_html, name="mail_html"),
    path("mailbox/<slug:key>/answer/", mailbox.answer, name="answer"),
]

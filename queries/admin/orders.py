"""Orders, as the platform told of them."""

from django.contrib import admin

from queries.admin.readonly import ReadOnlyInline, ReadOnlyPage
from queries.models import Order, OrderItem


class OrderItemInline(ReadOnlyInline):
    """What was bought."""

    model = OrderItem
    fields = ("position", "name", "quantity", "price", "warranty_until", "serial_number")
    ordering = ("position",)


@admin.register(Order)
class OrderPage(ReadOnlyPage):
    """Orders, for looking things up: what is wrong in one is put right at the platform."""

    list_display = ("reference", "seller", "customer", "ordered_on", "delivered_on", "carrier")
    search_fields = ("reference", "tracking_code")
    list_select_related = ("seller", "customer")
    fields = (
        "seller",
        "reference",
        "customer",
        "ordered_on",
        "delivered_on",
        "carrier",
        "tracking_code",
        "tracking_url",
    )
    inlines = (OrderItemInline,)

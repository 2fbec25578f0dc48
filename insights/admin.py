"""Staff's view of the service standard."""

from django.contrib import admin

from insights.models import ServiceStandard


@admin.register(ServiceStandard)
class ServiceStandardPage(admin.ModelAdmin):
    """Which NPS is asked from when on; the database refuses two at once."""

    list_display = ("value", "minimum_measurements", "valid_from", "valid_until", "announced_on")
    list_filter = ("valid_from",)
    search_fields = ("label_nl", "label_en")
    ordering = ("-valid_from", "-pk")

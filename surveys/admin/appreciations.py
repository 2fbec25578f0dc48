"""What shops do with passives and promoters; staff only read it."""

from django.contrib import admin

from queries.admin import ReadOnlyPage
from surveys.models import Approach, Improvement, QuoteConsent, Referral

SEARCHED = ("seller__name", "response__query__subject")


@admin.register(Approach)
class ApproachPage(ReadOnlyPage):
    """Who was thanked, or asked what would have made it a 9 or 10."""

    list_display = ("response", "seller", "kind", "made_at", "made_by")
    list_filter = ("kind",)
    list_select_related = ("response", "seller", "made_by")
    search_fields = SEARCHED


@admin.register(Improvement)
class ImprovementPage(ReadOnlyPage):
    """What customers said would have made it a 9 or 10."""

    list_display = ("response", "seller", "words", "noted_at", "noted_by")
    list_select_related = ("response", "seller", "noted_by")
    search_fields = SEARCHED


@admin.register(QuoteConsent)
class QuoteConsentPage(ReadOnlyPage):
    """Who may be quoted, as whom, and who recorded or withdrew it."""

    list_display = (
        "response",
        "seller",
        "name",
        "way",
        "recorded_at",
        "recorded_by",
        "withdrawn_at",
    )
    list_filter = ("way", ("withdrawn_at", admin.EmptyFieldListFilter))
    list_select_related = ("response", "seller", "recorded_by")
    search_fields = SEARCHED


@admin.register(Referral)
class ReferralPage(ReadOnlyPage):
    """Who came in by whom, and what that was worth."""

    list_display = ("response", "seller", "who_came", "worth", "came_on", "withdrawn_at")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter),)
    list_select_related = ("response", "seller")
    search_fields = (*SEARCHED, "order_reference")

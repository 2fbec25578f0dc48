"""The URLs of the NPS tab."""

from django.urls import path

from insights.views import (
    appreciations,
    downloads,
    happy_customer,
    measurements,
    sections,
    tab,
)

app_name = "insights"
urlpatterns = [
    path("nps/", tab.nps, name="nps"),
    path("nps/funnel/", sections.funnel, name="funnel"),
    path("nps/comments/", sections.comments, name="comments"),
    path("nps/peers/", sections.peers, name="peers"),
    path("nps/segments/", sections.segments, name="segments"),
    path("nps/measurements/", measurements.measurements, name="measurements"),
    path("nps/measurements/<int:response_id>/", measurements.measurement, name="measurement"),
    path("nps/follow-up/passives/", appreciations.passives, name="passives"),
    path("nps/follow-up/passives/<int:passive_id>/", happy_customer.passive, name="passive"),
    path("nps/follow-up/promoters/", appreciations.promoters, name="promoters"),
    path("nps/follow-up/promoters/<int:promoter_id>/", happy_customer.promoter, name="promoter"),
    path("nps/follow-up/referrals/", appreciations.referrals, name="referrals"),
    path(
        "nps/follow-up/referrals/<int:referral_id>/withdraw/",
        happy_customer.withdraw_referral,
        name="withdraw_referral",
    ),
    path(
        "nps/follow-up/quotes/<int:consent_id>/withdraw/",
        happy_customer.withdraw_quote,
        name="withdraw_quote",
    ),
    path("nps/download/<str:subject>.<str:extension>", downloads.download, name="download"),
    path("nps/report.pdf", downloads.report, name="report"),
]

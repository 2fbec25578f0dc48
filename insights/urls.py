"""The URLs of the NPS tab."""

from django.urls import path

from insights.views import (
    appreciations,
    downloads,
    followup,
    followup_list,
    happy_customer,
    measurements,
    predictions,
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
    path("nps/words/", sections.words, name="words"),
    path("nps/months/", sections.months, name="months"),
    path("nps/topics/", sections.topics, name="topics"),
    path("nps/computation/", sections.computation, name="computation"),
    path("nps/downloads/", sections.downloads, name="downloads"),
    path("nps/measurements/", measurements.measurements, name="measurements"),
    path("nps/measurements/<int:response_id>/", measurements.measurement, name="measurement"),
    path("nps/follow-up/passives/", appreciations.passives, name="passives"),
    path("nps/follow-up/passives/<int:passive_id>/", happy_customer.passive, name="passive"),
    path(
        "nps/follow-up/passives/<int:passive_id>/advice/",
        happy_customer.passive_advice,
        name="passive_advice",
    ),
    path("nps/follow-up/promoters/", appreciations.promoters, name="promoters"),
    path("nps/follow-up/promoters/<int:promoter_id>/", happy_customer.promoter, name="promoter"),
    path(
        "nps/follow-up/promoters/<int:promoter_id>/advice/",
        happy_customer.promoter_advice,
        name="promoter_advice",
    ),
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
    path("nps/predictions/", predictions.predictions, name="predictions"),
    path("nps/predictions/team/", predictions.team, name="team_predictions"),
    path("nps/predictions/<int:agent_id>/", predictions.agent, name="agent_predictions"),
    path("nps/download/<str:subject>.<str:extension>", downloads.download, name="download"),
    path("nps/follow-up/", followup_list.followups, name="followups"),
    path("nps/follow-up/bulk/", followup_list.bulk, name="followups_bulk"),
    path("nps/follow-up/lessons/", followup_list.lessons, name="lessons"),
    path("nps/follow-up/came-back/", followup_list.returned, name="returned"),
    path(
        "nps/follow-up/of-measurement/<int:response_id>/",
        followup.of_measurement,
        name="followup_of_measurement",
    ),
    path("nps/follow-up/<int:followup_id>/", followup.followup, name="followup"),
    path("nps/follow-up/<int:followup_id>/step/", followup.step, name="followup_step"),
    path("nps/follow-up/<int:followup_id>/keep/", followup.keep, name="followup_keep"),
    path("nps/follow-up/<int:followup_id>/advice/", followup.advice, name="followup_advice"),
    path("nps/follow-up/<int:followup_id>/reply/", followup.reply, name="followup_reply"),
    path("nps/follow-up/<int:followup_id>/call/", followup.call, name="followup_call"),
    path("nps/follow-up/<int:followup_id>/finish/", followup.finish, name="followup_finish"),
    path("nps/follow-up/<int:followup_id>/reopen/", followup.reopen, name="followup_reopen"),
    path("nps/follow-up/<int:followup_id>/assign/", followup.assign, name="followup_assign"),
    path("nps/report.pdf", downloads.report, name="report"),
]

"""What happened is read and searched, never changed."""

import pytest
from django.db.models import Model
from django.test import Client

from queries.models import Closing, CustomerQuery
from surveys.exclusions import exclude
from surveys.models import Invitation, MeasurementExclusion, SurveyResponse, Topic
from tests.conftest import NOON, Market, admin_url


@pytest.mark.parametrize(
    "model", [CustomerQuery, Closing, Invitation, SurveyResponse, MeasurementExclusion]
)
def test_what_happened_is_not_changed_added_or_deleted(
    staff_s: Client, market: Market, model: type[Model]
) -> None:
    exclude(market.response(3), reason="Strike.", by=market.actor, now=NOON)
    row = model._default_manager.get()
    before = model._default_manager.values().get()

    statuses = [
        staff_s.post(admin_url(model, "change", row.pk), {"subject": "x", "score": 10}).status_code,
        staff_s.post(admin_url(model, "delete", row.pk), {"post": "yes"}).status_code,
        staff_s.post(admin_url(model, "add"), {"subject": "x", "score": 10}).status_code,
    ]

    assert statuses == [403, 403, 403]
    assert model._default_manager.values().get() == before


def test_responses_can_be_narrowed_to_a_band(staff_s: Client, market: Market) -> None:
    for score in (0, 8, 10):
        market.response(score)

    page = staff_s.get(admin_url(SurveyResponse, "changelist"), {"band": "passive"})

    assert [response.score for response in page.context["cl"].queryset] == [8]


def test_topic_that_was_ticked_is_not_deleted(staff_s: Client, market: Market) -> None:
    ticked, unused = Topic.objects.order_by("pk")[:2]
    market.response(3).response_topics.create(topic=ticked)

    refused = staff_s.post(admin_url(Topic, "delete", ticked.pk), {"post": "yes"})
    done = staff_s.post(admin_url(Topic, "delete", unused.pk), {"post": "yes"})

    assert (refused.status_code, done.status_code) == (403, 302)
    assert Topic.objects.filter(pk=ticked.pk).exists()
    assert not Topic.objects.filter(pk=unused.pk).exists()

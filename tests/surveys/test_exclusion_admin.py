"""Staff exclude measurements, and include them again, in the admin."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Event, User
from surveys.admin.measurements import SurveyResponsePage
from surveys.enums import SurveyEvent
from surveys.exclusions import exclude, lift
from surveys.models import MeasurementExclusion, SurveyResponse
from tests.conftest import NOON, Market, text

RESPONSES = reverse("admin:surveys_surveyresponse_changelist")
EXCLUSIONS = reverse("admin:surveys_measurementexclusion_changelist")
REASON = "The courier was on strike."
NONE_EXCLUDED = ("warning", "None of the chosen measurements is excluded.")
EXCLUDES = ("view_surveyresponse", "view_measurementexclusion", "add_measurementexclusion")
LIFTS = ("view_surveyresponse", "view_measurementexclusion", "change_measurementexclusion")


def act(browser: Client, action: str, *responses: SurveyResponse, **filled_in: str) -> HttpResponse:
    """Carry out an action of the list of measurements."""
    chosen = {"action": action, "_selected_action": [each.pk for each in responses]}
    return browser.post(RESPONSES, chosen | filled_in, follow=True)


def said(page: HttpResponse) -> list[tuple[str, str]]:
    """Return the messages above a page: how serious, and what."""
    return [(each.level_tag, each.message) for each in page.context["messages"]]


def events(kind: SurveyEvent) -> list[tuple[int, int | None]]:
    """Return which measurements this happened to, and by whom."""
    return list(Event.objects.filter(kind=kind).order_by("pk").values_list("object_pk", "user"))


def test_reason_is_asked_before_anything_is_excluded(
    browser: Callable[..., Client], market: Market
) -> None:
    responses = [market.response(score) for score in (2, 10)]

    page = act(browser(*EXCLUDES), "exclude_from_score", *responses)

    assert "2 measurements will be excluded from the scores of their shops." in text(page)
    assert "The seller reads this beside the measurement." in text(page)
    assert not MeasurementExclusion.objects.exists()


def test_box_for_the_reason_is_never_wider_than_its_page(
    browser: Callable[..., Client], market: Market
) -> None:
    page = text(act(browser(*EXCLUDES), "exclude_from_score", market.response(2)))
    styles = Path(finders.find("css/admin/exclude.css")).read_text()

    assert 'class="vLargeTextField"' in page
    assert page.index("admin/css/forms.css") < page.index("css/admin/exclude.css")
    assert re.search(r"\.vLargeTextField \{[^}]*max-inline-size: 100%;", styles)


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        pytest.param("", "This field is required.", id="none"),
        pytest.param("   ", "This field is required.", id="blank"),
        pytest.param("x" * 301, "at most 300 characters", id="too long"),
    ],
)
def test_nothing_is_excluded_without_a_reason(
    browser: Callable[..., Client], market: Market, reason: str, complaint: str
) -> None:
    response = market.response(2)

    page = act(
        browser(*EXCLUDES), "exclude_from_score", response, reason=reason, confirmed="Exclude"
    )

    assert complaint in text(page)
    assert f'name="_selected_action" value="{response.pk}"' in text(page)
    assert not MeasurementExclusion.objects.exists()


def test_measurements_are_excluded_with_one_reason(
    browser: Callable[..., Client], staff: User, market: Market
) -> None:
    responses = [market.response(score) for score in (2, 10)]
    left = market.response(7)

    with travel(NOON, tick=False):
        page = act(
            browser(*EXCLUDES), "exclude_from_score", *responses, reason=REASON, confirmed="Exclude"
        )

    assert "2 measurements are excluded." in text(page)
    assert list(SurveyResponse.objects.counting()) == [left]
    stored = MeasurementExclusion.objects.values_list("reason", "excluded_by", "excluded_at")
    assert list(stored) == [(REASON, staff.pk, NOON)] * 2
    assert sorted(events(SurveyEvent.EXCLUDED)) == [(each.pk, staff.pk) for each in responses]


def test_only_what_counts_is_excluded(
    browser: Callable[..., Client], staff: User, market: Market
) -> None:
    already = market.response(2)
    exclude(already, reason=REASON, by=Actor.user(staff), now=NOON)
    foreign = market.response(3, closed_by=ActorType.MARKETPLACE)
    counting = market.response(4)

    none = act(browser(*EXCLUDES), "exclude_from_score", already, foreign)
    page = act(browser(*EXCLUDES), "exclude_from_score", already, foreign, counting)

    assert "None of these counts for a shop now." in text(none)
    assert page.context["responses"] == [counting]


def test_at_most_so_many_are_excluded_at_once(
    browser: Callable[..., Client], market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SurveyResponsePage, "MOST_AT_ONCE", 2)
    responses = [market.response(score) for score in (1, 2, 3)]

    many = act(browser(*EXCLUDES), "exclude_from_score", *responses)
    few = act(browser(*EXCLUDES), "exclude_from_score", *responses[1:])

    assert "Choose at most 2 measurements." in text(many)
    assert "2 measurements will be excluded" in text(few)


def test_measurements_count_again(
    browser: Callable[..., Client], staff: User, market: Market
) -> None:
    responses = [market.response(score) for score in (2, 10)]
    for response in responses:
        exclude(response, reason=REASON, by=market.actor, now=NOON)

    page = act(browser(*LIFTS), "include_again", *responses)
    again = act(browser(*LIFTS), "include_again", *responses)

    assert said(page) == [("success", "2 measurements are included again.")]
    assert said(again) == [NONE_EXCLUDED]
    assert SurveyResponse.objects.counting().count() == 2
    assert {each.lifted_by for each in MeasurementExclusion.objects.all()} == {staff}
    assert events(SurveyEvent.COUNTS_AGAIN) == [(each.pk, staff.pk) for each in responses]


def test_exclusions_are_lifted_from_their_own_list(
    browser: Callable[..., Client], staff: User, market: Market
) -> None:
    lifted = exclude(market.response(2), reason="A slip.", by=Actor.user(staff), now=NOON)
    lift(lifted, by=Actor.user(staff), now=NOON)
    active = exclude(market.response(3), reason=REASON, by=Actor.user(staff), now=NOON)
    chosen = {"action": "include_again", "_selected_action": [lifted.pk, active.pk]}

    shown = text(browser(*LIFTS).get(EXCLUSIONS))
    page = browser(*LIFTS).post(EXCLUSIONS, chosen, follow=True)
    again = browser(*LIFTS).post(EXCLUSIONS, chosen, follow=True)

    for expected in ("A slip.", REASON, "Fietsenzo"):
        assert expected in shown
    assert said(page) == [("success", "1 measurement is included again.")]
    assert said(again) == [NONE_EXCLUDED]
    assert not MeasurementExclusion.objects.filter(lifted_at=None).exists()
    assert len(events(SurveyEvent.COUNTS_AGAIN)) == 2


@pytest.mark.parametrize(
    ("permissions", "action"),
    [
        pytest.param(LIFTS, "exclude_from_score", id="excluding"),
        pytest.param(EXCLUDES, "include_again", id="lifting"),
        pytest.param(("view_surveyresponse",), "exclude_from_score", id="neither"),
    ],
)
def test_each_needs_its_own_right(
    browser: Callable[..., Client],
    staff: User,
    market: Market,
    permissions: tuple[str, ...],
    action: str,
) -> None:
    excluded, counting = market.response(2), market.response(3)
    exclude(excluded, reason=REASON, by=Actor.user(staff), now=NOON)

    page = act(
        browser(*permissions), action, excluded, counting, reason=REASON, confirmed="Exclude"
    )

    assert action not in text(page)
    assert list(SurveyResponse.objects.counting()) == [counting]


@pytest.mark.parametrize(("value", "expected"), [("yes", [2]), ("no", [3]), ("maybe", [3, 2])])
def test_list_is_narrowed_to_what_is_excluded(
    browser: Callable[..., Client], staff: User, market: Market, value: str, expected: list[int]
) -> None:
    exclude(market.response(2), reason=REASON, by=Actor.user(staff), now=NOON)
    market.response(3)

    page = browser(*EXCLUDES).get(RESPONSES, {"excluded": value})

    assert [response.score for response in page.context["cl"].queryset] == expected


def test_measurement_shows_when_it_was_excluded_and_why(
    browser: Callable[..., Client], staff: User, market: Market
) -> None:
    response = market.response(2)
    exclude(response, reason=REASON, by=Actor.user(staff), now=NOON)

    page = browser(*EXCLUDES).get(
        reverse("admin:surveys_surveyresponse_change", args=[response.pk])
    )

    assert REASON in text(page)

"""Staff read which files were imported, and decide whether an import counts, in the admin."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from sellers.events import Actor
from sellers.models import Seller, User
from surveys.exclusions import exclude, exclude_import
from surveys.models import ImportBatch, SurveyResponse
from tests.conftest import NOON, Market, text
from tests.measurements import imported

IMPORTS = reverse("admin:surveys_importbatch_changelist")
RESPONSES = reverse("admin:surveys_surveyresponse_changelist")
REASON = "The file was of another shop."
LOOKS = ("view_importbatch", "view_surveyresponse", "view_measurementexclusion")
EXCLUDES = (*LOOKS, "add_measurementexclusion")
LIFTS = (*LOOKS, "change_measurementexclusion")


@pytest.fixture
def batch(fietsenzo: Seller) -> ImportBatch:
    """An import of three measurements."""
    return imported(fietsenzo, 2, 9, 10, submitted_at=NOON)[0].batch


def page_of(batch: ImportBatch, name: str = "counting") -> str:
    return reverse(f"admin:surveys_importbatch_{name}", args=[batch.pk])


def said(page: HttpResponse) -> list[tuple[str, str]]:
    """Return the messages above a page: how serious, and what."""
    return [(each.level_tag, each.message) for each in page.context["messages"]]


def test_list_says_what_came_with_each_file(
    browser: Callable[..., Client], batch: ImportBatch, fietsenzo: Seller, staff: User
) -> None:
    out = imported(fietsenzo, 3, submitted_at=NOON)[0].batch
    exclude_import(out, reason=REASON, by=Actor.user(staff), now=NOON)

    page = text(browser(*LOOKS).get(IMPORTS))
    narrowed = browser(*LOOKS).get(IMPORTS, {"excluded": "yes"})
    others = browser(*LOOKS).get(IMPORTS, {"excluded": "no"})

    for expected in ("history.csv", "the command on the server", "March 2026"):
        assert expected in page
    assert list(narrowed.context["cl"].queryset) == [out]
    assert list(others.context["cl"].queryset) == [batch]


def test_page_leads_to_its_measurements(
    browser: Callable[..., Client], batch: ImportBatch, market: Market
) -> None:
    market.response(7)
    link = f"{RESPONSES}?batch={batch.pk}"

    page = text(browser(*LOOKS).get(page_of(batch, "change")))
    listed = browser(*LOOKS).get(link)
    none = browser(*LOOKS).get(RESPONSES, {"batch": "9" * 19})

    assert f'href="{link}"' in page
    assert {each.score for each in listed.context["cl"].queryset} == {2, 9, 10}
    assert not none.context["cl"].queryset


def test_import_is_excluded_and_included_again(
    browser: Callable[..., Client], batch: ImportBatch, market: Market, staff: User
) -> None:
    market.response(10)

    asked = text(browser(*EXCLUDES).get(page_of(batch)))
    assert not SurveyResponse.objects.excluded().exists()
    done = browser(*EXCLUDES).post(
        page_of(batch), {"verb": "exclude", "reason": REASON}, follow=True
    )

    for expected in ("<li>3 measurements</li>", "1 shop", "1 month whose", "+50", "+100"):
        assert expected in asked
    assert said(done) == [("success", "3 measurements are excluded.")]
    assert SurveyResponse.objects.excluded().count() == 3
    history = text(browser(*EXCLUDES).get(page_of(batch, "history")))
    assert f"Import excluded from the score: {REASON}" in history

    asked = text(browser(*LIFTS).get(page_of(batch)))
    assert REASON in asked
    back = browser(*LIFTS).post(page_of(batch), {"verb": "lift", "reason": "Ours."}, follow=True)

    assert said(back) == [("success", "3 measurements are included again.")]
    assert not SurveyResponse.objects.excluded().exists()
    exclusion = batch.exclusions.get()
    assert (exclusion.lifted_by, exclusion.lift_reason) == (staff, "Ours.")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_nothing_is_decided_without_a_reason(
    browser: Callable[..., Client], batch: ImportBatch, reason: str
) -> None:
    page = browser(*EXCLUDES).post(page_of(batch), {"verb": "exclude", "reason": reason})

    assert page.status_code == 422
    assert "errorlist" in text(page)
    assert not SurveyResponse.objects.excluded().exists()


def test_what_a_colleague_did_meanwhile_is_not_undone(
    browser: Callable[..., Client], batch: ImportBatch, staff: User
) -> None:
    exclude_import(batch, reason=REASON, by=Actor.user(staff), now=NOON)

    page = browser(*EXCLUDES, "change_measurementexclusion").post(
        page_of(batch), {"verb": "exclude", "reason": "Me too."}, follow=True
    )

    assert said(page) == [("warning", "A colleague did this already.")]
    assert batch.exclusions.get().lifted_at is None


def test_each_needs_its_own_right(
    browser: Callable[..., Client], batch: ImportBatch, staff: User
) -> None:
    assert browser(*LIFTS).get(page_of(batch)).status_code == 403
    assert "counting/" not in text(browser(*LOOKS).get(page_of(batch, "change")))

    exclude_import(batch, reason=REASON, by=Actor.user(staff), now=NOON)
    assert browser(*EXCLUDES).get(page_of(batch)).status_code == 403


def test_exclusions_of_imports_are_listed_but_lifted_on_their_page(
    browser: Callable[..., Client], batch: ImportBatch, market: Market, staff: User
) -> None:
    by = Actor.user(staff)
    both = [
        exclude_import(batch, reason=REASON, by=by, now=NOON),
        exclude(market.response(2), reason="A storm.", by=by, now=NOON),
    ]
    url = reverse("admin:surveys_measurementexclusion_changelist")
    chosen = {"action": "include_again", "_selected_action": [each.pk for each in both]}

    page = browser(*LIFTS).post(url, chosen, follow=True)

    assert said(page) == [("success", "1 measurement is included again.")]
    assert batch.exclusions.in_force().exists()


@pytest.mark.parametrize("count", [1, 3])
def test_months_cost_one_statement_however_many(
    browser: Callable[..., Client],
    fietsenzo: Seller,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    rows = [9] * count
    batch = imported(fietsenzo, *rows, submitted_at=NOON)[0].batch
    client = browser(*EXCLUDES)

    with django_assert_num_queries(7):
        client.get(page_of(batch))

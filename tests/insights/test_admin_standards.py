"""Staff announce standards, and what has begun stays as it is."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from time_machine import travel

from insights.models import ServiceStandard, holding_standards
from insights.standards import standard_on
from sellers.models import User
from tests.conftest import admin_url, at_once, text

# Later than the database's day, which no test can stop.
TODAY = date(2126, 3, 10)
JUNE = date(2126, 6, 1)
DAY = timedelta(days=1)
FILLED_IN = {
    "value": "30",
    "minimum_measurements": "25",
    "valid_from": "2126-06-01",
    "announced_on": "2126-03-10",
    "label_nl": "Minstens 30",
    "label_en": "At least 30",
}
LABELS = {"label_nl": "Nieuw", "label_en": "New"}


@pytest.fixture(autouse=True)
def _tenth_of_march() -> Iterator[None]:
    """Stop the clock, before anybody logs in."""
    with travel(datetime(2126, 3, 10, 11, tzinfo=UTC), tick=False):
        yield


def standard_beginning(day: date, *, announced_on: date = date(2126, 3, 1)) -> ServiceStandard:
    """Store a standard of 30 that follows the one of 25."""
    days = {"valid_from": day, "announced_on": announced_on}
    return ServiceStandard.objects.create(**FILLED_IN | days)


def standards() -> list[tuple[int, date]]:
    """Return every standard with its first day, oldest first."""
    stored = ServiceStandard.objects.order_by("valid_from")
    return list(stored.values_list("value", "valid_from"))


BEFORE = [(10, date(2020, 1, 1)), (25, date(2026, 1, 1))]


def errors(page: HttpResponse) -> dict[str, list[str]]:
    """Return what a form that came back says, by field."""
    return dict(page.context["adminform"].form.errors)


def add(browser: Client, **changes: str) -> HttpResponse:
    """Fill in a new standard."""
    return browser.post(admin_url(ServiceStandard, "add"), FILLED_IN | changes)


def change(browser: Client, standard: ServiceStandard, **changes: str) -> HttpResponse:
    """Fill in the page of a standard."""
    return browser.post(admin_url(ServiceStandard, "change", standard.pk), FILLED_IN | changes)


def test_standard_is_announced(staff_s: Client) -> None:
    page = add(staff_s)

    assert page.status_code == 302
    assert standards() == [*BEFORE, (30, JUNE)]
    assert ServiceStandard.objects.get(value=30).set_by == User.objects.get()
    eve = standard_on(holding_standards(), JUNE - DAY)
    assert eve
    assert eve.value == 25


def test_new_standard_begins_with_what_is_usual(staff_s: Client) -> None:
    form = staff_s.get(admin_url(ServiceStandard, "add")).context["adminform"].form

    assert form["minimum_measurements"].value() == 25
    assert form["valid_from"].value() == date(2126, 5, 1)
    assert form["announced_on"].value() == TODAY


REFUSED = [
    pytest.param(
        {"valid_from": "2126-03-10"},
        {
            "valid_from": [
                "A standard begins tomorrow or later: a day that has begun keeps its standard."
            ]
        },
        id="begins today",
    ),
    pytest.param(
        {"announced_on": "2126-06-01"},
        {"announced_on": ["Announce a standard before the day it begins."]},
        id="announced as it begins",
    ),
    pytest.param(
        {"announced_on": "2126-03-09"},
        {
            "announced_on": [
                "Announce a standard, or a change of it, today or later: nobody could read it "
                "before."
            ]
        },
        id="announced yesterday",
    ),
    pytest.param(
        {"valid_from": "2126-09-01"},
        {
            "valid_from": [
                "Another standard begins on that day: change that one, or begin another day."
            ]
        },
        id="day of another",
    ),
    pytest.param(
        {"value": "101"},
        {"__all__": ["A standard lies between −100 and +100."]},
        id="impossible value",
    ),
    pytest.param(
        {"valid_from": "soon"}, {"valid_from": ["Enter a valid date."]}, id="no day at all"
    ),
]


@pytest.mark.parametrize("page", ["add", "change"])
@pytest.mark.parametrize(("filled_in", "explained"), REFUSED)
def test_standard_that_is_refused_is_explained_and_nothing_typed_is_lost(
    staff_s: Client, page: str, filled_in: dict[str, str], explained: dict[str, list[str]]
) -> None:
    ServiceStandard.objects.create(
        value=40, valid_from=date(2126, 9, 1), announced_on=TODAY, **LABELS
    )
    arguments = [standard_beginning(date(2126, 8, 1)).pk] if page == "change" else []
    before = standards()
    filled_in = FILLED_IN | {"minimum_measurements": "9"} | filled_in

    answer = staff_s.post(admin_url(ServiceStandard, page, *arguments), filled_in)

    form = answer.context["adminform"].form
    assert errors(answer) == explained
    assert {name: form[name].value() for name in filled_in} == filled_in
    assert standards() == before


def test_standard_that_is_refused_is_explained_in_dutch(staff_s: Client) -> None:
    User.objects.update(language="nl")
    standard_beginning(JUNE)

    early = text(add(staff_s, valid_from="2126-03-10"))
    back = text(add(staff_s, announced_on="2126-03-09"))
    taken = text(add(staff_s))
    running = text(add(staff_s, valid_from="2126-03-31"))

    assert "Een norm gaat morgen of later in" in early
    assert "Kondig een norm, of een wijziging ervan, vandaag of later aan" in back
    assert "Op die dag gaat al een andere norm in" in taken
    assert "De lopende maand, maart 2126," in running
    assert "of laat de norm ingaan op 1 april 2126." in running


# What would judge the running month


@pytest.mark.parametrize("day", ["2126-03-11", "2126-03-31"], ids=["tomorrow", "last day"])
def test_standard_judges_the_running_month_only_when_that_is_meant(
    staff_s: Client, day: str
) -> None:
    asked = add(staff_s, valid_from=day)
    is_stored = ServiceStandard.objects.filter(value=30).exists()
    done = add(staff_s, valid_from=day, confirmed="on")

    assert errors(asked) == {
        "confirmed": [
            "The running month, March 2126, would be judged by this standard once it begins. "
            "Tick the box if you mean that, or let the standard begin on April 1, 2126."
        ]
    }
    assert "Judge March 2126 by this standard" in text(asked)
    assert not is_stored
    assert done.status_code == 302
    assert standards() == [*BEFORE, (30, date.fromisoformat(day))]


def test_standard_is_asked_twice_together_with_what_else_is_wrong(staff_s: Client) -> None:
    page = add(staff_s, valid_from="2126-03-31", value="thirty", confirmed="on")

    assert errors(page) == {"value": ["Enter a whole number."]}
    assert '<input type="checkbox" name="confirmed" id="id_confirmed" checked' in text(page)


def test_box_only_appears_when_it_is_needed(staff_s: Client) -> None:
    this_month = standard_beginning(date(2126, 3, 20))
    pages = [
        staff_s.get(admin_url(ServiceStandard, "add")),
        staff_s.get(admin_url(ServiceStandard, "change", this_month.pk)),
        add(staff_s, valid_from="2126-04-01", value="101"),
        add(staff_s, valid_from="2126-03-10", value="101"),
    ]

    assert [page.status_code for page in pages] == [200] * 4
    assert not [page for page in pages if "confirmed" in text(page)]


def test_labels_of_a_standard_of_this_month_are_reworded_without_being_asked(
    staff_s: Client,
) -> None:
    this_month = standard_beginning(date(2126, 3, 20))
    as_it_was = {"valid_from": "2126-03-20", "announced_on": "2126-03-01"}

    page = change(staff_s, this_month, **as_it_was, **LABELS)

    this_month.refresh_from_db()
    assert (page.status_code, this_month.label_en, this_month.set_by) == (302, "New", None)


# What has begun


@pytest.mark.parametrize(
    ("begins_in", "stays_as_it_is"),
    [
        pytest.param(-1, True, id="began yesterday"),
        pytest.param(0, True, id="begins today"),
        pytest.param(1, False, id="begins tomorrow"),
    ],
)
def test_standard_that_has_begun_keeps_all_but_its_labels(
    staff_s: Client, begins_in: int, stays_as_it_is: bool
) -> None:
    begins = TODAY + timedelta(days=begins_in)
    standard = standard_beginning(begins)

    change(staff_s, standard, value="40", minimum_measurements="1", **LABELS)

    standard = ServiceStandard.objects.get(pk=standard.pk)
    assert (standard.label_nl, standard.label_en) == ("Nieuw", "New")
    terms = [getattr(standard, name) for name in ServiceStandard.TERMS]
    assert terms == ([30, 25, begins, date(2126, 3, 1)] if stays_as_it_is else [40, 1, JUNE, TODAY])


def test_coming_standard_begins_another_day(staff_s: Client) -> None:
    coming = standard_beginning(JUNE)

    change(staff_s, coming, valid_from="2126-05-01")

    assert standards() == [*BEFORE, (30, date(2126, 5, 1))]


def delete_alone(browser: Client, standard: ServiceStandard) -> int:
    """Delete one by its own page; return the status."""
    page = admin_url(ServiceStandard, "delete", standard.pk)
    return browser.post(page, {"post": "yes"}).status_code


def delete_together(browser: Client, *standards: ServiceStandard) -> int:
    """Delete all by the action of the list; return the status."""
    chosen = [each.pk for each in standards]
    return browser.post(
        admin_url(ServiceStandard, "changelist"),
        {"action": "delete_selected", "_selected_action": chosen, "post": "yes"},
    ).status_code


@pytest.mark.parametrize("delete", [delete_alone, delete_together])
def test_standard_holds_on_when_the_one_after_it_is_deleted(
    staff_s: Client, delete: Callable[..., int]
) -> None:
    coming = standard_beginning(JUNE)

    delete(staff_s, coming)

    assert standards() == BEFORE
    holding = standard_on(holding_standards(), JUNE)
    assert holding
    assert holding.value == 25


@pytest.mark.parametrize("delete", [delete_alone, delete_together])
@pytest.mark.parametrize("begun", [date(2126, 3, 9), TODAY], ids=["yesterday", "today"])
def test_standard_that_has_begun_is_not_deleted(
    staff_s: Client, begun: date, delete: Callable[..., int]
) -> None:
    kept = standard_beginning(begun)
    coming = standard_beginning(TODAY + timedelta(days=9))

    statuses = (delete(staff_s, kept), delete(staff_s, coming))

    assert statuses == (403, 302)
    assert standards() == [*BEFORE, (30, begun)]


def test_standard_that_has_begun_is_not_deleted_among_others(staff_s: Client) -> None:
    begun = ServiceStandard.objects.get(value=25)
    coming = standard_beginning(TODAY + timedelta(days=9))

    status = delete_together(staff_s, begun, coming)

    assert status == 403
    assert ServiceStandard.objects.filter(pk__in=[begun.pk, coming.pk]).count() == 2


# Two at once


def test_second_click_reads_what_the_first_one_did(committed_db: None) -> None:
    staff = User.objects.create_superuser("staff@markt.example", name="Staff", language="en")

    def click() -> HttpResponse:
        browser = Client()
        browser.force_login(staff)
        return add(browser)

    pages = at_once(click, click, click)

    assert sorted(page.status_code for page in pages) == [200, 200, 302]
    refused = [page for page in pages if page.status_code == 200]
    assert all("Another standard begins on that day" in text(page) for page in refused)
    assert standards() == [*BEFORE, (30, JUNE)]
    assert LogEntry.objects.count() == 1

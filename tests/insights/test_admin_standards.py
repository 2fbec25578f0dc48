"""Staff set the standard, and what was judged stays judged."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from time_machine import travel

from insights.models import ServiceStandard
from tests.conftest import NOON, admin_url, text

# Service standards. Today is NOON's day; the one of 10 is over, the one of 25 holds without end.

FILLED_IN = {
    "value": 30,
    "minimum_measurements": 25,
    "valid_from": "2026-06-01",
    "announced_on": "2026-03-01",
    "label_nl": "Minstens 30",
    "label_en": "At least 30",
}


@pytest.fixture
def today() -> Iterator[date]:
    """Stop the clock."""
    with travel(NOON, tick=False):
        yield NOON.date()


def standard_beginning(day: date) -> ServiceStandard:
    """Store a standard of 30 that follows the one of 25."""
    ServiceStandard.objects.filter(value=25).update(valid_until=day)
    return ServiceStandard.objects.create(**FILLED_IN | {"valid_from": day})


def stored_standards() -> list[tuple[int, date | None]]:
    """Return every standard with its end, oldest first."""
    return list(ServiceStandard.objects.order_by("valid_from").values_list("value", "valid_until"))


@pytest.mark.parametrize(
    ("filled_in", "explanation"),
    [
        pytest.param(
            {},
            "Another standard holds then: +25 (NPS after customer contact: at least 25), from "
            "Jan. 1, 2026 without end. Tick “Follows on the standard before it”",
            id="inside one without end",
        ),
        pytest.param(
            {"valid_from": "2026-03-10", "follows_on": "on"},
            "Another standard holds by then: +40 (Forty), from April 1, 2026 without end. Let this "
            "one end on April 1, 2026 at the latest",
            id="into the next one",
        ),
        pytest.param(
            {"valid_from": "2026-03-10", "valid_until": "2026-04-02", "follows_on": "on"},
            "Let this one end on April 1, 2026 at the latest",
            id="one day into the next one",
        ),
    ],
)
def test_standard_that_overlaps_is_explained(
    staff_s: Client, today: date, filled_in: dict[str, str], explanation: str
) -> None:
    if filled_in:
        first = date(2026, 4, 1)
        ServiceStandard.objects.filter(value=25).update(valid_until=first)
        ServiceStandard.objects.create(
            **FILLED_IN | {"value": 40, "label_en": "Forty", "valid_from": first}
        )
    before = stored_standards()

    page = staff_s.post(admin_url(ServiceStandard, "add"), FILLED_IN | filled_in)

    assert page.status_code == 200
    assert explanation in text(page)
    assert stored_standards() == before


@pytest.mark.parametrize("page", ["add", "change"])
@pytest.mark.parametrize("end", ["2026-06-01", "2026-05-31"], ids=["first day", "day before"])
def test_standard_that_ends_before_it_begins_is_explained(
    staff_s: Client, today: date, page: str, end: str
) -> None:
    arguments = [standard_beginning(date(2026, 9, 1)).pk] if page == "change" else []
    before = stored_standards()
    filled_in = FILLED_IN | {"value": "40", "minimum_measurements": "9", "valid_until": end}

    answer = staff_s.post(
        admin_url(ServiceStandard, page, *arguments), filled_in | {"follows_on": "on"}
    )

    form = answer.context["adminform"].form
    assert form.errors == {"valid_until": ["“Valid until” must be later than “valid from”."]}
    assert {name: form[name].value() for name in filled_in} == filled_in
    assert stored_standards() == before


def test_coming_standard_that_would_begin_in_the_past_is_refused(
    staff_s: Client, today: date
) -> None:
    coming = standard_beginning(date(2026, 6, 1))
    before = stored_standards()

    page = staff_s.post(
        admin_url(ServiceStandard, "change", coming.pk),
        FILLED_IN | {"valid_from": "2026-03-09", "follows_on": "on"},
    )

    assert "A standard begins today or later" in text(page)
    assert stored_standards() == before


def test_standard_ends_the_one_before_it(staff_s: Client, today: date) -> None:
    page = staff_s.post(
        admin_url(ServiceStandard, "add"), FILLED_IN | {"follows_on": "on"}, follow=True
    )

    assert stored_standards() == [(10, date(2026, 1, 1)), (25, date(2026, 6, 1)), (30, None)]
    assert "The standard +25 now holds until June 1, 2026." in text(page)


def test_standard_between_two_ends_where_the_next_one_begins(staff_s: Client, today: date) -> None:
    standard_beginning(date(2026, 9, 1))

    staff_s.post(
        admin_url(ServiceStandard, "add"),
        FILLED_IN | {"value": 28, "valid_until": "2026-09-01", "follows_on": "on"},
    )

    assert stored_standards() == [
        (10, date(2026, 1, 1)),
        (25, date(2026, 6, 1)),
        (28, date(2026, 9, 1)),
        (30, None),
    ]


@pytest.mark.parametrize("day", [date(2026, 5, 1), date(2026, 8, 1)], ids=["sooner", "later"])
def test_standard_that_begins_another_day_moves_the_end_of_the_one_before_it(
    staff_s: Client, today: date, day: date
) -> None:
    coming = standard_beginning(date(2026, 6, 1))

    staff_s.post(
        admin_url(ServiceStandard, "change", coming.pk),
        FILLED_IN | {"valid_from": day, "follows_on": "on"},
    )

    assert stored_standards() == [(10, date(2026, 1, 1)), (25, day), (30, None)]


def test_standard_never_moves_the_end_of_one_that_is_over(staff_s: Client, today: date) -> None:
    ServiceStandard.objects.filter(value=25).delete()

    staff_s.post(admin_url(ServiceStandard, "add"), FILLED_IN | {"follows_on": "on"})

    assert stored_standards() == [(10, date(2026, 1, 1)), (30, None)]


@pytest.mark.parametrize("refused", [{"value": "101"}, {"announced_on": "2026-06-01"}])
def test_standard_that_is_refused_ends_no_other(
    staff_s: Client, today: date, refused: dict[str, str]
) -> None:
    page = staff_s.post(
        admin_url(ServiceStandard, "add"), FILLED_IN | {"follows_on": "on"} | refused
    )

    assert page.status_code == 200
    assert stored_standards() == [(10, date(2026, 1, 1)), (25, None)]


def test_standard_is_announced_before_it_begins(staff_s: Client, today: date) -> None:
    late = FILLED_IN | {"follows_on": "on", "announced_on": "2026-06-01"}

    page = staff_s.post(admin_url(ServiceStandard, "add"), late)
    staff_s.post(admin_url(ServiceStandard, "add"), late | {"announced_on": "2026-05-31"})

    assert "Announce a standard before the day it begins." in text(page)
    assert ServiceStandard.objects.get(value=30).announced_on == date(2026, 5, 31)


def test_new_standard_begins_with_what_is_usual(staff_s: Client, today: date) -> None:
    form = staff_s.get(admin_url(ServiceStandard, "add")).context["adminform"].form

    assert {name: form[name].value() for name in ("minimum_measurements", "follows_on")} == {
        "minimum_measurements": 25,
        "follows_on": True,
    }
    assert form["valid_from"].value() == date(2026, 5, 1)
    assert form["announced_on"].value() == today


@pytest.mark.parametrize("is_followed", [True, False])
def test_staff_are_warned_of_days_without_a_standard(
    staff_s: Client, today: date, is_followed: bool
) -> None:
    holding = ServiceStandard.objects.get(value=25)
    labels = {"label_nl": "Minstens 25", "label_en": "At least 25"}
    if is_followed:
        standard_beginning(date(2026, 6, 1))

    page = staff_s.post(
        admin_url(ServiceStandard, "change", holding.pk),
        labels | {"valid_until": "2026-06-01"},
        follow=True,
    )

    assert ("From June 1, 2026 on there is no standard" in text(page)) is not is_followed


def test_standard_follows_the_one_that_was_given_an_end(staff_s: Client, today: date) -> None:
    holding = ServiceStandard.objects.get(value=25)
    ended = {"valid_until": "2026-06-01", "label_nl": "Minstens 25", "label_en": "At least 25"}

    staff_s.post(admin_url(ServiceStandard, "change", holding.pk), ended)
    staff_s.post(admin_url(ServiceStandard, "add"), FILLED_IN)

    stored = ServiceStandard.objects.order_by("valid_from").values_list("value", "valid_until")
    assert list(stored) == [(10, date(2026, 1, 1)), (25, date(2026, 6, 1)), (30, None)]


@pytest.mark.parametrize(
    ("begins_in", "is_stored"),
    [
        pytest.param(-1, False, id="yesterday"),
        pytest.param(0, True, id="today"),
        pytest.param(1, True, id="tomorrow"),
    ],
)
def test_standard_never_begins_in_the_past(
    staff_s: Client, today: date, begins_in: int, is_stored: bool
) -> None:
    begins = today + timedelta(days=begins_in)
    ServiceStandard.objects.filter(value=25).update(valid_until=begins)

    page = staff_s.post(admin_url(ServiceStandard, "add"), FILLED_IN | {"valid_from": begins})

    assert ServiceStandard.objects.filter(value=30).exists() is is_stored
    assert ("A standard begins today or later" in page.content.decode()) is not is_stored


@pytest.mark.parametrize(
    ("begins_in", "is_kept"),
    [
        pytest.param(-1, True, id="began yesterday"),
        pytest.param(0, False, id="begins today"),
        pytest.param(1, False, id="begins tomorrow"),
    ],
)
def test_standard_that_judged_a_day_keeps_all_but_its_labels_and_end(
    staff_s: Client, today: date, begins_in: int, is_kept: bool
) -> None:
    begins = today + timedelta(days=begins_in)
    standard = standard_beginning(begins)
    others = {"value": 40, "minimum_measurements": 1, "announced_on": "2026-03-02"}
    labels = {"label_nl": "Nieuw", "label_en": "New"}

    staff_s.post(
        admin_url(ServiceStandard, "change", standard.pk),
        FILLED_IN | others | labels | {"valid_until": "2027-01-01"},
    )

    standard = ServiceStandard.objects.get(pk=standard.pk)
    assert (standard.label_nl, standard.label_en) == ("Nieuw", "New")
    assert standard.valid_until == date(2027, 1, 1)
    judges = (standard.value, standard.minimum_measurements, standard.valid_from)
    assert judges == ((30, 25, begins) if is_kept else (40, 1, date(2026, 6, 1)))
    assert standard.announced_on == (date(2026, 3, 1) if is_kept else date(2026, 3, 2))


@pytest.mark.parametrize(
    ("ends_in", "is_stored"),
    [pytest.param(-1, False, id="yesterday"), pytest.param(0, True, id="today")],
)
def test_standard_never_ends_in_the_past(
    staff_s: Client, today: date, ends_in: int, is_stored: bool
) -> None:
    holding, end = ServiceStandard.objects.get(value=25), today + timedelta(days=ends_in)

    page = staff_s.post(
        admin_url(ServiceStandard, "change", holding.pk),
        {"valid_until": end, "label_nl": "Minstens 25", "label_en": "At least 25"},
    )

    holding.refresh_from_db()
    assert holding.valid_until == (end if is_stored else None)
    assert ("A standard ends today or later" in page.content.decode()) is not is_stored


def test_standard_that_is_over_stays_over(staff_s: Client, today: date) -> None:
    past = ServiceStandard.objects.get(value=10)

    staff_s.post(
        admin_url(ServiceStandard, "change", past.pk),
        {"valid_until": "2025-12-01", "label_nl": "Tien", "label_en": "Ten"},
    )

    past.refresh_from_db()
    assert (past.label_en, past.valid_until) == ("Ten", date(2026, 1, 1))


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
    staff_s: Client, today: date, delete: Callable[..., int]
) -> None:
    coming = standard_beginning(date(2026, 6, 1))

    delete(staff_s, coming)

    assert stored_standards() == [(10, date(2026, 1, 1)), (25, None)]


@pytest.mark.parametrize("delete", [delete_alone, delete_together])
def test_standard_that_judged_a_day_is_not_deleted(
    staff_s: Client, today: date, delete: Callable[..., int]
) -> None:
    begun = ServiceStandard.objects.get(value=25)
    coming = standard_beginning(today + timedelta(days=9))

    statuses = (delete(staff_s, begun), delete(staff_s, coming))

    assert statuses == (403, 302)
    assert list(ServiceStandard.objects.filter(pk__in=[begun.pk, coming.pk])) == [begun]


def test_standard_that_judged_a_day_is_not_deleted_among_others(
    staff_s: Client, today: date
) -> None:
    begun = ServiceStandard.objects.get(value=25)
    coming = standard_beginning(today + timedelta(days=9))

    status = delete_together(staff_s, begun, coming)

    assert status == 403
    assert ServiceStandard.objects.filter(pk__in=[begun.pk, coming.pk]).count() == 2

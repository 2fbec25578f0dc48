"""What is kept of a month can be wrong: pages still open, count live, and it is mended."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.core.management import call_command
from django.test import Client

from insights import tasks
from insights.counts import answers_by_month, tallies_by_shop
from insights.keeping import keep_counts, wrong_shops
from insights.models import MonthCount
from sellers.events import Actor
from sellers.models import User
from surveys.exclusions import exclude
from surveys.models import Invitation, ResponseTopic, Topic
from surveys.nps import Tally
from surveys.periods import Period
from tests.conftest import NOON, Market, at_once
from tests.insights.conftest import DAY, NOW

MARCH = date(2026, 3, 1)
NPS = "/queries/nps/"
# All that reads what is kept, for a shop and for staff.
PAGES = (
    NPS,
    f"{NPS}topics/",
    f"{NPS}months/",
    f"{NPS}peers/",
    f"{NPS}computation/",
    f"{NPS}segments/",
    f"{NPS}response/",
    f"{NPS}report.pdf",
    f"{NPS}download/months.json",
    f"{NPS}download/topics.csv",
)
STAFF = ("/admin/", "/admin/insights/shopscore/", "/admin/insights/shopscore/?month=2026-02")
UNSEEN = {  # it could have been answered like this: found at night
    "too many of each score": {"scores": [9] * 11},
    "too few of each score": {"scores": [1] * 11},
    "another month": {"month": date(2025, 9, 1)},
}
SEEN = {
    "no scores": {"scores": [0] * 11},
    "no choices": {"choices": []},
    "a negative count": {"choices": [[[], 10, -3], [[], 0, 2]]},
    "no list": {"choices": {"a": 1}},
    "no rows": {"choices": [1, 2]},
    "nothing in a row": {"choices": [None]},
    "words": {"choices": [["a", "b", "c"]]},
    "topics that are none": {"choices": [[[{}], 10, 3]]},
    "a score of 11": {"choices": [[[], 11, 1]]},
}


@pytest.fixture
def measured(market: Market, alice: User, _twentieth_of_march: None) -> Market:
    """A shop with three months of answers, of which some have topics and two do not count."""
    topic = Topic.objects.earliest("pk")
    for place, score in enumerate((10, 10, 9, 8, 0, 3)):
        for days in (1, 30, 60):
            response = market.response(score, submitted_at=NOW - days * DAY)
            if place % 2:
                ResponseTopic.objects.create(response=response, topic=topic)
    for days in (1, 60):
        response = market.response(0, submitted_at=NOW - days * DAY)
        exclude(response, reason="Storm.", by=Actor.user(alice), now=NOW)
    keep_counts()
    return market


def statuses(browser: Client, *urls: str) -> dict[str, int]:
    """Return how each page was answered; what breaks is a 500."""
    browser.raise_request_exception = False
    return {url: browser.get(url).status_code for url in urls}


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("wrong", [*UNSEEN, *SEEN])
def test_wrong_count_is_no_error(cora_s: Client, measured: Market, wrong: str) -> None:
    row = MonthCount.objects.filter(seller=measured.shop, month=MARCH)
    row.update(**(UNSEEN | SEEN)[wrong])
    staff = Client()
    staff.force_login(User.objects.create_superuser("sam@markt.example", name="Sam"))

    found = statuses(cora_s, *PAGES) | statuses(staff, *STAFF)

    assert found == dict.fromkeys([*PAGES, *STAFF], 200)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("wrong", SEEN)
def test_what_cannot_be_right_is_counted_live_told_once_and_mended(
    cora_s: Client, measured: Market, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    right = answers_by_month(measured.shop, first=MARCH, last=MARCH, detailed=[MARCH])
    MonthCount.objects.filter(seller=measured.shop, month=MARCH).update(**SEEN[wrong])

    looked = [
        answers_by_month(measured.shop, first=MARCH, last=MARCH, detailed=[MARCH]) for _ in range(2)
    ]

    assert right[MARCH].scores == Counter({10: 2, 9: 1, 8: 1, 0: 1, 3: 1})
    assert looked == [right, right]
    assert [each for each in caplog.messages if "wrong" in each] == [
        f"What is kept of shop {measured.shop.pk} is wrong: its months are counted live."
    ]
    assert wrong_shops() == {measured.shop.pk}
    keep_counts()
    assert wrong_shops() == set()
    assert caplog.messages[-1].endswith("was wrong: it was counted again.")


@pytest.mark.usefixtures("owner_db")
def test_shops_side_by_side_are_counted_live_too(measured: Market) -> None:
    MonthCount.objects.update(scores=[0] * 11)  # of which answers are excluded

    found = tallies_by_shop(Period.of_months(MARCH, MARCH))

    assert found == {(measured.shop.pk, 0): Tally(3, 1, 2)}


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("wrong", UNSEEN)
def test_night_mends_what_nobody_could_see(measured: Market, wrong: str) -> None:
    MonthCount.objects.filter(month=MARCH).update(**UNSEEN[wrong])

    tasks.check_integrity()

    assert wrong_shops() == set()


@pytest.mark.usefixtures("owner_db")
def test_download_says_what_was_answered(cora_s: Client, measured: Market) -> None:
    url = f"{NPS}download/months.json"
    before = json.loads(cora_s.get(url).getvalue())

    MonthCount.objects.update(scores=[0] * 11)
    after = json.loads(cora_s.get(url).getvalue())

    assert after == before


def test_counting_again_goes_on_while_answers_come_in(
    committed_db: None, market: Market, caplog: pytest.LogCaptureFixture
) -> None:
    invitations = [market.invitation() for _ in range(30)]
    caplog.clear()

    def answer(mine: list[Invitation]) -> Callable[[], None]:
        def answering() -> None:
            for invitation in mine:
                market.answer(invitation, 9, submitted_at=NOON + 2 * DAY)

        return answering

    def repeat(work: Callable[[], object]) -> Callable[[], None]:
        def repeating() -> None:
            for _ in range(6):
                work()

        return repeating

    at_once(
        *[answer(invitations[start::3]) for start in range(3)],
        *[repeat(lambda: call_command("recount_months"))] * 2,
        *[repeat(tasks.keep_counts)] * 2,
        timeout=300,
    )

    keep_counts()
    assert wrong_shops() == set()
    assert [each for each in caplog.records if each.levelname in ("ERROR", "WARNING")] == []
    assert answers_by_month(market.shop, first=MARCH, last=MARCH)[MARCH].scores == {9: 30}

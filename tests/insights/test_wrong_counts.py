"""What is kept of a month can be wrong; pages still say what was answered."""

import pytest
from django.test import Client

from insights.counts import keep_counts
from insights.models import MonthCount
from sellers.events import Actor
from sellers.models import User
from surveys.exclusions import exclude
from surveys.models import ResponseTopic, Topic
from tests.conftest import Market
from tests.insights.conftest import DAY, NOW

pytestmark = pytest.mark.usefixtures("_twentieth_of_march", "owner_db")

PAGES = (
    "/queries/nps/",
    "/queries/nps/topics/",
    "/queries/nps/months/",
    "/queries/nps/peers/",
    "/queries/nps/computation/",
    "/queries/nps/segments/",
    "/queries/nps/response/",
    "/queries/nps/report.pdf",
    "/queries/nps/download/months.json",
    "/queries/nps/download/months.csv",
    "/queries/nps/download/topics.csv",
)

WRONG = {
    "nothing kept": {"scores": [0] * 11},
    "no choices": {"choices": []},
    "nothing at all": {"scores": [0] * 11, "choices": []},
    "too many": {"scores": [9] * 11},
    "unknown topic": {"choices": [[[999999], 10, 3], [[], 0, 2]]},
    "negative": {"choices": [[[], 10, -3], [[], 0, 2]]},
    "no list": {"choices": {"a": 1}},
    "no row": {"choices": [1, 2]},
    "null": {"choices": [None]},
    "words": {"choices": [["a", "b", "c"]]},
    "score 11": {"choices": [[[], 11, 1]]},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_explore(cora_s: Client, market: Market, alice: User, wrong: str) -> None:
    topic = Topic.objects.first()
    for n, score in enumerate((10, 10, 9, 8, 0, 3)):
        for days in (1, 30, 60):
            r = market.response(score, submitted_at=NOW - days * DAY)
            if n % 2:
                ResponseTopic.objects.create(response=r, topic=topic)
    exclude(r, reason="Storm", by=Actor.user(alice), now=NOW)
    exclude(
        market.response(0, submitted_at=NOW - DAY), reason="Storm", by=Actor.user(alice), now=NOW
    )
    keep_counts()
    MonthCount.objects.update(**WRONG[wrong])
    cora_s.raise_request_exception = False
    for page in PAGES:
        got = cora_s.get(page)
        exc = getattr(got, "exc_info", None)
        print("PAGE", wrong, page, got.status_code, repr(exc[1])[:100] if exc else "")
    su = User.objects.create_superuser("s@x.example", name="S", language="en")
    cora_s.force_login(su)
    for page in (
        "/admin/",
        "/admin/insights/shopscore/",
        "/admin/insights/shopscore/?month=2026-02",
    ):
        got = cora_s.get(page)
        exc = getattr(got, "exc_info", None)
        print("PAGE", wrong, page, got.status_code, repr(exc[1])[:100] if exc else "")

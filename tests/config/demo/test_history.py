"""The history and the inbox: the same every time, and by the rules of the portal."""

from datetime import UTC, date, datetime, timedelta

import pytest

from config.demo.followups import Steps
from config.demo.history import History
from config.demo.inbox import Inbox
from config.demo.marketplace import Marketplace, StoredShop
from config.demo.rows import FreePks, Rows
from config.demo.shops import SHOPS, interpolate
from queries.models import CustomerQuery

EVENING = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
TOPICS = {"speed": 1, "expertise": 2, "friendliness": 3, "solution": 4, "clarity": 5, "effort": 6}
PLAYBOOKS = {
    score: Steps(score, (10 * score, 10 * score + 1), 10 * score + 1) for score in range(7)
}
SCALE = 0.01


def marketplace() -> Marketplace:
    """Return the shops as if they were stored, without a database."""
    users = iter(range(1, 100))
    stored_shops = [
        StoredShop(shop, pk, [(next(users), person) for person in shop.people if person.share])
        for pk, shop in enumerate(SHOPS, start=1)
    ]
    return Marketplace(stored_shops, staff_id=100)


def history(*, day: date, now: datetime) -> Rows:
    """Return the whole history, without a database."""
    loads = History(
        marketplace(),
        topics=TOPICS,
        playbooks=PLAYBOOKS,
        pks=FreePks(),
        day=day,
        now=now,
        scale=SCALE,
    ).loads()
    whole = Rows()
    for load in loads:
        whole.customers.extend(load.customers)
        whole.queries.extend(load.queries)
        whole.messages.extend(load.messages)
        whole.handovers.extend(load.handovers)
        whole.closings.extend(load.closings)
        whole.invitations.extend(load.invitations)
        whole.responses.extend(load.responses)
        whole.topics.extend(load.topics)
        whole.opt_outs.extend(load.opt_outs)
        whole.followups.extend(load.followups)
        whole.contacts.extend(load.contacts)
        whole.ticks.extend(load.ticks)
    return whole


def test_history_is_the_same_for_the_same_day() -> None:
    first = history(day=date(2026, 3, 10), now=EVENING)

    assert history(day=date(2026, 3, 10), now=EVENING) == first


def test_history_is_another_for_another_day() -> None:
    first = history(day=date(2026, 3, 10), now=EVENING)

    assert history(day=date(2026, 3, 9), now=EVENING - timedelta(days=1)) != first


def test_history_only_grows_in_the_course_of_a_day() -> None:
    morning = history(day=date(2026, 3, 10), now=datetime(2026, 3, 10, 6, 0, tzinfo=UTC))
    evening = history(day=date(2026, 3, 10), now=EVENING)

    assert len(morning.closings) < len(evening.closings)
    assert set(morning.responses) <= set(evening.responses)


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 3, 14, 23, 30, tzinfo=UTC), id="Saturday night"),
        pytest.param(datetime(2026, 3, 16, 0, 10, tzinfo=UTC), id="first minutes of Monday"),
        pytest.param(datetime(2025, 12, 28, 12, 0, tzinfo=UTC), id="after Christmas"),
        pytest.param(datetime(2026, 3, 29, 2, 0, tzinfo=UTC), id="an hour lost"),
    ],
)
def test_inbox_has_overdue_long_open_and_fresh_queries_on_any_day(now: datetime) -> None:
    inbox = Inbox(marketplace(), pks=FreePks(), day=now.date(), now=now)

    queries = [CustomerQuery(**row._asdict()) for row in inbox.rows().queries if row.seller_id == 1]

    assert len(queries) == 25
    unanswered = [query for query in queries if query.first_replied_at is None]
    assert sum(query.is_overdue(now=now) for query in unanswered) == 3
    assert sum(query.is_long_open(now=now) for query in unanswered) == 4
    assert all(query.turn_since <= now for query in queries)


@pytest.mark.parametrize(
    ("progress", "value"), [(0, 1), (0.25, 1.5), (0.5, 2), (0.75, 1), (1, 0), (2, 0)]
)
def test_interpolate_follows_the_line(progress: float, value: float) -> None:
    assert interpolate((1, 2, 0), progress) == value

"""What the shops of the demo did about the low scores of the last days."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from config.demo.followups import Follower, Steps
from config.demo.marketplace import StoredShop
from config.demo.rows import FreePks, Rows
from config.demo.shops import FIETSENZO
from config.demo.texts import texts_in
from sellers.enums import Language, Role
from surveys.enums import FollowUpState
from surveys.followup_rules import due_at

NOW = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
PLAYBOOKS = {score: Steps(score, (1, 2, 3), 2) for score in range(7)}
AGENTS = [(pk, person) for pk, person in enumerate(FIETSENZO.people, start=1) if person.share]
OWNER = next(pk for pk, person in AGENTS if person.role == Role.OWNER)


@pytest.fixture(scope="module")
def rows() -> Rows:
    """The tasks of 900 low scores of the last nine days."""
    rng, rows = Random(1), Rows()
    follower = Follower(FreePks(), playbooks=PLAYBOOKS, now=NOW)
    shop = StoredShop(FIETSENZO, 1, AGENTS)
    for pk in range(900):
        agent_id, agent = AGENTS[pk % len(AGENTS)]
        contact: Any = SimpleNamespace(
            agent_id=agent_id, agent=agent, stored_shop=shop, texts=texts_in(Language.DUTCH)
        )
        response: Any = SimpleNamespace(
            id=pk,
            seller_id=1,
            score=pk % 7,
            submitted_at=NOW - timedelta(days=9 * rng.random()),
            may_contact=(True, False, None)[pk % 3],
        )
        follower.follow_up(contact, response, rows, topic_ids=[])
    return rows


def test_every_state_is_there(rows: Rows) -> None:
    states = Counter(task.state for task in rows.followups)
    waiting = [task for task in rows.followups if task.state == FollowUpState.TO_DO]

    assert set(states) == set(FollowUpState)
    assert sum(task.due_at <= NOW for task in waiting) > 10
    assert sum(NOW < task.due_at < NOW + timedelta(days=1) for task in waiting) > 10


def test_moments_are_in_order_and_past(rows: Rows) -> None:
    for task in rows.followups:
        moments = [task.opened_at, task.contacted_at, task.finished_at, NOW]
        told = [moment for moment in moments if moment]
        assert told == sorted(told)
        assert task.due_at == due_at(task.response_id % 7, submitted_at=task.opened_at)


def test_worst_scores_are_somebody_else_s(rows: Rows) -> None:
    for task in rows.followups:
        scored, score = AGENTS[task.response_id % len(AGENTS)][0], task.response_id % 7
        if score > 2:
            assert task.assignee_id == scored
        else:
            assert task.assignee_id != scored
            assert task.assignee_id == OWNER or scored == OWNER


def test_who_wants_no_contact_gets_none_and_calls_are_wanted(rows: Rows) -> None:
    wish = {task.id: (True, False, None)[task.response_id % 3] for task in rows.followups}

    assert {wish[one.followup_id] for one in rows.contacts if one.kind == "call"} == {True}
    assert {wish[one.followup_id] for one in rows.contacts if one.kind == "reply"} == {None}

"""Who of a shop is told of what."""

import pytest

from insights.recipients import Concerned, Team, told_of
from sellers.enums import AlertKind

OWNER, AGENT, OTHER, ANALYST, GONE = range(1, 6)
TEAM = Team(owners={OWNER}, answering={OWNER, AGENT, OTHER}, all={OWNER, AGENT, OTHER, ANALYST})
LOW, DUE, OVERDUE = AlertKind.LOW_SCORE, AlertKind.TASK_DUE, AlertKind.TASK_OVERDUE


@pytest.mark.parametrize(
    ("kind", "concerned", "expected"),
    [
        pytest.param(LOW, Concerned(), {OWNER}, id="low score"),
        pytest.param(LOW, Concerned(assignee=OTHER), {OWNER, OTHER}, id="low score, task"),
        pytest.param(LOW, Concerned(account_contact=OTHER), {OWNER, OTHER}, id="low, contact"),
        pytest.param(LOW, Concerned(assignee=GONE), {OWNER}, id="low score, task of who left"),
        pytest.param(
            LOW, Concerned(account_contact=ANALYST), {OWNER, ANALYST}, id="low, who only reads"
        ),
        pytest.param(LOW, Concerned(account_contact=GONE), {OWNER}, id="low, contact who left"),
        pytest.param(DUE, Concerned(assignee=AGENT), {AGENT}, id="task due"),
        pytest.param(DUE, Concerned(assignee=GONE), set(), id="task due of who left"),
        pytest.param(DUE, Concerned(), set(), id="task due of nobody"),
        pytest.param(OVERDUE, Concerned(assignee=AGENT), {OWNER, AGENT}, id="task overdue"),
        pytest.param(OVERDUE, Concerned(), {OWNER}, id="task overdue of nobody"),
        pytest.param(AlertKind.NEW_QUERY, Concerned(), {OWNER, AGENT, OTHER}, id="new query"),
        pytest.param(
            AlertKind.NEW_QUERY, Concerned(actor=AGENT), {OWNER, OTHER}, id="new query of one's own"
        ),
        pytest.param(AlertKind.DEADLINE, Concerned(assignee=AGENT), {AGENT}, id="deadline"),
        pytest.param(
            AlertKind.DEADLINE, Concerned(assignee=GONE), {OWNER, AGENT, OTHER}, id="nobody's query"
        ),
        pytest.param(AlertKind.STANDARD, Concerned(), set(TEAM.all), id="standard"),
        pytest.param(AlertKind.DIGEST, Concerned(), set(TEAM.all), id="overview"),
    ],
)
def test_told_are(kind: AlertKind, concerned: Concerned, expected: set[int]) -> None:
    assert told_of(kind, TEAM, concerned) == expected


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("actor", [OWNER, AGENT, ANALYST])
def test_nobody_is_told_of_their_own_act(kind: AlertKind, actor: int) -> None:
    concerned = Concerned(assignee=actor, account_contact=actor, actor=actor)

    assert actor not in told_of(kind, TEAM, concerned)

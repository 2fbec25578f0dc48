"""A low score opens a task, in the transaction in which it is stored; and whose it is."""

from typing import Any, Final

from django.db import connection

from sellers.enums import RIGHTS, Right
from surveys.enums import FollowUpState
from surveys.followup_rules import WORST_SCORES, due_at
from surveys.models import SurveyResponse

# Who may answer for the shop can get a task. In which order is asked:
WHOSE: Final = """
    SELECT membership.user_id
      FROM sellers_membership AS membership
      JOIN sellers_user AS member ON member.id = membership.user_id
     WHERE membership.seller_id = %(seller)s
       AND membership.ended_at IS NULL
       AND membership.role = ANY(%(answering)s)
       AND member.is_active
     ORDER BY {}, membership.role <> 'owner', membership.id
     LIMIT 1
"""
# Of the worst scores somebody else than who was scored: whom the owner appointed, or an owner.
NOT_WHO_WAS_SCORED: Final = WHOSE.format("""
    membership.user_id = %(agent)s,
    membership.user_id IS DISTINCT FROM
        (SELECT worst_scores_to_id FROM sellers_seller WHERE id = %(seller)s)
""")
WHO_WAS_SCORED: Final = WHOSE.format("membership.user_id <> %(agent)s")
# The customer waits for this one: made by Django it takes the processor twice as long.
INSERT: Final = """
    INSERT INTO surveys_followup
        (response_id, seller_id, playbook_id, assignee_id, state, opened_at, due_at)
    SELECT %(response)s,
           %(seller)s,
           (SELECT id FROM surveys_playbook
             WHERE score = %(score)s ORDER BY version DESC LIMIT 1),
           ({}),
           %(state)s, %(opened_at)s, %(due_at)s
"""
OPEN_WORST: Final = INSERT.format(NOT_WHO_WAS_SCORED)
OPEN_OTHER: Final = INSERT.format(WHO_WAS_SCORED)


def open_followup(response: SurveyResponse, *, agent_id: int | None) -> None:
    """Open the task of a new low score that counts for its shop.

    It goes to who was scored (`agent_id`), else to an owner; of the worst scores it goes to
    somebody else, while there is anybody else who may answer.
    """
    due = due_at(response.score, submitted_at=response.submitted_at)
    parameters = _people(response, agent_id=agent_id) | {
        "response": response.pk,
        "score": response.score,
        "state": FollowUpState.TO_DO.value,
        "opened_at": response.submitted_at,
        "due_at": due,
    }
    worst = response.score in WORST_SCORES
    with connection.cursor() as cursor:
        cursor.execute(OPEN_WORST if worst else OPEN_OTHER, parameters)


def whose(response: SurveyResponse, *, agent_id: int | None) -> int | None:
    """Return who would get the task of a low score if it were opened now; None in an empty shop."""
    worst = response.score in WORST_SCORES
    with connection.cursor() as cursor:
        cursor.execute(
            NOT_WHO_WAS_SCORED if worst else WHO_WAS_SCORED, _people(response, agent_id=agent_id)
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _people(response: SurveyResponse, *, agent_id: int | None) -> dict[str, Any]:
    """Return what the order depends on."""
    return {
        "seller": response.seller_id,
        "agent": agent_id,
        "answering": [role for role, rights in RIGHTS.items() if Right.ANSWER in rights],
    }

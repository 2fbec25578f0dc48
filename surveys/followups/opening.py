"""A low score opens a task, in the transaction in which it is stored."""

from typing import Any, Final

from django.db import connection

from sellers.enums import RIGHTS, Right
from surveys.enums import FollowUpState
from surveys.followup_rules import WORST_SCORES, due_at
from surveys.models import SurveyResponse

# The customer waits for this one: made by Django it takes the processor twice as long.
INSERT: Final = """
    INSERT INTO surveys_followup
        (response_id, seller_id, playbook_id, assignee_id, state, opened_at, due_at)
    SELECT %(response)s,
           %(seller)s,
           (SELECT id FROM surveys_playbook
             WHERE score = %(score)s ORDER BY version DESC LIMIT 1),
           (SELECT membership.user_id
              FROM sellers_membership AS membership
              JOIN sellers_user AS member ON member.id = membership.user_id
             WHERE membership.seller_id = %(seller)s
               AND membership.ended_at IS NULL
               AND membership.role = ANY(%(answering)s)
               AND member.is_active
             ORDER BY {}, membership.role <> 'owner', membership.id
             LIMIT 1),
           %(state)s, %(opened_at)s, %(due_at)s
"""
# Of the worst scores somebody else than who was scored: whom the owner appointed, or an owner.
NOT_WHO_WAS_SCORED: Final = INSERT.format("""
    membership.user_id = %(agent)s,
    membership.user_id IS DISTINCT FROM
        (SELECT worst_scores_to_id FROM sellers_seller WHERE id = %(seller)s)
""")
WHO_WAS_SCORED: Final = INSERT.format("membership.user_id <> %(agent)s")


def open_followup(response: SurveyResponse, *, agent_id: int | None) -> None:
    """Open the task of a new low score that counts for its shop.

    It goes to who was scored (`agent_id`), else to an owner; of the worst scores it goes to
    somebody else, while there is anybody else who may answer.
    """
    due = due_at(response.score, submitted_at=response.submitted_at)
    parameters: dict[str, Any] = {
        "response": response.pk,
        "seller": response.seller_id,
        "score": response.score,
        "agent": agent_id,
        "answering": [role for role, rights in RIGHTS.items() if Right.ANSWER in rights],
        "state": FollowUpState.TO_DO.value,
        "opened_at": response.submitted_at,
        "due_at": due,
    }
    worst = response.score in WORST_SCORES
    with connection.cursor() as cursor:
        cursor.execute(NOT_WHO_WAS_SCORED if worst else WHO_WAS_SCORED, parameters)

"""A low score opens a task, in the statement that stores it; and whose it is."""

from datetime import datetime
from typing import Any, Final

from django.db import connection

from queries.enums import ActorType
from sellers.enums import RIGHTS, Right
from surveys.enums import FollowUpState
from surveys.followup_rules import WORST_SCORES, due_at
from surveys.models import SurveyResponse

ANSWERING: Final = ", ".join(
    f"'{role}'" for role, rights in RIGHTS.items() if Right.ANSWER in rights
)
# Who may answer for the shop can get a task. In which order is asked:
WHOSE: Final = """
    SELECT membership.user_id
      FROM sellers_membership AS membership
      JOIN sellers_user AS member ON member.id = membership.user_id
     WHERE membership.seller_id = {seller}
       AND membership.ended_at IS NULL
       AND membership.role IN ({answering})
       AND member.is_active
     ORDER BY {first}, membership.role <> 'owner', membership.id
     LIMIT 1
"""
WHO_WAS_SCORED: Final = "membership.user_id <> {agent}"
# Of the worst scores somebody else than who was scored: whom the owner appointed, or an owner.
SOMEBODY_ELSE: Final = """
    membership.user_id = {agent},
    membership.user_id IS DISTINCT FROM
        (SELECT worst_scores_to_id FROM sellers_seller WHERE id = {seller})
"""
# Of the part `new` of the same statement. The customer waits for it.
OPEN: Final = """
    INSERT INTO surveys_followup
        (response_id, seller_id, playbook_id, assignee_id, state, opened_at, due_at)
    SELECT new.id,
           new.seller_id,
           (SELECT id FROM surveys_playbook
             WHERE score = new.score ORDER BY version DESC LIMIT 1),
           ({whose}),
           %s, new.submitted_at, %s
      FROM new JOIN queries_closing AS closing ON closing.id = new.closing_id
     WHERE new.closed_by = %s
"""


def opening(score: int, *, submitted_at: datetime) -> tuple[str, list[Any]]:
    """Return what opens the task of a new low score that counts for its shop, and its values.

    It goes to who was scored, else to an owner; of the worst scores it goes to somebody else,
    while there is anybody else who may answer.
    """
    order = _order(score, seller="new.seller_id", agent="closing.agent_id")
    due = due_at(score, submitted_at=submitted_at)
    return OPEN.format(whose=order), [FollowUpState.TO_DO.value, due, ActorType.SELLER.value]


def whose(response: SurveyResponse, *, agent_id: int | None) -> int | None:
    """Return who would get the task of a low score if it were opened now; None in an empty shop."""
    order = _order(response.score, seller="%(seller)s", agent="%(agent)s")
    with connection.cursor() as cursor:
        cursor.execute(order, {"seller": response.seller_id, "agent": agent_id})
        found = cursor.fetchone()
    return found[0] if found else None


def _order(score: int, *, seller: str, agent: str) -> str:
    """Return the search for whose task it is; shop and who was scored in SQL."""
    first = SOMEBODY_ELSE if score in WORST_SCORES else WHO_WAS_SCORED
    first = first.format(seller=seller, agent=agent)
    return WHOSE.format(seller=seller, answering=ANSWERING, first=first)

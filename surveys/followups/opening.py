"""A low score opens a task, in the transaction in which it is stored."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from sellers.enums import RIGHTS, Right
from surveys.enums import FollowUpState
from surveys.followup_rules import DUE_AFTER, WORST_DUE_AFTER, WORST_SCORES
from surveys.nps import PASSIVE_FROM

# One statement, for one customer who waits and for a million rows of a loader alike.
#
# Whoever may answer for the shop can get it. The worst scores: somebody else than who was scored,
# whom the owner appointed or the owner; the others: who was scored, else the owner.
INSERT: Final = """
    INSERT INTO surveys_followup
        (response_id, seller_id, playbook_id, assignee_id, state, opened_at, due_at)
    SELECT response.id,
           response.seller_id,
           (SELECT playbook.id FROM surveys_playbook AS playbook
             WHERE playbook.score = response.score ORDER BY playbook.version DESC LIMIT 1),
           (SELECT membership.user_id
              FROM sellers_membership AS membership
              JOIN sellers_user AS member ON member.id = membership.user_id
             WHERE membership.seller_id = response.seller_id
               AND membership.ended_at IS NULL
               AND membership.role = ANY(%(answering)s)
               AND member.is_active
             ORDER BY (membership.user_id = closing.agent_id) <> (response.score > %(worst)s),
                      response.score <= %(worst)s
                          AND membership.user_id IS DISTINCT FROM seller.worst_scores_to_id,
                      membership.role <> 'owner',
                      membership.id
             LIMIT 1),
           %(to_do)s,
           response.submitted_at,
           response.submitted_at + CASE WHEN response.score <= %(worst)s
                                        THEN %(worst_due)s ELSE %(due)s END
      FROM surveys_surveyresponse AS response
      JOIN surveys_invitation AS invitation ON invitation.id = response.invitation_id
      JOIN queries_closing AS closing ON closing.id = invitation.closing_id
      JOIN sellers_seller AS seller ON seller.id = response.seller_id
     WHERE response.id = ANY(%(responses)s)
       AND response.score < %(passive_from)s
       AND response.closed_by = 'seller'
"""


def open_followups(response_pks: Sequence[int]) -> int:
    """Open the tasks of the low scores among new measurements that count; return how many."""
    parameters: dict[str, Any] = {
        "responses": list(response_pks),
        "answering": [role for role, rights in RIGHTS.items() if Right.ANSWER in rights],
        "to_do": FollowUpState.TO_DO.value,
        "worst": max(WORST_SCORES),
        "worst_due": WORST_DUE_AFTER,
        "due": DUE_AFTER,
        "passive_from": PASSIVE_FROM,
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, parameters)
        return int(cursor.rowcount)

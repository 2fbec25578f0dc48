"""Whether the customer waits for an answer, and whether the first one came in time.

Only words decide who waits: moving a query to and from the marketplace does not, nor does what a
machine wrote. docs/decisions/0019-who-waits.md says why.
"""

from datetime import datetime
from typing import Final

from queries.enums import FirstReply, QueryEvent

BEGINS: Final = frozenset(
    {QueryEvent.ASKED, QueryEvent.REACTED, QueryEvent.OTHER_ACCEPTED, QueryEvent.NOT_DELIVERED}
)
ENDS: Final = frozenset({QueryEvent.REPLIED, QueryEvent.NO_REPLY_NEEDED, QueryEvent.CLOSED})


def waits_since(since: datetime | None, happened: QueryEvent, *, now: datetime) -> datetime | None:
    """Return since when the customer waits after something happened; None when nobody does.

    Who waits already waits since the same moment.
    """
    if happened in BEGINS:
        return since or now
    return None if happened in ENDS else since


def judged(
    happened: QueryEvent, *, with_shop: bool, due_at: datetime, now: datetime
) -> FirstReply | None:
    """Return what is settled about a first reply that nothing was settled about; None if nothing.

    What the shop still had in hand when it was due is late, whatever is done with it then.
    """
    if with_shop and now >= due_at:
        return FirstReply.LATE
    if happened is not QueryEvent.REPLIED:
        return None
    return FirstReply.IN_TIME if with_shop else FirstReply.NOT_COUNTED

"""The questions that are still open, as they are now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from config.demo.history import CHANNELS
from config.demo.marketplace import Marketplace, StoredShop
from config.demo.names import People
from config.demo.rows import FreePks, HandOverRow, QueryRow, Rows
from config.demo.shops import (
    FIETSENZO,
    KAARSEN,
    LICHTPUNT,
    NEIGHBOURS,
    NIEUWE_BLADZIJDE,
    SPEELHUIS,
    TUIN,
)
from config.demo.threads import Contact, Writer, pick
from config.demo.waits import due_after, first_reply
from queries.deadlines import Deadlines
from queries.enums import QueryState

YOUR_TURN, WAITING = QueryState.YOUR_TURN, QueryState.WAITING
WITH_MARKETPLACE = QueryState.WITH_MARKETPLACE
THREAD: Final = "CSCSCS"
# E-mail domains that nobody in the history has.
INBOX_DOMAINS: Final = ("nieuw.klant.example",)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of open question: in which state, how long its thread, asked how many hours ago.

    `first_reply` says how late the first reply is, when there is none yet; weekends and holidays
    do not count for that.
    """

    state: QueryState
    messages: int = 1
    hours: tuple[float, float] = (0.1, 7)
    first_reply: str = "fresh"


FRESH: Final = Sort(YOUR_TURN)
LONG_OPEN: Final = Sort(YOUR_TURN, hours=(18, 200), first_reply="long open")
OVERDUE: Final = Sort(YOUR_TURN, hours=(30, 200), first_reply="overdue")
REACTED: Final = Sort(YOUR_TURN, messages=3, hours=(30, 100))
REACTED_AGAIN: Final = Sort(YOUR_TURN, messages=5, hours=(100, 200))
REPLIED: Final = Sort(WAITING, messages=2, hours=(8, 90))
REPLIED_AGAIN: Final = Sort(WAITING, messages=4, hours=(60, 160))
ESCALATED: Final = Sort(WITH_MARKETPLACE, messages=3, hours=(170, 230))

OPEN_QUERIES: Final[dict[str, list[Sort]]] = {
    FIETSENZO.name: [FRESH] * 7
    + [LONG_OPEN] * 4
    + [OVERDUE] * 3
    + [REACTED] * 3
    + [REACTED_AGAIN, ESCALATED]
    + [REPLIED] * 4
    + [REPLIED_AGAIN] * 2,
    LICHTPUNT.name: [FRESH, LONG_OPEN, REPLIED, REACTED] + [OVERDUE] * 5,
    SPEELHUIS.name: [FRESH, FRESH, LONG_OPEN, REPLIED, REACTED],
    TUIN.name: [FRESH, REPLIED],
    KAARSEN.name: [FRESH, LONG_OPEN, REPLIED],
    **{shop.name: [FRESH, REPLIED] for shop in NEIGHBOURS},
    NIEUWE_BLADZIJDE.name: [FRESH, FRESH],
}


class Inbox:
    """Fills the inboxes with questions of customers who were not there before."""

    def __init__(
        self,
        marketplace: Marketplace,
        *,
        pks: FreePks,
        day: date,
        now: datetime,
        domains: tuple[str, ...] = INBOX_DOMAINS,
    ) -> None:
        self._marketplace = marketplace
        self._pks = pks
        self._now = now
        self._rng = rng = Random(f"{day} inbox")  # noqa: S311  no secrets here, but the same every time
        self._people = People(rng, domains=domains)
        self._writer = Writer(rng, pks)

    def rows(self, sorts: Mapping[str, Sequence[Sort]] = OPEN_QUERIES) -> Rows:
        """Return all open queries with their threads: of each shop those of these sorts."""
        rows = Rows()
        for stored_shop in self._marketplace.stored_shops:
            for sort in sorts[stored_shop.shop.name]:
                self._ask(stored_shop, sort, rows)
        return rows

    def _ask(self, stored_shop: StoredShop, sort: Sort, rows: Rows) -> None:
        rng, shop = self._rng, stored_shop.shop
        customer = self._people.customer(
            next(self._pks.customers), country=shop.country, without_email=0
        )
        kind = rng.choices(shop.kinds, [kind.weight for kind in shop.kinds])[0]
        contact = self._writer.contact(
            stored_shop, customer, kind=kind, channel=pick(rng, CHANNELS[:18])
        )
        asked_at = self._asked_at(sort, shop.country)
        moments = self._moments(asked_at, sort.messages)
        turn_since = moments[-1]
        waits = sort.state != WAITING
        # What is due is an answer to the customer's last words.
        wrote_at = moments[-1 if waits else -2]
        due = due_after(wrote_at, country=shop.country)
        replied = len(moments) > 1 and first_reply(
            asked_at,
            moments[1],
            due_at=due_after(asked_at, country=shop.country).due_at,
            country=shop.country,
        )
        rows.customers.append(customer)
        rows.messages.extend(
            self._writer.thread(contact, THREAD, moments, staff_id=self._marketplace.staff_id)
        )
        if sort.state == WITH_MARKETPLACE:
            turn_since = self._now - (self._now - turn_since) / 8  # some hours ago
            self._hand_over(contact, turn_since, rows)
        rows.queries.append(
            QueryRow(
                id=contact.query_id,
                seller_id=stored_shop.seller_id,
                customer_id=customer.id,
                order_reference=contact.slots["order"],
                subject=contact.subject,
                channel=contact.channel,
                language=contact.language,
                state=sort.state,
                turn_since=turn_since,
                asked_at=asked_at,
                long_open_at=due.long_open_at,
                due_at=due.due_at,
                reply_needed_since=wrote_at if waits else None,
                **(replied or {}),
            )
        )

    def _hand_over(self, contact: Contact, moment: datetime, rows: Rows) -> None:
        rows.handovers.append(
            HandOverRow(
                id=next(self._pks.handovers),
                query_id=contact.query_id,
                seller_id=contact.stored_shop.seller_id,
                reason=contact.texts.hand_over_reasons[0],
                handed_over_at=moment,
                by_id=contact.agent_id,
                unanswered_since=moment,
                answered_at=None,
                handed_back_at=None,
                handed_back_by_id=None,
                outcome="",
            )
        )

    def _asked_at(self, sort: Sort, country: str) -> datetime:
        """Return a moment of asking that makes the first reply as late as wished."""
        begin, end = (self._now - timedelta(hours=hours) for hours in sort.hours)
        if sort.first_reply == "fresh":
            return begin + (end - begin) * self._rng.random()
        step = timedelta(minutes=23)
        moments = [begin - number * step for number in range((begin - end) // step)]
        fitting = [each for each in moments if self._fits(sort, due_after(each, country=country))]
        return pick(self._rng, fitting)

    def _fits(self, sort: Sort, due: Deadlines) -> bool:
        if sort.first_reply == "overdue":
            return due.due_at <= self._now
        # Still long open when somebody has looked around for an hour.
        return due.long_open_at <= self._now and due.due_at > self._now + timedelta(hours=1)

    def _moments(self, asked_at: datetime, messages: int) -> list[datetime]:
        """Return when each message was written, the last one some time ago."""
        if messages == 1:
            return [asked_at]
        last = self._now - (self._now - asked_at) * self._rng.uniform(0.05, 0.3)
        return self._writer.moments(THREAD[:messages], begin=asked_at, end=last)

"""Two years of closed queries, lived through in the order in which they happened.

The history depends on the day and the scale alone: `now` only hides what has not happened yet.
What becomes of the surveys is in surveys.py.
"""

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Final

from django.conf import settings

from config.demo.followups import Steps
from config.demo.marketplace import Marketplace, StoredShop
from config.demo.names import DOMAINS, People
from config.demo.rows import ClosingRow, FreePks, HandOverRow, QueryRow, Rows
from config.demo.surveys import DELAY, POLL, Outcome, Surveyor
from config.demo.threads import Contact, Writer, pick
from config.demo.waits import due_after, first_reply
from queries.enums import ActorType, Channel, HandOverOutcome, QueryState
from queries.models import HAND_BACK_AFTER
from queries.timeouts import CLOSE_AFTER
from surveys.enums import Band
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE
from surveys.periods import day_start, months_back

MONTHS: Final = 24
LOAD: Final = 5_000  # messages: large enough to be quick, small enough to show progress
ANSWERED_PER_CLOSING: Final = 0.325
RETURNING: Final = 0.17

CHANNELS: Final = (
    (Channel.WEB,) * 11
    + (Channel.EMAIL,) * 5
    + (Channel.DIRECT_MESSAGE,) * 2
    + (Channel.PHONE,) * 2
)
SCORES: Final = {
    Band.PROMOTER: (10,) * 11 + (9,) * 9,
    Band.PASSIVE: (8,) * 13 + (7,) * 8,
    Band.DETRACTOR: (6,) * 8 + (5,) * 6 + (4,) * 3 + (3,) * 3 + (2,) * 2 + (1,) * 2 + (0,) * 4,
}


class History:
    """Lives through the two years before `now` and hands over what happened, load by load."""

    def __init__(
        self,
        marketplace: Marketplace,
        *,
        topics: dict[str, int],
        playbooks: dict[int, Steps],
        pks: FreePks,
        day: date,
        now: datetime,
        scale: float,
        load: str = "",
    ) -> None:
        self._marketplace = marketplace
        self._pks = pks
        self._now = now
        # So that every closing has its survey decided and sent by now.
        self._last_closing = now - DELAY - 2 * POLL
        first = months_back(day.replace(day=1), MONTHS)[0]
        self._days = [first + timedelta(days=number) for number in range((day - first).days + 1)]
        # A load beside the demo: nobody and no link of it is there twice.
        self._rng = rng = Random(f"{day} {scale}{load}")  # noqa: S311  no secrets here, but the same every time
        self._people = People(rng, domains=(load,) if load else DOMAINS)
        self._writer = Writer(rng, pks)
        self._surveyor = Surveyor(
            rng, pks, self._writer, topics=topics, playbooks=playbooks, now=now
        )
        self._counts = [
            self._daily_counts(stored_shop, scale) for stored_shop in marketplace.stored_shops
        ]
        self._agenda: list[tuple[datetime, int, StoredShop, Contact | None]] = []
        self._agenda_length = 0
        self._rows = Rows()

    @property
    def planned(self) -> int:
        """Return about how many queries there will be."""
        return sum(map(sum, self._counts))

    def loads(self) -> Iterator[Rows]:
        """Yield all that happened, in loads of whole days."""
        for number, day in enumerate(self._days):
            midnight = day_start(day, settings.MARKETPLACE_ZONE)
            self._plan(number, day, midnight)
            until = min(midnight + timedelta(days=1), self._last_closing)
            while self._agenda and self._agenda[0][0] < until:
                closed_at, _, stored_shop, contact = heappop(self._agenda)
                self._live_through(stored_shop, contact, closed_at)
            if len(self._rows.messages) >= LOAD:
                yield self._hand_over()
        yield self._hand_over()

    def _hand_over(self) -> Rows:
        rows, self._rows = self._rows, Rows()
        return rows

    def _daily_counts(self, stored_shop: StoredShop, scale: float) -> list[int]:
        shop, days = stored_shop.shop, len(self._days)
        wanted = shop.measurements * (scale if shop.scalable else 1) / ANSWERED_PER_CLOSING
        joined_on = self._days[-1] - timedelta(days=shop.joined_days_ago)
        shares = [
            shop.busyness(day, progress=number / days)
            * self._rng.uniform(0.85, 1.15)
            * (day >= joined_on)
            for number, day in enumerate(self._days)
        ]
        per_share = wanted / sum(shares)
        return [int(share * per_share + self._rng.random()) for share in shares]

    def _plan(self, number: int, day: date, midnight: datetime) -> None:
        """Put the closings of a day on the agenda; they fall between eight and ten."""
        for stored_shop, counts in zip(self._marketplace.stored_shops, self._counts, strict=True):
            stored_shop.happiness = stored_shop.shop.happiness(
                day, progress=number / len(self._days)
            )
            for _ in range(counts[number]):
                hour = self._rng.triangular(8, 22, 11.5)
                self._put_on_agenda(midnight + timedelta(hours=hour), stored_shop, None)

    def _put_on_agenda(
        self, moment: datetime, stored_shop: StoredShop, contact: Contact | None
    ) -> None:
        self._agenda_length += 1  # no two entries are equal, so shops are never compared
        heappush(self._agenda, (moment, self._agenda_length, stored_shop, contact))

    def _live_through(
        self, stored_shop: StoredShop, contact: Contact | None, closed_at: datetime
    ) -> None:
        """Ask, answer and close one query; or answer and close one that was opened again."""
        rng = self._rng
        if contact:
            hours = 1 + 2 * rng.random()
            moments = closed_at - timedelta(hours=hours), closed_at - timedelta(minutes=3)
            self._rows.messages.extend(
                self._writer.coming_back(contact, asked_at=moments[0], replied_at=moments[1])
            )
            outcome = self._outcome(contact, hours=48)
            self._close(contact, outcome, ActorType.SELLER, closed_at, reopened_at=None)
            return
        lot = rng.random()
        actor = ActorType.SELLER
        if lot < 0.06:
            actor = ActorType.MARKETPLACE if lot < 0.03 else ActorType.SYSTEM
        contact = self._new_contact(stored_shop)
        hours = rng.lognormvariate(2.0, 1.0)
        outcome = self._outcome(contact, hours=hours)
        reopened_at, closed_again_at = self._dissatisfied(contact, actor, outcome, closed_at)
        self._ask(contact, actor, hours=hours, closed_at=closed_at, until=closed_again_at)
        self._close(contact, outcome, actor, closed_at, reopened_at=reopened_at)

    def _new_contact(self, stored_shop: StoredShop) -> Contact:
        rng, shop = self._rng, stored_shop.shop
        known = stored_shop.customers
        if known and rng.random() < RETURNING:
            # Who comes back mostly comes back soon.
            back = int(rng.expovariate(1 / (1 + 0.1 * len(known))))
            customer = known[max(len(known) - 1 - back, 0)]
        else:
            customer = self._people.customer(
                next(self._pks.customers), country=shop.country, without_email=0.018
            )
            self._rows.customers.append(customer)
            # Some are customers of several shops: their surveys count for all of those.
            elsewhere = rng.random() < 0.02
            other = pick(rng, self._marketplace.stored_shops) if elsewhere else stored_shop
            other.customers.append(customer)
        kind = rng.choices(shop.kinds, [kind.weight for kind in shop.kinds])[0]
        return self._writer.contact(stored_shop, customer, kind=kind, channel=pick(rng, CHANNELS))

    def _outcome(self, contact: Contact, *, hours: float) -> Outcome:
        rng = self._rng
        happiness = (
            contact.stored_shop.happiness
            + contact.agent.skill
            + contact.kind.mood
            - 0.08 * (math.log(hours) - 2)
        )
        passives = 0.27
        promoters = min(max((1 - passives + happiness) / 2, 0.04), 0.94)
        lot = rng.random()
        if lot < promoters:
            group = Band.PROMOTER
        else:
            group = Band.PASSIVE if lot < promoters + passives else Band.DETRACTOR
        return Outcome(pick(rng, SCORES[group]), group)

    def _dissatisfied(
        self, contact: Contact, actor: ActorType, outcome: Outcome, closed_at: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """Return when the customer comes back and when the query is closed again, if ever."""
        rng = self._rng
        if actor != ActorType.SELLER or rng.random() > 0.05 - 0.003 * outcome.score:
            return None, None
        # Half come back before the survey is decided, half after it was sent.
        hours = 2 + 20 * rng.random() if rng.random() < 0.5 else 30 + 90 * rng.random()
        reopened_at = closed_at + timedelta(hours=hours)
        closed_again_at = reopened_at + timedelta(hours=4 + 20 * rng.random())
        if closed_again_at >= self._last_closing:
            return None, None
        self._put_on_agenda(closed_again_at, contact.stored_shop, contact)
        return reopened_at, closed_again_at

    def _ask(
        self,
        contact: Contact,
        actor: ActorType,
        *,
        hours: float,
        closed_at: datetime,
        until: datetime | None,
    ) -> None:
        """Note the query and its thread up to its (first) closing."""
        rng = self._rng
        shape = self._writer.shape()
        if contact.channel == Channel.PHONE:
            shape, hours = "CS", 0.1 + 0.3 * rng.random()
        if actor == ActorType.MARKETPLACE:
            shape, hours = "CM", hours + 60
        asked_at = closed_at - timedelta(hours=hours)
        if asked_at.hour < 5:
            asked_at -= timedelta(hours=7)  # at night people sleep
        answered_by = closed_at
        if actor == ActorType.SYSTEM:  # nobody reacted to the last reply
            shape, answered_by = "CS", closed_at - CLOSE_AFTER
            asked_at = answered_by - timedelta(hours=1 + hours)
        moments = self._writer.moments(shape, begin=asked_at, end=answered_by)
        self._rows.messages.extend(
            self._writer.thread(contact, shape, moments, staff_id=self._marketplace.staff_id)
        )
        country = contact.stored_shop.shop.country
        due = due_after(asked_at, country=country)
        self._rows.queries.append(
            QueryRow(
                id=contact.query_id,
                seller_id=contact.stored_shop.seller_id,
                customer_id=contact.customer.id,
                order_reference="" if rng.random() < 0.08 else contact.slots["order"],
                subject=contact.subject,
                channel=contact.channel,
                language=contact.language,
                state=QueryState.CLOSED,
                turn_since=until or closed_at,
                asked_at=asked_at,
                long_open_at=due.long_open_at,
                due_at=due.due_at,
                **first_reply(
                    asked_at,
                    moments[1],
                    due_at=due.due_at,
                    country=country,
                    counts=actor != ActorType.MARKETPLACE and contact.channel != Channel.PHONE,
                ),
            )
        )
        if actor == ActorType.MARKETPLACE:
            span = closed_at - asked_at
            handed_over_at = closed_at - min(span / 2, HAND_BACK_AFTER / 2)
            self._note_hand_over(
                contact, handed_over_at, answered_at=moments[1], closed_at=closed_at
            )

    def _note_hand_over(
        self, contact: Contact, moment: datetime, *, answered_at: datetime, closed_at: datetime
    ) -> None:
        """Note that the shop left a query to the marketplace, whose staff closed it."""
        reasons = contact.texts.hand_over_reasons
        self._rows.handovers.append(
            HandOverRow(
                id=next(self._pks.handovers),
                query_id=contact.query_id,
                seller_id=contact.stored_shop.seller_id,
                reason=reasons[contact.query_id % len(reasons)],
                handed_over_at=moment,
                by_id=contact.agent_id,
                unanswered_since=None,
                answered_at=answered_at,
                handed_back_at=closed_at,
                handed_back_by_id=self._marketplace.staff_id,
                outcome=HandOverOutcome.CLOSED,
            )
        )

    def _close(
        self,
        contact: Contact,
        outcome: Outcome,
        actor: ActorType,
        closed_at: datetime,
        *,
        reopened_at: datetime | None,
    ) -> None:
        rng = self._rng
        agents = {
            ActorType.SELLER: contact.agent_id,
            ActorType.MARKETPLACE: self._marketplace.staff_id,
            ActorType.SYSTEM: None,
        }
        predicted = None
        if actor == ActorType.SELLER and rng.random() < 0.35:
            guess = round(rng.gauss(outcome.score * 0.6 + 3.2 + contact.agent.optimism, 1.4))
            predicted = min(max(guess, LOWEST_SCORE), HIGHEST_SCORE)
        decided_at = closed_at + DELAY + POLL * rng.random()
        closing = ClosingRow(
            id=next(self._pks.closings),
            query_id=contact.query_id,
            seller_id=contact.stored_shop.seller_id,
            customer_id=contact.customer.id,
            closed_by=actor,
            agent_id=agents[actor],
            channel=contact.channel,
            subject=contact.subject,
            closed_at=closed_at,
            predicted_score=predicted,
            reopened_at=reopened_at,
            survey_decided_at=decided_at,
        )
        self._rows.closings.append(closing)
        self._surveyor.survey(contact, outcome, closing, self._rows, decided_at=decided_at)

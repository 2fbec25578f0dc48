"""Two years of closed queries, lived through in the order in which they happened.

The history depends on the day and the scale alone: `now` only hides what has not happened yet.
Who is surveyed is decided by the portal's own rules (surveys/eligibility.py).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Final

from django.conf import settings

from config.demo.marketplace import Marketplace, Place
from config.demo.names import People
from config.demo.rows import (
    ClosingRow,
    InvitationRow,
    Numbers,
    OptOutRow,
    QueryRow,
    ResponseRow,
    Rows,
    TopicRow,
)
from config.demo.threads import Contact, Writer, pick
from queries.deadlines import deadlines
from queries.enums import ActorType, Channel, QueryState
from surveys.eligibility import Facts, Rules, decide
from surveys.enums import Band, InvitationState, SuppressionReason
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE
from surveys.periods import day_start, month_of, months_back
from surveys.tokens import digest, token_for

MONTHS: Final = 24
LOAD: Final = 5_000  # messages: large enough to be quick, small enough to show progress
# The demo decides within seconds; its history keeps to the day that is customary.
DELAY: Final = timedelta(hours=24)
POLL: Final = timedelta(seconds=60)
ANSWERED_PER_CLOSING: Final = 0.325
RETURNING: Final = 0.17

CHANNELS: Final = (
    (Channel.WEB,) * 11
    + (Channel.EMAIL,) * 5
    + (Channel.DIRECT_MESSAGE,) * 2
    + (Channel.PHONE,) * 2
)
# What customers of each band name: how often beside each other.
TOPICS: Final = {
    Band.PROMOTER: ("speed",) * 5
    + ("friendliness",) * 5
    + ("solution",) * 4
    + ("expertise",) * 3
    + ("clarity", "effort") * 2,
    Band.PASSIVE: ("speed",) * 4
    + ("clarity", "solution", "effort") * 2
    + ("expertise", "friendliness"),
    Band.DETRACTOR: ("solution",) * 4
    + ("speed", "effort", "clarity") * 2
    + ("expertise", "friendliness"),
}
SCORES: Final = {
    Band.PROMOTER: (10,) * 11 + (9,) * 9,
    Band.PASSIVE: (8,) * 13 + (7,) * 8,
    Band.DETRACTOR: (6,) * 8 + (5,) * 6 + (4,) * 3 + (3,) * 3 + (2,) * 2 + (1,) * 2 + (0,) * 4,
}
GIVES_REASON: Final = {Band.PROMOTER: 0.46, Band.PASSIVE: 0.4, Band.DETRACTOR: 0.66}
ANSWERS: Final = {Band.PROMOTER: 0.41, Band.PASSIVE: 0.34, Band.DETRACTOR: 0.415}
MAY_CONTACT: Final = {
    Band.PROMOTER: (True, False, None, None),
    Band.PASSIVE: (True, False, False, None),
    Band.DETRACTOR: (True, True, True, False, None),
}
TICKS_TOPICS: Final = 0.76
MORE_TOPICS: Final = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a customer thinks of a contact, whether or not it will ever be told."""

    score: int
    band: Band


class History:
    """Lives through the two years before `now` and hands over what happened, load by load."""

    def __init__(
        self,
        marketplace: Marketplace,
        *,
        topics: dict[str, int],
        numbers: Numbers,
        day: date,
        now: datetime,
        scale: float,
    ) -> None:
        self._marketplace = marketplace
        self._topics = topics
        self._numbers = numbers
        self._now = now
        # So that every closing has its survey decided and sent by now.
        self._last_closing = now - DELAY - 2 * POLL
        first = months_back(day.replace(day=1), MONTHS)[0]
        self._days = [first + timedelta(days=number) for number in range((day - first).days + 1)]
        self._rules = Rules(
            enabled=True,
            delay=DELAY,
            cooldown=settings.SURVEY_COOLDOWN,
            stale_after=settings.SURVEY_STALE_AFTER,
            answer_window=settings.SURVEY_ANSWER_WINDOW,
        )
        self._rng = rng = Random(f"{day} {scale}")  # noqa: S311  no secrets here, but the same every time
        self._people = People(rng)
        self._writer = Writer(rng, numbers)
        self._counts = [self._daily_counts(place, scale) for place in marketplace.places]
        self._agenda: list[tuple[datetime, int, Place, Contact | None]] = []
        self._agenda_length = 0
        self._surveyed_at: dict[int, datetime] = {}
        self._opted_out_at: dict[int, datetime] = {}
        self._surveyed_queries: set[int] = set()
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
                closed_at, _, place, contact = heappop(self._agenda)
                self._live_through(place, contact, closed_at)
            if len(self._rows.messages) >= LOAD:
                yield self._hand_over()
        yield self._hand_over()

    def _hand_over(self) -> Rows:
        rows, self._rows = self._rows, Rows()
        return rows

    def _daily_counts(self, place: Place, scale: float) -> list[int]:
        shop, days = place.shop, len(self._days)
        wanted = shop.measurements * (scale if shop.scalable else 1) / ANSWERED_PER_CLOSING
        shares = [
            shop.busyness(day, progress=number / days) * self._rng.uniform(0.85, 1.15)
            for number, day in enumerate(self._days)
        ]
        per_share = wanted / sum(shares)
        return [int(share * per_share + self._rng.random()) for share in shares]

    def _plan(self, number: int, day: date, midnight: datetime) -> None:
        """Put the closings of a day on the agenda; they fall between eight and ten."""
        for place, counts in zip(self._marketplace.places, self._counts, strict=True):
            place.happiness = place.shop.happiness(day, progress=number / len(self._days))
            for _ in range(counts[number]):
                hour = self._rng.triangular(8, 22, 11.5)
                self._put_on_agenda(midnight + timedelta(hours=hour), place, None)

    def _put_on_agenda(self, moment: datetime, place: Place, contact: Contact | None) -> None:
        self._agenda_length += 1  # no two entries are equal, so places are never compared
        heappush(self._agenda, (moment, self._agenda_length, place, contact))

    def _live_through(self, place: Place, contact: Contact | None, closed_at: datetime) -> None:
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
        contact = self._new_contact(place)
        hours = rng.lognormvariate(2.0, 1.0)
        outcome = self._outcome(contact, hours=hours)
        reopened_at, closed_again_at = self._dissatisfied(contact, actor, outcome, closed_at)
        self._ask(contact, actor, hours=hours, closed_at=closed_at, until=closed_again_at)
        self._close(contact, outcome, actor, closed_at, reopened_at=reopened_at)

    def _new_contact(self, place: Place) -> Contact:
        rng, shop = self._rng, place.shop
        known = place.customers
        if known and rng.random() < RETURNING:
            # Who comes back mostly comes back soon.
            back = int(rng.expovariate(1 / (1 + 0.1 * len(known))))
            customer = known[max(len(known) - 1 - back, 0)]
        else:
            customer = self._people.customer(
                next(self._numbers.customers), country=shop.country, without_address=0.018
            )
            self._rows.customers.append(customer)
            # Some are customers of several shops: their surveys count for all of those.
            elsewhere = rng.random() < 0.02
            (pick(rng, self._marketplace.places) if elsewhere else place).customers.append(customer)
        kind = rng.choices(shop.kinds, [kind.weight for kind in shop.kinds])[0]
        return self._writer.contact(place, customer, kind=kind, channel=pick(rng, CHANNELS))

    def _outcome(self, contact: Contact, *, hours: float) -> Outcome:
        rng = self._rng
        happiness = (
            contact.place.happiness
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
        self._put_on_agenda(closed_again_at, contact.place, contact)
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
        if actor == ActorType.SYSTEM:  # nobody reacted to the last reply for a week
            shape, answered_by = "CS", closed_at - timedelta(days=7)
            asked_at = answered_by - timedelta(hours=1 + hours)
        moments = self._writer.moments(shape, begin=asked_at, end=answered_by)
        self._rows.messages.extend(
            self._writer.thread(contact, shape, moments, staff_id=self._marketplace.staff_id)
        )
        due = deadlines(asked_at, country=contact.place.shop.country)
        self._rows.queries.append(
            QueryRow(
                id=contact.query_id,
                seller_id=contact.place.seller_id,
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
                first_replied_at=moments[1],
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
        closing = ClosingRow(
            id=next(self._numbers.closings),
            query_id=contact.query_id,
            seller_id=contact.place.seller_id,
            customer_id=contact.customer.id,
            closed_by=actor,
            agent_id=agents[actor],
            channel=contact.channel,
            subject=contact.subject,
            closed_at=closed_at,
            predicted_score=predicted,
            reopened_at=reopened_at,
            survey_decided_at=closed_at + DELAY + POLL * rng.random(),
        )
        self._rows.closings.append(closing)
        self._survey(contact, outcome, closing)

    def _survey(self, contact: Contact, outcome: Outcome, closing: ClosingRow) -> None:
        """Decide as the portal would, and note what became of it."""
        decided_at = closing.survey_decided_at
        reason = self._reason_for_no_survey(contact, closing)
        invitation = InvitationRow(
            id=next(self._numbers.invitations),
            closing_id=closing.id,
            seller_id=closing.seller_id,
            customer_id=closing.customer_id,
            query_id=closing.query_id,
            language=contact.language,
            state=InvitationState.SUPPRESSED,
            reason=reason or "",
            decided_at=decided_at,
            token_salt="",
            token_digest=None,
            tries=0,
            sent_at=None,
            opened_at=None,
            answered_at=None,
            expires_at=None,
            bounced_at=None,
        )
        if not reason:
            invitation = self._send(contact, outcome, closing, invitation)
        self._rows.invitations.append(invitation)

    def _reason_for_no_survey(
        self, contact: Contact, closing: ClosingRow
    ) -> SuppressionReason | None:
        decided_at, reopened_at = closing.survey_decided_at, closing.reopened_at
        opted_out_at = self._opted_out_at.get(closing.customer_id)
        facts = Facts(
            actor_type=closing.closed_by,
            closed_at=closing.closed_at,
            reopened=reopened_at is not None and reopened_at < decided_at,
            has_address=bool(contact.customer.email),
            opted_out=opted_out_at is not None and opted_out_at < decided_at,
            query_surveyed=closing.query_id in self._surveyed_queries,
            last_surveyed_at=self._surveyed_at.get(closing.customer_id),
        )
        return decide(facts, now=decided_at, rules=self._rules)

    def _send(
        self, contact: Contact, outcome: Outcome, closing: ClosingRow, decided: InvitationRow
    ) -> InvitationRow:
        rng = self._rng
        salt = f"{rng.getrandbits(128):032x}"
        sent_at = decided.decided_at + POLL * rng.random()
        linked = decided._replace(token_salt=salt, token_digest=digest(token_for(salt)))
        if rng.random() < 0.004:
            return linked._replace(state=InvitationState.BOUNCED, bounced_at=sent_at)
        self._surveyed_at[closing.customer_id] = sent_at
        self._surveyed_queries.add(closing.query_id)
        expires_at = sent_at + self._rules.answer_window
        sent = linked._replace(sent_at=sent_at, expires_at=expires_at)
        answered_at = self._moment_of_answer(sent_at, expires_at)
        opened_at = answered_at - timedelta(seconds=20 + 200 * rng.random())
        lot = rng.random()
        if lot < ANSWERS[outcome.band]:
            response, topics = self._answer(contact, outcome, decided, closing, answered_at)
            if answered_at < self._now:
                self._rows.responses.append(response)
                self._rows.topics.extend(topics)
                return sent._replace(
                    state=InvitationState.ANSWERED, opened_at=opened_at, answered_at=answered_at
                )
        elif lot > 0.99 and answered_at < self._now:
            self._opted_out_at[closing.customer_id] = answered_at
            self._rows.opt_outs.append(
                OptOutRow(next(self._numbers.opt_outs), closing.customer_id, answered_at)
            )
        elif lot > 0.9 and opened_at < self._now:
            sent = sent._replace(opened_at=opened_at)
        expired = expires_at <= self._now
        return sent._replace(state=InvitationState.EXPIRED if expired else InvitationState.SENT)

    def _moment_of_answer(self, sent_at: datetime, expires_at: datetime) -> datetime:
        """Return when a customer answers: mostly the same day, and always in time."""
        minutes = 3 + min(self._rng.expovariate(1 / 900), 13 * 24 * 60)
        return min(sent_at + timedelta(minutes=minutes), expires_at - timedelta(minutes=1))

    def _answer(
        self,
        contact: Contact,
        outcome: Outcome,
        invitation: InvitationRow,
        closing: ClosingRow,
        answered_at: datetime,
    ) -> tuple[ResponseRow, list[TopicRow]]:
        rng = self._rng
        topics = self._topics_in_mind(contact, outcome.band)
        reason = ""
        if rng.random() < GIVES_REASON[outcome.band]:
            told = topics[: 1 + (rng.random() < 0.5)]
            reason = self._writer.reason(contact, band=outcome.band, topics=told)
        response = ResponseRow(
            id=next(self._numbers.responses),
            invitation_id=invitation.id,
            seller_id=closing.seller_id,
            query_id=closing.query_id,
            closed_by=closing.closed_by,
            score=outcome.score,
            submitted_at=answered_at,
            month=month_of(answered_at, settings.MARKETPLACE_ZONE),
            reason=reason,
            may_contact=pick(rng, MAY_CONTACT[outcome.band]),
        )
        ticked = topics if rng.random() < TICKS_TOPICS else []
        return response, [
            TopicRow(next(self._numbers.topics), response.id, self._topics[slug])
            for slug in ticked
            if slug in self._topics
        ]

    def _topics_in_mind(self, contact: Contact, group: Band) -> list[str]:
        """Return what the score is about, main topic first and each once."""
        rng = self._rng
        topics = [self._main_topic(contact, group)]
        topics += [pick(rng, TOPICS[group]) for _ in range(pick(rng, MORE_TOPICS))]
        return list(dict.fromkeys(topics))

    def _main_topic(self, contact: Contact, group: Band) -> str:
        """Return what the score is mostly about; complaints follow the question and the shop."""
        lot = self._rng.random()
        if group == Band.DETRACTOR and lot < 0.6:
            return contact.kind.theme if lot < 0.35 else contact.place.shop.weakness
        return pick(self._rng, TOPICS[group])

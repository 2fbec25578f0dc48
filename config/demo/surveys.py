"""The surveys of the history: who gets one, and what the customer then does.

Who is surveyed is decided by the portal's own rules (surveys/eligibility.py).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from django.conf import settings

from config.demo.followups import Follower, Steps
from config.demo.rows import (
    FreePks,
    InvitationRow,
    OptOutRow,
    ResponseRow,
    Rows,
    TopicRow,
)
from config.demo.threads import Contact, Writer, pick
from queries.enums import ActorType
from queries.models import Closing
from sellers.tokens import digest, token_for
from surveys.eligibility import Facts, decide
from surveys.enums import Band, InvitationState, SuppressionReason
from surveys.models import ResponseTopic, SurveyPolicy, SurveyResponse
from surveys.periods import month_of

# The demo decides within seconds; its history keeps to the day that is customary.
DELAY: Final = timedelta(hours=24)
POLL: Final = timedelta(seconds=60)

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
GIVES_REASON: Final = {Band.PROMOTER: 0.46, Band.PASSIVE: 0.4, Band.DETRACTOR: 0.66}
ANSWERS: Final = {Band.PROMOTER: 0.41, Band.PASSIVE: 0.34, Band.DETRACTOR: 0.415}
MAY_CONTACT: Final = {
    Band.PROMOTER: (True, False, None, None),
    Band.PASSIVE: (True, False, None, None),
    Band.DETRACTOR: (True, True, True, False, None),
}
TICKS_TOPICS: Final = 0.76
MORE_TOPICS: Final = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a customer thinks of a contact, whether or not they ever say it."""

    score: int
    band: Band


class Surveyor:
    """Decides about one closing after another, and remembers who was surveyed."""

    def __init__(
        self,
        rng: Random,
        pks: FreePks,
        writer: Writer,
        *,
        topics: dict[str, int],
        playbooks: dict[int, Steps],
        now: datetime,
    ) -> None:
        self._rng = rng
        self._pks = pks
        self._writer = writer
        self._topics = topics
        self._follower = Follower(pks, playbooks=playbooks, now=now)
        self._now = now
        self._rules = SurveyPolicy().as_rules()
        self._surveyed_at: dict[int, datetime] = {}
        self._opted_out_at: dict[int, datetime] = {}
        self._surveyed_queries: set[int] = set()

    def survey(
        self,
        contact: Contact,
        outcome: Outcome,
        closing: Closing,
        rows: Rows,
        *,
        decided_at: datetime,
    ) -> None:
        """Decide as the portal would, and note in `rows` what became of it."""
        pk = next(self._pks.invitations)
        reason = self._reason_for_no_survey(contact, closing, decided_at=decided_at)
        if reason:
            fate: dict[str, Any] = {"state": InvitationState.SUPPRESSED, "reason": reason}
        else:
            fate = self._send(contact, outcome, closing, rows, pk=pk, decided_at=decided_at)
        rows.invitations.append(
            InvitationRow(
                id=pk,
                closing_id=closing.id,
                seller_id=closing.seller_id,
                customer_id=closing.customer_id,
                query_id=closing.query_id,
                language=contact.language,
                decided_at=decided_at,
                **fate,
            )
        )

    def _reason_for_no_survey(
        self, contact: Contact, closing: Closing, *, decided_at: datetime
    ) -> SuppressionReason | None:
        reopened_at = closing.reopened_at
        opted_out_at = self._opted_out_at.get(closing.customer_id)
        facts = Facts(
            actor_type=closing.closed_by,
            closed_at=closing.closed_at,
            reopened=reopened_at is not None and reopened_at < decided_at,
            duplicate=False,
            logged_by_seller=False,
            has_email=bool(contact.customer.email),
            undeliverable=False,
            opted_out=opted_out_at is not None and opted_out_at < decided_at,
            query_surveyed=closing.query_id in self._surveyed_queries,
            last_surveyed_at=self._surveyed_at.get(closing.customer_id),
        )
        return decide(facts, now=decided_at, rules=self._rules)

    def _send(
        self,
        contact: Contact,
        outcome: Outcome,
        closing: Closing,
        rows: Rows,
        *,
        pk: int,
        decided_at: datetime,
    ) -> dict[str, Any]:
        """Return how the mail of an invitation fared; note in `rows` what the customer did."""
        rng = self._rng
        salt = f"{rng.getrandbits(128):032x}"
        sent_at = decided_at + POLL * rng.random()
        link = {"token_salt": salt, "token_digest": digest(token_for(salt))}
        if rng.random() < 0.004:
            return {**link, "state": InvitationState.BOUNCED, "bounced_at": sent_at}
        self._surveyed_at[closing.customer_id] = sent_at
        self._surveyed_queries.add(closing.query_id)
        expires_at = sent_at + self._rules.answer_window
        sent = {**link, "sent_at": sent_at, "expires_at": expires_at}
        answered_at = self._moment_of_answer(sent_at, expires_at)
        opened_at = answered_at - timedelta(seconds=20 + 200 * rng.random())
        lot = rng.random()
        if lot < ANSWERS[outcome.band]:
            response, topics = self._answer(contact, outcome, pk, closing, answered_at)
            if answered_at < self._now:
                rows.responses.append(response)
                rows.topics.extend(topics)
                if outcome.band == Band.DETRACTOR and closing.closed_by == ActorType.SELLER:
                    ticked = [topic.topic_id for topic in topics]
                    self._follower.follow_up(contact, response, rows, topic_ids=ticked)
                moments = {"opened_at": opened_at, "answered_at": answered_at}
                return {**sent, **moments, "state": InvitationState.ANSWERED}
        elif lot > 0.99 and answered_at < self._now:
            self._opted_out_at[closing.customer_id] = answered_at
            rows.opt_outs.append(
                OptOutRow(
                    id=next(self._pks.opt_outs),
                    customer_id=closing.customer_id,
                    opted_out_at=answered_at,
                )
            )
        expired = expires_at <= self._now
        return {**sent, "state": InvitationState.EXPIRED if expired else InvitationState.SENT}

    def _moment_of_answer(self, sent_at: datetime, expires_at: datetime) -> datetime:
        """Return when a customer answers: mostly the same day, and always in time."""
        minutes = 3 + min(self._rng.expovariate(1 / 900), 13 * 24 * 60)
        return min(sent_at + timedelta(minutes=minutes), expires_at - timedelta(minutes=1))

    def _answer(
        self,
        contact: Contact,
        outcome: Outcome,
        invitation_id: int,
        closing: Closing,
        answered_at: datetime,
    ) -> tuple[SurveyResponse, list[ResponseTopic]]:
        rng = self._rng
        topics = self._topics_in_mind(contact, outcome.band)
        reason = ""
        if rng.random() < GIVES_REASON[outcome.band]:
            named = topics[: 1 + (rng.random() < 0.5)]
            reason = self._writer.reason(contact, band=outcome.band, topics=named)
        response = ResponseRow(
            id=next(self._pks.responses),
            invitation_id=invitation_id,
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
            TopicRow(
                id=next(self._pks.topics),
                response_id=response.id,
                topic_id=self._topics[slug],
            )
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
            return contact.kind.theme if lot < 0.35 else contact.stored_shop.shop.weakness
        return pick(self._rng, TOPICS[group])

"""What is written in the thread of a query, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final, TypeVar

from config.demo.marketplace import StoredShop
from config.demo.rows import FreePks, MessageRow
from config.demo.shops import Person
from config.demo.texts import Case, Kind, Texts, texts_in
from queries.enums import Author, Channel
from queries.models import Customer, Message
from sellers.enums import Language
from surveys.enums import Band

Choice = TypeVar("Choice")

# Who writes in which order; what a customer writes last is a thank-you.
SHAPES: Final = ("CS", "CSC", "CSCS", "CSCSC")
SHAPE_SHARES: Final = (55, 72, 92, 100)
AUTHORS: Final = {"C": Author.CUSTOMER, "S": Author.SELLER, "M": Author.MARKETPLACE}


def pick(rng: Random, choices: Sequence[Choice]) -> Choice:
    """Return any of the choices; a good deal faster than `rng.choice`."""
    return choices[int(rng.random() * len(choices))]


@dataclass(frozen=True, slots=True)
class Contact:
    """One customer with one question at one shop, and who answers it."""

    query_id: int
    stored_shop: StoredShop
    customer: Customer
    kind: Kind
    case: Case
    more_to_know: list[str]
    channel: str
    subject: str
    agent_id: int
    agent: Person
    slots: dict[str, str]
    language: Language
    texts: Texts


class Writer:
    """Writes subjects, messages and reasons, different every time."""

    def __init__(self, rng: Random, pks: FreePks) -> None:
        self._rng = rng
        self._pks = pks

    def contact(
        self, stored_shop: StoredShop, customer: Customer, *, kind: Kind, channel: str
    ) -> Contact:
        """Return a new contact about one of the shop's products."""
        rng = self._rng
        language = Language(customer.language)
        texts = texts_in(language)
        about = texts.kinds[kind.slug]
        agent_id, agent = stored_shop.agent(rng)
        slots = {
            "product": pick(rng, about.products or stored_shop.shop.products[language]),
            "order": str(1_400_000_000 + int(rng.random() * 200_000_000)),
            "name": customer.name.partition(" ")[0],
            "agent": agent.first_name,
            "shop": stored_shop.shop.name,
            "days": str(2 + int(rng.random() * 8)),
            "digit": str(2 + int(rng.random() * 7)),
            "weekday": pick(rng, texts.weekdays),
            "soon": pick(rng, texts.weekdays),
        }
        case = pick(rng, about.cases)
        subject = pick(rng, case.subjects).format_map(slots)
        return Contact(
            query_id=next(self._pks.queries),
            stored_shop=stored_shop,
            customer=customer,
            kind=kind,
            case=case,
            more_to_know=pick(rng, texts.more_to_know),
            channel=channel,
            subject=subject[0].upper() + subject[1:],
            agent_id=agent_id,
            agent=agent,
            slots=slots,
            language=language,
            texts=texts,
        )

    def shape(self) -> str:
        """Return who writes in which order until the shop closes the query."""
        return self._rng.choices(SHAPES, cum_weights=SHAPE_SHARES)[0]

    def moments(self, shape: str, *, begin: datetime, end: datetime) -> list[datetime]:
        """Return when each message of a thread is written; the last just before `end`."""
        rng = self._rng
        span, steps = end - begin, len(shape) - 1
        between = [
            begin + span * ((step + 0.7 * rng.random() - 0.35) / steps) for step in range(1, steps)
        ]
        return [begin, *between, end - min(span * 0.02, timedelta(minutes=12)) * rng.random()]

    def thread(
        self, contact: Contact, shape: str, moments: list[datetime], *, staff_id: int
    ) -> list[Message]:
        """Return the messages of a new query: as many as there are `moments`.

        With fewer moments than letters in `shape` the thread is not finished yet.
        """
        agents = {"C": None, "S": contact.agent_id, "M": staff_id}
        return [
            self._message(
                contact,
                AUTHORS[letter],
                agents[letter],
                self._body(contact, shape, position),
                moment,
            )
            for position, (letter, moment) in enumerate(zip(shape, moments, strict=False))
        ]

    def coming_back(
        self, contact: Contact, *, asked_at: datetime, replied_at: datetime | None
    ) -> list[Message]:
        """Return what is written after a closing that did not satisfy the customer."""
        texts = contact.texts
        question = self._text(contact, texts.coming_back, texts.endings)
        messages = [self._message(contact, Author.CUSTOMER, None, question, asked_at)]
        if replied_at:
            reply = self._text(contact, texts.coming_back_replies, texts.reply_endings)
            messages.append(
                self._message(contact, Author.SELLER, contact.agent_id, reply, replied_at)
            )
        return messages

    def reason(self, contact: Contact, *, band: Band, topics: list[str]) -> str:
        """Return the most important reason for a score, in the customer's language."""
        rng, texts = self._rng, contact.texts
        reason = " ".join([pick(rng, texts.reasons[band][topic]) for topic in topics])
        if rng.random() < 0.45:
            reason += " " + pick(rng, texts.ends[band])
        if rng.random() < 0.12:
            reason = reason.lower().rstrip(".!")  # typed on a phone
        return reason.format_map(contact.slots)

    def _body(self, contact: Contact, shape: str, position: int) -> str:
        texts, letter, left = contact.texts, shape[position], len(shape) - position - 1
        if position == 0:
            return self._question(contact)
        if letter == "M":
            return self._text(contact, texts.marketplace_replies)
        if letter == "C" and not left:
            return self._text(contact, texts.thanks)
        if position == 1 and left > 1:  # the first of two replies asks what is needed to answer
            return self._text(
                contact, texts.reply_openings, contact.more_to_know[:1], texts.reply_endings
            )
        if position == 2 and left:
            return self._text(contact, contact.more_to_know[1:])
        if letter == "C":
            return self._text(contact, texts.coming_back)
        return self._text(contact, texts.reply_openings, contact.case.replies, texts.reply_endings)

    def _question(self, contact: Contact) -> str:
        texts = contact.texts
        if contact.channel == Channel.PHONE:
            return self._text(contact, texts.phone_openings, contact.case.questions)
        return self._text(contact, texts.openings, contact.case.questions, texts.endings)

    def _text(self, contact: Contact, *pieces: Sequence[str]) -> str:
        """Return one of each, with the slots filled."""
        return "\n\n".join([pick(self._rng, each) for each in pieces]).format_map(contact.slots)

    def _message(
        self, contact: Contact, author: Author, agent_id: int | None, body: str, sent_at: datetime
    ) -> Message:
        return MessageRow(
            id=next(self._pks.messages),
            query_id=contact.query_id,
            author=author,
            agent_id=agent_id,
            body=body,
            sent_at=sent_at,
        )

"""What the shops of the demo did with their passives and promoters: some, never all."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Final, TypeVar

from config.demo.texts import Texts, texts_in
from queries.enums import Author
from queries.models import Message, Order
from sellers.enums import Language
from sellers.models import Seller, User
from surveys.enums import Band, ConsentWay, ContactKind
from surveys.models import (
    Approach,
    Improvement,
    QuoteConsent,
    Referral,
    SurveyResponse,
    SurveyResponses,
)
from surveys.periods import RECENT_DAYS

MOST: Final = 60  # of a shop and a band
APPROACHED: Final = (True, True, False, True)  # and the latest of all not yet
ANSWERED: Final = (True, False, True)
QUOTED: Final = 4  # one in so many who were thanked
REFERRALS: Final = 6
WORTHS: Final = tuple(map(Decimal, ("640", "89.95", "1249", "312.50", "58", "790")))
DAY: Final = timedelta(days=1)
T = TypeVar("T")


def appreciate_some(*, day: date, now: datetime) -> int:
    """Store what shops did with customers of the last weeks, and who came in; return how many."""
    return sum(_of_shop(seller, day=day, now=now) for seller in Seller.objects.order_by("pk"))


def _of_shop(seller: Seller, *, day: date, now: datetime) -> int:
    mine = SurveyResponse.objects.for_seller(seller).filter(query__isnull=False)
    mine = mine.select_related("query__customer", "invitation__closing__agent").latest_first()
    recent = mine.filter(submitted_at__gte=now - RECENT_DAYS * DAY, submitted_at__lt=now - DAY)
    passives, promoters = (_willing(recent.in_band(band)) for band in (Band.PASSIVE, Band.PROMOTER))
    asked = _approach(passives, "what_was_missing", now=now)
    thanked = _approach(promoters, "thank_yous", now=now)
    stored = [
        *_improve(_chosen(asked, ANSWERED), now=now),
        *_allow([one for one in thanked if one.reason][::QUOTED], now=now),
        *_refer(mine.in_band(Band.PROMOTER), seller, day=day, now=now),
    ]
    for row in stored:
        row.save()
    return 2 * len([*asked, *thanked]) + len(stored)


def _willing(responses: SurveyResponses) -> list[SurveyResponse]:
    return _chosen(list(responses.exclude(may_contact=False)[:MOST]), APPROACHED)


def _chosen(rows: Sequence[T], pattern: Iterable[bool]) -> list[T]:
    return [row for row, wanted in zip(rows, cycle(pattern), strict=False) if wanted]


def _approach(
    responses: list[SurveyResponse], words: str, *, now: datetime
) -> list[SurveyResponse]:
    """Write to these customers in their closed conversations, the day after they answered.

    All at once: of each statement with messages the search looks at all queries anew.
    """
    messages = []
    for number, response in enumerate(responses):
        query, agent = response.query, _agent(response)
        assert query
        lines = getattr(_texts(response), words)
        body = lines[number % len(lines)].format(
            name=query.customer.name.split()[0], agent=agent.name.split()[0]
        )
        sent_at = min(response.submitted_at + DAY / 2, now)
        messages.append(
            Message(query=query, author=Author.SELLER, agent=agent, body=body, sent_at=sent_at)
        )
    Approach.objects.bulk_create(
        Approach(
            response=response,
            seller_id=response.seller_id,
            kind=ContactKind.REPLY,
            message=message,
            made_at=message.sent_at,
            made_by=message.agent,
        )
        for response, message in zip(responses, Message.objects.bulk_create(messages), strict=True)
    )
    return responses


def _improve(responses: list[SurveyResponse], *, now: datetime) -> list[Improvement]:
    return [
        Improvement(
            response=response,
            seller_id=response.seller_id,
            words=_one(_texts(response).improvements, number),
            noted_at=min(response.submitted_at + DAY, now),
            noted_by=_agent(response),
        )
        for number, response in enumerate(responses)
    ]


def _allow(responses: list[SurveyResponse], *, now: datetime) -> list[QuoteConsent]:
    return [
        QuoteConsent(
            response=response,
            seller_id=response.seller_id,
            name=_with_initial(response.query.customer.name) if response.query else "",
            way=ConsentWay.IN_THREAD,
            recorded_at=min(response.submitted_at + DAY, now),
            recorded_by=_agent(response),
        )
        for response in responses
    ]


def _refer(
    promoters: SurveyResponses, seller: Seller, *, day: date, now: datetime
) -> list[Referral]:
    """Return who came in since spring; the first by an order that the platform told of."""
    some = list(promoters.filter(submitted_at__lt=now - 5 * DAY)[: REFERRALS * 7 : 7])
    orders = Order.objects.for_seller(seller).exclude(customer=None).order_by("-ordered_on", "pk")
    order = orders.first()
    found = []
    for number, (response, worth) in enumerate(zip(some, WORTHS, strict=False)):
        known = order if number == 0 else None
        if known and response.query and known.customer_id == response.query.customer_id:
            known = None
        came_on = (response.submitted_at + 3 * DAY).date()
        found.append(
            Referral(
                response=response,
                seller=seller,
                customer_id=known.customer_id if known else None,
                order_reference=known.reference if known else "",
                words=_one(_texts(response).who_came_in, number),
                worth=worth,
                came_on=min(came_on, day),
                recorded_at=min(response.submitted_at + 4 * DAY, now),
                recorded_by=_agent(response),
            )
        )
    return found


def _agent(response: SurveyResponse) -> User:
    assert response.invitation
    agent = response.invitation.closing.agent
    assert agent, "Somebody of the shop closed it."
    return agent


def _texts(response: SurveyResponse) -> Texts:
    assert response.query
    return texts_in(Language(response.query.language))


def _one(texts: Sequence[str], number: int) -> str:
    return texts[number % len(texts)]


def _with_initial(name: str) -> str:
    first, *rest = name.split()
    return f"{first} {rest[-1][0]}." if rest else first

"""What the event of an action costs: of the page that acts, the time it would not take without."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from statistics import median
from typing import Any, Final

from django.db import transaction
from django.db.models import Model
from django.urls import reverse

from queries import actions
from queries.enums import Channel, QueryEvent
from queries.models import Customer, CustomerQuery
from sellers.events import Actor, record
from sellers.models import Seller, User
from surveys import answers
from surveys.models import Topic
from tests.bench import stock
from tests.bench.measuring import WARM_UP_ROUNDS, Figure, alternate, at_most
from tests.bench.pages import FORM, ROUNDS, open_surveys
from tests.bench.serving import Portal, session_of

EACH: Final = ROUNDS + WARM_UP_ROUNDS
TEXT: Final = "Morgen wordt het bezorgd."

Act = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Written:
    """An action, and the page that takes it; each of `rows` is acted on once."""

    name: str
    act: Act
    page: Callable[[Any], float]
    rows: Iterator[Model]


def writing_figures(portal: Portal) -> Iterator[Figure]:
    """Measure the pages that write; an action with one event more shows what an event costs."""
    for written in _all_written(portal):
        rows, act = written.rows, written.act
        seconds = alternate(
            {
                "page": lambda page=written.page, rows=rows: page(next(rows)),
                "action": lambda act=act, rows=rows: _took(act, next(rows), events=0),
                "more": lambda act=act, rows=rows: _took(act, next(rows), events=1),
            },
            rounds=ROUNDS,
        )
        page, event = median(seconds["page"]), median(seconds["more"]) - median(seconds["action"])
        ratio = page / (page - event)
        yield Figure(
            name=f"{written.name} with their event, per second",
            value=1 / page,
            against=f"without the event: {1 / (page - event):,.1f}",
            ratio=ratio,
            goal=at_most(1.1, ratio),
            count=len(seconds["page"]),
        )


def _all_written(portal: Portal) -> Iterator[Written]:
    viewer = User.objects.get(pk=stock.VIEWER)
    by, session = Actor.user(viewer), session_of(viewer, shop=stock.LARGEST_SHOP)
    topics = list(Topic.objects.filter(slug__in=FORM["topics"]))

    def page_of(name: str, form: Mapping[str, str]) -> Callable[[CustomerQuery], float]:
        return lambda query: portal.post(
            reverse(f"queries:{name}", args=[query.pk]), form, session=session
        ).took(status=302)

    yield Written(
        name="replies",
        act=lambda query: actions.reply(query, body=TEXT, by=by, now=stock.NOW),
        page=page_of("reply", {"body": TEXT}),
        rows=_open_queries(),
    )
    yield Written(
        name="closings",
        act=lambda query: actions.close(query, by=by, now=stock.NOW),
        page=page_of("close", {}),
        rows=_open_queries(),
    )
    yield Written(
        name="answers",
        act=lambda survey: answers.submit(
            survey.invitation.token_digest,
            score=9,
            reason=FORM["reason"],
            topics=topics,
            may_contact=True,
            opened_at=None,
            by=Actor.CUSTOMER,
            now=stock.NOW,
        ),
        page=lambda survey: portal.post(survey.path, FORM).took(status=302),
        rows=iter(open_surveys(3 * EACH)),
    )


def _took(act: Act, row: Any, *, events: int) -> float:
    begin = time.perf_counter()
    with transaction.atomic():
        act(row)
        for _ in repeat(None, events):
            record(
                QueryEvent.REPLIED,
                Seller(pk=stock.LARGEST_SHOP),
                seller_id=stock.LARGEST_SHOP,
                by=Actor.CUSTOMER,
                now=stock.NOW,
                message=1,
            )
    return time.perf_counter() - begin


def _open_queries() -> Iterator[CustomerQuery]:
    """Have customers of the largest shop ask enough; return what they asked."""
    shop = Seller.objects.get(pk=stock.LARGEST_SHOP)
    asked = [
        actions.ask(
            shop,
            customer=customer,
            subject="Waar blijft mijn pakket?",
            body="Het zou maandag komen.",
            channel=Channel.WEB,
            by=Actor.CUSTOMER,
            now=stock.NOW,
        )
        for customer in Customer.objects.order_by("pk")[: 3 * EACH]
    ]
    return iter(asked)

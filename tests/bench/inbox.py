"""The inbox of a shop with very many queries, against that of a shop with a thousand."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from itertools import count
from statistics import median
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from queries.models import CustomerQuery
from queries.worklist import CURSOR_FORMAT, ROWS_PER_PAGE, View
from sellers.models import Seller, User
from tests.bench import stock
from tests.bench.measuring import Figure, alternate, at_most, ratio_of
from tests.bench.serving import Portal, session_of

ROUNDS: Final = 25
ONLOOKERS: Final = 50  # each asks once a minute at rest, and three times who touches something
NUMBERS: Final = count(1)
FAR: Final = 1_000  # pages; with fewer queries the last one but one
# From what hardly ever is said to what nearly always is.
SEARCHES: Final = {
    "no hit": "zeppelin",
    "two words, few": "factuur ketting",
    "two words, many": "bezorgd fiets",
    "a word of one in thirty": "garantie",
    "a word of every other": "bestelling",
    "one letter": "b",
    "rare among most": "bestelling {order}",
}


def inbox_figures(portal: Portal) -> Iterator[Figure]:
    """Measure every view, a page far away and searches, each against page 1 of the small shop."""
    small = _pages_of(portal, stock.SMALL_INBOX)
    loaded = _pages_of(portal, stock.LOADED_INBOX)
    shop = Seller.objects.get(name=stock.LOADED_INBOX)
    for view in View:
        pages = {"small": small(view=view), "loaded": loaded(view=view)}
        yield _figure(f"view {view.value}", pages)
    first = small(view=View.CLOSED)
    yield _figure(
        f"page {FAR:,} of closed",
        {"small": first, "loaded": loaded(view=View.CLOSED, after=_far(shop))},
    )
    order = CustomerQuery.objects.for_seller(shop).exclude(order_reference="").latest("pk")
    for name, words in {"rare": "{order}", **SEARCHES}.items():
        typed = words.format(order=order.order_reference)
        for view in (View.YOUR_TURN, View.CLOSED, View.ALL):
            pages = {"small": first, "loaded": loaded(view=view, q=typed)}
            yield _figure(f"search, {name}, in {view.value}", pages)


def watching_figures(portal: Portal) -> Iterator[Figure]:
    """Measure a minute of 50 agents who look on, against a minute of one who answers a query."""
    shop = Seller.objects.get(name=stock.SMALL_INBOX)
    session = session_of(User.objects.get(pk=stock.VIEWER), shop=shop.pk)
    query = CustomerQuery.objects.for_seller(shop).filter(state="your_turn").latest("pk")
    seconds = alternate(
        {
            "poll": lambda: _poll(portal, session),
            "answering": lambda: _minute_of_answering(portal, session, query),
        },
        rounds=ROUNDS,
    )
    poll, answering = (1000 * median(seconds[name]) for name in ("poll", "answering"))
    for name, polls in (("at rest", ONLOOKERS), ("who touch something", 3 * ONLOOKERS)):
        ratio = polls * poll / answering
        yield Figure(
            name=f"{ONLOOKERS} agents {name} look on, ms a minute",
            value=polls * poll,
            against=f"one agent answers a query a minute: {answering:,.0f}",
            ratio=ratio,
            goal=at_most(1, ratio),
            count=len(seconds["poll"]),
        )


def _poll(portal: Portal, session: str) -> float:
    """Ask whether the list changed, when it did not."""
    url = reverse("queries:poll")
    etag = portal.get(url, session=session).etag
    return portal.get(url, session=session, etag=etag).took(status=304)


def _minute_of_answering(portal: Portal, session: str, query: CustomerQuery) -> float:
    """Ask for what the pages do in a minute in which somebody reads, writes and sends."""
    words = {"body": f"Dag, hij komt morgen. {next(NUMBERS)}", "kind": "reply"}
    send = reverse("queries:reply", args=[query.pk])
    survey = reverse("surveys_seller:query_survey", args=[query.pk])
    of_the_page = [(name, words) for name in 3 * ("draft", "advice")]
    of_the_page += 4 * [("visit", {"typing": "1"})]
    return sum(
        (
            *(
                portal.get(url, session=session).took(status=200)
                for url in 2 * (query.get_absolute_url(), survey)
            ),
            *(
                portal.post(
                    reverse(f"queries:{name}", args=[query.pk]), form, session=session, htmx=True
                ).took(status=200)
                for name, form in of_the_page
            ),
            portal.post(send, words, session=session).took(status=302),
        )
    )


def _pages_of(portal: Portal, name: str) -> Callable[..., Callable[[], float]]:
    """Return what makes, of a query string, what asks for that page of a shop."""
    shop = Seller.objects.get(name=name)
    session = session_of(User.objects.get(pk=stock.VIEWER), shop=shop.pk)

    def page(**said: str) -> Callable[[], float]:
        url = f"{reverse('queries:list')}?{urlencode(said)}"
        return lambda: portal.get(url, session=session).took(status=200)

    return page


def _far(shop: Seller) -> str:
    """Return the cursor that leads to a page far away."""
    closed = (
        CustomerQuery.objects.for_seller(shop).filter(state="closed").order_by(*View.CLOSED.keys)
    )
    last = min((FAR - 1) * ROWS_PER_PAGE, closed.count() - 2 * ROWS_PER_PAGE) - 1
    row = closed[last]
    return f"{row.turn_since.astimezone(UTC):{CURSOR_FORMAT}}-{row.pk}"


def _figure(name: str, pages: Mapping[str, Callable[[], float]]) -> Figure:
    seconds = alternate(pages, rounds=ROUNDS)
    ratio = ratio_of(seconds["loaded"], seconds["small"])
    low = 1000 * sorted(seconds["small"])[len(seconds["small"]) // 2]
    return Figure(
        name=f"inbox, {name}, ms",
        value=ratio * low,
        against=f"page 1 at {stock.FEW_QUERIES:,} queries: {low:.1f}",
        ratio=ratio,
        goal=at_most(2, ratio),
        count=len(seconds["small"]),
    )

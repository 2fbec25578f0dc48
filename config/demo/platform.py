"""What the invented marketplace's platform tells of the orders that are asked about."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from config.demo.marketplace import Marketplace
from config.demo.rows import FreePks, OrderItemRow, OrderRow, Rows
from config.demo.shops import Shop
from config.demo.texts import Article, Texts, texts_in
from config.demo.threads import pick
from sellers.enums import Language

TELLS_OF_LAST: Final = timedelta(days=120)  # of older questions no more than the number is known
TOLD: Final = 0.9
CARRIERS: Final = {"Pakketdienst Noord": "3SPN", "Fietskoeriers": "FK", "Vrachtlijn": "VL"}
NOT_THERE_YET: Final = ("delivery", "stock", "address")  # kinds of question about it
SLOT: Final = re.compile(r"{\w+}")


class Platform:
    """Tells of most orders that queries name: what was bought, when, and where the parcel is."""

    def __init__(self, marketplace: Marketplace, *, pks: FreePks, day: date, now: datetime) -> None:
        self._shops = {each.seller_id: each.shop for each in marketplace.stored_shops}
        self._pks = pks
        self._today = now.date()
        self._since = now - TELLS_OF_LAST
        self._rng = Random(f"{day} orders")  # noqa: S311  no secrets here, but the same every time
        self._told: set[tuple[int, str]] = set()

    def tell(self, rows: Rows) -> None:
        """Add the orders of a load."""
        questions = {each.query_id: each.body for each in reversed(rows.messages)}
        for query in rows.queries:
            known = (query.seller_id, query.order_reference)
            if query.order_reference and query.asked_at >= self._since and known not in self._told:
                self._told.add(known)
                if self._rng.random() < TOLD:
                    self._tell_of(query, questions[query.id], rows)

    def _tell_of(self, query: Any, question: str, rows: Rows) -> None:
        rng, shop = self._rng, self._shops[query.seller_id]
        texts = texts_in(Language(query.language))
        ordered_on = (query.asked_at - timedelta(days=4 + rng.random() * 25)).date()
        arrived = not _is_about(query.subject, NOT_THERE_YET, texts)
        carrier = pick(rng, list(CARRIERS))
        code = f"{CARRIERS[carrier]}{rng.randrange(10**8, 10**9)}"
        order = OrderRow(
            id=next(self._pks.orders),
            seller_id=query.seller_id,
            reference=query.order_reference,
            customer_id=query.customer_id,
            ordered_on=ordered_on,
            delivered_on=ordered_on + timedelta(days=1 + int(rng.random() * 3))
            if arrived
            else None,
            carrier=carrier,
            tracking_code=code,
            tracking_url=f"https://volg.pakket.example/{code}",
        )
        rows.orders.append(order)
        words = words_of(shop, Language(query.language))
        said = f"{query.subject} {question}".lower()
        meant = [word for word in words if word.lower() in said]
        main = texts.catalogue[max(meant, key=len) if meant else pick(rng, words)]
        rows.order_items.extend(self._items(order, [main, *self._extras(main, words, texts)]))

    def _extras(self, main: Article, words: tuple[str, ...], texts: Texts) -> Iterator[Article]:
        """Yield what some take with it: something cheap."""
        other = texts.catalogue[pick(self._rng, words)]
        if other != main and not other.serial and self._rng.random() < 0.4:
            yield other

    def _items(self, order: Any, articles: Iterable[Article]) -> Iterator[Any]:
        rng = self._rng
        for position, article in enumerate(articles, start=1):
            yield OrderItemRow(
                id=next(self._pks.order_items),
                order_id=order.id,
                position=position,
                name=article.title,
                quantity=2 if article.price < 50 and rng.random() < 0.3 else 1,
                price=article.price,
                warranty_until=order.ordered_on + timedelta(days=365 * article.warranty)
                if article.warranty
                else None,
                serial_number=f"{article.serial}-{rng.randrange(10_000, 100_000)}"
                if article.serial
                else "",
            )


def words_of(shop: Shop, language: Language) -> tuple[str, ...]:
    """Return the words for all that a shop sells."""
    kinds = texts_in(language).kinds
    of_kinds = (word for kind in shop.kinds for word in kinds[kind.slug].products)
    return tuple(dict.fromkeys([*shop.products[language], *of_kinds]))


def _is_about(subject: str, slugs: Iterable[str], texts: Texts) -> bool:
    """Return whether a subject is of one of these kinds of question."""
    said = subject.lower()
    written = (each for slug in slugs for case in texts.kinds[slug].cases for each in case.subjects)
    return any(all(part in said for part in SLOT.split(each.lower())) for each in written)

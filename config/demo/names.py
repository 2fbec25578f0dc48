"""Invented people: first and last names that go together, and e-mails that reach nobody."""

from collections import Counter
from functools import cache
from random import Random
from typing import Final

from django.utils.text import slugify

from config.demo.rows import CustomerRow
from config.demo.texts import texts_in
from queries.models import Customer
from sellers.enums import Language

# Reserved by RFC 2606: no mail server will ever answer for it.
DOMAINS: Final = ("klant.example", "postvak.example", "mail.example")
ENGLISH: Final = 0.09  # the share of customers who write English


class People:
    """Makes customers, each with an e-mail of their own."""

    def __init__(self, rng: Random, *, domains: tuple[str, ...] = DOMAINS) -> None:
        self._rng = rng
        self._domains = domains
        self._taken = Counter[str]()

    def customer(self, pk: int, *, country: str, without_email: float) -> Customer:
        """Return a new customer; the share `without_email` can get no mail."""
        rng = self._rng
        language = Language.ENGLISH if rng.random() < ENGLISH else Language.DUTCH
        texts = texts_in(language)
        belgian = texts.belgian_last_names if country == "BE" else []
        first, last = rng.choice(texts.first_names), rng.choice(belgian or texts.last_names)
        email = self._email(first, last)
        reachable = rng.random() >= without_email
        return CustomerRow(
            id=pk,
            name=f"{first} {last}",
            email=email if reachable else "",
            language=language,
        )

    def _email(self, first: str, last: str) -> str:
        rng = self._rng
        first, last = _email_part(first), _email_part(last)
        local = (f"{first}.{last}", f"{first[0]}.{last}", f"{first}{last}", f"{last}.{first}")[
            int(rng.random() * 4)
        ]
        if rng.random() < 0.4:
            local += f"{int(rng.triangular(50, 105, 88)) % 100:02d}"  # a year of birth
        email = f"{local}@{self._domains[int(rng.random() ** 2 * len(self._domains))]}"
        self._taken[email] += 1
        if self._taken[email] == 1:
            return email
        return email.replace("@", f".{self._taken[email]}@")


@cache
def _email_part(name: str) -> str:
    """Return a name as it is written in an e-mail: "van 't Hof" as "vanthof"."""
    return slugify(name.replace("ı", "i")).replace("-", "")

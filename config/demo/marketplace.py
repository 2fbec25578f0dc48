"""The shops and their people, stored; and what the history needs to know of them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from django.contrib.auth.hashers import make_password

from config.demo.shops import SHOPS, STAFF, Person, Shop
from queries.models import Customer
from sellers.enums import RIGHTS, Language, Right
from sellers.models import Membership, Seller, User

PASSWORD = "demo-portal"  # noqa: S105  it is printed on the screen


@dataclass(slots=True)
class StoredShop:
    """A shop as it is in the database, and the customers it has had so far."""

    shop: Shop
    seller_id: int
    agents: list[tuple[int, Person]]
    happiness: float = 0
    customers: list[Customer] = field(default_factory=list)
    _shares: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self._shares = list(accumulate(person.share for _, person in self.agents))

    def agent(self, rng: Random) -> tuple[int, Person]:
        """Return who answers a question: some do more than others."""
        return rng.choices(self.agents, cum_weights=self._shares)[0]


@dataclass(frozen=True, slots=True)
class Marketplace:
    """All shops, and the member of the marketplace's staff who helps out."""

    stored_shops: list[StoredShop]
    staff_id: int


def open_shops(*, day: date) -> Marketplace:
    """Store the shops, their people and a member of staff; all have the same password."""
    password = make_password(PASSWORD)  # slow by design, so once for all
    people = [person for shop in SHOPS for person in shop.people]
    users = {
        person.email: User(
            email=person.email, name=person.name, language=Language.DUTCH, password=password
        )
        for person in people
    }
    email, name = STAFF
    staff = User(
        email=email,
        name=name,
        language=Language.DUTCH,
        password=password,
        is_staff=True,
        is_superuser=True,
    )
    User.objects.bulk_create([*users.values(), staff])
    sellers = Seller.objects.bulk_create(
        Seller(
            name=shop.name,
            country=shop.country,
            contact_email=shop.contact_email,
            joined_on=day - timedelta(days=shop.joined_days_ago),
        )
        for shop in SHOPS
    )
    Membership.objects.bulk_create(
        Membership(user=users[person.email], seller=seller, role=person.role)
        for shop, seller in zip(SHOPS, sellers, strict=True)
        for person in shop.people
    )
    stored_shops = [
        StoredShop(
            shop=shop,
            seller_id=seller.pk,
            agents=[
                (users[person.email].pk, person)
                for person in shop.people
                if Right.ANSWER in RIGHTS[person.role]
            ],
        )
        for shop, seller in zip(SHOPS, sellers, strict=True)
    ]
    return Marketplace(stored_shops, staff.pk)

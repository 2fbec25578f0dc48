"""Which of the platform's ids are known, and which rows of ours they are."""

from collections.abc import Iterable

from queries.enums import FedKind
from queries.feeding.items import Item, Key
from queries.models import Customer, CustomerQuery, FedRow
from sellers.models import Membership, Seller, User


class Known:
    """What is known of a platform's ids, read once and written once for many items."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.taken_up: set[Key] = set()  # of which what waits was asked for
        self._rows: dict[Key, FedRow] = {}
        self._new: list[FedRow] = []
        self._newer: dict[Key, FedRow] = {}
        self._asked: set[Key] = set()

    def load(self, keys: Iterable[Key]) -> None:
        """Read which of these are known."""
        keys = set(keys) - self._asked
        if not keys:
            return
        self._asked |= keys
        for row in FedRow.objects.from_source(self.source).known_as(keys):
            self._rows.setdefault(row.key, row)

    def has(self, key: Key) -> bool:
        """Return whether there is a row of this."""
        return key in self._rows

    def row(self, key: Key) -> FedRow | None:
        """Return which row this is, if there is one."""
        return self._rows.get(key)

    def pk(self, kind: FedKind, external_id: str) -> int:
        """Return the primary key of what is known."""
        return self._rows[(kind.value, external_id)].object_pk

    def add(self, item: Item, pk: int) -> None:
        """Note which row is what was told of now."""
        row = FedRow(
            source=self.source,
            kind=item.kind,
            external_id=item.external_id,
            object_pk=pk,
            told_of_at=item.at,
        )
        self._rows[item.key] = row
        self._new.append(row)

    def note(self, item: Item) -> None:
        """Note of which moment is the last that is known."""
        row = self._rows[item.key]
        if item.at > row.told_of_at:
            row.told_of_at = item.at
            self._newer[item.key] = row

    def is_older(self, item: Item) -> bool:
        """Return whether something newer of it is known."""
        row = self._rows.get(item.key)
        return row is not None and item.at < row.told_of_at

    def store(self) -> None:
        """Write all that was noted."""
        FedRow.objects.bulk_create(self._new, batch_size=1_000)
        changed = [row for row in self._newer.values() if row.pk]
        FedRow.objects.bulk_update(changed, ["told_of_at"], batch_size=500)

    def sellers(self, external_ids: Iterable[str]) -> dict[str, Seller]:
        """Return the shops of these ids."""
        pks = {each: self.pk(FedKind.SELLER, each) for each in external_ids}
        found = Seller.objects.in_bulk(pks.values())
        return {each: found[pk] for each, pk in pks.items()}

    def customers(self, external_ids: Iterable[str]) -> dict[str, Customer]:
        """Return the customers of these ids; of who was merged, into whom."""
        pks = {each: self.pk(FedKind.CUSTOMER, each) for each in external_ids}
        rows = Customer.objects.select_related("merged_into").in_bulk(pks.values())
        return {each: rows[pk].merged_into or rows[pk] for each, pk in pks.items()}

    def queries(self, external_ids: Iterable[str]) -> dict[str, CustomerQuery]:
        """Return the queries of these ids."""
        pks = {each: self.pk(FedKind.QUERY, each) for each in external_ids}
        found = CustomerQuery.objects.in_bulk(pks.values())
        return {each: found[pk] for each, pk in pks.items()}

    def agents(self, external_ids: Iterable[str]) -> "Agents":
        """Return who these ids are, and where each works or worked."""
        pks = {each: self.pk(FedKind.MEMBER, each) for each in external_ids}
        shops = Membership.objects.filter(user__in=pks.values()).values_list("user", "seller")
        return Agents(pks, User.objects.in_bulk(pks.values()), set(shops))


class Agents:
    """Members of teams, by the platform's ids."""

    def __init__(
        self, pks: dict[str, int], users: dict[int, User], shops: set[tuple[int, int]]
    ) -> None:
        self._pks, self._users, self._shops = pks, users, shops

    def of_shop(self, external_id: str, seller_pk: int) -> User | None:
        """Return who this is if they work, or worked, at a shop; else None."""
        pk = self._pks[external_id]
        return self._users[pk] if (pk, seller_pk) in self._shops else None

"""What the benchmark measures on: a marketplace with a history, made by the database itself.

And two shops whose inboxes are measured, a small and a loaded one, lived through as the demo is.

Imported measurements of two years; then three months of the portal itself, with the whole chain
of query, closing, invitation and measurement; and closings whose survey is due. Those have no
messages and no words to search: nothing that is measured reads them. All of it is seen from one
fixed moment, `NOW`.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import CharField, DateField, UUIDField
from tqdm import tqdm

from config.demo.loading import insert_selected
from config.local.bootstrap import BASE
from config.roles import grant
from tests.bench import filling
from tests.guards import switch_guards

NOW: Final = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # a Friday, 12:00 in Amsterdam
TOMORROW: Final = NOW + timedelta(days=1)
FIRST: Final = datetime(2024, 11, 30, 23, 0, tzinfo=UTC)  # 24 calendar months, this one included
OPENED: Final = datetime(2026, 8, 31, 22, 0, tzinfo=UTC)  # what was measured before was imported
MEDIAN: Final = 300  # measurements of the shop in the middle
TAIL: Final = 1.66  # of the Pareto distribution of the shops above it
LARGEST_SHOP: Final = 1  # primary keys
EMPTY_SHOP: Final = 2
SMALL_INBOX: Final = "Kleine inbox"  # names
LOADED_INBOX: Final = "Volle inbox"
FEW_QUERIES: Final = 1_000
VIEWER: Final = 1  # the user who belongs to the largest, a median and the empty shop
AGENTS_FROM: Final = 10  # agent number k of shop s is user 10 s + k


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is of everything."""

    name: str
    sellers: int
    measurements: int
    largest: int
    decided: int
    due: int
    customers: int
    inbox: int  # queries of the shop whose inbox is measured

    def shop_sizes(self) -> list[int]:
        """Return how many measurements each shop has: the largest first, then an empty one.

        Of the others the smaller half goes evenly from nothing to the median, the larger half
        has a heavy tail, stretched so that all together have `measurements`.
        """
        others = self.sellers - 2
        ranks = [(number + 0.5) / others for number in range(others)]
        smaller = [round(2 * rank * MEDIAN) for rank in ranks if rank < 0.5]
        larger = [(2 * (1 - rank)) ** (-1 / TAIL) for rank in ranks if rank >= 0.5]
        stretch = (self.measurements - self.largest - sum(smaller)) / sum(larger)
        sizes = [self.largest, 0, *smaller, *(round(stretch * size) for size in larger)]
        sizes[-1] += self.measurements - sum(sizes)
        return sizes

    def median_shop(self) -> int:
        """Return the primary key of the shop that is nearest to the median."""
        sizes = self.shop_sizes()
        return min(range(len(sizes)), key=lambda position: abs(sizes[position] - MEDIAN)) + 1


SCALES: Final = {
    scale.name: scale
    for scale in (
        Scale("small", 200, 100_000, 10_000, 50_000, 10_000, 30_000, 20_000),
        Scale("full", 20_000, 10_000_000, 1_000_000, 5_000_000, 1_000_000, 3_000_000, 1_000_000),
    )
}

QUICK_WRITING: Final = (
    "maintenance_work_mem = '1GB'",
    "work_mem = '256MB'",
    "temp_buffers = '64MB'",
    "jit = off",
)
# What drops a constraint or an index and what makes it again, for one table.
CONSTRAINTS: Final = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
        conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('u', 'x', 'f')
"""
OTHER_INDEXES: Final = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary
"""

GO_ON_NUMBERING: Final = """
SELECT setval(pg_get_serial_sequence('{table}', '{pk}'), max({pk})) FROM {table}
"""
REMEMBER_LAST: Final = (
    "INSERT INTO bench_last SELECT '{table}', coalesce(max({pk}), 0) FROM {table}"
)
FORGET_LATER: Final = "DELETE FROM {table} WHERE {pk} > %s"


def digest(scale: Scale) -> str:
    """Return a digest of this stock: its size, how it is made, and the tables."""
    sources = [Path(__file__), Path(filling.__file__), *sorted(BASE.glob("*/migrations/*.py"))]
    text = "\n".join([repr(scale), *(source.read_text() for source in sources)])
    return hashlib.sha256(text.encode()).hexdigest()


def prepare(scale: Scale) -> None:
    """Have the stock in the database as if nothing was ever measured on it; the owner may."""
    from insights.keeping import keep_counts  # a module of models, which wait for the settings

    if _stored_digest() == digest(scale):
        put_back(scale)
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
        grant(cursor, settings.DATABASE["USER"])
    call_command("migrate", verbosity=0)
    fill(scale)
    load(scale)
    keep_counts()  # as the clock does, all the time
    _remember(scale)
    _vacuum()


@transaction.atomic
def fill(scale: Scale) -> None:
    """Fill the empty tables of a portal, all or nothing.

    The guards sleep meanwhile: what they would refuse is not made. Indexes are built at the end,
    and what refers to other rows is checked then.
    """
    parameters = _parameters(scale)
    switch_guards(on=False)
    with connection.cursor() as cursor:
        for setting in QUICK_WRITING:
            cursor.execute(f"SET LOCAL {setting}")
        indexes = {table: _drop_indexes(table) for table in _tables()}
        with tqdm(
            total=len(filling.QUERIES) + len(indexes), desc="Stock", unit=" steps", disable=None
        ) as bar:
            for name, query in filling.QUERIES.items():
                bar.set_postfix_str(name)
                if "." in name:
                    insert_selected(cursor, apps.get_model(name), query, parameters)
                else:
                    cursor.execute(f"CREATE TEMP TABLE {name} AS {query}", parameters)
                    cursor.execute(f"ANALYZE {name}")
                bar.update()
            for table, definitions in indexes.items():
                bar.set_postfix_str(f"indexes of {table}")
                for definition in definitions:
                    cursor.execute(definition)
                bar.update()
        for table, pk in _tables().items():
            cursor.execute(GO_ON_NUMBERING.format(table=table, pk=pk))
    switch_guards(on=True)


def load(scale: Scale) -> None:
    """Give two more shops queries with all their words: a thousand, and very many."""
    from config.demo.load import loads
    from config.demo.rows import free_pks, store
    from sellers.models import Membership, Seller, User

    staff = User.objects.create(email="closer@bench.example", is_staff=True)
    for name, queries in ((SMALL_INBOX, FEW_QUERIES), (LOADED_INBOX, scale.inbox)):
        shop = Seller.objects.create(name=name, country="NL", joined_on=FIRST.date())
        Membership.objects.create(user_id=VIEWER, seller=shop, role="owner")
        with tqdm(total=queries, desc=name, unit=" queries", disable=None) as bar:
            for rows in loads(shop, queries=queries, pks=free_pks(), staff=staff, now=NOW):
                store(rows)
                bar.update(len(rows.queries))


def put_back(scale: Scale) -> None:
    """Undo what was measured: what was decided is due again, what was answered can be again."""
    from oauth2_provider.models import AccessToken

    with transaction.atomic(), connection.cursor() as cursor:
        switch_guards(on=False)
        cursor.execute("SELECT name, number FROM bench_last")
        last = dict(cursor.fetchall())
        cursor.execute(
            "UPDATE surveys_invitation SET state = 'sent', answered_at = NULL, opened_at = NULL "
            "WHERE id IN (SELECT invitation_id FROM surveys_surveyresponse WHERE id > %s)",
            [last["surveys_surveyresponse"]],
        )
        cursor.execute(
            "UPDATE queries_closing SET survey_decided_at = NULL "
            "WHERE id BETWEEN %s AND %s AND survey_decided_at IS NOT NULL",
            [scale.decided + 1, scale.decided + scale.due],
        )
        AccessToken.objects.all().delete()  # the marketplace filled has none
        for table, pk in _tables().items():
            cursor.execute(FORGET_LATER.format(table=table, pk=pk), [last[table]])
        switch_guards(on=True)
    _vacuum()


def _parameters(scale: Scale) -> dict[str, object]:
    return {
        "sizes": scale.shop_sizes(),
        "viewer": VIEWER,
        "viewed": [LARGEST_SHOP, EMPTY_SHOP, scale.median_shop()],
        "agents_from": AGENTS_FROM,
        "first": FIRST,
        "opened": OPENED,
        "now": NOW,
        "decided": scale.decided,
        "due": scale.due,
        "customers": scale.customers,
        "reachable": scale.customers * 98 // 100,  # the others have no e-mail
        "willing": scale.customers * 95 // 100,  # the others want no surveys
    }


def _tables() -> dict[str, str]:
    """Return the tables of our own apps, and the number that is the primary key of each."""
    return {
        model._meta.db_table: str(model._meta.pk.column)
        for name in ("sellers", "queries", "surveys", "insights")
        for model in apps.get_app_config(name).get_models()
        if not isinstance(model._meta.pk, (CharField, DateField, UUIDField))  # these have no number
    }


def _drop_indexes(table: str) -> list[str]:
    """Drop what costs time at each row, but not the primary key; return what makes it again."""
    made_by = []
    with connection.cursor() as cursor:
        for listing in (CONSTRAINTS, OTHER_INDEXES):
            cursor.execute(listing, [table])
            for drop, make in cursor.fetchall():
                cursor.execute(drop)
                made_by.append(make)
    return made_by


@transaction.atomic
def _remember(scale: Scale) -> None:
    """Note that all is there, and where each table ends."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_last (name text, number bigint)")
        for table, pk in _tables().items():
            cursor.execute(REMEMBER_LAST.format(table=table, pk=pk))
        cursor.execute("CREATE TABLE bench_stock AS SELECT %s AS digest", [digest(scale)])


def _stored_digest() -> str:
    """Return the digest of the stock that is there; nothing when there is none."""
    if "bench_stock" not in connection.introspection.table_names():
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest FROM bench_stock")
        return str(cursor.fetchone()[0])


def _vacuum() -> None:
    """Let the database know its tables, and which of their pages every reader may see."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")

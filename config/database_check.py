"""What is asked of the database before a web server or a worker begins: whether it can do at all.

What cannot go well stops the start with sentences that say what to do; what may be too little is
a warning. A database that does not answer yet stops nothing: pages say so themselves.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from config.replica import REPLICA
from surveys.integrity import responses_in_another_month

logger = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 2
OLDEST: Final = 15
ASKED: Final = """
SELECT current_user,
       current_setting('server_version_num')::int / 10000,
       rolsuper,
       (SELECT min(tableowner) FROM pg_tables
         WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')),
       least(current_setting('max_connections')::int
             - current_setting('superuser_reserved_connections')::int
             - coalesce(current_setting('reserved_connections', true)::int, 0),
             nullif(rolconnlimit, -1), nullif(datconnlimit, -1)),
       (SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL AND pid <> pg_backend_pid())
  FROM pg_roles, pg_database
 WHERE rolname = current_user AND datname = current_database()
"""
WHICH_SYSTEM: Final = """
SELECT pg_is_in_recovery(), current_setting('synchronous_commit') <> 'off', system_identifier, oid
  FROM pg_control_system(), pg_database
 WHERE datname = current_database()
"""
ZONE: Final = "SELECT prosrc FROM pg_proc WHERE oid = to_regproc('public.marketplace_zone')"
OF_THE_OWNER: Final = (
    "Put the application's own role there and keep the owner in DATABASE_OWNER_URL; "
    "manage.py database_roles makes the role."
)


def check_before_start(*, connections: int, counted: str) -> None:
    """Look whether the database can be worked with over so many connections, `counted` from these.

    Raises ImproperlyConfigured with a line for each thing that cannot go well.
    """
    try:
        with alone() as mine, mine.cursor() as cursor:
            wrong = [
                *_wrong_with_server(cursor, connections, counted=counted),
                *_wrong_with_zone(cursor),
            ]
            if settings.DATABASE_REPLICA and settings.PROCESS == "web":  # no other reads there
                wrong += _wrong_with_replica(cursor, connections, counted=counted)
    except Error as error:
        logger.warning("The database does not answer yet: %s", _in_one_line(error))
        return
    if wrong:
        raise ImproperlyConfigured("\n".join(wrong))


def why_away() -> str | None:
    """Return which of the database's addresses cannot be reached and why; None when all can."""
    for name, address in (
        ("DATABASE_URL", settings.DATABASE),
        ("DATABASE_OWNER_URL", settings.DATABASE_OWNER),
    ):
        with alone() as mine:
            mine.settings_dict |= {key: address[key] for key in address if key != "OPTIONS"}
            try:
                mine.ensure_connection()
            except Error as error:
                return f"The database of {name} does not answer: {_in_one_line(error)}"
    return None


def _in_one_line(error: Error) -> str:
    """Return what PostgreSQL or the network said; that has a host and a role, never a password."""
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def alone(alias: str = DEFAULT_DB_ALIAS) -> Iterator[BaseDatabaseWrapper]:
    """Give a connection beside the pool, which is not waited for long, and close it."""
    mine = connections[alias].copy()
    options = mine.settings_dict["OPTIONS"] | {"connect_timeout": PATIENCE_SECONDS}
    options.pop("pool", None)
    mine.settings_dict |= {"OPTIONS": options}
    try:
        yield mine
    finally:
        mine.close()


def _wrong_with_server(
    cursor: Any, needed: int, *, counted: str, name: str = "DATABASE_URL"
) -> Iterator[str]:
    """Yield what is wrong with the server of a setting, and with who we are there."""
    cursor.execute(ASKED)
    role, version, is_superuser, owner, limit, others = cursor.fetchone()
    if version < OLDEST:
        yield f"PostgreSQL {version} is too old: it has to be {OLDEST} or newer."
    if is_superuser:
        yield f"{name} logs in as {role}, a superuser, whom no guard stops. {OF_THE_OWNER}"
    elif owner:
        whose = "owns the tables" if owner == role else f"is a member of their owner, {owner}"
        yield f"{name} logs in as {role}, who {whose} and may change them. {OF_THE_OWNER}"
    if needed > limit:
        yield (
            f"{counted} takes {needed} connections, and the database gives {role} at most {limit}: "
            "lower the one, or raise the other (max_connections, ALTER ROLE … CONNECTION LIMIT)."
        )
    elif needed + others > limit:
        logger.warning(
            "%s takes %s connections; of at most %s the database has %s in use. Pages and tasks "
            "will fail when all are wanted at once.",
            *(counted, needed, limit, others),
        )


def _wrong_with_zone(cursor: Any) -> Iterator[str]:
    """Yield that the guards of months are made for another zone: they would refuse answers."""
    theirs = _zone(cursor)
    if theirs and theirs != settings.TIME_ZONE:
        yield (
            f"MARKETPLACE_TIME_ZONE={settings.TIME_ZONE!r}, and the database keeps its months by "
            f"{theirs!r}. Set it back, or run manage.py migrate, which changes the database's."
        )


def _wrong_with_replica(primary: Any, needed: int, *, counted: str) -> list[str]:
    """Return why pages cannot be read from the replica as if from the primary.

    One that does not answer is a warning: until it does the primary answers.
    """
    try:
        with alone(REPLICA) as mine, mine.cursor() as replica:
            name = "DATABASE_REPLICA_URL"
            wrong = list(_wrong_with_server(replica, needed, counted=counted, name=name))
            primary.execute(WHICH_SYSTEM)
            replica.execute(WHICH_SYSTEM)
            is_in_recovery, waits_for_disk, *system = primary.fetchone()
            follows, _waits, *theirs = replica.fetchone()
    except Error as error:
        logger.warning("The replica does not answer yet: %s", type(error).__name__)
        return []
    if is_in_recovery:
        wrong.append("DATABASE_URL leads to a replica, which stores nothing: name the primary.")
    if not follows:
        wrong.append(f"{name} leads to no replica: that server is in no recovery.")
    elif theirs != system:
        wrong.append(f"{name} leads to a replica of another server, or to another database.")
    if not waits_for_disk:
        wrong.append(
            "synchronous_commit is off, so nobody knows when a replica has all that was stored: "
            f"leave it on, or leave out {name}."
        )
    return wrong


def _zone(cursor: Any) -> str | None:
    """Return the zone of the guards, None before the first `migrate`."""
    cursor.execute(ZONE)
    found = cursor.fetchone()
    return found[0].removeprefix("SELECT '").removesuffix("'") if found else None


def refuse_months_of_another_zone() -> None:
    """Raise CommandError when answers are stored that the zone in the settings puts elsewhere."""
    with connection.cursor() as cursor:
        theirs = _zone(cursor)
    if theirs in (None, settings.TIME_ZONE) or not responses_in_another_month().exists():
        return
    raise CommandError(
        f"MARKETPLACE_TIME_ZONE={settings.TIME_ZONE!r}, but answers are stored by the months of "
        f"{theirs!r}, and some would belong to another month. The month of an answer is final: "
        f"set it back to {theirs}."
    )

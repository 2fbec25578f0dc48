"""A backup is restored into another cluster: nothing leaves it before staff say so.

Real dumps, real clusters, two workers and a beat on each.
"""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from config.local.postgres import DATABASE, OWNER, _program
from sellers.models.installation import ROWS_SKIPPED
from tests.faults.conftest import links, print_table
from tests.faults.engine import Engine, running_engine
from tests.faults.test_survey_engine import CLOSINGS, PATIENCE_SECONDS, TWICE_EVERY, rows_due
from tests.mail_server import MailServer

TICKS = 4  # of which the workers use each to look for work
DECIDED = "SELECT count(survey_decided_at) FROM queries_closing"
UNSENT = "SELECT count(*) FROM surveys_invitation WHERE state IN ('decided', 'sending')"
NEW_NUMBER = "SELECT nextval('queries_closing_id_seq')"
NEW_EVENT = """
INSERT INTO sellers_event (kind, at, object_label, object_pk, actor, details)
VALUES ('seller.changed', now(), 'sellers.Seller', 1, 'system', '{}') RETURNING transaction
"""


def links_of_each(mail_server: MailServer, *, since: int = 0) -> dict[str, list[str]]:
    """Return the links of the surveys that each customer got, from mail number `since` on."""
    found: dict[str, list[str]] = {}
    for mail in mail_server.received[since:]:
        (link,) = links(mail)
        found.setdefault(mail["To"], []).append(link)
    return found


def dump(engine: Engine, file: Path) -> None:
    """Back the database up, as its owner."""
    url = engine.environment["DATABASE_OWNER_URL"]
    subprocess.run([_program("pg_dump"), "-Fc", f"--file={file}", url], check=True)


def restore(engine: Engine, file: Path) -> None:
    """Put a backup into an empty database of the engine's cluster, as its owner."""
    url = urlsplit(engine.environment["DATABASE_OWNER_URL"])
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    command = [_program("pg_restore"), "--exit-on-error", f"--dbname={url.geturl()}", file]
    subprocess.run(command, check=True)


def work_until_all_is_sent(engine: Engine) -> None:
    """Let two workers decide and mail everything, and stop them."""
    engine.wait_for(DECIDED, [(CLOSINGS,)], seconds=round(PATIENCE_SECONDS))
    engine.wait_for(UNSENT, [(0,)], seconds=round(PATIENCE_SECONDS))


def test_restored_backup_sends_nothing_before_it_is_released_and_then_the_same_links(
    mail_server: MailServer, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    with running_engine(mail_port=mail_server.port) as first:
        first.fill(rows_due(datetime.now(UTC)))
        dump(first, backup)
        first.start(workers=2)
        work_until_all_is_sent(first)
        ((told_before,),) = first.ask(NEW_EVENT)
        ((given_out_after_the_dump,),) = first.ask(NEW_NUMBER)
    before = links_of_each(mail_server)

    with running_engine(mail_port=mail_server.port, has_tables=False) as second:
        restore(second, backup)
        second.start(workers=2)
        second.wait_for(
            "SELECT held_since IS NOT NULL FROM sellers_installation", [(True,)], seconds=60
        )
        time.sleep(TICKS)
        sent_while_held = len(mail_server.received) - sum(map(len, before.values()))
        decided_while_held = second.ask(DECIDED)
        ((given_out_while_held,),) = second.ask(NEW_NUMBER)
        ((told_while_held,),) = second.ask(NEW_EVENT)

        since = len(mail_server.received)  # the first may leave before the command has ended
        assert second.run("manage.py", "release", "--no-input").wait() == 0, second.words()[-3000:]
        work_until_all_is_sent(second)
        ((told_after,),) = second.ask(NEW_EVENT)
        decided = second.ask("SELECT count(*), count(DISTINCT closing_id) FROM surveys_invitation")
    after = links_of_each(mail_server, since=since)

    print_table(
        {
            "closings due": CLOSINGS,
            "mails before the restore": sum(map(len, before.values())),
            "mails while held": sent_while_held,
            "mails after the release": sum(map(len, after.values())),
            "with another link than before": sum(before[to] != after[to] for to in before),
        }
    )
    assert (sent_while_held, decided_while_held) == (0, [(0,)])
    assert decided == [(CLOSINGS, CLOSINGS)]
    assert len(before) == CLOSINGS - CLOSINGS // TWICE_EVERY
    assert after == before  # one each, and the same one
    assert given_out_while_held > given_out_after_the_dump + ROWS_SKIPPED / 2
    assert told_before < told_while_held < told_after

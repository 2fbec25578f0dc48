"""The files of a PostgreSQL with empty tables: made once for the migrations that there are.

Migrating takes most of the time until a server of the tests answers, so each begins with a copy.
Nothing of Django is imported here: it comes before Django reads its settings.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg

from config.local.bootstrap import BASE, LOCAL, hold
from config.local.postgres import server

COPY = "test_nazorg_at_first"  # the database of which each test's is a copy
MADE = LOCAL / "migrated-postgres"


def place(directory: Path) -> None:
    """Put such files at `directory`, unless there is something already."""
    with hold(LOCAL / "migrated.lock"):
        if directory.exists():
            return
        note, digest = MADE / "migrations", digest_of_migrations()
        if not note.exists() or note.read_text() != digest:
            shutil.rmtree(MADE, ignore_errors=True)
            _make(digest)
            note.write_text(digest)
        shutil.copytree(MADE, directory)


def _make(digest: str) -> None:
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    with server(MADE, durable=False) as started:
        subprocess.run(migrate, cwd=BASE, env=os.environ | started.environment, check=True)
        with psycopg.connect(started.owner_url, autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {COPY} TEMPLATE {owner.info.dbname}")
            owner.execute(f"COMMENT ON DATABASE {COPY} IS '{digest}'")


def digest_of_migrations() -> str:
    """Return what tells these migrations, and those of the packages, from any other."""
    sources = [BASE / "requirements.txt", *sorted(BASE.glob("*/migrations/*.py"))]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()

"""What the tests run in: fixed settings and a real PostgreSQL, ready before Django looks.

A pytest plugin (`-p tests.surroundings`), because Django reads its settings before any conftest.
"""

import os
from contextlib import ExitStack

import pytest

from config.local.bootstrap import LOCAL
from config.local.postgres import server
from tests.migrated import place

SETTINGS = {
    "SECRET_KEY": "only-for-tests-and-long-enough-for-them",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "MARKETPLACE_NAME": "Markt",
    "MARKETPLACE_TIME_ZONE": "Europe/Amsterdam",
    "LANGUAGE_CODE": "en",
    "DEBUG": "false",
    "DEMO": "true",
    "EMAIL_URL": "memorymail://",
    "CACHE_URL": "locmemcache://",
    "CELERY_BROKER_URL": "memory://",
    "GRANIAN_BLOCKING_THREADS": "32",  # more connections than any test starts threads
    # Playwright runs an event loop in the test's thread; the tests' own queries stay synchronous.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}

OURS = "TESTS_RUN_ON_OUR_OWN_SERVER"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

_running = ExitStack()
os.environ.update(SETTINGS)
if "DATABASE_URL" not in os.environ or OURS in os.environ:
    # Each worker has a server of its own: what is settled waits for all transactions of a server.
    name = f"test-postgres-{WORKER}" if WORKER else "test-postgres"
    place(LOCAL / name)
    started = _running.enter_context(server(LOCAL / name, durable=False))
    os.environ.update(started.environment | {OURS: "yes"})
elif "DATABASE_OWNER_URL" not in os.environ:
    raise pytest.UsageError(
        "Set DATABASE_OWNER_URL beside DATABASE_URL: the role that makes the tests' database "
        "(with CREATEDB) and owns its tables. The tests themselves run as the one in DATABASE_URL."
    )


def pytest_unconfigure() -> None:
    """Stop the database if it was started here."""
    _running.close()

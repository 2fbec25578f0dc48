"""What the tests run in: fixed settings and a real PostgreSQL, ready before Django looks.

A pytest plugin (`-p tests.surroundings`), because Django reads its settings before any conftest.
"""

import os
from contextlib import ExitStack

from config.local.bootstrap import LOCAL
from config.local.postgres import database

SETTINGS = {
    "SECRET_KEY": "only-for-tests",
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

_running = ExitStack()
os.environ.update(SETTINGS)
if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = _running.enter_context(
        database(LOCAL / "test-postgres", durable=False)
    )


def pytest_unconfigure() -> None:
    """Stop the database if it was started here."""
    _running.close()

"""The web server: `python -m config.web`, which takes all options of granian.

Granian itself reads GRANIAN_… from the environment alone. This reads `.env` too, and sees to it
that each thread has a connection of the database's pool.
"""

import logging
import os
import sys

os.environ["NAZORG_PROCESS"] = "web"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.conf import settings
from django.db import Error
from django.utils import timezone

from config.environment import in_sentences

logger = logging.getLogger(__name__)


def main() -> None:
    """Look at the database, and whether it is a copy, before any page; then become granian."""
    with in_sentences():
        django.setup()
    from config import metrics
    from config.database_check import check_before_start
    from sellers.held import look_whether_held

    with in_sentences():
        check_before_start(
            connections=settings.WEB_WORKERS * settings.WEB_THREADS,
            counted="GRANIAN_WORKERS × GRANIAN_BLOCKING_THREADS",
        )
        metrics.begin()
    try:
        look_whether_held(now=timezone.now())
    except Error as error:  # pages say so themselves, and the worker looks too
        logger.warning("The database does not answer yet: %s", type(error).__name__)
    os.environ["GRANIAN_WORKERS"] = str(settings.WEB_WORKERS)
    os.environ["GRANIAN_BLOCKING_THREADS"] = str(settings.WEB_THREADS)
    granian = [sys.executable, "-m", "granian", "--interface=wsgi", "--no-ws"]
    os.execv(sys.executable, [*granian, *sys.argv[1:], "config.wsgi:application"])


if __name__ == "__main__":
    main()

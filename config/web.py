"""The web server: `python -m config.web`, which takes all options of granian.

Granian itself reads GRANIAN_… from the environment alone. This reads `.env` too, and sees to it
that each thread has a connection of the database's pool.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings

from config.environment import in_sentences


def main() -> None:
    """Become granian."""
    with in_sentences():
        settings.INSTALLED_APPS  # noqa: B018  reads the settings
    os.environ["GRANIAN_WORKERS"] = str(settings.WEB_WORKERS)
    os.environ["GRANIAN_BLOCKING_THREADS"] = str(settings.WEB_THREADS)
    granian = [sys.executable, "-m", "granian", "--interface=wsgi", "--no-ws"]
    os.execv(sys.executable, [*granian, *sys.argv[1:], "config.wsgi:application"])


if __name__ == "__main__":
    main()

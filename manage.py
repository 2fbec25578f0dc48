#!/usr/bin/env python
"""Run Nazorg's management commands."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ["NAZORG_PROCESS"] = "command"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from config.environment import in_sentences

    with in_sentences():
        settings.INSTALLED_APPS  # noqa: B018  reads the settings
    try:
        execute_from_command_line(sys.argv)
    except OperationalError:
        from config.database_check import why_away

        if reason := why_away():
            sys.exit(reason)
        raise


if __name__ == "__main__":
    main()

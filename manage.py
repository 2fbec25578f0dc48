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

    from config.environment import in_sentences

    with in_sentences():
        settings.INSTALLED_APPS  # noqa: B018  reads the settings
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

"""The command line of make.

`python -m config.local demo` runs all of Nazorg until Ctrl-C, and `python -m config.local run --
COMMAND` one command in the same surroundings.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import environ

from config.local.bootstrap import BASE, SetUpError, in_sentences, say
from config.local.portal import demo
from config.local.processes import stop_on_signals
from config.local.surroundings import run


def main(arguments: Sequence[str]) -> int:
    """Obey the command line; return the exit code."""
    environ.Env.read_env(BASE / ".env")
    stop_on_signals()
    match arguments:
        case ["demo"]:
            with suppress(KeyboardInterrupt):
                demo(os.environ)
            say("Everything has stopped.")
            return 0
        case ["run", "--", _, *_]:
            return run(arguments[2:], os.environ)
    raise SetUpError("Usage: python -m config.local demo, or: run -- COMMAND")


if __name__ == "__main__":
    with in_sentences():
        sys.exit(main(sys.argv[1:]))

"""What docs/api.md says works as it is written there: its own lines are run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.api.conftest import Register
from tests.conftest import Market

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()


def blocks(language: str) -> str:
    """Return all lines of this language, one after the other."""
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL))


def test_every_line_runs(server: str, register: Register, market: Market) -> None:
    market.response(9)
    query = market.query()
    registered = register()
    environment = {
        "PATH": os.environ["PATH"],
        "PORTAL": server,
        "CLIENT_ID": registered.client.client_id,
        "CLIENT_SECRET": registered.secret,
    }
    assert shutil.which("curl"), "Install curl first (Debian: apt install curl)."

    for command in (
        ["bash", "-euo", "pipefail", "-c", blocks("bash")],
        [sys.executable, "-c", blocks("python")],
    ):
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout

    query.refresh_from_db()
    assert query.is_closed
    assert query.messages.last().body == "It left this morning."

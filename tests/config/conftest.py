"""A folder for real servers, and real processes to run beside the test."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.local.bootstrap import BASE

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that PostgreSQL's account may pass; pytest closes its own at every start."""
    with tempfile.TemporaryDirectory(prefix="nazorg-") as name:
        yield Path(name)


@pytest.fixture
def start(folder: Path) -> Start:
    """Run a script with arguments and a file that it makes once it is ready; return it then."""

    def started(script: str, *arguments: Path) -> subprocess.Popen[bytes]:
        ready = folder / "ready"
        process = subprocess.Popen([sys.executable, "-c", script, *arguments, ready], cwd=BASE)
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        return process

    return started

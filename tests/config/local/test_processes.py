"""Children that end with us, as real processes."""

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from config.local.bootstrap import SetUpError, hold
from config.local.processes import SERVED_SECONDS, child
from tests.config.conftest import Start

# Starts a program that does not listen to SIGTERM and keeps a lock for as long as it lives.
SUPERVISES = """
import os, sys
from pathlib import Path
from config.local.processes import check_running, child, stop_on_signals
lock, ready = sys.argv[1:]
stubborn = f'''
import signal, time
from pathlib import Path
from config.local.bootstrap import hold
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with hold(Path({lock!r})):
    Path({ready!r}).touch()
    time.sleep(60)
'''
starter = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stubborn!r}])"
stop_on_signals()
with child("starter", [sys.executable, "-c", starter], environment=os.environ) as one:
    while True:
        check_running([one])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_child_is_ended_with_all_it_started(
    folder: Path, start: Start, number: signal.Signals
) -> None:
    process = start(SUPERVISES, folder / "alive.lock")

    process.send_signal(number)

    assert process.wait() != 0
    with hold(folder / "alive.lock", busy="Still running."):
        pass


def test_child_that_stops_by_itself_is_reported_with_the_end_of_its_log(folder: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no more coffee')"]
    log = folder / "log"

    with child("The worker", command, environment=os.environ, log=log) as worker:
        worker.process.wait()
        with pytest.raises(SetUpError, match=r"(?s)The worker stopped by itself.*no more coffee"):
            worker.check_running()


@pytest.mark.parametrize(
    ("number", "seconds", "killed"),
    [
        pytest.param(signal.SIGKILL, SERVED_SECONDS + 1, True, id="killed"),
        pytest.param(signal.SIGKILL, 0, False, id="killed at once"),
        pytest.param(signal.SIGTERM, SERVED_SECONDS + 1, False, id="stopped"),
    ],
)
def test_child_that_was_killed_can_be_started_again(
    folder: Path, number: signal.Signals, seconds: float, killed: bool
) -> None:
    command = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"]
    log = folder / "log"

    with child("worker", command, environment=os.environ, log=log) as worker:
        while not log.read_text():
            time.sleep(0.01)
        before = worker.was_killed()
        worker.process.send_signal(number)
        worker.process.wait()
        after = replace(worker, started_at=worker.started_at - seconds).was_killed()
        with child("worker", command, environment=os.environ, log=log, again=True):
            while log.read_text() != "begun\nbegun\n":
                time.sleep(0.01)

    assert (before, after) == (False, killed)

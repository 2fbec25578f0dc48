"""The programs we start, and how they end: in order, and with us, whatever ends us."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from config.local.bootstrap import BASE, SetUpError

START_SECONDS = 60  # a database that was cut off replays its journal first
STOP_SECONDS = 15
SERVED_SECONDS = 5  # what is killed sooner after its start would only be killed again
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux's prctl


@dataclass(frozen=True)
class Child:
    """A program we started, in a session of its own: Ctrl-C reaches us, and we stop it in order."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path | None
    started_at: float = field(default_factory=time.monotonic)

    def finish(self) -> None:
        """Wait until it has done its work; raise SetUpError when that failed."""
        if self.process.wait():
            raise SetUpError(f"{self.name} failed{self.log_tail()}")

    def check_running(self) -> None:
        """Raise SetUpError when it has ended, which those that serve never do by themselves."""
        code = self.process.poll()
        if code is not None:
            raise SetUpError(f"{self.name} stopped by itself, with code {code}{self.log_tail()}")

    def was_killed(self) -> bool:
        """Return whether somebody killed it after it had served for a while."""
        lived = time.monotonic() - self.started_at
        return self.process.poll() == -signal.SIGKILL and lived > SERVED_SECONDS

    def log_tail(self) -> str:
        """Return the end of a sentence: where its log is, and how that ends."""
        if not self.log:
            return "; see above."
        lines = self.log.read_text(errors="replace").strip().splitlines()[-10:]
        return "\n".join([f". The end of {self.log}:", "", *(lines or ["(it is empty)"])])


@contextmanager
def child(
    name: str,
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str],
    log: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: str | None = None,
    again: bool = False,
) -> Iterator[Child]:
    """Start `command`, its output going to `log`; afterwards end it, with all that it started.

    When it is started `again` its log goes on.
    """
    with log.open("ab" if again else "wb") if log else nullcontext() as output:
        process = subprocess.Popen(
            command,
            cwd="/" if account else BASE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            user=account,
            group=pwd.getpwnam(account).pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_tie_to_us(stop_signal),  # noqa: PLW1509  (we have one thread)
        )
    try:
        yield Child(name, process, log)
    finally:
        if process.poll() is None:
            process.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tie_to_us(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child does first, on Linux: ask to be stopped when we are gone, even killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(SET_DEATH_SIGNAL, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie


def check_running(children: Sequence[Child]) -> None:
    """Wait a moment; raise SetUpError when one of `children` has stopped by itself."""
    time.sleep(0.2)
    for each in children:
        each.check_running()


def stop_on_signals() -> None:
    """Let Ctrl-C, a plain kill and a closed terminal all raise KeyboardInterrupt, once."""
    for each in STOP_SIGNALS:
        signal.signal(each, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Leave what is going on, and let nothing disturb the stopping."""
    ignore_interrupts()
    raise KeyboardInterrupt


def ignore_interrupts() -> None:
    """Let nothing disturb the stopping."""
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)

"""Prepare a fresh machine: `.venv`, a browser and Node.js for the tests, and cleaning up again.

Runs under the system's Python and the standard library alone, because nothing is installed yet.
Even Python 3.6 must be able to read this file: an old Python then gets a sentence, not a traceback.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL

OLDEST = (3, 11)
BASE = Path(__file__).resolve().parent.parent.parent
LOCAL = BASE / ".local"
VENV = BASE / ".venv"
PYTHON = str(VENV / "bin" / "python")
CACHES = (".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache")
NODE_PROJECT = BASE / "tests" / "api" / "clients"
NODE_MODULES = LOCAL / "node" / "node_modules"
OLDEST_NODE = 18
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MEGABYTE = 1024 * 1024


class SetUpError(Exception):
    """Something that only the person at the keyboard can solve; the message says how."""


class BusyError(SetUpError):
    """Another process is at work here."""


def say(message: str) -> None:
    """Print one line at once, so that nobody thinks it hangs; a closed terminal is no error."""
    with suppress(OSError):
        print(message, flush=True)


@contextmanager
def in_sentences() -> "Iterator[None]":
    """End the program with a sentence, not a traceback, for what is no fault of ours."""
    try:
        yield
    except SetUpError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit("\nThe disk is full. Make room, then try again.")


def check_python() -> None:
    """Raise SetUpError when this Python is too old, or lacks what makes virtual environments."""
    version = "{}.{}".format(*sys.version_info[:2])
    if sys.version_info < OLDEST:
        raise SetUpError(
            f"This is Python {version} ({sys.executable}); Nazorg needs 3.11 or newer. Install one "
            "(Debian, Ubuntu: apt install python3 python3-venv; elsewhere: https://www.python.org) "
            "and name it: make demo PYTHON=python3.12"
        )
    try:
        import ensurepip  # Debian keeps it in a package of its own
        import venv
    except ImportError as error:
        raise SetUpError(
            f"Python {version} cannot make a virtual environment here. "
            f"As root: apt install python{version}-venv (or python3-venv); then try again."
        ) from error
    del ensurepip, venv


def check_space(folder: Path, *, megabytes: int) -> None:
    """Raise SetUpError when the disk of `folder` has less than `megabytes` left."""
    free = shutil.disk_usage(str(folder)).free // MEGABYTE
    if free < megabytes:
        raise SetUpError(
            f"The disk is nearly full: {free} MB free at {folder}, {megabytes} MB needed. "
            "Make room, then try again. (make clean removes what Nazorg itself made.)"
        )


def check_owner(*places: Path) -> None:
    """Raise SetUpError for the first of `places` that exists but is not ours to change."""
    for place in places:
        if place.exists() and not os.access(str(place), os.W_OK):
            raise not_ours(place)


def not_ours(place: Path) -> SetUpError:
    """Return the sentence for what another user made."""
    return SetUpError(
        f"{place} belongs to another user, perhaps because make once ran as root. "
        "Run as that user, or first remove what was made: sudo make clean"
    )


@contextmanager
def hold(lock: Path, *, busy: str = "") -> "Iterator[None]":
    """Keep the file `lock` locked, with the number of this process in it.

    Wait for whoever has it; or, given `busy`, raise BusyError with that sentence, in which {pid} is
    the other's number. The lock ends with its process, however that ends, so it is never stale.
    """
    check_owner(lock.parent, lock)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(str(lock), "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError as error:
            file.seek(0)
            raise BusyError(busy.format(pid=file.read().strip())) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def install(name: str) -> None:
    """Bring `.venv` in line with what `make lock` pinned for the requirements file `name`.

    Return at once when it is.

    The file `.venv/installed` says what is there. It is written last and removed before a change,
    so whatever is interrupted, or fails, is made anew the next time.
    """
    made, wanted = digest(), digest(name)
    read = [digest(file) for file in files_of(name)]  # now: they may be written meanwhile
    installed = VENV / "installed"
    there = installed.read_text().split() if installed.exists() else []
    if wanted in there:
        return
    check_python()
    check_owner(BASE, VENV)
    check_space(BASE, megabytes=1000)
    os.umask(0o022)  # PostgreSQL runs from here as another user when root starts it
    if made in there:
        installed.unlink()
    elif VENV.exists():
        say("Removing .venv: it is incomplete, or made by another Python …")
        shutil.rmtree(str(VENV))
    if not VENV.exists():
        say(f"Making .venv with Python {sys.version.split()[0]} …")
        run([sys.executable, "-m", "venv", str(VENV)], failed="Could not make .venv.")
    say(f"Installing {name} …")
    install_locked(lock_of(name))
    installed.write_text("\n".join([made, *read]))


def install_locked(lock: Path) -> None:
    """Install what a lock file pins: with the uv that it pins, or with pip where that fails.

    uv takes a tenth of pip's time, but knows nothing of pip's settings, such as a mirror.
    """
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--python", PYTHON]
    as_pip_does = ["--compile-bytecode", "--system-certs"]
    exactly = ["--require-hashes", "--no-deps", "-r"]
    pinned = re.search(r"^uv==.*\n(?: .*\n)+", lock.read_text(), re.MULTILINE)
    if pinned:
        only_uv = VENV / "uv.lock"
        only_uv.write_text(pinned.group())
        try:
            run([*pip, *exactly, str(only_uv)], failed="")
            run([*uv, *as_pip_does, *exactly, str(lock)], failed="")
            return
        except SetUpError:
            say("Once more with pip; that takes a minute …")
    failed = f"Could not install {lock.name}. Is the package registry within reach? Then try again."
    run([*pip, *exactly, str(lock)], failed=failed)


def digest(name: str = "") -> str:
    """Return a digest of this Python, this place, and what is pinned for `name`."""
    parts = [sys.version, os.path.realpath(sys.executable), str(BASE)]
    if name:
        parts.append(lock_of(name).read_text())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def lock_of(name: str) -> Path:
    """Return where `make lock` keeps all that the requirements file `name` brings, with hashes."""
    return BASE / "deploy" / Path(name).with_suffix(".lock")


def files_of(name: str) -> "list[str]":
    """Return the requirements file `name` and those that it includes with -r."""
    lines = (BASE / name).read_text().splitlines()
    included = [files_of(line.split()[1]) for line in lines if line.startswith("-r ")]
    return sum(included, [name])


def run(command: "list[str]", *, failed: str) -> None:
    """Run `command` in the work tree; on a terminal its last line shows that it is alive.

    Raise SetUpError with the end of what it printed, and `failed`.
    """
    said: deque[str] = deque(maxlen=15)
    with subprocess.Popen(
        command,
        cwd=str(BASE),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    ) as process:
        for line in process.stdout or ():
            said.append(line.rstrip())
            if sys.stdout.isatty():
                width = shutil.get_terminal_size().columns - 1
                sys.stdout.write("\r\033[K" + line.strip()[:width])
                sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K")
    if process.returncode:
        check_space(BASE, megabytes=100)
        raise SetUpError("\n".join([*said, "", failed]))


def system_browser() -> str:
    """Return the path of a Chromium of this machine that starts, or nothing."""
    for name in BROWSERS:
        path = shutil.which(name)
        if path and not subprocess.call([path, "--version"], stdout=DEVNULL, stderr=DEVNULL):
            return path
    return ""


def check_browser() -> None:
    """Make sure that there is a browser for the tests: the machine's, Playwright's, or Debian's."""
    launch = "from playwright.sync_api import sync_playwright as play\n"
    launch += "with play() as playwright: playwright.chromium.launch().close()"
    works = [PYTHON, "-c", launch]
    if system_browser() or not subprocess.call(works, stdout=DEVNULL, stderr=DEVNULL):
        return
    say("No Chromium found. Fetching the one of Playwright …")
    try:
        run([PYTHON, "-m", "playwright", "install", "chromium"], failed="")
        run(works, failed="")
        return
    except SetUpError:
        say("That did not work.")
    install_of_debian("chromium")
    if not system_browser():
        raise SetUpError(
            "The tests need a browser and none could be found or fetched. Install Chromium or "
            "Google Chrome (Debian, as root: apt install chromium), then run make test again."
        )


def install_of_debian(*packages: str) -> None:
    """Install packages of Debian where we may: as root, and on Debian."""
    if os.geteuid() or not shutil.which("apt-get"):
        return
    say(f"Installing {' and '.join(packages)} of Debian …")
    failed = f"Could not install {' and '.join(packages)} with apt-get."
    run(["apt-get", "update"], failed=failed)
    run(["apt-get", "install", "--yes", "--no-install-recommends", *packages], failed=failed)


def has_node() -> bool:
    """Return whether there is a Node.js that is new enough, with npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    asked = ["node", "--print", "process.versions.node"]
    said = subprocess.run(
        asked, stdout=subprocess.PIPE, universal_newlines=True, check=False
    ).stdout
    return int(said.partition(".")[0] or 0) >= OLDEST_NODE


def install_node_packages() -> None:
    """Bring `.local/node` in line with the lock file of the tests' npm packages."""
    if not has_node():
        install_of_debian("nodejs", "npm")
    if not has_node():
        raise SetUpError(
            f"make test-api needs Node.js {OLDEST_NODE} or newer, with npm. Install them (Debian, "
            "as root: apt install nodejs npm), then try again."
        )
    place, files = NODE_MODULES.parent, ("package.json", "package-lock.json")
    wanted = [(NODE_PROJECT / name).read_text() for name in files]
    if (place / "installed").exists() and wanted == [(place / name).read_text() for name in files]:
        return
    check_owner(LOCAL, place)
    place.mkdir(parents=True, exist_ok=True)
    (place / "installed").unlink(missing_ok=True)
    for name in files:
        shutil.copy(str(NODE_PROJECT / name), str(place))
    say("Installing npm packages; the first time this takes a minute …")
    failed = "Could not install them. Is the package registry within reach? Then try again."
    run(["npm", "ci", "--prefix", str(place), "--no-audit", "--no-fund"], failed=failed)
    (place / "installed").touch()


def clean() -> None:
    """Remove all that make made; refuse while something of it runs."""
    busy = "Process {pid} is using this folder (make demo or make test). Stop it first."
    places = [VENV, LOCAL] + [BASE / name for name in CACHES]
    check_owner(*places, *LOCAL.glob("*"))
    with ExitStack() as stack:
        for lock in sorted(LOCAL.glob("*.lock")):
            stack.enter_context(hold(lock, busy=busy))
        for place in places:
            if place.exists():
                say(f"Removing {place.name} …")
                try:
                    shutil.rmtree(str(place))
                except PermissionError as error:
                    raise not_ours(place) from error


def main(*steps: str) -> None:
    """Take the steps named on the command line, one at a time on this folder."""
    if steps == ("clean",):
        clean()
        return
    with hold(LOCAL / "bootstrap.lock"):
        for step in steps:
            if step == "browser":
                check_browser()
            elif step == "node":
                install_node_packages()
            else:
                install(step)


if __name__ == "__main__":
    with in_sentences():
        main(*sys.argv[1:])

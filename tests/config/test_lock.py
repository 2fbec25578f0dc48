"""What is installed is what was tested: the lock files have all that requirements*.txt ask for.

After a change of one of those: make lock.
"""

import re
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import pairwise

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from config.local.bootstrap import BASE, files_of, lock_of

HASHES = r"(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
PIN = re.compile(rf"^(\S+)==(\S+)(?: ; (.*?))? \\\n{HASHES}", re.MULTILINE)
FILES = [
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-dev.txt",
    "requirements-api.txt",
]
PYTHONS = ("3.11", "3.12", "3.13")
EVERY_FILE = pytest.mark.parametrize("file", FILES)


def locked(file: str, python: str = "") -> dict[str, str]:
    """Return what is pinned for a file, for this Python or another: {name: version}."""
    surroundings = {"python_version": python, "python_full_version": f"{python}.9"}
    return {
        canonicalize_name(name): number
        for name, number, marker in PIN.findall(lock_of(file).read_text())
        if not marker or Marker(marker).evaluate(surroundings if python else {})
    }


def asked(file: str) -> list[Requirement]:
    """Return what a requirements file asks for, with all that it includes."""
    lines = [line for part in files_of(file) for line in (BASE / part).read_text().splitlines()]
    return [
        Requirement(line.partition("#")[0])
        for line in lines
        if line.partition("#")[0].strip() and not line.startswith("-r ")
    ]


def brought(file: str) -> set[str]:
    """Return the names of what is brought along here, as far as it is installed."""
    seen: set[str] = set()
    todo = asked(file)
    while todo:
        each = todo.pop()
        for extra in ("", *each.extras):
            for line in required_by(each.name):
                more = Requirement(line)
                name = canonicalize_name(more.name)
                if name in seen or (more.marker and not more.marker.evaluate({"extra": extra})):
                    continue
                seen.add(name)
                todo.append(more)
    return seen


def required_by(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []  # of make test-api, perhaps


@EVERY_FILE
def test_every_line_has_hashes(file: str) -> None:
    assert PIN.sub("", lock_of(file).read_text()) == ""


@EVERY_FILE
@pytest.mark.parametrize("python", PYTHONS)
def test_all_that_is_asked_for_is_locked_for_every_python(file: str, python: str) -> None:
    wanted = {canonicalize_name(each.name): each for each in asked(file)}
    pinned = locked(file, python)

    assert sorted(wanted.keys() - pinned.keys()) == []
    assert [name for name, each in wanted.items() if pinned[name] not in each.specifier] == []


@EVERY_FILE
def test_what_they_bring_is_locked(file: str) -> None:
    found = brought(file)

    assert len(found) > 20
    assert sorted(found - locked(file).keys()) == []


def test_what_is_installed_is_what_is_locked() -> None:
    pinned = locked("requirements-dev.txt")
    differing = [name for name in pinned if Version(version(name)) != Version(pinned[name])]

    assert differing == []


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("less", "more"), list(pairwise(FILES)))
def test_who_tests_has_what_runs(less: str, more: str, python: str) -> None:
    assert locked(less, python).items() <= locked(more, python).items()

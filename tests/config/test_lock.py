"""What is installed is what was tested: the lock file has all that requirements.txt asks for."""

import re
from importlib.metadata import requires, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config.local.bootstrap import BASE

HASHES = r"(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
PIN = re.compile(rf"^(\S+)==(\S+)(?: ; .*?)? \\\n{HASHES}", re.MULTILINE)
LOCK = (BASE / "deploy" / "requirements.lock").read_text()
LOCKED = {canonicalize_name(name): number for name, number in PIN.findall(LOCK)}


def asked() -> list[Requirement]:
    lines = (BASE / "requirements.txt").read_text().splitlines()
    return [Requirement(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()]


def test_every_line_has_hashes() -> None:
    assert PIN.sub("", LOCK) == ""


def test_all_that_is_asked_for_is_locked() -> None:
    """After a change of requirements.txt: make lock."""
    wanted = {canonicalize_name(each.name): each for each in asked()}

    assert wanted.keys() <= LOCKED.keys()
    assert [name for name, each in wanted.items() if LOCKED[name] not in each.specifier] == []


def test_what_they_bring_is_locked_and_what_the_tests_run_on_is_no_other_series() -> None:
    seen: set[str] = set()
    todo = asked()
    while todo:
        each = todo.pop()
        name = canonicalize_name(each.name)
        for extra in ("", *each.extras):
            for line in requires(name) or ():
                brought = Requirement(line)
                key = canonicalize_name(brought.name)
                holds = not brought.marker or brought.marker.evaluate({"extra": extra})
                if holds and key not in seen:
                    seen.add(key)
                    todo.append(brought)
    assert len(seen) > 20
    assert sorted(seen - LOCKED.keys()) == []
    assert [
        name for name in seen if version(name).split(".")[0] != LOCKED[name].split(".")[0]
    ] == []

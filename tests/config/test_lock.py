"""What is installed is what was tested: the lock files have all that requirements*.txt ask for.

And others can read which that is, and which version of Nazorg: `make check` runs this.

After a change of one of those: make lock.
"""

import json
import re
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import pairwise

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from config.local.bootstrap import BASE, lock_of
from tests.locks import PIN, PRODUCTION, SBOM, asked, locked, our_version, sbom

FILES = [
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-dev.txt",
    "requirements-api.txt",
]
PYTHONS = ("3.11", "3.12", "3.13")
EVERY_FILE = pytest.mark.parametrize("file", FILES)


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


def test_list_of_what_runs_in_production_is_current_and_as_cyclonedx_wants_it() -> None:
    listed = json.loads(SBOM.read_text())
    versions = {each["name"]: each["version"] for each in listed["components"]}

    assert SBOM.read_text() == sbom()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(SBOM.read_text()) is None
    assert versions.items() >= locked(PRODUCTION).items()
    assert listed["metadata"]["component"]["version"] == our_version()


def test_version_is_the_one_that_is_described() -> None:
    """Until it is released, the version is one that is being made."""
    headings = re.findall("^## (.*)$", (BASE / "CHANGELOG.md").read_text(), re.MULTILINE)
    version = Version(our_version())

    assert headings[0].split()[0] == ("Unreleased" if version.is_devrelease else str(version))
    assert "Tell us first" in (BASE / "SECURITY.md").read_text()

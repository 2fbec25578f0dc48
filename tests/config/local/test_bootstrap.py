"""Preparing a machine: in a small tree of its own, with real virtual environments."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from config.local import bootstrap
from config.local.bootstrap import BusyError, SetUpError, hold

SOURCE = Path(bootstrap.__file__)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree that needs no packages."""
    (tmp_path / "config" / "local").mkdir(parents=True)
    shutil.copy(SOURCE, tmp_path / "config" / "local")
    (tmp_path / "deploy").mkdir()
    for name in ("requirements", "requirements-demo", "requirements-dev"):
        (tmp_path / "deploy" / f"{name}.lock").write_text(f"# {name}\n")
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "requirements-demo.txt").write_text("-r requirements.txt\n")
    (tmp_path / "requirements-dev.txt").write_text("# tools\n-r requirements-demo.txt\n")
    return tmp_path


def run(tree: Path, *steps: str) -> subprocess.CompletedProcess[str]:
    """Take `steps` in `tree`, as make does."""
    return subprocess.run(
        [sys.executable, tree / "config" / "local" / "bootstrap.py", *steps],
        capture_output=True,
        text=True,
        check=False,
    )


def test_source_can_be_read_by_an_old_python() -> None:
    ast.parse(SOURCE.read_text(), feature_version=(3, 6))


def test_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST", (99, 0))

    with pytest.raises(SetUpError, match=r"needs 3\.11 or newer.*make demo PYTHON="):
        bootstrap.check_python()


def test_full_disk_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match=r"nearly full.*Make room"):
        bootstrap.check_space(tmp_path, megabytes=10**9)


@pytest.mark.parametrize("version", ["", "16.20.2"], ids=["none", "too old"])
def test_no_node_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    if version:
        for name in ("node", "npm"):
            (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
            (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))  # no apt-get either

    with pytest.raises(SetUpError, match=r"needs Node\.js 18 or newer.*apt install nodejs npm"):
        bootstrap.install_node_packages()


def test_install_repairs_then_rests_and_does_not_take_a_failure_for_done(tree: Path) -> None:
    (tree / ".venv" / "half-made").mkdir(parents=True)

    repaired = run(tree, "requirements-dev.txt")
    rested = run(tree, "requirements-dev.txt", "requirements-demo.txt", "requirements.txt")
    (tree / "deploy" / "requirements.lock").write_text("./no-such-package")
    failed = run(tree, "requirements.txt")

    assert "Removing .venv: it is incomplete" in repaired.stdout
    assert (rested.returncode, rested.stdout, rested.stderr) == (0, "", "")
    assert failed.returncode == 1
    assert "Could not install requirements.lock" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert not (tree / ".venv" / "installed").exists()


def test_install_takes_nothing_that_is_not_pinned_with_a_hash(tree: Path) -> None:
    (tree / "deploy" / "requirements.lock").write_text("tqdm==4.70.1\n")

    refused = run(tree, "requirements.txt")

    assert refused.returncode == 1
    assert "hash" in refused.stderr
    assert not (tree / ".venv" / "installed").exists()


def test_clean_removes_what_was_made(tree: Path) -> None:
    for place in (".venv", ".local", ".mypy_cache"):
        (tree / place / "folder").mkdir(parents=True)

    run(tree, "clean")

    assert sorted(path.name for path in tree.iterdir()) == [
        "config",
        "deploy",
        "requirements-demo.txt",
        "requirements-dev.txt",
        "requirements.txt",
    ]


def test_clean_refuses_while_the_demo_runs(tree: Path) -> None:
    with hold(tree / ".local" / "demo.lock"):
        refused = run(tree, "clean")

    assert refused.returncode == 1
    assert "is using this folder" in refused.stderr
    assert (tree / ".local").exists()


def test_hold_says_who_has_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    with hold(lock):
        number = lock.read_text()

        with (
            pytest.raises(BusyError, match=f"^Process {number} has it.$"),
            hold(lock, busy="Process {pid} has it."),
        ):
            pass

"""Clients that are made from the description, and what Node.js runs: `make test-api`."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from config.local.bootstrap import NODE_MODULES

HERE = Path(__file__).parent


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what `make test` leaves out, because it needs Node.js and what makes clients."""
    if item.path.parent == HERE:
        item.add_marker(pytest.mark.clients)


def run(*command: str | Path, **options: Any) -> str:
    """Run a command and return what it said; it has to succeed."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a programmer who has our npm packages, and nothing else."""
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    return tmp_path


def run_npm(project: Path, command: str, *arguments: str) -> str:
    """Run a command that an npm package brings."""
    return run(project / "node_modules" / ".bin" / command, *arguments, cwd=project)


def run_typescript(project: Path, name: str, **options: Any) -> str:
    """Check the types of a program of ours as strictly as can be, and run it."""
    shutil.copy(HERE / f"{name}.ts", project)
    run_npm(project, "tsc")
    return run("node", f"made/{name}.js", cwd=project, **options)

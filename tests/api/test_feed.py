"""The same door for a file.

With some hundred queries; `make test-api` takes 10,000, FEED_QUERIES says how many.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from queries.models import CustomerQuery, FedRow, WaitingItem
from sellers.enums import Scope
from tests.api.conftest import Register
from tests.api.feeding import Told, by_external_id, item, marketplace, shop, shuffled
from tests.faults.conftest import print_table

BASE = Path(__file__).parents[2]
QUERIES = int(os.environ.get("FEED_QUERIES", "400"))


def written(path: Path, told: list[Told]) -> Path:
    """Write what is told into a file."""
    path.write_text("".join(f"{json.dumps(each)}\n" for each in told))
    return path


@pytest.fixture
def feeder(register: Register) -> str:
    """The client of the platform."""
    registered = register(scopes=[Scope.MARKETPLACE_WRITE], seller=None)
    client_id: str = registered.client.client_id
    return client_id


def test_file_is_fed_in_and_again(
    feeder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "told.ndjson", [*shop(), item("query", "q1")])

    call_command("feed", file, source="mp")
    call_command("feed", file, source="mp", client=feeder)

    assert capsys.readouterr().out.splitlines() == ["4 created", "4 unchanged"]
    assert CustomerQuery.objects.count() == 1


def test_what_is_rejected_is_shown_with_its_line(
    feeder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path / "told.ndjson", [*shop(), item("query", "q1", channel="pigeon")])
    file.write_text(f"{file.read_text()}no json\n")
    report = tmp_path / "report.ndjson"

    with pytest.raises(CommandError, match="2"):
        call_command("feed", file, source="mp", errors=report)

    said = capsys.readouterr()
    assert said.out == "3 created, 2 rejected\n"
    assert "4" in said.err
    assert "channel" in said.err
    lines = [json.loads(line)["line"] for line in report.read_text().splitlines()]
    assert lines == [4, 5]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"source": "No Source"}, id="source"),
        pytest.param({"source": "mp", "client": "nobody"}, id="client"),
    ],
)
def test_who_it_is_from_must_be_known(feeder: str, tmp_path: Path, options: Told) -> None:
    file = written(tmp_path / "told.ndjson", shop())

    with pytest.raises(CommandError):
        call_command("feed", file, **options)
    with pytest.raises(CommandError):
        call_command("feed", tmp_path / "nowhere.ndjson", source="mp")


def test_of_several_clients_one_is_named(feeder: str, register: Register, tmp_path: Path) -> None:
    register(scopes=[Scope.MARKETPLACE_WRITE], seller=None)
    file = written(tmp_path / "told.ndjson", shop())

    with pytest.raises(CommandError):
        call_command("feed", file, source="mp")


def test_killed_and_run_again_settles_the_same(
    feeder: str, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    told = marketplace(QUERIES)
    in_order = written(tmp_path / "in_order.ndjson", told)
    file = written(tmp_path / "told.ndjson", shuffled(told))
    began = time.monotonic()

    killed = subprocess.Popen(feeding(file, "mp"), cwd=BASE, env=surroundings)
    deadline = began + 3_600
    while FedRow.objects.count() < len(told) / 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    killed.kill()
    was_broken_off = killed.wait() != 0
    known_then = FedRow.objects.count()
    subprocess.run(feeding(file, "mp"), cwd=BASE, env=surroundings, check=True)
    shuffled_took = time.monotonic() - began
    settled = by_external_id("mp")
    subprocess.run(feeding(in_order, "two"), cwd=BASE, env=surroundings, check=True)
    in_order_took = time.monotonic() - began - shuffled_took

    assert was_broken_off
    ids = {(each["kind"], each["external_id"]) for each in told}
    assert 0 < known_then < FedRow.objects.filter(source="mp").count() == len(ids)
    assert not WaitingItem.objects.exists()
    assert settled == by_external_id("two")
    print_table(
        {
            "items told in order": len(told),
            "known when killed": known_then,
            "rows compared": len(settled),
            "seconds, shuffled": int(shuffled_took),
            "seconds, in order": int(in_order_took),
        }
    )


def feeding(file: Path, source: str) -> list[str]:
    """Return the command that feeds a file in."""
    return [
        *(sys.executable, "manage.py", "feed"),
        *(str(file), f"--source={source}", "--verbosity=0"),
    ]

"""The broker of a laptop under two processes' worth of haste."""

from pathlib import Path
from queue import Empty
from threading import Event

import pytest
from kombu import Connection, Exchange, Queue

from config.local.celery import broker_options
from tests.conftest import at_once

MESSAGES = 2_000
EXCHANGES = 500


# Kombu remembers which queues are declared, whatever the folder: each test has a name of its own.


def connect(folder: Path) -> Connection:
    """Return a connection to the broker whose files are in `folder`."""
    options = broker_options("filesystem://", folder)
    return Connection(transport="config.local.broker:Transport", transport_options=options)


@pytest.mark.parametrize("url", ["redis://localhost:6379/0", "memory://", "amqp://localhost"])
def test_broker_needs_no_folders(tmp_path: Path, url: str) -> None:
    assert broker_options(url, tmp_path / "broker") == {}
    assert not (tmp_path / "broker").exists()


def test_broker_of_files_gets_its_folders(tmp_path: Path) -> None:
    options = broker_options("filesystem://", tmp_path / "broker")

    queue, control = tmp_path / "broker" / "queue", tmp_path / "broker" / "control"
    assert options == {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
    }
    assert queue.is_dir()
    assert control.is_dir()
    assert broker_options("filesystem://", tmp_path / "broker") == options


def test_every_message_arrives_whole_and_once(tmp_path: Path) -> None:
    """Kombu's own channel hands out a few empty files among so many."""

    def send() -> list[int]:
        with connect(tmp_path) as connection:
            queue = connection.SimpleQueue(tmp_path.name)
            for number in range(MESSAGES):
                queue.put({"number": number})
        return []

    def receive() -> list[int]:
        numbers: list[int] = []
        with connect(tmp_path) as connection:
            queue = connection.SimpleQueue(tmp_path.name)
            while len(numbers) < MESSAGES:
                message = queue.get(timeout=20)
                numbers.append(message.payload["number"])
                message.ack()
        return numbers

    with connect(tmp_path) as connection:
        connection.SimpleQueue(tmp_path.name)  # there before the first message, as a worker's is

    _, received = at_once(send, receive)

    assert sorted(received) == list(range(MESSAGES))


def test_table_of_an_exchange_is_never_seen_empty(tmp_path: Path) -> None:
    """A worker that starts and a beat that sends at that moment: kombu's own channel stops both."""
    names = [f"{tmp_path.name}-{number}" for number in range(EXCHANGES)]
    are_bound = Event()

    def bind() -> None:
        with connect(tmp_path) as connection:
            for name in names:
                Queue(name, Exchange(name))(connection.default_channel).declare()
        are_bound.set()

    def look() -> None:
        with connect(tmp_path) as connection:
            for name in names:
                is_last_look = False
                while not connection.default_channel.get_table(name):
                    assert not is_last_look
                    is_last_look = are_bound.is_set()

    at_once(bind, look)


def test_unfinished_message_is_not_handed_out(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        queue = connection.SimpleQueue(tmp_path.name)
        (tmp_path / "queue" / f"1_a.{tmp_path.name}.msg.unfinished").write_text("{")

        with pytest.raises(Empty):
            queue.get(block=False)

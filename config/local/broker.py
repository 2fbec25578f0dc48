"""The broker of a laptop: files that others see only when they are whole.

Kombu's own channel names a message before it has written it, and the table of an exchange too. A
worker that looks at that moment takes an empty file, cannot read it, and stops.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes a message under another name; reads and writes tables one process at a time."""

    def _put(  # type: ignore[override]  # its two bases name the message differently
        self, queue: str, payload: dict[str, Any], **kwargs: Any
    ) -> None:
        """Add a message to a queue; names sort by time, as the reading side wants them."""
        name = f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_text(dumps(payload))
        unfinished.replace(folder / name)

    def get_table(self, exchange: str) -> list[Any]:
        """Return which queues an exchange leads to."""
        with self._tables():
            return list(super().get_table(exchange))

    def _queue_bind(self, exchange: str, *args: Any) -> None:
        with self._tables():
            super()._queue_bind(exchange, *args)

    @contextmanager
    def _tables(self) -> Iterator[None]:
        """Keep other processes away: a lock on the table itself comes after it was emptied."""
        with (self.control_folder / "lock").open("w") as file:
            flock(file, LOCK_EX)
            yield


class Transport(filesystem.Transport):
    """`filesystem://` with whole messages."""

    Channel = Channel

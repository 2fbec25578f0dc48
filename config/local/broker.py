"""The broker of a laptop: messages as files, which appear only when they are whole.

Kombu's own channel names a message before it has written it. A worker that looks at that moment
takes an empty file, cannot read it, and stops.
"""

from pathlib import Path
from time import monotonic_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Writes a message under another name and then gives it its own, in one step."""

    def _put(  # type: ignore[override]  # its two bases name the message differently
        self, queue: str, payload: dict[str, Any], **kwargs: Any
    ) -> None:
        """Add a message to a queue; names sort by time, as the reading side wants them."""
        name = f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f"{name}.unfinished"
        unfinished.write_text(dumps(payload))
        unfinished.replace(folder / name)


class Transport(filesystem.Transport):
    """`filesystem://` with whole messages."""

    Channel = Channel

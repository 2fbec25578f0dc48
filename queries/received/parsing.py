"""From bytes to a tree of parts, within limits that keep the time short."""

from email.message import Message
from email.parser import BytesParser
from email.policy import Compat32, compat32
from typing import Any, Final

from queries.received.charsets import decode
from queries.received.mail import MAX_BYTES, UnreadableMail, UnreadableReason

MAX_LINES: Final = 400_000  # 25 MB in lines of base64 are 340,000
MAX_DEPTH: Final = 15
MAX_PARTS: Final = 500
MAX_HEADERS: Final = 5_000
MAX_HEADER_CHARACTERS: Final = 500_000
MAX_HEADER: Final = 100_000
MAX_CONTENT_HEADER: Final = 10_000  # taken apart in a time that grows with its square


class Part(Message):
    """A part of a mail that counts, and whose headers are text on one line."""

    def __init__(self, tally: "_Tally", policy: Compat32) -> None:
        super().__init__(policy)
        self.tally = tally
        self.depth = 0
        tally.add_part()

    def set_raw(self, name: str, value: str) -> None:
        """Take a header from the parser."""
        self.tally.add_header(name, value)
        octets = value.encode("ascii", "surrogateescape")
        super().set_raw(name, decode(octets, "utf-8").replace("\n", ""))

    def get_param(self, param: str, failobj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return a parameter of a header; one that cannot be taken apart is none."""
        try:
            return super().get_param(param, failobj, *args, **kwargs)
        except (TypeError, ValueError, LookupError):
            return failobj

    def attach(self, payload: "Part") -> None:  # type: ignore[override]
        """Take a part that begins inside this one."""
        payload.depth = self.depth + 1
        if payload.depth > MAX_DEPTH:
            raise UnreadableMail(UnreadableReason.TOO_DEEP)
        super().attach(payload)


class _Tally:
    """What the parser met in one mail."""

    def __init__(self) -> None:
        self.parts = -1  # the parser makes one more, to try how
        self.headers = self.header_characters = 0

    def add_part(self) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise UnreadableMail(UnreadableReason.TOO_MANY_PARTS)

    def add_header(self, name: str, value: str) -> None:
        length = len(name) + len(value)
        self.headers += 1
        self.header_characters += length
        longest = MAX_CONTENT_HEADER if name.lower().startswith("content-") else MAX_HEADER
        if (
            length > longest
            or self.headers > MAX_HEADERS
            or self.header_characters > MAX_HEADER_CHARACTERS
        ):
            raise UnreadableMail(UnreadableReason.HEADERS_TOO_LONG)


def parse(raw: bytes) -> Message:
    """Return the parts of a mail; raises UnreadableMail."""
    if len(raw) > MAX_BYTES:
        raise UnreadableMail(UnreadableReason.TOO_BIG)
    if not raw.strip():
        raise UnreadableMail(UnreadableReason.EMPTY)
    if raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n") > MAX_LINES:
        raise UnreadableMail(UnreadableReason.TOO_MANY_LINES)
    tally = _Tally()

    def new_part(policy: Compat32 = compat32) -> Part:
        return Part(tally, policy)

    message: Message = BytesParser(new_part, policy=compat32).parsebytes(raw)
    if not message.keys():
        raise UnreadableMail(UnreadableReason.NO_HEADERS)
    return message

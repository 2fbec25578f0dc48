"""One call to a server whose address somebody else chose.

The name is resolved once, what it leads to is checked, and the connection goes to that very
address: a second answer of DNS decides nothing. TLS still asks for a certificate of the name.
httpcore follows no redirect, reads no proxy from the environment and keeps no cookie; whoever
drips its answer gets no more time than whoever is silent.
"""

import socket
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from ssl import SSLContext
from typing import Any, Final

import httpcore

from sellers.enums import CallFailure
from sellers.lines import one_line
from sellers.targets import ForbiddenTarget, TargetRules, is_allowed, parse
from sellers.webhook_rules import SUCCESS

CALL_LASTS: Final = timedelta(seconds=15)  # from the name to the last byte of the answer's head
MOST_ADDRESSES: Final = 4  # of a name that are tried
EXCERPT_BYTES: Final = 1_000
EXCERPT_LENGTH: Final = 200

Resolve = Callable[[str, int], Sequence[str]]


class CallFailed(Exception):
    """There was no answer, and why."""

    def __init__(self, failure: CallFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    retry_after: str = ""
    excerpt: str = ""  # how its answer began, unless it was well


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses to which a name leads. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@cache  # it is made slowly
def trusted() -> SSLContext:
    """Return which certificates are trusted: the system's and Mozilla's."""
    return httpcore.default_ssl_context()


def call(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    rules: TargetRules,
    tls: SSLContext,
    resolve: Resolve = resolve,
    lasts: timedelta = CALL_LASTS,
) -> Answer:
    """POST a body and return how the server answered. Raises CallFailed."""
    try:
        target = parse(url, rules=rules)
    except ForbiddenTarget:
        raise CallFailed(CallFailure.FORBIDDEN) from None
    where = httpcore.URL(
        scheme=target.scheme, host=target.host, port=target.port, target=target.path
    )
    backend = _CheckedAddresses(rules, resolve, _Deadline(lasts))
    try:
        with (
            httpcore.ConnectionPool(tls, network_backend=backend) as pool,
            pool.stream(
                "POST", where, content=body, headers=[*headers.items(), ("connection", "close")]
            ) as response,
        ):
            return _answer(response)
    except httpcore.TimeoutException:
        raise CallFailed(CallFailure.TIMEOUT) from None
    except httpcore.ConnectError:
        raise CallFailed(CallFailure.NO_CONNECTION) from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise CallFailed(CallFailure.BROKEN_OFF) from None


class _Deadline:
    """When a call must be over, by a clock that nobody sets."""

    def __init__(self, lasts: timedelta) -> None:
        self._ends = time.monotonic() + lasts.total_seconds()

    def left(self) -> float:
        """Return how many seconds are left; raises httpcore.ReadTimeout when none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _CheckedAddresses(httpcore.NetworkBackend):
    """Connects to an address that may be called, and to no other."""

    def __init__(self, rules: TargetRules, resolve: Resolve, deadline: _Deadline) -> None:
        self._rules = rules
        self._resolve = resolve
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve the name once and connect to what was checked. Raises CallFailed."""
        addresses = self._addresses(host, port)[:MOST_ADDRESSES]
        for number, address in enumerate(addresses, start=1):
            share = self._deadline.left() / (len(addresses) - number + 1)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, timeout=share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return _TimedStream(stream, self._deadline)
        raise CallFailed(CallFailure.NO_ADDRESS)

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """Return where a name leads: all of it may be called, or nothing of it is."""
        with _Impatient() as thread:
            try:
                found = thread.submit(self._resolve, host, port).result(self._deadline.left())
            except TimeoutError:
                raise CallFailed(CallFailure.TIMEOUT) from None
            except (OSError, UnicodeError):
                raise CallFailed(CallFailure.NO_ADDRESS) from None
        if not all(is_allowed(address, rules=self._rules) for address in found):
            raise CallFailed(CallFailure.FORBIDDEN)
        return found


class _Impatient(ThreadPoolExecutor):
    """A thread that is left alone when it takes too long: nothing can stop a look-up."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)

    def __exit__(self, *_exception: object) -> None:
        self.shutdown(wait=False)


class _TimedStream(httpcore.NetworkStream):
    """A connection of which every step gets only what is left of the time for all."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what comes next."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Ask for a certificate of the name. Raises CallFailed."""
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        except httpcore.ConnectError:
            raise CallFailed(CallFailure.CERTIFICATE) from None
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection says of itself."""
        return self._stream.get_extra_info(info)


def _answer(response: httpcore.Response) -> Answer:
    """Return the answer; of a failure also how it begins, as far as it comes in time."""
    headers = {name.lower(): value for name, value in response.headers}
    excerpt = b""
    if response.status not in SUCCESS:
        with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            for part in response.iter_stream():
                excerpt += part
                if len(excerpt) >= EXCERPT_BYTES:
                    break
    words = " ".join(one_line(excerpt[:EXCERPT_BYTES].decode(errors="replace")).split())
    return Answer(
        response.status,
        retry_after=headers.get(b"retry-after", b"").decode("ascii", "replace"),
        excerpt=words[:EXCERPT_LENGTH],
    )

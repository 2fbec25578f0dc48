"""A real server that webhooks call, which answers what it is told to answer."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass
class Call:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Keeps what it gets; says 204 unless told what else."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)  # of the next answers
    status: int = 204  # of the others
    headers: dict[str, str] = field(default_factory=dict)
    words: bytes = b""
    seconds: float = 0.0  # until it answers
    drips: bool = False  # a byte now and then, for ever
    on_call: Callable[[Call], None] | None = None
    now_open: int = 0
    most_open: int = 0
    lock: Any = field(default_factory=Lock)

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://localhost:{self.port}/hooks"

    def ids(self) -> list[str]:
        """Return the ids in the order in which they came."""
        return [call.headers["webhook-id"] for call in self.calls]

    def accepted(self, secret: str) -> dict[str, Any]:
        """Return what a receiver keeps that checks each call and skips what it has: by id."""
        kept: dict[str, Any] = {}
        for call in self.calls:
            said = Webhook(secret).verify(call.body, call.headers)
            kept.setdefault(call.headers["webhook-id"], said)
        return kept

    def refuses(self, call: Call, secret: str) -> bool:
        """Return whether a receiver would refuse a call."""
        try:
            Webhook(secret).verify(call.body, call.headers)
        except WebhookVerificationError:
            return True
        return False


@contextmanager
def receiving(*, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Start a receiver, and stop it."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.path, headers, body)
            with receiver.lock:
                receiver.calls.append(call)
                receiver.now_open += 1
                receiver.most_open = max(receiver.most_open, receiver.now_open)
                status = receiver.statuses.pop(0) if receiver.statuses else receiver.status
            try:
                if receiver.on_call:
                    receiver.on_call(call)
                time.sleep(receiver.seconds)
                with suppress(OSError):
                    self._answer(status)
            finally:
                with receiver.lock:
                    receiver.now_open -= 1

        def _answer(self, status: int) -> None:
            while receiver.drips:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-More: "[:1])
                time.sleep(0.05)
            self.send_response(status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(receiver.words)))
            self.end_headers()
            self.wfile.write(receiver.words)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Say nothing: whoever calls may hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    receiver.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.drips = False
        server.shutdown()
        server.server_close()
        thread.join()

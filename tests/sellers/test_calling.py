"""One call: to the address that was checked, in the time that there is, to real servers."""

import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sellers.enums import CallFailure
from sellers.targets import TargetRules
from sellers.webhooks.calling import Answer, CallFailed, call
from sellers.webhooks.calling import resolve as resolve_by_system
from tests.mail_server import deaf_port, silent_server
from tests.receiver import Receiver, receiving

NAME = "hooks.shop.example"
SHORT = timedelta(seconds=0.5)
LAPTOP = TargetRules(ports=frozenset({443}), this_machine=True)
Resolve = Callable[[str, int], list[str]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server on this machine, without TLS."""
    with receiving() as listening:
        yield listening


def post(
    url: str,
    *,
    rules: TargetRules = LAPTOP,
    resolve: Resolve = resolve_by_system,
    lasts: timedelta = timedelta(seconds=10),
) -> Answer:
    """Call with a body."""
    headers = {"webhook-id": "msg_1", "content-type": "application/json"}
    return call(
        url,
        body=b"{}",
        headers=headers,
        rules=rules,
        tls=httpcore.default_ssl_context(),
        resolve=resolve,
        lasts=lasts,
    )


def why_not(url: str, **given: object) -> CallFailure:
    """Call in vain, and return why."""
    with pytest.raises(CallFailed) as failed:
        post(url, **given)  # type: ignore[arg-type]
    return failed.value.failure


def test_server_gets_what_was_sent(receiver: Receiver) -> None:
    receiver.words = b"Thanks, this is stored nowhere."

    assert post(f"{receiver.url}?key=1") == Answer(204)

    (got,) = receiver.calls
    assert (got.path, got.body) == ("/hooks?key=1", b"{}")
    assert got.headers["host"] == f"localhost:{receiver.port}"
    assert got.headers["webhook-id"] == "msg_1"
    assert got.headers["content-length"] == "2"
    assert "cookie" not in got.headers


def test_of_a_failure_is_told_how_it_begins(receiver: Receiver) -> None:
    receiver.status, receiver.words = 500, b"<b>Out\0\r\n\xffof</b>  order " + b"x" * 5_000
    receiver.headers = {"Retry-After": "120"}

    answer = post(receiver.url)

    assert (answer.status, answer.retry_after) == (500, "120")
    assert answer.excerpt.startswith("<b>Out \N{REPLACEMENT CHARACTER}of</b> order xxx")
    assert len(answer.excerpt) == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.status = status
    receiver.headers = {"Location": f"{receiver.url}/elsewhere"}

    assert post(receiver.url).status == status
    assert len(receiver.calls) == 1


def test_proxy_of_the_environment_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with deaf_port() as port:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")

        assert post(receiver.url).status == 204


# Time


def test_slow_server_gets_so_much_time(receiver: Receiver) -> None:
    receiver.seconds = 5

    began = time.monotonic()
    assert why_not(receiver.url, lasts=SHORT) is CallFailure.TIMEOUT
    assert time.monotonic() - began < 3


def test_server_that_drips_gets_no_more(receiver: Receiver) -> None:
    receiver.drips = True

    began = time.monotonic()
    assert why_not(receiver.url, lasts=SHORT) is CallFailure.TIMEOUT
    assert time.monotonic() - began < 3


def test_silent_server_gets_no_more() -> None:
    with silent_server() as port:
        assert why_not(f"http://localhost:{port}/", lasts=SHORT) is CallFailure.TIMEOUT
        assert why_not(f"https://localhost:{port}/", lasts=SHORT) is CallFailure.TIMEOUT


def test_slow_name_server_gets_no_more() -> None:
    def slowly(_host: str, _port: int) -> list[str]:
        time.sleep(4)
        return ["127.0.0.1"]

    began = time.monotonic()
    assert why_not("http://localhost:1/", resolve=slowly, lasts=SHORT) is CallFailure.TIMEOUT
    assert time.monotonic() - began < 3


# No answer


def test_nobody_listens() -> None:
    with deaf_port() as port:
        assert why_not(f"http://localhost:{port}/") is CallFailure.NO_CONNECTION


def test_what_is_no_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        listening.settimeout(5)

        def greet(_host: str, _port: int) -> list[str]:
            def say() -> None:
                connection, _ = listening.accept()
                with connection:
                    connection.sendall(b"220 mail.example ESMTP\r\n")
                    connection.recv(1_000)

            Thread(target=say).start()
            return ["127.0.0.1"]

        assert why_not(f"http://localhost:{port}/", resolve=greet) is CallFailure.BROKEN_OFF


def test_name_that_leads_nowhere() -> None:
    def nowhere(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    assert why_not(f"https://{NAME}/", resolve=nowhere) is CallFailure.NO_ADDRESS
    assert why_not(f"https://{NAME}/", resolve=lambda *_: []) is CallFailure.NO_ADDRESS


# Which address


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["10.0.0.1"], id="private"),
        pytest.param(["127.0.0.1"], id="this machine"),
        pytest.param(["169.254.169.254"], id="cloud"),
        pytest.param(["::ffff:127.0.0.1"], id="mapped"),
        pytest.param(["64:ff9b::7f00:1"], id="NAT64"),
        pytest.param(["2002:7f00:1::"], id="6to4"),
        pytest.param(["fec0::1"], id="site-local"),
        pytest.param(["8.8.8.8", "127.0.0.1"], id="one of two"),
        pytest.param(["127.1"], id="no address"),
    ],
)
def test_name_that_leads_inside_is_not_called(receiver: Receiver, addresses: list[str]) -> None:
    strict = TargetRules(ports=frozenset({receiver.port}))

    failure = why_not(
        f"https://{NAME}:{receiver.port}/", rules=strict, resolve=lambda *_: addresses
    )

    assert failure is CallFailure.FORBIDDEN
    assert receiver.calls == []


def test_url_is_looked_at_again_with_each_call(receiver: Receiver) -> None:
    """The form let it through when more was allowed."""
    strict = TargetRules(ports=frozenset({443}))

    assert why_not(receiver.url, rules=strict) is CallFailure.FORBIDDEN
    assert receiver.calls == []


def test_second_answer_of_dns_decides_nothing(receiver: Receiver) -> None:
    """The first look-up is checked and is the one that is called; there is no second."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    def changing(host: str, _port: int) -> list[str]:
        assert host == NAME
        return answers.pop(0)

    with pytest.raises(CallFailed):  # it speaks no TLS, but it was called
        post(f"https://{NAME}:443/", resolve=changing, lasts=SHORT)
    assert answers == [["10.0.0.1"]]

    strict = TargetRules(ports=frozenset({443}))
    turned = [["10.0.0.1"], ["8.8.8.8"]]
    failure = why_not(f"https://{NAME}/", rules=strict, resolve=lambda *_: turned.pop(0))
    assert failure is CallFailure.FORBIDDEN
    assert turned == [["8.8.8.8"]]


def test_address_that_is_down_is_passed_over(receiver: Receiver) -> None:
    both = ["127.0.0.9", "127.0.0.1"]

    assert post(receiver.url, resolve=lambda *_: both).status == 204


# TLS


def _certificate(folder: Path, name: str) -> Path:
    """Return a file with a key and a certificate of a name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.2"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Receiver, list[str]]]:
    """A server with TLS whose certificate we trust, and the names that it was asked for."""
    file = _certificate(tmp_path, NAME)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    asked: list[str] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)  # type: ignore[assignment]
    with receiving(tls=context) as listening:
        yield listening, asked


def test_certificate_is_of_the_name_and_not_of_the_address(
    secure: tuple[Receiver, list[str]],
) -> None:
    receiver, asked = secure
    rules = TargetRules(ports=frozenset({receiver.port}), this_machine=True)
    here: Resolve = lambda *_: ["127.0.0.1"]  # noqa: E731

    assert post(f"https://{NAME}:{receiver.port}/", rules=rules, resolve=here).status == 204
    assert receiver.calls[0].headers["host"] == f"{NAME}:{receiver.port}"

    other = f"https://other.example:{receiver.port}/"
    assert why_not(other, rules=rules, resolve=here) is CallFailure.CERTIFICATE
    assert asked == [NAME, "other.example"]
    assert len(receiver.calls) == 1


def test_certificate_that_nobody_trusts(
    secure: tuple[Receiver, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, _asked = secure
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)

    assert why_not(f"https://localhost:{receiver.port}/") is CallFailure.CERTIFICATE
    assert receiver.calls == []

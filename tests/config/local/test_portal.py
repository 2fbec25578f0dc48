"""What `make demo` says before it can start."""

import socket

import pytest

from config.local import portal
from config.local.bootstrap import SetUpError


def test_port_in_use_gets_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]

        with pytest.raises(SetUpError, match=f"port {number}.*PORT=8080 make demo"):
            portal.check_port("127.0.0.1", number)

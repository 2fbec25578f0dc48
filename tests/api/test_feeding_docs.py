"""Who follows docs/feeding.md line by line has fed a marketplace."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from queries.models import CustomerQuery, Order, WaitingItem
from sellers.enums import Scope
from sellers.models import RefusedAddress
from surveys.models import SurveyOptOut
from tests.api.conftest import Register

GUIDE = Path(__file__).parents[2] / "docs" / "feeding.md"


@pytest.fixture
def portal(committed_db: None) -> Iterator[str]:
    """The address at which the portal answers."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.mark.filterwarnings("ignore:No directory at")  # of style, which a program needs not
def test_guide_works_line_by_line(register: Register, portal: str) -> None:
    registered = register(scopes=[Scope.MARKETPLACE_WRITE], seller=None)
    _own, *blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    known = {
        "PORTAL": portal,
        "CLIENT_ID": registered.client.client_id,
        "CLIENT_SECRET": registered.secret,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }

    script = "set -euo pipefail\n" + "\n".join(blocks)
    ran = subprocess.run(
        ["bash", "-c", script], env=known, capture_output=True, text=True, check=False, timeout=120
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count('"outcome":"created"') == 16
    assert CustomerQuery.objects.get(subject="My lamp flickers").closings.get().predicted_score == 9
    assert CustomerQuery.objects.get(subject="Invoice").messages.count() == 2
    assert Order.objects.get().items.get().serial_number == "L-4711"
    escalated = CustomerQuery.objects.get(subject="Nobody answers").handovers.get()
    assert (escalated.outcome, escalated.by.name) == ("handed_back", "Eva")
    assert SurveyOptOut.objects.get().customer.external_id == "K-31337"
    assert RefusedAddress.objects.get().email == "klaas@oud.example"
    assert not WaitingItem.objects.exists()

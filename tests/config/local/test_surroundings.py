"""The stand-ins of a laptop, and the command that runs in them."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import environ
import pytest

from config.local import surroundings
from config.local.bootstrap import BASE, SetUpError


@pytest.mark.parametrize("text", ["web", "0", "65536", "-1", "80.5", "²"])
def test_port_that_is_none_gets_a_sentence(text: str) -> None:
    with pytest.raises(SetUpError, match=r"is not a port.*PORT=8080 make demo"):
        surroundings.port({"PORT": text})


def test_environment_keeps_what_is_given() -> None:
    given = {"EMAIL_URL": "smtp://mail.example", "DEBUG": "false", "PORT": "8080", "DEMO": ""}

    environment = surroundings.environment(given)

    assert environment["EMAIL_URL"] == "smtp://mail.example"
    assert environment["DEBUG"] == "false"
    assert environment["DEMO"] == "true"
    assert environment["SITE_URL"] == "http://localhost:8080"
    assert environment["CELERY_BROKER_URL"] == "filesystem://"


def test_demo_has_the_pages_of_production() -> None:
    environment = surroundings.environment({})

    assert "DEBUG" not in environment
    assert surroundings.environment({"DEBUG": "true"})["DEBUG"] == "true"


def test_cache_of_the_demo_needs_no_server() -> None:
    assert surroundings.environment({})["CACHE_URL"] == "locmemcache://"


def test_environment_keeps_mail_as_files() -> None:
    url = surroundings.environment({})["EMAIL_URL"]

    assert environ.Env.email_url_config(url)["EMAIL_FILE_PATH"] == str(BASE / ".local" / "mail")


def test_secret_key_is_made_once_and_kept_secret(folder: Path) -> None:
    file = folder / "folder" / "secret-key"

    keys = {surroundings.secret_key(file), surroundings.secret_key(file)}

    assert [len(key) for key in keys] == [80]
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_run_gives_the_command_its_surroundings_and_returns_its_code() -> None:
    script = "import os; assert os.environ['SECRET_KEY'] and os.environ['DATABASE_URL']; exit(7)"
    command = [sys.executable, "-m", "config.local", "run", "--", sys.executable, "-c", script]

    code = subprocess.call(
        command, cwd=BASE, env=os.environ | {"DATABASE_URL": "postgresql://localhost/nazorg"}
    )

    assert code == 7

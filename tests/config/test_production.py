"""What a real installation runs carries nothing along that only a laptop needs."""

import os
import subprocess
import sys

from config.local.bootstrap import BASE
from tests.config.test_settings import PRODUCTION

# Loads all that web server, worker, clock and commands load, then names what they should not.
LOADS_ALL = """
import sys
from django.urls import URLResolver, get_resolver
from config.celery import app
from config.wsgi import application

def resolve(resolver):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            resolve(pattern)
        else:
            assert callable(pattern.callback)

resolve(get_resolver())
app.loader.import_default_modules()
assert "surveys.tasks" in sys.modules and "insights.views.tab" in sys.modules
print(*sorted(name for name in sys.modules if name.startswith(("config.demo", "config.local"))))
"""


def test_production_process_imports_nothing_of_the_demo_or_the_laptop() -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    process = subprocess.run(
        [sys.executable, "-c", LOADS_ALL],
        cwd=BASE,
        env=environment | PRODUCTION | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (process.stdout.strip(), process.returncode) == ("", 0), process.stderr

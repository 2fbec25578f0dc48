"""The settings of a real installation, plus the pages that the benchmark measures against."""

from config.settings import *  # noqa: F403
from config.settings import BASE_DIR

ROOT_URLCONF = "tests.bench.urls"
STATIC_ROOT = BASE_DIR / ".local" / "bench-static"

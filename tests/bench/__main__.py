"""`make bench`: fills a marketplace, measures on it, prints a table, writes `.local/bench.json`.

SCALE=small (some minutes) or SCALE=full (ten million measurements: 15 GB, a quarter of an hour, and
as long again the first time). The database stays under `.local/bench-…`; it is filled anew when
its tables have changed.
"""

import json
import os
import platform
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime

import django
import time_machine

from config.local.bootstrap import BASE, LOCAL, SetUpError, check_space, hold, in_sentences, say
from config.local.postgres import server
from config.roles import as_owner
from tests.bench import stock
from tests.bench.measuring import table

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
    "SECRET_KEY": "only-for-the-benchmark-and-long-enough",
    "SITE_URL": "http://localhost:8000",
    "ALLOWED_HOSTS": "localhost",
    "MARKETPLACE_TIME_ZONE": "Europe/Amsterdam",
    "DEBUG": "false",
    "DEMO": "false",
    "EMAIL_URL": "memorymail://",
    "CACHE_URL": "locmemcache://",
    "CELERY_BROKER_URL": "memory://",
    "STAFF_SECOND_FACTOR": "false",
    "API_PER_MINUTE": "999999",
}
MEGABYTES = {"small": 1_000, "full": 30_000}  # of the disk
MOST_BATCHES = 500
OUTCOME = LOCAL / "bench.json"


def main() -> None:
    """Prepare, measure, report."""
    scale = wanted_scale(os.environ.get("SCALE") or "small")
    started = datetime.now(UTC)
    with ExitStack() as stack:
        busy = "The benchmark runs already, as process {pid}. Two at once measure each other."
        stack.enter_context(hold(LOCAL / "bench.lock", busy=busy))
        directory = LOCAL / f"bench-{scale.name}"
        if not directory.exists():
            check_space(BASE, megabytes=MEGABYTES[scale.name])
        say(f"Starting the database of the {scale.name} marketplace …")
        started_server = stack.enter_context(server(directory))
        os.environ.update(SETTINGS | started_server.environment)
        stack.enter_context(time_machine.travel(stock.NOW, tick=True))
        django.setup()
        measure(scale, started=started)


def wanted_scale(text: str) -> stock.Scale:
    """Return what SCALE asks for; raise SetUpError when it is no scale."""
    if text not in stock.SCALES:
        raise SetUpError(f"SCALE={text} is neither small nor full. Try: make bench SCALE=small")
    return stock.SCALES[text]


def measure(scale: stock.Scale, *, started: datetime) -> None:
    """Measure everything on a marketplace of this size; the next run puts it back as it was."""
    from django.core.management import call_command
    from django.db import connection

    from tests.bench.api import api_figures, feeding_figures
    from tests.bench.coverage import coverage_figures, coverage_table, coverages
    from tests.bench.deciding import decide_in_a_process, deciding_figures, plan_of_search
    from tests.bench.inbox import inbox_figures, watching_figures
    from tests.bench.pages import staff_figures, survey_figures, tab_figures
    from tests.bench.reading import reading_figures
    from tests.bench.serving import Portal
    from tests.bench.writing import writing_figures

    with as_owner():
        stock.prepare(scale)
    load = os.getloadavg()[0]
    call_command("collectstatic", interactive=False, verbosity=0)
    portal = Portal()
    say("Measuring the customer's pages …")
    figures = [*survey_figures(portal)]
    say("Measuring what is written …")
    figures += writing_figures(portal)
    say("Measuring the tab …")
    figures += tab_figures(portal, scale)
    say("Measuring the inbox …")
    figures += inbox_figures(portal)
    figures += watching_figures(portal)
    say("Measuring the API …")
    figures += api_figures(portal)
    figures += feeding_figures(portal)
    say("Measuring the overview for staff …")
    figures += staff_figures(portal)
    say("Measuring the decisions …")
    plan = plan_of_search()
    figures += deciding_figures(decide_in_a_process(most=MOST_BATCHES), plan)
    say("Measuring what is claimed where nothing changes …")
    figures += reading_figures()
    covered = list(coverages())
    figures += coverage_figures(covered)
    say(f"\nHow what is due is found:\n\n{plan.text}")
    say(f"\nCoverage of the 95 % interval:\n\n{coverage_table(covered)}")
    say(f"\n{table(figures)}\n")
    if load > 1:
        say(f"Others kept this machine busy (load {load:.1f}): trust the ratios, not the speeds.")
    outcome = {
        "scale": asdict(scale),
        "started": started.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": ".".join(map(str, divmod(connection.pg_version, 10_000))),
        "processors": os.cpu_count(),
        "load_before": load,
        "plan": plan.text.splitlines(),
        "figures": [asdict(figure) for figure in figures],
    }
    OUTCOME.write_text(json.dumps(outcome, indent=2, ensure_ascii=False))
    say(f"Written to {OUTCOME.relative_to(BASE)}.")


if __name__ == "__main__":
    with in_sentences():
        sys.exit(main())

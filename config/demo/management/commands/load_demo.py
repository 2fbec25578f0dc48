"""Load the demo's data."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from config.demo.appreciations import appreciate_some
from config.demo.attachments import attach_some
from config.demo.events import record_lately
from config.demo.followups import steps_by_score
from config.demo.history import History
from config.demo.imported import import_some
from config.demo.inbox import Inbox
from config.demo.marketplace import open_shops
from config.demo.notes import note_some
from config.demo.platform import Platform
from config.demo.programs import connect_programs
from config.demo.rows import analyze, free_pks, made_ahead, store
from config.demo.shops import STAFF
from sellers.models import User
from surveys.models import Topic
from surveys.periods import day_start

LARGEST_SCALE = 10


class Command(BaseCommand):
    """Fills an empty portal with an invented marketplace."""

    help = "Fill an empty portal with an invented marketplace; does nothing the second time."
    requires_system_checks = ()  # make demo calls this at every start

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size and the day to look from."""
        parser.add_argument(
            "--scale",
            default="1.0",
            help="How much there is of everything: 1.0 for 40,000 measurements in the large shop, "
            "0.01 for a hundredth.",
        )
        parser.add_argument(
            "--day",
            default="",
            help="The last day of the data, such as 2026-03-31; without it today.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load everything in one transaction, unless it is there already."""
        scale, day, now = _scale(options["scale"]), *_day(options["day"], clock=timezone.now())
        if User.objects.filter(email=STAFF[0]).exists():
            self.stdout.write("The demo data is there already.")
            return
        begin = time.monotonic()
        with transaction.atomic():
            stored = _load(scale=scale, day=day, now=now, quiet=options["verbosity"] == 0)
        if settings.DATABASE_OWNER:
            analyze()
        seconds = time.monotonic() - begin
        self.stdout.write(f"Loaded the demo data: {stored:,} rows in {seconds:.0f} seconds.")


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0
    if not 0 < scale <= LARGEST_SCALE:
        raise CommandError(f"--scale={text} is not a number above 0, up to {LARGEST_SCALE}.")
    return scale


def _day(text: str, *, clock: datetime) -> tuple[date, datetime]:
    """Return the last day and the moment on it at which the history ends."""
    today = clock.astimezone(settings.MARKETPLACE_ZONE).date()
    if not text:
        return today, clock
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--day={text} is not a day such as 2026-03-31.") from error
    if day > today:
        raise CommandError(f"--day={text} has not come yet; give today or a day before.")
    return day, min(day_start(day + timedelta(days=1), settings.MARKETPLACE_ZONE), clock)


def _load(*, scale: float, day: date, now: datetime, quiet: bool) -> int:
    """Store shops, people, history and open questions; return the number of rows."""
    pks = free_pks()
    marketplace = open_shops(day=day)
    stored = import_some(marketplace, day=day)  # before `store` has all checks made at once
    history = History(
        marketplace,
        topics=dict(Topic.objects.values_list("slug", "pk")),
        playbooks=steps_by_score(),
        pks=pks,
        day=day,
        now=now.astimezone(UTC),
        scale=scale,
    )
    platform = Platform(marketplace, pks=pks, day=day, now=now)
    with tqdm(
        total=history.planned, desc="Demo data", unit=" queries", disable=quiet or None
    ) as bar:
        for rows in made_ahead(history.loads()):
            platform.tell(rows)
            stored += store(rows)
            bar.update(len(rows.queries))
    rows = Inbox(marketplace, pks=pks, day=day, now=now).rows()
    platform.tell(rows)
    stored += store(rows) + attach_some(rows)
    stored += appreciate_some(day=day, now=now.astimezone(UTC))
    stored += note_some(marketplace, day=day)
    stored += connect_programs(marketplace, now=now)
    record_lately(now=now)
    return stored

"""A flood of low scores while workers are killed: a task each, and each person is told once.

Real processes on the tests' database and a real mail server. In the suite with some answers;
FAULTS_ANSWERS=1000 for the full size (`make test-faults`).
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.core.management import call_command

from insights.models import Alert, AlertMail
from insights.tasks import pack_alerts, read_events
from sellers.enums import AlertKind
from sellers.models import User
from sellers.sending import send_due
from surveys.models import FollowUp, SurveyResponse
from tests.conftest import RULES, Market, wait_until_nobody_works
from tests.faults.conftest import print_table
from tests.journeys.conftest import BASE
from tests.mail_server import MailServer

ANSWERS = int(os.environ.get("FAULTS_ANSWERS", "60"))
ANSWERERS = 3
SECONDS_BETWEEN_KILLS = 1.5  # long enough to start and do something
PATIENCE_SECONDS = 600

# Each answers its share of the surveys, and what the one before it left when it was killed.
ANSWERER = """
import sys
import django
django.setup()
from django.utils import timezone
from sellers.events import Actor
from surveys import answers
from surveys.models import Invitation
share, of = map(int, sys.argv[1:])
for invitation in Invitation.objects.filter(state="sent").select_related("closing").order_by("pk"):
    if invitation.pk % of == share:
        try:
            answers.submit(
                invitation.token_digest, score=invitation.pk % 7, reason="Slow", topics=[],
                may_contact=True, opened_at=None, by=Actor.CUSTOMER, now=timezone.now(),
            )
        except answers.AlreadyAnswered:
            pass
"""
TELLER = """
import time
import django
django.setup()
from insights.tasks import pack_alerts, read_events
while True:
    read_events()
    pack_alerts()
    time.sleep(0.05)
"""


@contextmanager
def killed_again_and_again(surroundings: dict[str, str]) -> Iterator[Counter[str]]:
    """Run answerers and tellers, and kill one of them all the time; give how often."""
    start = partial(subprocess.Popen, cwd=BASE, env=surroundings)
    programs = [[ANSWERER, str(share), str(ANSWERERS)] for share in range(ANSWERERS)]
    programs += [[TELLER], [TELLER]]
    running = [start([sys.executable, "-c", *program]) for program in programs]
    chance, kills = random.Random(12), Counter[str]()
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while SurveyResponse.objects.count() < ANSWERS:
            assert time.monotonic() < deadline
            time.sleep(SECONDS_BETWEEN_KILLS)
            victim = chance.randrange(len(programs))
            kills["while it worked"] += running[victim].poll() is None
            running[victim].kill()
            running[victim].wait()
            running[victim] = start([sys.executable, "-c", *programs[victim]])
        yield kills
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_low_scores_in_a_flood_are_a_task_each_and_told_once(
    surroundings: dict[str, str],
    market: Market,
    alice: User,
    bob: User,
    mail_server: MailServer,
) -> None:
    two_days_ago = datetime.now(UTC) - RULES.delay - timedelta(days=1)
    for _ in range(ANSWERS):
        market.invitation(market.closing(closed_at=two_days_ago))
    read_events()  # so that what is told of now is told of the answers

    with killed_again_and_again(surroundings) as kills:
        pass
    wait_until_nobody_works()  # what the killed began hides later events until it is undone
    read_events()
    pack_alerts()
    while send_due(clock=lambda: datetime.now(UTC)).total():
        pass

    tasks = FollowUp.objects.count()
    low_scores = Alert.objects.filter(kind=AlertKind.LOW_SCORE)
    per_user = Counter(low_scores.values_list("user", flat=True))
    mails = Counter(letter["To"] for letter in mail_server.received)
    print_table(
        {"answers": ANSWERS, "killed while it worked": kills["while it worked"], "tasks": tasks}
        | {f"alerts of {user}": per_user[user.pk] for user in (alice, bob)}
        | {f"mails to {email}": count for email, count in mails.items()}
    )
    assert kills["while it worked"]
    assert tasks == SurveyResponse.objects.count() == ANSWERS
    bob_s = FollowUp.objects.filter(assignee=bob).count()  # the worst ones are Alice's
    assert per_user == {alice.pk: ANSWERS, bob.pk: bob_s}
    assert 0 < bob_s < ANSWERS
    # Five alone, and what came after them together.
    assert all(count <= 6 for count in mails.values())
    assert AlertMail.objects.filter(user=alice, is_bundle=False).count() <= 5


def test_imported_history_is_no_task_and_told_to_nobody(
    market: Market, mail_server: MailServer, tmp_path: Path
) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    rows = [
        f"a-{number},{number % 7},{an_hour_ago:%Y-%m-%dT%H:%M:%SZ}"
        for number in range(10 * ANSWERS)
    ]
    file = tmp_path / "history.csv"
    file.write_text("\n".join(["external_id,score,submitted_at", *rows, ""]))

    call_command("import_measurements", file, seller=market.shop.name)
    read_events()
    pack_alerts()
    send_due(clock=lambda: datetime.now(UTC))

    assert SurveyResponse.objects.count() == 10 * ANSWERS
    assert not FollowUp.objects.exists()
    assert not Alert.objects.exists()
    assert mail_server.received == []

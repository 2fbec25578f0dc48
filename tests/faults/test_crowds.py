"""Crowds: fifty answers to one link leave one, and four workers send a customer one survey.

Real processes on the tests' database: the web server with its throttles, and workers that begin
at one signal.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from ipaddress import ip_address
from urllib.parse import urlencode

import pytest

from queries.enums import ActorType, Channel, QueryState
from queries.models import Closing, Customer, CustomerQuery
from surveys.deciding import BATCH, decide_due
from surveys.emails import invitation_email
from surveys.enums import InvitationState, SuppressionReason
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from surveys.nps import HIGHEST_SCORE, LOWEST_SCORE
from tests.conftest import RULES, Market, at_once
from tests.faults.conftest import print_table
from tests.journeys.conftest import BASE, web_server
from tests.surveys.conftest import link

LINKS = int(os.environ.get("FAULTS_LINKS", "5"))
POSTS_PER_LINK = 50
SCANS = 60  # of each link of a mail
NEIGHBOURS = 500  # behind the same address
OFFICE = "10.9.0.1"
CUSTOMERS = 500
WORKERS = 4

# Two processes of many threads, so that the answers to a link meet in the database. Each counts
# for the throttle only what it gets itself; so most answers pass that, and the others may.
GRANIAN = {"GRANIAN_WORKERS": "2", "GRANIAN_BLOCKING_THREADS": "16"}
WORKER = """
import sys
import django
django.setup()
from surveys.tasks import decide_surveys
print("ready", flush=True)
sys.stdin.readline()
decide_surveys()
"""


@pytest.fixture
def web_port(surroundings: dict[str, str]) -> Iterator[int]:
    """The port of the real web server, behind a proxy."""
    with web_server(surroundings | {"TRUSTED_PROXY_COUNT": "1"} | GRANIAN) as port:
        yield port


@pytest.fixture
def workers(surroundings: dict[str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that decide what is due when they are told to begin."""
    start = partial(
        subprocess.Popen,
        [sys.executable, "-c", WORKER],
        cwd=BASE,
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with ExitStack() as stack:
        yield [stack.enter_context(start()) for _ in range(WORKERS)]


def test_fifty_answers_at_once_to_each_link_leave_one(web_port: int, market: Market) -> None:
    a_day_ago = datetime.now(UTC) - RULES.delay
    invitations = [market.invitation(market.closing(closed_at=a_day_ago)) for _ in range(LINKS)]
    scores = [number % 11 for number in range(POSTS_PER_LINK)]
    outcomes = Counter[str]()
    stored, waited = {}, 0

    for number, invitation in enumerate(invitations):
        submit = partial(_submit, web_port, link(invitation), str(ip_address("10.0.0.0") + number))
        fates, begins, ends = zip(
            *at_once(*[partial(submit, score) for score in scores]), strict=True
        )
        outcomes.update(fates)
        first = fates.index("stored")
        stored[invitation.pk] = scores[first]
        waited += sum(begin < ends[first] for begin in begins) - 1

    print_table(
        {"links": LINKS, "answers at once to each": POSTS_PER_LINK}
        | {f"answers: {outcome}": count for outcome, count in outcomes.most_common()}
        | {"sent before the first was stored": waited}
        | {"responses": SurveyResponse.objects.count()}
    )
    assert outcomes["stored"] == SurveyResponse.objects.count() == LINKS
    assert dict(SurveyResponse.objects.values_list("invitation", "score")) == stored
    assert waited  # they did meet


def _submit(port: int, path: str, ip: str, score: int) -> tuple[str, float, float]:
    """Send an answer over a connection of its own; return what became of it, from when to when."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": ip}
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as web:
        begin = time.monotonic()
        web.request("POST", path, urlencode({"score": score}), headers)
        response = web.getresponse()
        fates = {
            (302, f"{path}thanks/"): "stored",
            (200, None): "already answered",
            (429, None): "throttled",
        }
        fate = fates[response.status, response.headers["Location"]]
        return fate, begin, time.monotonic()


def test_scanners_and_neighbours_keep_no_answer_out(web_port: int, market: Market) -> None:
    mine, *others = _invitations(market, 1 + NEIGHBOURS)
    mail = invitation_email(mine)
    words = "".join([str(mail.body), *(str(other.content) for other in mail.alternatives)])
    paths = sorted(set(re.findall(r"/survey/[^\s\"<>]+", words)))
    fetches = [(method, path) for path in paths for method in ("GET", "HEAD") * (SCANS // 2)]
    answers = [("POST", link(other), "score=9") for other in others]
    guesses = [("GET", f"/survey/guess-{number}/") for number in range(SCANS * 5)]

    scanned, guessed, answered = (
        _from_one_network(web_port, each) for each in (fetches, guesses, answers)
    )
    fate, *_when = _submit(web_port, link(mine), OFFICE, 3)

    print_table(
        {"links in a mail": len(paths), "fetches": scanned.total(), "guesses": guessed.total()}
        | {f"guesses: {status}": count for status, count in guessed.items()}
        | {"answers of neighbours": answered.total(), "responses": SurveyResponse.objects.count()}
    )
    assert (
        len(paths) == HIGHEST_SCORE - LOWEST_SCORE + 3
    )  # and the page itself, and no more surveys
    assert scanned == {200: SCANS * len(paths)}
    assert guessed.keys() == {404, 429}
    assert answered == {302: NEIGHBOURS}
    assert fate == "stored"
    assert SurveyResponse.objects.count() == 1 + NEIGHBOURS
    assert not SurveyOptOut.objects.exists()


def _invitations(market: Market, count: int) -> list[Invitation]:
    """Return surveys that were sent yesterday, each to a customer of its own."""
    customers = Customer.objects.bulk_create(
        Customer(name=f"Klant {number}", email=f"klant{number}@klant.example", language="nl")
        for number in range(count)
    )
    now = datetime.now(UTC)
    _close(market, customers, closed_at=now - RULES.delay)
    while decide_due(now=now, rules=RULES):
        pass
    Invitation.objects.update(
        state=InvitationState.SENT, sent_at=now, expires_at=now + RULES.answer_window
    )
    return list(Invitation.objects.select_related("query__customer", "closing__agent"))


def _from_one_network(port: int, requests: list[tuple[str, ...]]) -> Counter[int]:
    """Send requests from one office, over a few connections at once; return the statuses."""

    def send(share: list[tuple[str, ...]]) -> Counter[int]:
        statuses = Counter[int]()
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": OFFICE}
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as web:
            for method, path, *body in share:
                web.request(method, path, *body, headers=kind)
                with web.getresponse() as response:
                    response.read()
                    statuses[response.status] += 1
        return statuses

    return sum(
        at_once(*[partial(send, requests[n::8]) for n in range(8)], timeout=300), Counter[int]()
    )


def test_two_closings_in_one_second_and_four_workers_make_one_survey_per_customer(
    workers: list[subprocess.Popen[str]], market: Market, other_market: Market
) -> None:
    customers = Customer.objects.bulk_create(
        Customer(name=f"Klant {number}", email=f"klant{number}@klant.example", language="nl")
        for number in range(CUSTOMERS)
    )
    closed_at = datetime.now(UTC) - RULES.delay
    for start in range(0, CUSTOMERS, BATCH):  # the batches of two workers have the same customers
        batch = customers[start : start + BATCH]
        _close(market, batch, closed_at=closed_at)
        _close(other_market, batch[::-1], closed_at=closed_at)

    words = _decide_at_once(workers)

    outcomes = Counter(
        reason or state for state, reason in Invitation.objects.values_list("state", "reason")
    )
    print_table(
        {"customers with two closings": CUSTOMERS, "workers": WORKERS}
        | {"workers that decided": sum("Surveys decided" in each for each in words)}
        | {f"closings: {outcome}": count for outcome, count in outcomes.most_common()}
    )
    assert outcomes == {
        InvitationState.DECIDED: CUSTOMERS,
        SuppressionReason.CUSTOMER_COOLDOWN: CUSTOMERS,
    }
    surveyed = Invitation.objects.filter(state=InvitationState.DECIDED)
    assert surveyed.values("customer").distinct().count() == CUSTOMERS
    assert not Closing.objects.undecided().exists()


def _close(market: Market, customers: list[Customer], *, closed_at: datetime) -> None:
    """Store a closed query of each customer, many at a time."""
    queries = CustomerQuery.objects.bulk_create(
        CustomerQuery(
            seller=market.shop,
            customer=customer,
            subject="Where is my parcel?",
            channel=Channel.WEB,
            language=customer.language,
            state=QueryState.CLOSED,
            turn_since=closed_at,
            asked_at=closed_at,
            long_open_at=closed_at,
            due_at=closed_at,
        )
        for customer in customers
    )
    Closing.objects.bulk_create(
        Closing(
            query=query,
            seller=query.seller,
            customer=query.customer,
            closed_by=ActorType.SELLER,
            agent=market.agent,
            channel=query.channel,
            subject=query.subject,
            closed_at=closed_at,
        )
        for query in queries
    )


def _decide_at_once(workers: list[subprocess.Popen[str]]) -> list[str]:
    """Let the workers begin once all are ready; return what each said."""
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        print(file=worker.stdin, flush=True)
    words = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * WORKERS, words
    return words

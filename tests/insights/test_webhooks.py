"""Of what happens in all apps, what webhooks are told, and whose."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import resolve

from insights import actions as standards
from insights.models import ServiceStandard
from queries.actions import close, log_phone_contact, reopen
from queries.enums import ActorType
from sellers.enums import WEBHOOK_CHOICES, WebhookKind
from sellers.events import Actor
from sellers.models import Event, Seller, User, WebhookDelivery
from sellers.webhooks.kinds import event_kinds, source_of
from sellers.webhooks.payloads import payload
from surveys import exclusions
from surveys.enums import FollowUpState
from surveys.followups import working
from surveys.followups.escalation import escalate_overdue
from surveys.imports.reading import open_table
from surveys.imports.storing import SourceFile, import_measurements
from surveys.models import ImportBatch
from tests.conftest import NOON, Market
from tests.hooks import Hook, hook_of, tell

DAY = timedelta(days=1)
LATER = NOON + 3 * DAY
Told = list[tuple[str, int]]


@pytest.fixture
def staff(db: None) -> User:
    """Somebody who administers the marketplace."""
    return User.objects.create_superuser("staff@markt.example", name="Staff", language="en")


@pytest.fixture
def theirs(fietsenzo: Seller, alice: User) -> Hook:
    """Fietsenzo wants to be told everything."""
    return hook_of(fietsenzo, "https://hooks.fietsenzo.example/", by=alice, now=NOON - 9 * DAY)


@pytest.fixture
def marketplace_s(staff: User) -> Hook:
    """So does the marketplace."""
    return hook_of(None, "https://hooks.markt.example/", by=staff, now=NOON - 9 * DAY)


def told(hook: Hook) -> Told:
    """Return what a webhook is told, and about which row, in order."""
    tell(now=LATER)
    rows = WebhookDelivery.objects.filter(webhook=hook.row).order_by("event", "pk")
    return [(row.kind, row.object_pk) for row in rows]


def test_every_kind_is_told_of_something() -> None:
    for kind in WEBHOOK_CHOICES:
        assert event_kinds([kind])
        source = source_of(kind)
        assert resolve(source.path.format("1")).namespace == "api-v1"  # else nothing is there
        assert source.noun


def test_query_that_is_asked_closed_and_reopened(theirs: Hook, market: Market) -> None:
    query = market.query()
    close(query, by=market.actor, now=NOON + DAY)
    reopen(query, by=market.actor, now=NOON + DAY)

    assert told(theirs) == [
        (WebhookKind.QUERY_CREATED, query.pk),
        (WebhookKind.QUERY_CLOSED, query.pk),
        (WebhookKind.QUERY_REOPENED, query.pk),
    ]


def test_contact_by_phone_is_a_query_that_is_closed(
    theirs: Hook, fietsenzo: Seller, market: Market
) -> None:
    query = log_phone_contact(
        fietsenzo, name="Klaas", subject="Brakes", note="Said so.", by=market.actor, now=NOON
    )

    assert told(theirs) == [
        (WebhookKind.QUERY_CREATED, query.pk),
        (WebhookKind.QUERY_CLOSED, query.pk),
    ]


def test_low_score_and_what_becomes_of_its_task(theirs: Hook, market: Market) -> None:
    response = market.response(3)
    task = response.followup
    escalate_overdue(now=task.due_at)
    note = {"note": "Sorted out.", "by": market.actor, "now": LATER}
    working.finish(task, state=FollowUpState.RESOLVED, **note)
    working.reopen(task, by=market.actor, now=LATER)
    working.finish(task, state=FollowUpState.NOT_RECOVERABLE, lesson="Ring first.", **note)

    tasks = [(kind, pk) for kind, pk in told(theirs) if not kind.startswith("query.")]

    assert tasks == [
        (WebhookKind.MEASUREMENT_CREATED, response.pk),
        (WebhookKind.FOLLOWUP_OPENED, task.pk),
        (WebhookKind.FOLLOWUP_OVERDUE, task.pk),
        (WebhookKind.FOLLOWUP_FINISHED, task.pk),
        (WebhookKind.FOLLOWUP_OPENED, task.pk),
        (WebhookKind.FOLLOWUP_FINISHED, task.pk),
    ]


def test_task_that_does_not_count_for_a_while(theirs: Hook, market: Market, staff: User) -> None:
    response, by = market.response(3), Actor.user(staff)
    exclusion = exclusions.exclude(response, reason="A joke.", by=by, now=LATER)
    exclusions.lift(exclusion, by=by, now=LATER)

    kinds = [kind for kind, pk in told(theirs) if kind.startswith("followup.")]

    assert kinds == [
        WebhookKind.FOLLOWUP_OPENED,
        WebhookKind.FOLLOWUP_FINISHED,
        WebhookKind.FOLLOWUP_OPENED,
    ]


def test_high_score_opens_no_task(theirs: Hook, market: Market) -> None:
    response = market.response(9)

    assert told(theirs)[-1] == (WebhookKind.MEASUREMENT_CREATED, response.pk)


def test_shop_learns_nothing_of_a_score_that_is_the_marketplace_s(
    theirs: Hook, marketplace_s: Hook, market: Market
) -> None:
    response = market.response(2, closed_by=ActorType.MARKETPLACE)

    assert WebhookKind.MEASUREMENT_CREATED not in dict(told(theirs))
    assert (WebhookKind.MEASUREMENT_CREATED, response.pk) in told(marketplace_s)


def test_shop_learns_nothing_of_another(
    theirs: Hook, marketplace_s: Hook, other_market: Market
) -> None:
    other_market.response(2)

    assert told(theirs) == []
    assert len(told(marketplace_s)) == 4


def test_everybody_is_told_of_a_standard(theirs: Hook, marketplace_s: Hook, staff: User) -> None:
    today = date(2126, 3, 10)  # later than the database's day, which no test can stop
    to_come = ServiceStandard(
        value=30,
        valid_from=date(2126, 6, 1),
        announced_on=today,
        label_nl="Norm",
        label_en="Standard",
    )
    now = datetime(2126, 3, 10, 12, tzinfo=UTC)
    standard = standards.announce_standard(to_come, by=Actor.user(staff), now=now)

    expected = [(WebhookKind.STANDARD_ANNOUNCED, standard.pk)]
    assert told(theirs) == told(marketplace_s) == expected


def test_history_that_is_brought_in_is_not_told(
    theirs: Hook, marketplace_s: Hook, fietsenzo: Seller
) -> None:
    rows = "external_id,seller,score,submitted_at\na-1,Fietsenzo,2,2026-03-09T10:00:00Z"
    table = open_table(rows.encode())
    import_measurements(
        table,
        rows=table.rows(),
        file=SourceFile("history.csv", rows.encode()),
        seller="",
        dry_run=False,
        by=Actor.SYSTEM,
        now=NOON,
    )
    staff = User.objects.get(email="staff@markt.example")
    batch, by = ImportBatch.objects.get(), Actor.user(staff)
    exclusions.exclude_import(batch, reason="Of another shop.", by=by, now=LATER)
    exclusions.lift_import(batch, reason="It was ours.", by=by, now=LATER)

    kinds = ["measurement.imported", "import.excluded", "import.counts_again"]
    assert Event.objects.filter(kind__in=kinds).count() == len(kinds)
    assert told(theirs) == told(marketplace_s) == []


def test_version_of_a_row_grows_with_what_happens_to_it(theirs: Hook, market: Market) -> None:
    task = market.response(3).followup
    note = {"note": "Sorted out.", "by": market.actor, "now": LATER}
    working.finish(task, state=FollowUpState.RESOLVED, **note)
    working.reopen(task, by=market.actor, now=LATER)
    told(theirs)

    rows = WebhookDelivery.objects.filter(kind__startswith="followup.").order_by("event")
    said = [payload(row)["data"] for row in rows]

    assert {row["id"] for row in said} == {str(task.pk)}
    versions = [row["version"] for row in said]
    assert versions == sorted(set(versions))
    assert len(versions) == 3


@pytest.mark.parametrize("count", [1, 5])
def test_events_are_read_in_so_many_statements(
    theirs: Hook,
    marketplace_s: Hook,
    market: Market,
    count: int,
    django_assert_num_queries: Callable[..., object],
) -> None:
    for _ in range(count):
        market.response(3)

    with django_assert_num_queries(5):
        tell(now=LATER)

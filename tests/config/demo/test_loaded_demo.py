"""The demo as it is loaded: whole, and by the rules of the portal."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Max
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from config.demo.imported import FILE_NAME
from config.demo.shops import SHOPS, STAFF
from insights.enums import MonthNoteEvent
from insights.models import MonthNote
from queries.deadlines import deadlines
from queries.enums import ActorType, AttachmentKind, Channel, QueryState
from queries.models import (
    Attachment,
    Closing,
    Customer,
    CustomerQuery,
    HandOver,
    Message,
    Order,
    OrderItem,
)
from queries.timeouts import CLOSE_AFTER, close_unanswered, hand_back_due
from sellers.days_off import public_holidays
from sellers.models import Event, Membership, Seller, User
from sellers.tokens import digest, token_for
from surveys.enums import Band, FollowUpState, InvitationState, SuppressionReason
from surveys.followup_rules import due_at
from surveys.integrity import survey_checks
from surveys.models import (
    FollowUp,
    ImportBatch,
    Invitation,
    ResponseTopic,
    SurveyPolicy,
    SurveyResponse,
    Topic,
)
from surveys.periods import month_of
from tests.conftest import text

EVENING = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
SCALE = 0.01


@pytest.fixture(scope="module")
def _loaded(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Load the demo once, small, on an evening, in a transaction around those of the tests."""
    fast = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ATTACHMENTS_ROOT=tmp_path_factory.mktemp("attachments"),
    )
    with ExitStack() as stack:
        with django_db_blocker.unblock(), fast, time_machine.travel(EVENING, tick=False):
            stack.enter_context(transaction.atomic())
            call_command("load_demo", scale=SCALE, verbosity=0)
        yield
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            stack.close()


@pytest.fixture
def demo(_loaded: None, db: None) -> None:
    """The loaded demo."""


def test_some_open_questions_have_attachments(demo: None) -> None:
    kinds = set(Attachment.objects.values_list("kind", flat=True))

    assert kinds == set(AttachmentKind.values)
    assert 5 < Attachment.objects.count() < 40
    assert not Attachment.objects.filter(message__query__state=QueryState.CLOSED).exists()


def test_platform_tells_of_most_orders_that_are_asked_about(demo: None) -> None:
    open_queries = CustomerQuery.objects.open().exclude(order_reference="")
    told = {(order.seller_id, order.reference): order for order in Order.objects.with_items()}
    known = [
        (query, told[query.seller_id, query.order_reference])
        for query in open_queries
        if (query.seller_id, query.order_reference) in told
    ]

    assert 0.7 * len(open_queries) < len(known) < len(open_queries)
    for query, order in known:
        assert order.customer_id == query.customer_id
        assert (order.delivered_on or order.ordered_on) < query.asked_at.date()
        assert order.items.all()
    assert OrderItem.objects.exclude(serial_number="").exists()
    assert OrderItem.objects.filter(quantity__gt=1).exists()


def test_demo_has_shops_of_every_size(demo: None) -> None:
    measured = {
        shop.name: SurveyResponse.objects.for_seller(shop).count() for shop in Seller.objects.all()
    }

    assert set(measured) == {shop.name for shop in SHOPS}
    assert 330 < measured["Fietsenzo B.V."] < 470
    assert 3 <= measured["De Kaarsenmakerij"] <= 30
    assert measured["Nieuwe Bladzijde"] == 0
    assert Seller.objects.get(name="Speelhuis Gent").country == "BE"


def test_demo_months_are_the_marketplaces(demo: None, settings: LazySettings) -> None:
    moments = SurveyResponse.objects.values_list("submitted_at", "month")

    assert all(month == month_of(at, settings.MARKETPLACE_ZONE) for at, month in moments)
    assert {month for _, month in moments} >= {date(2024, 4, 1), date(2026, 3, 1)}


def test_shop_brought_its_history_along_and_its_pages_say_so(demo: None) -> None:
    batch = ImportBatch.objects.select_related("imported_by").get()
    shop = Seller.objects.get(name="Keukenlade")
    by_batch = Counter(SurveyResponse.objects.for_seller(shop).values_list("batch", flat=True))
    staff, owner = Client(), Client()
    staff.force_login(User.objects.get(email=STAFF[0]))
    owner.force_login(User.objects.get(email="keukenlade@demo.example"))

    listed = staff.get(reverse("admin:surveys_importbatch_changelist"))
    brought = owner.get(reverse("insights:nps"), {"month": "2025-03"})
    own = owner.get(reverse("insights:nps"), {"month": "2026-03"})

    said = "hier zitten metingen van elders bij"
    assert (batch.stored, batch.shops) == (by_batch[batch.pk], 1)
    assert (batch.file_name, str(batch.imported_by)) == (FILE_NAME, STAFF[1])
    assert by_batch[None] > 0
    assert FILE_NAME in text(listed)
    assert (batch.first_month, batch.last_month) == (date(2024, 3, 1), date(2025, 4, 1))
    assert (said in text(brought), said in text(own)) == (True, False)
    asked = CustomerQuery.objects.filter(seller=shop).earliest("asked_at").asked_at
    assert asked.date() >= shop.joined_on - timedelta(days=10)


def test_owners_say_something_of_a_few_months(demo: None) -> None:
    notes = MonthNote.objects.order_by("month").values_list("seller__name", "month", "words")

    assert list(notes) == [
        ("Fietsenzo B.V.", date(2025, 6, 1), "Nieuwe bezorger"),
        ("Lichtpunt Verlichting", date(2025, 8, 1), "Magazijn verhuisd"),
        ("Fietsenzo B.V.", date(2025, 11, 1), "Twee nieuwe collega’s ingewerkt"),
    ]
    written = Event.objects.filter(kind=MonthNoteEvent.WRITTEN)
    assert set(written.values_list("user__email", flat=True)) == {
        "owner@demo.example",
        "lichtpunt@demo.example",
    }


def test_demo_leaves_no_closing_undecided(demo: None) -> None:
    assert not Closing.objects.undecided().exists()
    assert Invitation.objects.count() == Closing.objects.count()


def test_demo_has_nothing_in_the_future_and_nothing_to_send(demo: None) -> None:
    assert not Invitation.objects.to_send(now=EVENING).exists()
    assert not Invitation.objects.past_answer_window(now=EVENING).exists()
    for moments in (
        Message.objects.values_list("sent_at"),
        CustomerQuery.objects.values_list("asked_at", "turn_since"),
        Closing.objects.values_list("closed_at", "reopened_at", "survey_decided_at"),
        Invitation.objects.values_list("sent_at", "opened_at", "answered_at", "bounced_at"),
        SurveyResponse.objects.values_list("submitted_at"),
    ):
        assert max(moment for row in moments for moment in row if moment) <= EVENING


def test_demo_surveys_nobody_twice_within_the_cooldown(demo: None) -> None:
    sent = Invitation.objects.counting_for_cooldown().order_by("customer", "sent_at")
    rows = list(sent.values_list("customer", "sent_at"))
    gaps = [
        later - earlier
        for (customer, earlier), (same, later) in pairwise(rows)
        if customer == same and earlier and later
    ]

    assert gaps
    assert min(gaps) >= SurveyPolicy().cooldown


def test_demo_shows_every_step_of_the_funnel(demo: None) -> None:
    states = set(Invitation.objects.values_list("state", flat=True))
    reasons = set(Invitation.objects.exclude(reason="").values_list("reason", flat=True))

    assert states >= {
        InvitationState.SUPPRESSED,
        InvitationState.SENT,
        InvitationState.ANSWERED,
        InvitationState.EXPIRED,
    }
    assert reasons >= {
        SuppressionReason.CUSTOMER_COOLDOWN,
        SuppressionReason.REOPENED,
        SuppressionReason.ALREADY_SURVEYED,
        SuppressionReason.NO_ADDRESS,
        SuppressionReason.SYSTEM_CLOSED,
    }
    assert SurveyResponse.objects.filter(closed_by=ActorType.MARKETPLACE).exists()


def test_demo_responses_agree_with_their_closing_and_invitation(demo: None) -> None:
    responses = SurveyResponse.objects.filter(batch=None)

    assert responses.count() == Invitation.objects.filter(state=InvitationState.ANSWERED).count()
    assert not responses.exclude(
        closed_by=F("invitation__closing__closed_by"),
        seller=F("invitation__closing__seller"),
        query=F("invitation__closing__query"),
        submitted_at=F("invitation__answered_at"),
    ).exists()
    assert not responses.filter(submitted_at__gte=F("invitation__expires_at")).exists()
    assert ResponseTopic.objects.values("topic").distinct().count() == Topic.objects.count()


def test_demo_links_work(demo: None) -> None:
    invitation = Invitation.objects.filter(state=InvitationState.SENT).earliest("pk")

    assert invitation.token_digest == digest(token_for(invitation.token_salt))


def test_demo_deadlines_are_those_of_the_shops_country(demo: None) -> None:
    closed = CustomerQuery.objects.in_state(QueryState.CLOSED)
    belgian = closed.filter(seller__country="BE").order_by("pk")

    for query in belgian[:200]:
        days_off = public_holidays("BE", "", query.asked_at.year)
        due = deadlines(query.asked_at, days_off=days_off)
        assert (query.long_open_at, query.due_at) == (due.long_open_at, due.due_at)


def test_demo_queries_have_a_question_and_an_answer(demo: None) -> None:
    closed = CustomerQuery.objects.in_state(QueryState.CLOSED)
    threads = closed.annotate(length=Count("messages"))

    assert closed.count() == Closing.objects.not_reopened().count()
    assert not threads.filter(length__lt=2).exists()
    assert not Message.objects.filter(sent_at__lt=F("query__asked_at")).exists()
    assert not Message.objects.filter(body__contains="{").exists()


def test_demo_keeps_every_promise(demo: None) -> None:
    broken = [check.name for check in survey_checks() if check.find().count]

    assert HandOver.objects.over().exists()
    assert HandOver.objects.open().exists()
    assert not HandOver.objects.filter(handed_over_at__lt=F("query__asked_at")).exists()
    assert broken == []


def test_demo_has_nothing_that_is_due_by_itself(demo: None) -> None:
    assert hand_back_due(now=EVENING + timedelta(hours=12)) == 0
    assert close_unanswered(now=EVENING) == 0


def test_demo_closings_by_themselves_had_no_answer_for_long(demo: None) -> None:
    closings = Closing.objects.filter(closed_by=ActorType.SYSTEM)
    latest = closings.annotate(latest=Max("query__messages__sent_at"))

    assert closings.exists()
    assert not latest.filter(latest__gt=F("closed_at") - CLOSE_AFTER).exists()


def test_demo_customers_cannot_be_reached(demo: None) -> None:
    reachable = Customer.objects.exclude(email="")

    assert reachable.exists()
    assert not reachable.exclude(email__endswith=".example").exists()


@pytest.mark.parametrize(
    "email", [STAFF[0], "owner@demo.example", "agent@demo.example", "small@demo.example"]
)
def test_demo_users_can_log_in(demo: None, client: Client, email: str) -> None:
    client.post(reverse("account_login"), {"login": email, "password": "demo-portal"})

    assert client.session["_auth_user_id"] == str(User.objects.get(email=email).pk)


def test_demo_staff_may_open_the_admin(demo: None) -> None:
    staff = User.objects.get(email=STAFF[0])

    assert staff.is_staff
    assert staff.is_superuser


def test_demo_is_loaded_once(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    before = Message.objects.count()

    call_command("load_demo", scale=SCALE)

    assert capsys.readouterr().out == "The demo data is there already.\n"
    assert Message.objects.count() == before


def test_demo_leaves_room_for_what_comes(demo: None) -> None:
    shop = Seller.objects.get(name="Nieuwe Bladzijde")
    last = CustomerQuery.objects.latest("pk")
    moments = {"asked_at": EVENING, "turn_since": EVENING}
    due = {"long_open_at": EVENING, "due_at": EVENING}

    added = CustomerQuery.objects.create(
        seller=shop,
        customer=Customer.objects.create(name="Nieuw", email="nieuw@klant.example"),
        subject="Nog een vraag",
        channel=Channel.WEB,
        language="nl",
        state=QueryState.YOUR_TURN,
        **moments,
        **due,
    )

    assert added.pk > last.pk


def test_low_scores_that_count_are_followed_up_by_the_rules(demo: None) -> None:
    low = SurveyResponse.objects.for_shops().filter(batch=None).in_band(Band.DETRACTOR)

    assert low.count() == FollowUp.objects.count() > 50
    for followup in FollowUp.objects.select_related("response", "playbook"):
        assert followup.playbook.score == followup.response.score
        assert followup.due_at == due_at(
            followup.response.score, submitted_at=followup.response.submitted_at
        )
    answering = Membership.objects.answering().values("user")
    assert not FollowUp.objects.exclude(assignee__in=answering).exists()
    refused = FollowUp.objects.filter(response__may_contact=False)
    assert not refused.exclude(contacted_at=None).exists()


def test_tasks_of_long_ago_are_finished(demo: None) -> None:
    old = FollowUp.objects.filter(opened_at__lt=EVENING - timedelta(days=60))
    states = Counter(old.values_list("state", flat=True))

    assert set(states) == {FollowUpState.RESOLVED, FollowUpState.NOT_RECOVERABLE}
    assert states[FollowUpState.RESOLVED] > 2 * states[FollowUpState.NOT_RECOVERABLE]
    assert not FollowUp.objects.late(now=EVENING).filter(escalated_at=None).exists()

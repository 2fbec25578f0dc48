"""Since when a customer waits, when the answer is due, and whether the first one came in time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from queries import actions
from queries.customers import erase_customer
from queries.enums import ActorType, Channel, FirstReply, QueryEvent, QueryState
from queries.incoming import receive
from queries.models import Customer, CustomerQuery, ThreadLink
from queries.timeouts import close_unanswered, hand_back_due
from queries.waiting import BEGINS, ENDS, judged, waits_since
from sellers.enums import HolidayKind
from sellers.events import Actor
from sellers.models import HolidayChange
from tests.conftest import NOON, Market, refused_by
from tests.queries.incoming.conftest import mail

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# The rules


@pytest.mark.parametrize(
    ("happened", "when_nobody_waited", "when_somebody_did"),
    [
        (QueryEvent.ASKED, NOON + HOUR, NOON),
        (QueryEvent.REACTED, NOON + HOUR, NOON),
        (QueryEvent.OTHER_ACCEPTED, NOON + HOUR, NOON),
        (QueryEvent.NOT_DELIVERED, NOON + HOUR, NOON),
        (QueryEvent.REPLIED, None, None),
        (QueryEvent.CLOSED, None, None),
        (QueryEvent.OTHER_WROTE, None, NOON),
        (QueryEvent.REOPENED, None, NOON),
        (QueryEvent.HANDED_OVER, None, NOON),
        (QueryEvent.HANDED_BACK, None, NOON),
        (QueryEvent.LINK_RENEWED, None, NOON),
        (QueryEvent.MAIL_HELD, None, NOON),
    ],
    ids=lambda value: value.name if isinstance(value, QueryEvent) else None,
)
def test_what_happens_decides_who_waits(
    happened: QueryEvent, when_nobody_waited: datetime | None, when_somebody_did: datetime | None
) -> None:
    assert waits_since(None, happened, now=NOON + HOUR) == when_nobody_waited
    assert waits_since(NOON, happened, now=NOON + HOUR) == when_somebody_did


def test_nothing_both_begins_and_ends_a_wait() -> None:
    assert not BEGINS & ENDS


@given(st.lists(st.sampled_from(QueryEvent), max_size=30))
def test_who_waits_does_so_since_the_first_words_after_the_last_answer(
    happened: list[QueryEvent],
) -> None:
    since = None
    for number, event in enumerate(happened):
        since = waits_since(since, event, now=NOON + number * HOUR)

    ended = max((n for n, event in enumerate(happened) if event in ENDS), default=-1)
    begun = [n for n, event in enumerate(happened) if n > ended and event in BEGINS]
    assert since == (NOON + begun[0] * HOUR if begun else None)


@pytest.mark.parametrize(
    ("happened", "with_shop", "after", "result"),
    [
        (QueryEvent.REPLIED, True, DAY - timedelta(microseconds=1), FirstReply.IN_TIME),
        (QueryEvent.REPLIED, True, DAY, FirstReply.LATE),
        (QueryEvent.CLOSED, True, DAY - HOUR, None),
        (QueryEvent.CLOSED, True, DAY, FirstReply.LATE),
        (QueryEvent.HANDED_OVER, True, DAY - HOUR, None),
        (QueryEvent.HANDED_OVER, True, DAY, FirstReply.LATE),
        (QueryEvent.REACTED, True, DAY - HOUR, None),
        (QueryEvent.REPLIED, False, DAY - HOUR, FirstReply.NOT_COUNTED),
        (QueryEvent.REPLIED, False, 9 * DAY, FirstReply.NOT_COUNTED),
        (QueryEvent.CLOSED, False, 9 * DAY, None),
        (QueryEvent.HANDED_BACK, False, 9 * DAY, None),
    ],
)
def test_first_reply_is_judged(
    happened: QueryEvent, with_shop: bool, after: timedelta, result: FirstReply | None
) -> None:
    assert judged(happened, with_shop=with_shop, due_at=NOON + DAY, now=NOON + after) is result


# What people do, an hour apart


class Course:
    """What happens to one query: each step an hour after the one before."""

    def __init__(self, market: Market) -> None:
        self.market, self.now = market, NOON
        self.query = market.query(asked_at=NOON)
        self.staff = market.closer(ActorType.MARKETPLACE)

    def take(self, step: str) -> None:
        """Let the step happen an hour later, unless it says after how many: "reply 30"."""
        name, _, hours = step.partition(" ")
        self.now += int(hours or 1) * HOUR
        done: Callable[[], object] = getattr(self, f"_{name}")
        done()
        self.query.refresh_from_db()

    def _react(self) -> None:
        actions.receive_reaction(self.query, body="And?", by=Actor.CUSTOMER, now=self.now)

    def _other(self) -> None:
        actions.receive_from_other(
            self.query, from_email="x@y.example", body="Me!", by=Actor.CUSTOMER, now=self.now
        )

    def _accept(self) -> None:
        message = self.query.messages.filter(author="other").latest("pk")
        actions.accept_message(message, by=self.market.actor, now=self.now)

    def _machine(self) -> None:
        link = ThreadLink.objects.get()
        raw = mail(link.reply_address, sender=link.email, Auto_Submitted="auto-replied")
        receive(raw, now=self.now)

    def _reply(self) -> None:
        actions.reply(self.query, body=f"{self.now}", by=self.market.actor, now=self.now)

    def _undo(self) -> None:
        message = self.query.messages.filter(author="seller").latest("pk")
        actions.take_back(message, by=self.market.actor, now=self.now)

    def _spare(self) -> None:
        actions.need_no_reply(self.query, by=self.market.actor, now=self.now)

    def _bounce(self) -> None:
        message = self.query.messages.exclude(author="customer").latest("pk")
        actions.note_not_delivered(message, by=Actor.SYSTEM, now=self.now)

    def _close(self) -> None:
        actions.close(self.query, by=self.market.actor, now=self.now)

    def _reopen(self) -> None:
        actions.reopen(self.query, by=self.market.actor, now=self.now)

    def _over(self) -> None:
        actions.hand_over(self.query, reason="Lost.", by=self.market.actor, now=self.now)

    def _back(self) -> None:
        actions.hand_back(self.query, by=self.staff, now=self.now)

    def _staff(self) -> None:
        actions.settle(self.query, body="So.", closes=False, by=self.staff, now=self.now)

    def _clocks(self) -> None:
        """Hand back and close what is due for that."""
        hand_back_due(now=self.now)
        close_unanswered(now=self.now)


@pytest.fixture
def course(market: Market, settings: LazySettings) -> Course:
    """A query that was asked at noon on a Tuesday."""
    settings.MAIL_IN_DOMAIN = "reply.markt.example"
    return Course(market)


@pytest.mark.parametrize(
    ("steps", "waits"),
    [
        pytest.param("", 0, id="asked"),
        pytest.param("react", 0, id="asked twice"),
        pytest.param("reply", None, id="answered"),
        pytest.param("reply, reply", None, id="answered twice"),
        pytest.param("reply, react", 2, id="wrote back"),
        pytest.param("reply, react, react", 2, id="wrote back twice"),
        pytest.param("reply, react, reply", None, id="answered again"),
        pytest.param("close", None, id="closed without a word"),
        pytest.param("close, reopen", 0, id="closed by mistake"),
        pytest.param("reply, close, reopen", None, id="reopened to add something"),
        pytest.param("reply, react, close, reopen", 2, id="reopened with a reaction unanswered"),
        pytest.param("reply, undo 0, close, reopen", 0, id="reopened after an answer taken back"),
        pytest.param("reply, react, spare", None, id="needs no reply"),
        pytest.param("reply, react, spare, close, reopen", None, id="reopened, and needed none"),
        pytest.param("reply, react, spare, react, close, reopen", 4, id="but wrote back since"),
        pytest.param("reply, close, react", 3, id="reopened by the customer"),
        pytest.param("close, react", 2, id="closed without a word, and asked again"),
        pytest.param("reply, other", None, id="somebody else wrote"),
        pytest.param("reply, other, accept", 3, id="and was accepted"),
        pytest.param("reply, other, accept, close, reopen", 3, id="closed and reopened after that"),
        pytest.param("reply, machine", None, id="out of office"),
        pytest.param("reply, machine, close, machine", None, id="out of office after closing"),
        pytest.param("reply, bounce", 2, id="the answer did not arrive"),
        pytest.param("reply, close, bounce", 3, id="the last answer did not arrive"),
        pytest.param("reply, react, bounce", 2, id="an earlier answer did not arrive"),
        pytest.param("over", 0, id="handed over"),
        pytest.param("over, back", 0, id="and back"),
        pytest.param("over, staff", None, id="answered by staff"),
        pytest.param("over, staff, back", None, id="and handed back"),
        pytest.param("over, staff, react", 3, id="reacted to staff"),
        pytest.param("over, staff, react, back", 3, id="and handed back unanswered"),
        pytest.param("reply, over", None, id="handed over when nobody waited"),
        pytest.param("over, clocks 49", 0, id="back by itself"),
        pytest.param("reply, clocks 400", None, id="closed by itself"),
    ],
)
def test_customer_waits_since(course: Course, steps: str, waits: int | None) -> None:
    for step in filter(None, steps.split(", ")):
        course.take(step)

    expected = None if waits is None else NOON + waits * HOUR
    assert course.query.reply_needed_since == expected


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        pytest.param("", 24, id="asked"),
        pytest.param("react", 24, id="asked twice: as it was"),
        pytest.param("reply, react", 26, id="a reaction has its own"),
        pytest.param("reply, react, react", 26, id="and a second one moves it not"),
        pytest.param("reply, react, reply, react", 28, id="the next reaction too"),
        pytest.param("close 2, react", 24, id="closing without a word wins no time"),
        pytest.param("close, reopen 5", 24, id="nor does reopening"),
        pytest.param("reply, react, close, reopen", 26, id="nor after an answer"),
        pytest.param("over, back 5", 24, id="nor handing over"),
        pytest.param("reply, machine 5", 24, id="nor a machine"),
        pytest.param("reply, bounce", 26, id="what did not arrive is due anew"),
        pytest.param("over, staff, react, back", 27, id="a reaction to staff"),
        pytest.param("reply, close 30, reopen", 56, id="taken up when nobody waits"),
        pytest.param("reply, over, back", 27, id="handed back when nobody waits"),
    ],
)
def test_answer_is_due(course: Course, steps: str, due: int) -> None:
    for step in filter(None, steps.split(", ")):
        course.take(step)

    assert course.query.due_at == NOON + due * HOUR
    assert course.query.long_open_at == NOON + (due - 6) * HOUR


@pytest.mark.parametrize(
    ("steps", "result", "took"),
    [
        pytest.param("", "", None, id="open"),
        pytest.param("react 30", FirstReply.LATE, None, id="asked again when it was late"),
        pytest.param("reply", FirstReply.IN_TIME, 1, id="in time"),
        pytest.param("reply 24", FirstReply.LATE, 24, id="at the last moment"),
        pytest.param("reply, react 30, reply 50", FirstReply.IN_TIME, 1, id="only the first"),
        pytest.param("close", "", None, id="closed without a word"),
        pytest.param("close 25", FirstReply.LATE, None, id="closed when it was late"),
        pytest.param("close, reopen 40, reply", FirstReply.LATE, 42, id="no way around"),
        pytest.param("over, staff 40", FirstReply.NOT_COUNTED, None, id="answered by staff"),
        pytest.param("over 25, staff", FirstReply.LATE, None, id="by staff, but handed over late"),
        pytest.param("over, back 30, reply", FirstReply.LATE, 32, id="back and late"),
        pytest.param("over, back, reply", FirstReply.IN_TIME, 3, id="back and in time"),
        pytest.param("reply, bounce", FirstReply.IN_TIME, 1, id="a bounce changes nothing"),
    ],
)
def test_first_reply_came(course: Course, steps: str, result: str, took: int | None) -> None:
    for step in filter(None, steps.split(", ")):
        course.take(step)

    assert course.query.first_reply_result == result
    assert course.query.first_reply_took == (None if took is None else took * HOUR)


def test_contact_by_phone_is_not_counted(market: Market) -> None:
    query = actions.log_phone_contact(
        market.shop, name="Klaas", subject="Hm", note="Agreed.", by=market.actor, now=NOON
    )

    assert query.first_reply_result == FirstReply.NOT_COUNTED
    assert query.reply_needed_since is None


def test_what_was_late_stays_late_when_its_customer_is_erased(
    market: Market, customer: Customer
) -> None:
    late, early = market.query(customer, asked_at=NOON), market.query(customer, asked_at=NOON + DAY)

    erase_customer(customer, by=market.actor, now=NOON + DAY + HOUR)

    results = CustomerQuery.objects.in_bulk()
    assert results[late.pk].first_reply_result == FirstReply.LATE
    assert results[early.pk].first_reply_result == ""
    assert results[late.pk].reply_needed_since is None


def test_overdue_is_who_waits_for_the_shop(course: Course) -> None:
    assert course.query.is_overdue(now=NOON + DAY)
    course.take("reply")
    assert not course.query.is_overdue(now=NOON + 9 * DAY)
    course.take("react")
    assert course.query.is_long_open(now=NOON + DAY)
    assert course.query.is_overdue(now=NOON + DAY + 2 * HOUR)
    course.take("over")
    assert not course.query.is_overdue(now=NOON + 9 * DAY)


# Days off


MONDAY = datetime(2026, 3, 16, 11, tzinfo=UTC)


def holiday(day: datetime, *, country: str = "NL", region: str = "", is_off: bool = True) -> None:
    HolidayChange.objects.create(
        country=country,
        region=region,
        day=day.date(),
        kind=HolidayKind.DAY_OFF if is_off else HolidayKind.WORKING_DAY,
        name="Fair",
    )


def test_day_off_that_staff_add_moves_what_comes_and_not_what_is_stored(market: Market) -> None:
    before = market.query(asked_at=MONDAY)

    holiday(MONDAY + DAY)

    after = market.query(asked_at=MONDAY)
    before.refresh_from_db()
    assert before.due_at == MONDAY + DAY
    assert after.due_at == MONDAY + 2 * DAY


def test_day_off_holds_for_reactions_and_for_how_long_a_reply_took(market: Market) -> None:
    holiday(MONDAY + DAY)
    query = market.query(asked_at=MONDAY)

    actions.reply(query, body="So.", by=market.actor, now=MONDAY + 2 * DAY - HOUR)
    actions.receive_reaction(query, body="And?", by=Actor.CUSTOMER, now=MONDAY + 2 * DAY)

    assert query.first_reply_took == 23 * HOUR
    assert query.due_at == MONDAY + 3 * DAY


def test_day_off_is_of_its_country_and_region(market: Market) -> None:
    holiday(MONDAY + DAY, country="BE")
    holiday(MONDAY + DAY, region="FR")

    assert market.query(asked_at=MONDAY).due_at == MONDAY + DAY
    market.shop.region = "FR"
    assert market.query(asked_at=MONDAY).due_at == MONDAY + 2 * DAY


def test_region_has_the_last_word(market: Market) -> None:
    holiday(MONDAY + DAY)
    holiday(MONDAY + DAY, region="FR", is_off=False)

    assert market.query(asked_at=MONDAY).due_at == MONDAY + 2 * DAY
    market.shop.region = "FR"
    assert market.query(asked_at=MONDAY).due_at == MONDAY + DAY


# The guards


@pytest.mark.parametrize(
    ("guard", "steps", "change"),
    [
        ("query_waits_for_shop_or_staff", "reply", {"reply_needed_since": NOON}),
        ("query_waits_for_shop_or_staff", "close", {"reply_needed_since": NOON}),
        ("query_first_reply_result_known", "", {"first_reply_result": "soon"}),
        ("query_first_reply_judged", "", {"first_reply_result": FirstReply.IN_TIME}),
        ("query_first_reply_judged", "", {"first_reply_took": HOUR}),
        ("query_first_reply_judged", "", {"first_replied_at": NOON}),
        ("query_first_reply_judged_once", "reply", {"first_reply_result": FirstReply.LATE}),
        ("query_first_reply_judged_once", "reply", {"first_reply_result": ""}),
        ("query_first_reply_judged_once", "close 30", {"first_reply_result": ""}),
        ("query_first_reply_judged_once", "reply", {"first_reply_took": None}),
        ("query_first_reply_judged_once", "reply", {"first_reply_took": 2 * HOUR}),
    ],
)
def test_query_refuses(course: Course, guard: str, steps: str, change: dict[str, object]) -> None:
    for step in filter(None, steps.split(", ")):
        course.take(step)

    with refused_by(guard):
        CustomerQuery.objects.filter(pk=course.query.pk).update(**change)


def test_channel_alone_makes_no_contact_by_phone(market: Market, customer: Customer) -> None:
    query = actions.ask(
        market.shop,
        customer=customer,
        subject="Hm",
        body="Hm?",
        channel=Channel.PHONE,
        by=Actor.CUSTOMER,
        now=NOON,
    )

    assert (query.state, query.first_reply_result) == (QueryState.YOUR_TURN, "")

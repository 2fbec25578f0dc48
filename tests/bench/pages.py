"""The customer's page and answer, and the seller's tab, each against a bare page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.roles import as_owner
from insights.keeping import keep_counts
from sellers.models import User
from sellers.tokens import digest, token_for
from surveys.enums import InvitationState
from surveys.forms import SurveyForm
from surveys.models import Invitation
from tests.bench import stock
from tests.bench.measuring import WARM_UP_ROUNDS, Figure, alternate, at_least, at_most, ratio_of
from tests.bench.serving import Portal, session_of
from tests.bench.urls import BareRow

ROUNDS: Final = 200
STAFF_ROUNDS: Final = 7
FORM: Final = {
    "score": "9",
    "reason": "Snel en vriendelijk geholpen, precies wat ik nodig had.",
    "topics": ["speed", "friendliness"],
    "may_contact": "yes",
}


@dataclass(frozen=True, slots=True)
class OpenSurvey:
    """A survey that can be answered, and the path of its link."""

    invitation: Invitation
    path: str


def survey_figures(portal: Portal) -> Iterator[Figure]:
    """Measure the customer's page, and answers against a view that stores one row.

    A high score is stored with its topics and event, a low one with its task as well.
    """
    surveys = open_surveys(2 * (ROUNDS + WARM_UP_ROUNDS))
    looked_at, praised, blamed = iter(surveys), iter(surveys[::2]), iter(surveys[1::2])
    seconds = alternate(
        {
            "page": lambda: portal.get(next(looked_at).path).took(status=200),
            "floor": _floor(portal, shop=stock.LARGEST_SHOP),
        },
        rounds=ROUNDS,
    )
    ratio = ratio_of(seconds["floor"], seconds["page"])
    yield Figure(
        name="survey page, per second",
        value=1 / median(seconds["page"]),
        against=f"floor page: {1 / median(seconds['floor']):,.0f}",
        ratio=ratio,
        goal=at_least(0.8, ratio),
        count=len(seconds["floor"]),
    )
    form = FORM | {"shown": SurveyForm(now=stock.NOW)["shown"].value()}
    _make_table_of_bare_rows()
    seconds = alternate(
        {
            "high": lambda: portal.post(next(praised).path, form).took(status=302),
            "low": lambda: portal.post(next(blamed).path, form | {"score": "5"}).took(status=302),
            "insert": lambda: portal.post(reverse("bench_insert"), form).took(status=302),
        },
        rounds=ROUNDS,
    )
    for score, opens in (("high", ""), ("low", " that open a task")):
        ratio = ratio_of(seconds["insert"], seconds[score])
        yield Figure(
            name=f"answers{opens}, per second",
            value=1 / median(seconds[score]),
            against=f"view that inserts one row: {1 / median(seconds['insert']):,.0f}",
            ratio=ratio,
            goal=at_least(0.35, ratio),
            count=len(seconds["insert"]),
        )
    yield _slower("answers that open a task, ms", seconds, "low", "high", most=1.1)


def tab_figures(portal: Portal, scale: stock.Scale) -> Iterator[Figure]:
    """Measure the NPS tab of a large, a median and an empty shop."""
    keep_counts()  # as the clock does, again and again
    url = reverse("insights:nps")
    sessions = {
        "largest": _session(stock.LARGEST_SHOP),
        "median": _session(scale.median_shop()),
        "empty": _session(stock.EMPTY_SHOP),
    }
    works = {
        name: lambda session=session: portal.get(url, session=session).took(status=200)
        for name, session in sessions.items()
    }
    seconds = alternate({"floor": _floor(portal, shop=stock.LARGEST_SHOP), **works}, rounds=ROUNDS)
    for name, most in (("largest", 3.5), ("median", 3.2), ("empty", 2.8)):
        yield _slower(f"NPS tab, {name} shop, ms", seconds, name, "floor", most=most)
    yield _slower("NPS tab, largest shop, ms", seconds, "largest", "median", most=1.3)
    for name, session in sessions.items():
        with CaptureQueriesContext(connection) as asked:
            reply = portal.get(url, session=session)
        size = len(reply.body) / 1000
        yield Figure(f"… {name} shop, SQL statements", len(asked), goal=at_most(12, len(asked)))
        yield Figure(f"… {name} shop, kB compressed", size, goal=at_most(45, size))


def staff_figures(portal: Portal) -> Iterator[Figure]:
    """Measure the overview of all shops for staff, of each kind of period."""
    staff, _is_new = User.objects.get_or_create(
        email="staff@bench.example", defaults={"is_staff": True, "is_superuser": True}
    )
    session = session_of(staff, shop=stock.LARGEST_SHOP)
    url = reverse("admin:shop_scores")
    for period, words in (("", "month"), ("days", "28 days"), ("year", "12 months")):
        replies = [
            portal.get(f"{url}?period={period}", session=session).took(status=200)
            for _ in range(STAFF_ROUNDS)
        ]
        seconds = median(replies)
        yield Figure(
            f"staff's overview, {words}, s", seconds, goal=at_most(1, seconds), count=STAFF_ROUNDS
        )


def _slower(
    name: str, seconds: dict[str, list[float]], one: str, other: str, *, most: float
) -> Figure:
    """Return how many times as long `one` takes as `other`."""
    ratio = ratio_of(seconds[one], seconds[other])
    return Figure(
        name=name,
        value=1000 * median(seconds[one]),
        against=f"{other}: {1000 * median(seconds[other]):.1f}",
        ratio=ratio,
        goal=at_most(most, ratio),
        count=len(seconds[one]),
    )


def _session(shop: int) -> str:
    return session_of(User.objects.get(pk=stock.VIEWER), shop=shop)


def _floor(portal: Portal, *, shop: int) -> Callable[[], float]:
    """Return what asks for the page that is nothing but the frame."""
    session, url = _session(shop), reverse("bench_floor")
    return lambda: portal.get(url, session=session).took(status=200)


def open_surveys(number: int) -> list[OpenSurvey]:
    """Return so many surveys that can be answered, all over the table.

    The stock has no digests of real links: they are made with a key that it does not know.
    """
    waiting = Invitation.objects.filter(state=InvitationState.SENT, expires_at__gt=stock.TOMORROW)
    invitations = list(waiting.select_related("closing").order_by("token_digest")[:number])
    for invitation in invitations:
        invitation.token_digest = digest(token_for(invitation.token_salt))
    Invitation.objects.bulk_update(invitations, ["token_digest"])
    return [
        OpenSurvey(invitation, reverse("surveys:answer", args=[token_for(invitation.token_salt)]))
        for invitation in invitations
    ]


def _make_table_of_bare_rows() -> None:
    if BareRow._meta.db_table in connection.introspection.table_names():
        return
    with as_owner(), connection.schema_editor() as editor:
        editor.create_model(BareRow)

"""What agents predicted beside the scores that came: reports, pages, lists and files."""

import csv
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from io import StringIO

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from insights.reports.predictions import agent_predictions, agents_of, team_predictions
from queries import actions
from queries.enums import ActorType
from sellers import actions as team
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Membership, Seller, User
from surveys import answers
from surveys.enums import InvitationState
from surveys.exclusions import exclude, lift
from surveys.models import Invitation, SurveyResponse
from surveys.periods import Period
from tests.conftest import RULES, Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")

OWN = "/queries/nps/predictions/"
TEAM = "/queries/nps/predictions/team/"
YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))


@dataclass(frozen=True)
class Predicting:
    """Lets agents predict and customers answer, or not."""

    market: Market
    responses: list[SurveyResponse] = field(default_factory=list)

    def __call__(
        self,
        *pairs: tuple[int | None, int | None],
        agent: User | None = None,
        closed_at: datetime = NOW - 5 * DAY,
        closed_by: ActorType = ActorType.SELLER,
    ) -> None:
        """Close a query with each prediction, and let its customer give the score, if any."""
        by = Actor.user(agent) if agent else self.market.closer(closed_by)
        for predicted, score in pairs:
            query = self.market.query(asked_at=closed_at - timedelta(hours=1))
            closing = actions.close(query, predicted_score=predicted, by=by, now=closed_at)
            invitation = self.market.invitation(closing)
            if score is not None:
                self.responses.append(
                    answers.submit(
                        invitation.token_digest,
                        score=score,
                        reason="",
                        topics=[],
                        may_contact=None,
                        opened_at=None,
                        by=Actor.CUSTOMER,
                        now=closed_at + 2 * DAY,
                    )
                )


@pytest.fixture
def predict(market: Market) -> Predicting:
    """Let the agents of Fietsenzo predict."""
    return Predicting(market)


@pytest.fixture
def alice_s(alice: User) -> Client:
    """The owner's browser."""
    return browser_of(alice)


@pytest.fixture
def bob_s(bob: User) -> Client:
    """Bob's browser."""
    return browser_of(bob)


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


# The report


def test_pairs_are_those_of_the_agent_that_count_for_the_shop(
    predict: Predicting, fietsenzo: Seller, alice: User, bob: User, other_market: Market
) -> None:
    predict(*[(9, 8)] * 10)
    predict((None, 8), (9, None))  # without a prediction, without an answer
    predict((0, 10), agent=alice)
    predict((None, 10), closed_by=ActorType.MARKETPLACE)
    Predicting(other_market)((0, 10))
    imported(fietsenzo, 3, submitted_at=NOW - 2 * DAY)

    report = agent_predictions(fietsenzo, agent=bob, period=YEAR, now=NOW)

    assert (report.predicted, report.pairs) == (11, 10)
    assert report.calibration is not None
    assert report.calibration.points == {(9, 8): 10}


def test_what_staff_exclude_is_no_pair_until_they_lift_it(
    predict: Predicting, fietsenzo: Seller, bob: User, alice: User
) -> None:
    predict(*[(9, 8)] * 10)
    exclusion = exclude(predict.responses[0], reason="Storm.", by=Actor.user(alice), now=NOW)

    less = agent_predictions(fietsenzo, agent=bob, period=YEAR, now=NOW)
    lift(exclusion, by=Actor.user(alice), now=NOW)
    again = agent_predictions(fietsenzo, agent=bob, period=YEAR, now=NOW)

    assert (less.pairs, less.calibration) == (9, None)
    assert again.pairs == 10


@pytest.mark.parametrize(
    ("closed_at", "is_in"),
    [
        pytest.param(datetime(2026, 1, 31, 22, 59, tzinfo=UTC), False, id="the day before"),
        pytest.param(datetime(2026, 1, 31, 23, 0, tzinfo=UTC), True, id="midnight in Amsterdam"),
        pytest.param(datetime(2026, 2, 28, 22, 59, tzinfo=UTC), True, id="the last minute"),
        pytest.param(datetime(2026, 2, 28, 23, 0, tzinfo=UTC), False, id="the day after"),
    ],
)
def test_period_is_that_of_the_closing(
    predict: Predicting, fietsenzo: Seller, bob: User, closed_at: datetime, is_in: bool
) -> None:
    predict((9, 8), closed_at=closed_at)
    february = Period(date(2026, 2, 1), date(2026, 2, 28))

    report = agent_predictions(fietsenzo, agent=bob, period=february, now=NOW)

    assert (report.predicted, report.pairs) == (int(is_in), int(is_in))


def test_middle_score_is_of_all_measurements_before_the_day_of_closing(
    predict: Predicting, fietsenzo: Seller, bob: User, alice: User
) -> None:
    closed_at = NOW - 5 * DAY
    imported(fietsenzo, 6, 6, 6, submitted_at=datetime(2020, 5, 1, tzinfo=UTC))
    # 23:59 the evening before, and 0:01 on the day, in Amsterdam.
    midnight = closed_at.replace(hour=23, minute=0) - DAY
    imported(fietsenzo, *[7] * 4, submitted_at=midnight - timedelta(minutes=1))
    imported(fietsenzo, *[0] * 50, submitted_at=midnight + timedelta(minutes=1))
    excluded = imported(fietsenzo, *[10] * 9, submitted_at=datetime(2020, 5, 1, tzinfo=UTC))
    for response in excluded:
        exclude(response, reason="Storm.", by=Actor.user(alice), now=NOW)
    predict(*[(9, 9)] * 10, closed_at=closed_at)

    report = agent_predictions(fietsenzo, agent=bob, period=YEAR, now=NOW)

    assert report.calibration is not None
    assert {guess.naive for guess in report.calibration.guesses} == {7}
    assert report.calibration.comparison is not None
    assert report.calibration.comparison.naive_error == 2
    assert report.calibration.comparison.skill == 1


def test_first_closings_of_a_shop_have_no_middle_score(
    predict: Predicting, fietsenzo: Seller, bob: User
) -> None:
    predict(*[(9, 8)] * 10)

    calibration = agent_predictions(fietsenzo, agent=bob, period=YEAR, now=NOW).calibration

    assert calibration is not None
    assert calibration.comparison is None
    assert calibration.bias.mean == 1


def test_unanswered_is_what_reached_a_customer_who_let_the_time_pass(
    predict: Predicting, fietsenzo: Seller, bob: User
) -> None:
    long_ago = NOW - RULES.delay - RULES.answer_window - DAY
    predict(*[(4, None)] * 8, *[(6, None)] * 2, closed_at=long_ago)
    predict((0, None), (0, None), closed_at=NOW - 5 * DAY)  # may still answer
    predict(*[(0, None)] * 3, closed_at=long_ago + timedelta(minutes=1))
    bounced = Invitation.objects.filter(closing__closed_at=long_ago + timedelta(minutes=1))
    bounced.update(state=InvitationState.BOUNCED)
    Invitation.objects.filter(closing__predicted_score=6).update(state=InvitationState.EXPIRED)

    report = agent_predictions(fietsenzo, agent=bob, period=YEAR, now=NOW)

    assert report.predicted == 15
    assert report.unanswered_total == 10
    assert report.unanswered is not None
    assert report.unanswered.scores == {4: 8, 6: 2}
    assert report.unanswered.mean == Fraction(44, 10)
    assert report.unanswered.tally.nps == -100


def test_team_adds_up_and_has_everybody_who_predicted_or_may(
    predict: Predicting, fietsenzo: Seller, alice: User, bob: User, cora: User, dirk: User
) -> None:
    eva = User.objects.create_user("eva@fietsenzo.example", name="Eva", language="en")
    left = Membership.objects.create(user=eva, seller=fietsenzo, role=Role.AGENT)
    predict(*[(9, 8)] * 10)
    predict((7, 9), (7, None), agent=eva)
    team.end_membership(left, by=Actor.user(alice), now=NOW)

    found = team_predictions(fietsenzo, period=YEAR, now=NOW)

    rows = {str(row.agent): (row.report.predicted, row.report.pairs) for row in found.agents}
    assert rows == {"Alice": (0, 0), "Bob": (10, 10), "Eva": (2, 1)}
    assert list(rows) == ["Alice", "Bob", "Eva"]
    assert (found.together.predicted, found.together.pairs) == (12, 11)
    assert found.together.calibration is not None
    assert found.together.calibration.points == {(9, 8): 10, (7, 9): 1}
    bob_s = next(row.report for row in found.agents if row.agent == bob)
    assert bob_s == agent_predictions(fietsenzo, agent=bob, period=YEAR, now=NOW)


def test_agents_are_who_may_answer_or_closed_something(
    predict: Predicting, fietsenzo: Seller, alice: User, bob: User, cora: User, dirk: User
) -> None:
    predict((None, None), closed_by=ActorType.MARKETPLACE)

    assert set(agents_of(fietsenzo)) == {alice, bob}


@pytest.mark.parametrize("count", [1, 3])
def test_reports_ask_the_database_as_often_for_many_as_for_one(
    predict: Predicting,
    fietsenzo: Seller,
    bob: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        agent = User.objects.create_user(f"a{number}@fietsenzo.example", name="A", language="en")
        Membership.objects.create(user=agent, seller=fietsenzo, role=Role.AGENT)
        predict(*[(9, 8)] * 10, agent=agent)

    with django_assert_num_queries(4):
        assert len(team_predictions(fietsenzo, period=YEAR, now=NOW).agents) == count + 2
    with django_assert_num_queries(3):
        agent_predictions(fietsenzo, agent=agent, period=YEAR, now=NOW)


# The pages


def test_own_page_says_how_well_its_reader_predicts(bob_s: Client, predict: Predicting) -> None:
    imported(predict.market.shop, 8, submitted_at=NOW - 90 * DAY)
    predict(*[(9, 8)] * 6, *[(10, 9)] * 4, *[(7, 3)] * 5)

    page = text(bob_s.get(OWN))

    assert "Your predictions" in page
    assert "On average 2.0 too high" in page
    assert "95% interval +1.2 to +2.8, n = 15" in page
    assert "−3%" in page
    assert "27% (4 of 15)" in page
    assert 'class="bias"' in page
    assert "plot-area" in page


def test_own_page_of_few_answers_shows_nothing_of_them(bob_s: Client, predict: Predicting) -> None:
    predict(*[(9, 3)] * 9, (9, None))

    page = bob_s.get(OWN)

    assert page.context["calibration"] is None
    assert "9 of 10 answers" in text(page)
    assert "10 predictions in this period, 9 of them answered by the customer." in text(page)
    assert 'class="bias"' not in text(page)
    assert "plot-area" not in text(page)


def test_analyst_reads_an_empty_page_of_their_own(cora_s: Client, cora: User) -> None:
    assert "Nothing to compare yet" in text(cora_s.get(OWN))
    assert cora_s.get(f"{OWN}{cora.pk}/").status_code == 200
    assert cora_s.get(TEAM).status_code == 403


def test_only_an_owner_opens_the_page_of_a_colleague(
    alice_s: Client, bob_s: Client, cora_s: Client, alice: User, bob: User, dirk: User
) -> None:
    assert bob_s.get(f"{OWN}{bob.pk}/").status_code == 200
    assert bob_s.get(f"{OWN}{alice.pk}/").status_code == 404
    assert cora_s.get(f"{OWN}{bob.pk}/").status_code == 404
    assert bob_s.get(TEAM).status_code == 403
    assert "Predictions of Bob" in text(alice_s.get(f"{OWN}{bob.pk}/"))
    assert alice_s.get(f"{OWN}{dirk.pk}/").status_code == 404
    assert browser_of(dirk).get(f"{OWN}{bob.pk}/").status_code == 404


def test_owner_who_compares_nobody_has_no_page_of_colleagues(
    alice_s: Client, alice: User, bob: User
) -> None:
    Seller.objects.update(compares_agents=False)

    assert "Colleagues are not compared" in text(alice_s.get(TEAM))
    assert alice_s.get(f"{OWN}{bob.pk}/").status_code == 404
    assert alice_s.get(f"{OWN}{alice.pk}/").status_code == 200
    assert TEAM not in text(alice_s.get(OWN))


def test_team_page_has_a_row_for_each_and_leads_to_their_page(
    alice_s: Client, alice: User, bob: User, predict: Predicting
) -> None:
    predict(*[(9, 8)] * 10)
    predict((9, 8), agent=alice)

    page = text(alice_s.get(TEAM, {"since": "2026-03-01", "until": "2026-03-31"}))

    assert f'{OWN}{bob.pk}/?since=2026-03-01&until=2026-03-31"' in page.replace("&amp;", "&")
    assert "shown from 10 answers on" in page
    assert "+1.0 to +1.0" in page


@pytest.mark.parametrize("count", [1, 3])
def test_team_page_asks_the_database_as_often_for_many_as_for_one(
    alice_s: Client,
    predict: Predicting,
    fietsenzo: Seller,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        agent = User.objects.create_user(f"a{number}@fietsenzo.example", name="A", language="en")
        Membership.objects.create(user=agent, seller=fietsenzo, role=Role.AGENT)
        predict(*[(9, 8)] * 10, agent=agent)

    with django_assert_num_queries(8):
        page = alice_s.get(TEAM)

    assert len(page.context["rows"]) == count + 2


@pytest.mark.parametrize("count", [1, 3])
def test_own_page_asks_the_database_as_often_for_many_as_for_one(
    bob_s: Client,
    predict: Predicting,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        predict(*[(9, 8)] * 10, closed_at=NOW - (5 + number) * DAY)

    with django_assert_num_queries(7):
        page = bob_s.get(OWN)

    assert page.context["calibration"].pairs == 10 * count


@pytest.mark.parametrize(
    ("asked", "period"),
    [
        ({}, YEAR),
        (
            {"since": "2026-01-05", "until": "2026-02-10"},
            Period(date(2026, 1, 5), date(2026, 2, 10)),
        ),
        ({"since": "2026-02-10", "until": "2026-01-05"}, YEAR),
        ({"since": "x", "until": "2026-01-05"}, YEAR),
        ({"since": "2026-01-05"}, YEAR),
    ],
    ids=["nothing", "days", "backwards", "no day", "half"],
)
def test_period_is_in_the_url(bob_s: Client, asked: dict[str, str], period: Period) -> None:
    page = bob_s.get(OWN, asked)

    assert page.context["period"] == period
    current = [choice.name for choice in page.context["periods"] if choice.current]
    assert current == (["months-12"] if period == YEAR else [])


def test_menu_and_own_page_lead_to_the_predictions(
    bob_s: Client, alice_s: Client, cora_s: Client
) -> None:
    tab = "/queries/nps/"

    assert f'href="{OWN}"' in text(bob_s.get(tab))
    assert TEAM not in text(bob_s.get(OWN))
    assert f'href="{TEAM}' in text(alice_s.get(OWN))
    assert OWN not in text(cora_s.get(tab))
    Seller.objects.update(compares_agents=False)
    assert TEAM not in text(alice_s.get(OWN))


# Beside the real score


def test_measurement_and_list_show_what_was_predicted(cora_s: Client, predict: Predicting) -> None:
    predict((4, 9), (None, 8), closed_at=NOW - 5 * DAY)
    with_it, without = predict.responses

    listed = text(cora_s.get("/queries/nps/measurements/"))
    page = text(cora_s.get(f"/queries/nps/measurements/{with_it.pk}/"))
    other = text(cora_s.get(f"/queries/nps/measurements/{without.pk}/"))

    assert listed.count("predicted 4") == 1
    assert listed.count("predicted ") == 1
    assert "<dt>Predicted score</dt><dd>4</dd>" in page
    assert "Predicted score" not in other


def test_downloads_have_what_was_predicted(cora_s: Client, predict: Predicting) -> None:
    predict((4, 9), (None, 8), (0, 7), closed_at=NOW - 5 * DAY)
    imported(predict.market.shop, 3, submitted_at=NOW - DAY)
    path = "/queries/nps/download/measurements."

    written = cora_s.get(f"{path}csv", {"dialect": "international"}).getvalue().decode()
    read = json.loads(cora_s.get(f"{path}json").getvalue())

    rows = list(csv.DictReader(StringIO(written)))
    expected = {"9": "4", "8": "", "7": "0", "3": ""}
    assert {row["score"]: row["predicted_score"] for row in rows} == expected
    found = {row["score"]: row["predicted_score"] for row in read["measurements"]}
    assert found == {9: 4, 8: None, 7: 0, 3: None}


def test_customer_never_reads_what_was_predicted(
    client: Client, market: Market, predict: Predicting, bob_s: Client
) -> None:
    query = market.query()
    actions.reply(query, body="Oil them.", closes=True, predicted_score=4, by=market.actor, now=NOW)
    assert "4" in text(bob_s.get(query.get_absolute_url()))
    survey = market.invitation(query.closings.get())
    links = [f"/thread/{query.thread_links.get().token}/", f"/survey/{survey.token}/"]

    for link in links:
        page = client.get(link)
        assert page.status_code == 200
        assert "predict" not in text(page).casefold()


def test_pages_are_dutch_for_a_dutch_reader(bob: User, predict: Predicting) -> None:
    predict(*[(9, 8)] * 10)
    bob.language = "nl"
    bob.save()

    page = text(browser_of(bob).get(OWN))

    assert "Jouw voorspellingen" in page
    assert "Gemiddeld 1,0 te hoog" in page
    assert 'cx="' in page
    assert 'cx="86,' not in page

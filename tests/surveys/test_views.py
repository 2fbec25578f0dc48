"""The customer's pages, and what the seller sees of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import escape_hatch, travel

from queries import actions
from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import User
from sellers.tokens import new_salt, token_for
from surveys import deciding
from surveys.deciding import decide_due
from surveys.enums import InvitationState
from surveys.exclusions import exclude, lift
from surveys.models import Invitation, SurveyOptOut, SurveyResponse
from tests.conftest import NOON, RULES, Market, at_once, text
from tests.surveys.conftest import link

DAY = timedelta(days=1)
ANSWERING = NOON + timedelta(days=2)
TOO_LATE = NOON + timedelta(days=60)
UNKNOWN = token_for(new_salt())


@pytest.fixture(autouse=True)
def _answering_time() -> Iterator[None]:
    """Stop the clock a day after the mail."""
    with travel(ANSWERING, tick=False):
        yield


@pytest.fixture
def invitation(market: Market) -> Invitation:
    """An invitation that was sent a day ago."""
    return market.invitation()


@pytest.fixture
def dutch_invitation(market: Market) -> Invitation:
    """An invitation about a query in Dutch."""
    return market.invitation(market.closing(market.new_customer(language="nl")))


def footprint() -> dict[str, str]:
    """Return where every row of every table is, and which transaction wrote it."""
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names():
            cursor.execute(
                f"SELECT string_agg(ctid::text || xmin::text, ' ' ORDER BY ctid) FROM {table}"  # noqa: S608
            )
            (rows[table],) = cursor.fetchone()
        return rows


# Showing


def test_answer_shows_the_question_and_who_will_see_the_answer(
    client: Client, invitation: Invitation
) -> None:
    page = client.get(link(invitation))

    assert page.status_code == 200
    assert (
        "Would you recommend Markt to a friend, family member or colleague, "
        "based on your contact with Fietsenzo?"
    ) in text(page)
    assert "Where is my parcel?" in text(page)
    assert "Your answer goes to Fietsenzo and to Markt" in text(page)
    assert text(page).count('type="radio" name="score"') == 11
    assert text(page).count('type="checkbox" name="topics"') == 6
    for word in ("promoter", "passive", "detractor"):
        assert word not in text(page).lower()


def test_answer_is_in_the_customer_s_language_whatever_the_browser_wishes(
    client: Client, dutch_invitation: Invitation
) -> None:
    page = client.get(link(dutch_invitation), headers={"Accept-Language": "en"})

    assert '<html lang="nl">' in text(page)
    assert page["Content-Language"] == "nl"


@pytest.mark.parametrize("score", range(11))
def test_answer_preselects_the_score_of_the_url(
    client: Client, invitation: Invitation, score: int
) -> None:
    page = client.get(link(invitation), {"score": score})

    (field,) = page.context["form"]["score"].subwidgets[score : score + 1]
    assert field.data["selected"]
    assert text(page).count(" checked") == 1


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("page", ["answer", "thanks", "opt_out"])
@pytest.mark.parametrize("query", ["", "?score=3"])
@pytest.mark.parametrize("state", ["open", "answered", "expired", "unknown"])
def test_looking_writes_nothing(
    client: Client, invitation: Invitation, method: str, page: str, query: str, state: str
) -> None:
    url = link(invitation, page)
    if state == "answered":
        client.post(link(invitation), {"score": 3})
    if state == "unknown":
        url = reverse(f"surveys:{page}", args=[UNKNOWN])
    before = footprint()

    with travel(TOO_LATE if state == "expired" else ANSWERING, tick=False):
        getattr(client, method)(url + query)

    assert footprint() == before


# Answering


def test_answer_records_and_thanks(client: Client, invitation: Invitation) -> None:
    page = client.post(
        link(invitation),
        {
            "score": "3",
            "reason": "It never came.",
            "topics": ["speed", "effort"],
            "may_contact": "on",
        },
        follow=True,
    )

    assert page.redirect_chain == [(link(invitation, "thanks"), 302)]
    assert "Thank you, your answer has arrived" in text(page)
    response = SurveyResponse.objects.get()
    assert (response.score, response.reason) == (3, "It never came.")
    assert (response.submitted_at, response.may_contact) == (ANSWERING, True)
    assert {topic.slug for topic in response.topics.all()} == {"speed", "effort"}


def test_answer_needs_only_a_score(client: Client, invitation: Invitation) -> None:
    client.post(link(invitation), {"score": "0"})

    response = SurveyResponse.objects.get()
    assert (response.score, response.reason, response.may_contact) == (0, "", None)
    assert not response.topics.exists()


def test_answer_remembers_when_the_form_was_shown(client: Client, invitation: Invitation) -> None:
    shown = client.get(link(invitation)).context["form"]["shown"].value()
    with travel(ANSWERING + timedelta(minutes=2), tick=False):
        client.post(link(invitation), {"score": "9", "shown": shown})

    invitation.refresh_from_db()
    assert invitation.opened_at == ANSWERING
    assert invitation.answered_at == ANSWERING + timedelta(minutes=2)


def test_answer_needs_no_csrf_token(invitation: Invitation) -> None:
    browser = Client(enforce_csrf_checks=True)

    page = browser.post(link(invitation), {"score": "9"}, headers={"Origin": "null"})

    assert page.status_code == 302
    assert SurveyResponse.objects.exists()


def test_answer_a_second_time_shows_that_the_first_is_final(
    client: Client, invitation: Invitation
) -> None:
    client.post(link(invitation), {"score": "3"})

    posted = client.post(link(invitation), {"score": "10"})
    shown = client.get(link(invitation))

    for page in (posted, shown):
        assert page.status_code == 200
        assert "You already answered" in text(page)
    assert SurveyResponse.objects.get().score == 3


def test_answer_after_the_window_is_gone(client: Client, invitation: Invitation) -> None:
    with travel(TOO_LATE, tick=False):
        shown = client.get(link(invitation))
        posted = client.post(link(invitation), {"score": "3"})

    for page in (shown, posted):
        assert page.status_code == 410
        assert "This survey is over" in text(page)
    assert not SurveyResponse.objects.exists()


def test_answer_can_still_be_read_as_given_after_the_window(
    client: Client, invitation: Invitation
) -> None:
    client.post(link(invitation), {"score": "3"})

    with travel(TOO_LATE, tick=False):
        page = client.get(link(invitation))

    assert page.status_code == 200
    assert "You already answered" in text(page)


def test_answer_at_half_past_eleven_in_utc_counts_in_the_next_month(
    client: Client, market: Market
) -> None:
    moment = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    invitation = market.invitation(market.closing(closed_at=moment - timedelta(days=2)))

    with travel(moment, tick=False):
        client.post(link(invitation), {"score": "9"})

    responses = SurveyResponse.objects.for_seller(market.shop)
    assert responses.answers_by_month() == {date(2026, 4, 1): {((), 9): 1}}


def test_answer_twenty_times_at_once_leaves_one_response_and_no_error(
    committed_db: None, market: Market
) -> None:
    invitation = market.invitation()

    def answer() -> int:
        return Client().post(link(invitation), {"score": "9"}).status_code

    statuses = at_once(*[answer] * 20)

    assert set(statuses) <= {200, 302}
    assert SurveyResponse.objects.count() == 1


def test_thanks_before_the_answer_leads_to_the_survey(
    client: Client, invitation: Invitation
) -> None:
    page = client.get(link(invitation, "thanks"))

    assert page.status_code == 302
    assert page["Location"] == link(invitation)


# Links that do not work


def test_digest_is_no_token(client: Client, invitation: Invitation) -> None:
    page = client.get(reverse("surveys:answer", args=[invitation.token_digest]))

    assert page.status_code == 404


def test_answer_of_a_query_without_survey_has_no_link(client: Client, market: Market) -> None:
    invitation = market.survey(market.closing(), InvitationState.SUPPRESSED, "stale")
    Invitation.objects.update(token_digest=None)

    assert client.get(link(invitation)).status_code == 404


def test_answer_of_a_clock_that_jumped_comes_back_as_it_was_typed(
    client: Client, market: Market
) -> None:
    ahead = escape_hatch.datetime.datetime.now(UTC) + timedelta(hours=1)
    invitation = market.invitation(market.closing(closed_at=ahead - timedelta(days=2)))

    with travel(ahead, tick=False):
        page = client.post(link(invitation), {"score": "3", "reason": "It never came."})

    assert page.status_code == 503
    assert page["Retry-After"] == "60"
    assert "could not be stored just now" in text(page)
    assert "It never came." in text(page)
    assert not SurveyResponse.objects.exists()


# Opting out


def test_opt_out_asks_before_it_stores(client: Client, invitation: Invitation) -> None:
    page = client.get(link(invitation, "opt_out"))

    assert page.status_code == 200
    assert "No more surveys?" in text(page)
    assert not SurveyOptOut.objects.exists()


def test_opt_out_stores_and_can_be_undone(client: Client, invitation: Invitation) -> None:
    done = client.post(link(invitation, "opt_out"), follow=True)

    assert "You get no more surveys" in text(done)
    opted_out = SurveyOptOut.objects.get()
    assert (opted_out.customer, opted_out.opted_out_at) == (invitation.customer, ANSWERING)

    undone = client.post(link(invitation, "opt_out"), {"undo": "1"}, follow=True)

    assert "No more surveys?" in text(undone)
    assert not SurveyOptOut.objects.exists()


def test_opt_out_with_one_click_of_the_mail_program_is_not_redirected(
    invitation: Invitation,
) -> None:
    mail_program = Client(enforce_csrf_checks=True)

    answer = mail_program.post(link(invitation, "opt_out"), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert SurveyOptOut.objects.get().customer == invitation.customer


def test_opt_out_works_after_the_answer_window(client: Client, invitation: Invitation) -> None:
    with travel(TOO_LATE, tick=False):
        client.post(link(invitation, "opt_out"))

    assert SurveyOptOut.objects.exists()


# What goes along with every page


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["answer", "thanks", "opt_out"])
@pytest.mark.parametrize("state", ["open", "answered", "expired", "unknown"])
def test_page_keeps_the_link_a_secret(
    client: Client, invitation: Invitation, method: str, page: str, state: str
) -> None:
    url = link(invitation, page)
    if state == "answered":
        client.post(link(invitation), {"score": 3})
    if state == "unknown":
        url = reverse(f"surveys:{page}", args=[UNKNOWN])

    with travel(TOO_LATE if state == "expired" else ANSWERING, tick=False):
        response = getattr(client, method)(url, {"score": "3"})

    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert response["X-Frame-Options"] == "DENY"
    assert not client.cookies
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_page_refuses_other_methods(client: Client, invitation: Invitation, method: str) -> None:
    assert getattr(client, method)(link(invitation)).status_code == 405


@pytest.mark.parametrize("state", ["expired", "unknown", "too big"])
def test_link_is_not_in_the_logs(
    client: Client, invitation: Invitation, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = UNKNOWN if state == "unknown" else token_for(invitation.token_salt)
    reason = "x" * 3_000_000 if state == "too big" else ""

    with travel(TOO_LATE if state == "expired" else ANSWERING, tick=False):
        client.post(reverse("surveys:answer", args=[token]), {"score": "3", "reason": reason})

    # The console's handler comes first, and what its filter rewrites stays rewritten.
    assert len(caplog.records) == 1
    assert token not in caplog.text


# What the seller sees


def test_query_survey_shows_why_there_is_none(
    log_in: Callable[[User], Client], market: Market, alice: User
) -> None:
    query = market.query()

    page = log_in(alice).get(reverse("surveys_seller:query_survey", args=[query.pk]))

    assert "The survey starts when the query is closed." in text(page)


def test_query_survey_shows_the_measurement(
    log_in: Callable[[User], Client], market: Market, alice: User
) -> None:
    response = market.response(3, reason="It never came.")
    url = reverse("surveys_seller:query_survey", args=[response.query_id])

    page = log_in(alice).get(url)
    fragment = log_in(alice).get(url, headers={"HX-Request": "true"})

    assert "It never came." in text(page)
    assert "It never came." in text(fragment)
    assert "<html" in text(page)
    assert "<html" not in text(fragment)


def test_query_survey_shows_what_the_customer_asked_before_and_said_of_it(
    log_in: Callable[[User], Client], market: Market, other_market: Market, alice: User
) -> None:
    response = market.response(3, reason="It <never> came.")
    assert response.query
    customer = response.query.customer
    actions.close(market.query(customer, subject="Silence"), by=Actor.SYSTEM, now=NOON)
    decide_due(now=NOON + RULES.delay, rules=RULES)
    other_market.query(customer, subject="Asked elsewhere")
    query = market.query(customer, subject="Asked now")

    page = log_in(alice).get(reverse("surveys_seller:query_survey", args=[query.pk]))

    before = text(page).partition('id="earlier"')[2].partition('id="survey"')[0]
    assert '<span class="score detractor">3</span>' in before
    assert "“It &lt;never&gt; came.”" in page.content.decode()
    assert "No survey: query was closed automatically" in before
    assert before.count("<li>") == 2
    assert "Asked now" not in before
    assert "Asked elsewhere" not in text(page)


def test_query_survey_says_that_nothing_was_explained(
    log_in: Callable[[User], Client], market: Market, alice: User
) -> None:
    response = market.response(9)
    assert response.query
    query = market.query(response.query.customer)

    page = log_in(alice).get(reverse("surveys_seller:query_survey", args=[query.pk]))

    assert "No explanation given" in text(page)


@pytest.mark.parametrize("count", [1, 3])
def test_query_survey_asks_the_database_as_often_for_many_as_for_one(
    log_in: Callable[[User], Client],
    market: Market,
    alice: User,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    customer = market.new_customer()
    for _ in range(count):
        market.closing(customer)
    query = market.query(customer)
    browser = log_in(alice)
    url = reverse("surveys_seller:query_survey", args=[query.pk])

    with django_assert_num_queries(11):
        page = browser.get(url, headers={"HX-Request": "true"})

    assert text(page).count("<li>") == count


def test_query_survey_says_that_a_measurement_is_excluded(
    log_in: Callable[[User], Client], alice: User, market: Market
) -> None:
    response = market.response(3)
    url = reverse("surveys_seller:query_survey", args=[response.query_id])
    exclusion = exclude(response, reason="Strike.", by=Actor.user(alice), now=NOON)

    excluded = log_in(alice).get(url).content.decode()
    lift(exclusion, by=Actor.user(alice), now=NOON)
    counting = log_in(alice).get(url).content.decode()

    assert "Does not count:</b> Strike." in excluded
    assert "Strike." not in counting


def test_query_survey_leaves_out_what_does_not_count_for_the_shop(
    log_in: Callable[[User], Client], market: Market, alice: User
) -> None:
    response = market.response(3, reason="It never came.", closed_by=ActorType.MARKETPLACE)
    assert response.reason

    page = log_in(alice).get(reverse("surveys_seller:query_survey", args=[response.query_id]))

    assert "It never came." not in text(page)


def test_query_survey_shows_the_earlier_ones_of_the_customer(
    log_in: Callable[[User], Client], market: Market, other_market: Market, alice: User
) -> None:
    klaas = market.new_customer()
    query = market.query(klaas)
    scored = market.response(9, customer=klaas, submitted_at=NOON - 90 * DAY).query
    SurveyOptOut.objects.create(customer=klaas, opted_out_at=NOON)
    refused = market.query(klaas)
    sent = market.query(klaas, asked_at=NOON - DAY)
    for each in (refused, sent):
        actions.close(each, by=market.actor, now=NOON)
    actions.reopen(sent, by=market.actor, now=NOON)
    deciding.decide_due(now=NOON + DAY, rules=RULES)
    actions.close(sent, by=market.actor, now=NOON + DAY)
    other_market.query(klaas)
    market.query()

    page = log_in(alice).get(reverse("surveys_seller:query_survey", args=[query.pk]))

    earlier = {each.query: each for each in page.context["earlier"]}
    assert earlier.keys() == {scored, refused, sent}
    assert [each.response for each in earlier.values() if each.response] == [
        SurveyResponse.objects.get()
    ]
    assert earlier[refused].why_no_survey == "customer is not surveyed now"
    assert earlier[sent].why_no_survey == ""  # of the closing that stands nothing is decided
    assert "opted" not in text(page)


def test_query_survey_asks_as_often_for_many_earlier_ones_as_for_one(
    log_in: Callable[[User], Client],
    market: Market,
    alice: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    klaas = market.new_customer()
    page = reverse("surveys_seller:query_survey", args=[market.query(klaas).pk])
    browser = log_in(alice)

    for more in (1, 2):
        for _each in range(more):
            number = SurveyResponse.objects.count()
            market.response(9, customer=klaas, submitted_at=NOON + 90 * number * DAY)
        with django_assert_num_queries(12):
            assert len(browser.get(page).context["earlier"]) == (1 if more == 1 else 3)


def test_query_survey_never_shows_the_link(
    log_in: Callable[[User], Client], invitation: Invitation, alice: User
) -> None:
    url = reverse("surveys_seller:query_survey", args=[invitation.query_id])

    page = log_in(alice).get(url)

    for secret in (
        token_for(invitation.token_salt),
        invitation.token_salt,
        invitation.token_digest,
    ):
        assert secret
        assert secret not in text(page)


def test_answer_of_somebody_who_opted_out_is_taken(client: Client, invitation: Invitation) -> None:
    client.post(link(invitation, "opt_out"))

    page = client.post(link(invitation), {"score": "9"})

    assert page.status_code == 302
    assert SurveyResponse.objects.get().score == 9


# Too often


@pytest.mark.parametrize("method", ["get", "head"])
def test_scanners_keep_no_answer_out(client: Client, invitation: Invitation, method: str) -> None:
    for number in range(140):
        client.get(f"/survey/guess-{number}/")  # somebody else behind the same IP
    looks = [getattr(client, method)(link(invitation)) for _ in range(60)]

    page = client.post(link(invitation), {"score": "3", "reason": "It took a week."})

    assert {look.status_code for look in looks} == {200}
    assert page.status_code == 302
    assert SurveyResponse.objects.get().reason == "It took a week."


@pytest.mark.parametrize(
    ("ips", "statuses"),
    [
        (["192.0.2.7"], [404] * 120 + [429]),
        (["192.0.2.7", "192.0.2.8"], [404] * 121),
        # Who has one address of IPv6 has all of its /64.
        ([f"2001:db8:0:1::{number}" for number in range(1, 9)], [404] * 120 + [429]),
        ([f"2001:db8:0:{number}::1" for number in range(1, 9)], [404] * 121),
    ],
    ids=["one", "two", "one network", "eight networks"],
)
def test_guesses_are_counted_per_network(
    client: Client, db: None, ips: list[str], statuses: list[int]
) -> None:
    pages = [
        client.get(f"/survey/guess-{number}/", REMOTE_ADDR=ips[number % len(ips)])
        for number in range(121)
    ]

    assert [page.status_code for page in pages] == statuses
    if pages[-1].status_code == 429:
        assert pages[-1]["Retry-After"] == "60"
        assert "Wait a minute" in pages[-1].content.decode()


def test_a_minute_later_one_may_guess_again(client: Client, db: None) -> None:
    for number in range(121):
        client.get(f"/survey/guess-{number}/")

    with travel(ANSWERING + timedelta(minutes=2), tick=False):
        assert client.get("/survey/guess-121/").status_code == 404

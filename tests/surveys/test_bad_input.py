"""What is no good answer, or no link of ours: each gets a clear answer, and nothing is lost."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import travel

from config.logs import REQUEST_ID
from sellers.tokens import new_salt, token_for
from surveys.enums import InvitationState
from surveys.forms import REASON_MAX_LENGTH
from surveys.models import Invitation, SurveyResponse
from tests.conftest import NOON, Market, text
from tests.surveys.conftest import link

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
WITH_FILE = (
    b'--x\r\nContent-Disposition: form-data; name="score"\r\n\r\n9\r\n'
    b'--x\r\nContent-Disposition: form-data; name="reason"; filename="reason.txt"\r\n\r\n'
    b"It never came.\r\n--x--\r\n"
)
TYPED = {"score": "9", "reason": "It never came.", "topics": "speed", "may_contact": "yes"}
MEGABYTE = "x" * 1_000_000
RIGHT_TO_LEFT = "שירות מצוין \u202e!"
DIGEST = re.compile("[0-9a-f]{64}")
SAVEPOINT = re.compile(r'"s\d+_x\d+"')
UNKNOWN = token_for(new_salt())

ARRIVED = "Thank you, your answer has arrived"
NO_SCORE = "Choose a score from 0 to 10."
NO_SUCH_TOPIC = "A topic that you chose is not in the list any more. Choose from these."
NULL_BYTE = "There is a character in your reason that cannot be stored. Remove it"
UNREADABLE = "We could not read this"


@dataclass(frozen=True)
class Posted:
    """What arrives at the URL of a survey."""

    body: bytes
    content_type: str = FORM


def form(**changes: str | list[str] | None) -> Posted:
    """Fill in the form well, but for these fields."""
    fields = {name: value for name, value in (TYPED | changes).items() if value is not None}
    return Posted(urlencode(fields, doseq=True).encode())


def filled_in(page: HttpResponse) -> tuple[str, set[str]]:
    """Return what a browser shows in the form: the reason, and what is chosen and ticked."""
    html = page.content.decode()
    reason = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.DOTALL)
    assert reason
    checked = re.findall(r'<input [^>]*id="id_(\w+)"[^>]* checked>', html)
    return unescape(reason[1]), set(checked)


def typed(posted: Posted) -> tuple[str, set[str]]:
    """Return the same of what was posted, as far as the form offers it."""
    fields = QueryDict(posted.body if posted.content_type == FORM else b"")
    chosen = {("score", "9"), ("topics", "speed"), ("may_contact", "yes")} & set(fields.items())
    ids = {"score": "score_9", "topics": "topics_0", "may_contact": "may_contact_yes"}
    return fields.get("reason", ""), {ids[name] for name, _ in chosen}


@pytest.fixture(autouse=True)
def _answering_time() -> Iterator[None]:
    """Stop the clock a day after the mail."""
    with travel(NOON + timedelta(days=2), tick=False):
        yield


@pytest.fixture
def invitation(market: Market) -> Invitation:
    """An invitation that was sent a day ago."""
    return market.invitation()


@pytest.mark.parametrize(
    ("posted", "status", "sentence", "stored"),
    [
        pytest.param(form(score="11"), 422, NO_SCORE, None, id="11"),
        pytest.param(form(score="-1"), 422, NO_SCORE, None, id="-1"),
        pytest.param(form(score="7.5"), 422, NO_SCORE, None, id="7.5"),
        pytest.param(form(score="seven"), 422, NO_SCORE, None, id="seven"),
        pytest.param(form(score="７"), 422, NO_SCORE, None, id="a wide seven"),
        pytest.param(form(score="9\0"), 422, NO_SCORE, None, id="null byte in the score"),
        pytest.param(form(score=""), 422, NO_SCORE, None, id="empty"),
        pytest.param(form(score=None), 422, NO_SCORE, None, id="missing"),
        pytest.param(form(score=["3", "9"]), 422, NO_SCORE, None, id="twice"),
        pytest.param(
            form(reason=MEGABYTE),
            422,
            "Your reason is 1000000 characters long and 4000 fit. Shorten it.",
            None,
            id="1 MB of reason",
        ),
        pytest.param(form(reason="a\0b"), 422, NULL_BYTE, None, id="null byte"),
        pytest.param(form(topics="price"), 422, NO_SUCH_TOPIC, None, id="unknown topic"),
        pytest.param(form(topics="sp\0eed"), 422, NO_SUCH_TOPIC, None, id="null byte in a topic"),
        pytest.param(form(reason="Top 👍🏽 🚲"), 200, ARRIVED, "Top 👍🏽 🚲", id="emoji"),
        pytest.param(form(reason=RIGHT_TO_LEFT), 200, ARRIVED, RIGHT_TO_LEFT, id="right to left"),
        pytest.param(form(reason="<b>Slow"), 200, ARRIVED, "<b>Slow", id="markup"),
        pytest.param(form(reason="  Slow\r\n"), 200, ARRIVED, "Slow", id="space around it"),
        pytest.param(
            form(reason="a" + "\r\n" * (REASON_MAX_LENGTH - 2) + "b"),
            200,
            ARRIVED,
            "a" + "\n" * (REASON_MAX_LENGTH - 2) + "b",
            id="as long as can be, in lines",
        ),
        pytest.param(Posted(b"score=9&reason=%ff"), 200, ARRIVED, "\ufffd", id="broken UTF-8"),
        pytest.param(form(surname="x"), 200, ARRIVED, "It never came.", id="one field too many"),
        pytest.param(Posted(b""), 422, NO_SCORE, None, id="nothing"),
        pytest.param(Posted(b"score=9", "text/plain"), 422, NO_SCORE, None, id="plain text"),
        pytest.param(Posted(b'{"score": 9}', "application/json"), 422, NO_SCORE, None, id="JSON"),
        pytest.param(
            Posted(b"score=9", f"{FORM}; charset=latin-1"), 400, UNREADABLE, None, id="latin-1"
        ),
        pytest.param(
            Posted(b"score=9", "multipart/form-data"), 400, UNREADABLE, None, id="no boundary"
        ),
        pytest.param(
            Posted(b"--y\r\nscore=9", MULTIPART), 422, NO_SCORE, None, id="other boundary"
        ),
        pytest.param(Posted(WITH_FILE, MULTIPART), 200, ARRIVED, "", id="reason in a file"),
        pytest.param(Posted(b"a&" * 1001), 400, UNREADABLE, None, id="1001 fields"),
        pytest.param(form(reason=MEGABYTE * 3), 400, UNREADABLE, None, id="3 MB of reason"),
    ],
)
def test_answer_is_stored_whole_or_refused_with_what_to_do(
    client: Client,
    invitation: Invitation,
    posted: Posted,
    status: int,
    sentence: str,
    stored: str | None,
) -> None:
    page = client.post(link(invitation), posted.body, content_type=posted.content_type, follow=True)

    invitation.refresh_from_db()
    answers = list(SurveyResponse.objects.values_list("score", "reason"))
    assert page.status_code == status
    assert sentence in text(page)
    assert answers == ([] if stored is None else [(9, stored)])
    assert (invitation.state == InvitationState.SENT) is (stored is None)
    if status == 422:
        assert filled_in(page) == typed(posted)


@pytest.mark.parametrize("shown", ["", "tomorrow", "1:2:3", "\0"])
def test_answer_does_not_believe_what_it_did_not_sign(
    client: Client, invitation: Invitation, shown: str
) -> None:
    client.post(link(invitation), TYPED | {"shown": shown})

    invitation.refresh_from_db()
    assert (invitation.state, invitation.opened_at) == (InvitationState.ANSWERED, None)


@pytest.mark.parametrize("score", ["11", "-1", "seven", "", "7.0", "\0", "9 OR 1=1", "<script>"])
def test_url_with_what_is_no_score_preselects_nothing(
    client: Client, invitation: Invitation, score: str
) -> None:
    page = client.get(link(invitation), {"score": score})

    assert page.status_code == 200
    assert filled_in(page) == ("", set())


# Links that do not work


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["", "thanks/", "opt-out/"])
@pytest.mark.parametrize(
    "token",
    [
        pytest.param("x", id="short"),
        pytest.param("x" * 10_000, id="10,000 characters"),
        pytest.param(UNKNOWN[:-1], id="a piece lost"),
        pytest.param(f"{UNKNOWN}.", id="a full stop too many"),
        pytest.param("%F0%9F%9A%B2", id="emoji"),
        pytest.param("%D7%A9%E2%80%AE", id="right to left"),
        pytest.param(f"{UNKNOWN}%00", id="null byte"),
        pytest.param("%ff%ED%A0%80", id="broken UTF-8"),
        pytest.param("%0d%0aSet-Cookie:%20a=b", id="line end"),
        pytest.param("%27%20OR%201=1%20--", id="SQL"),
        pytest.param("%3Cscript%3E", id="markup"),
    ],
)
def test_malformed_link_looks_like_an_unknown_one_and_takes_the_same_work(
    client: Client, invitation: Invitation, method: str, page: str, token: str
) -> None:
    answers, statements = [], []
    for each in (UNKNOWN, token):
        with CaptureQueriesContext(connection) as captured:
            answers.append(getattr(client, method)(f"/survey/{each}/{page}", {"score": "3"}))
        statements.append([SAVEPOINT.sub("", DIGEST.sub("digest", one["sql"])) for one in captured])

    unknown, malformed = answers
    assert unknown.status_code == malformed.status_code == 404
    assert "This link does not work" in text(unknown)
    assert malformed.content == unknown.content
    for answer in answers:
        del answer.headers[REQUEST_ID]  # each has its own
    assert malformed.headers == unknown.headers
    assert statements[0] == statements[1]
    assert {one.count("digest'") for one in statements[0]} - {0} == {1}
    assert not SurveyResponse.objects.exists()

"""What holds for the whole API: problems, limits, keys of requests, pages and versions."""

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient as Program
from time_machine import travel

from queries.models import CustomerQuery
from sellers.enums import Scope, WebhookKind
from sellers.models import Seller, User
from sellers.webhooks.kinds import source_of
from tests.api.conftest import Register, with_token
from tests.conftest import NOON, Market, at_once

MEMBERS = "/api/v1/members/"
CHANGES = "/api/v1/changes/"
QUERIES = "/api/v1/queries/"
PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/", 404),
        ("get", "/api/v1/", 404),
        ("get", "/api/v1/nothing/", 404),
        ("post", "/api/v1/nothing/", 404),
        ("delete", "/api/v2/members/", 404),
        ("post", MEMBERS, 405),
        ("put", MEMBERS, 405),
        ("options", MEMBERS, 405),
    ],
)
def test_whatever_goes_wrong_is_a_problem(
    crm: Program, method: str, path: str, status: int
) -> None:
    answer = getattr(crm, method)(path)

    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    said = answer.json()
    assert said["status"] == status
    assert {"type", "title", "detail", "code"} <= said.keys()


def test_without_redis_programs_are_answered_uncounted(
    register: Register, redis_down: None
) -> None:
    assert with_token(register()).get(MEMBERS).status_code == 200


def test_key_of_a_request_changes_nothing_where_there_is_no_post(crm: Program) -> None:
    answer = crm.post(MEMBERS, HTTP_IDEMPOTENCY_KEY="once")

    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_page_that_explains_it_is_only_looked_at(db: None, method: str) -> None:
    answer = Program(enforce_csrf_checks=True).generic(method, "/api/v1/docs/")

    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert answer["Allow"] == "GET, HEAD"


def test_without_a_token_it_says_how_to_come_in(db: None) -> None:
    answer = Program().get(MEMBERS)

    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"{", "application/json"), (b"x", "text/plain"), (b"", "x")]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_body_of_a_stranger_is_not_read(
    db: None, method: str, body: bytes, content_type: str
) -> None:
    answer = Program().generic(method, f"{QUERIES}1/notes/", body, content_type=content_type)

    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


def test_token_is_not_taken_from_the_body(register: Register) -> None:
    token = register().ask_token(Program()).json()["access_token"]
    form, kind = f"access_token={token}".encode(), "application/x-www-form-urlencoded"
    answer = Program().generic("POST", f"{QUERIES}1/notes/", form, content_type=kind)

    assert answer.status_code == 401


def test_what_comes_along_with_a_look_does_not_matter(crm: Program) -> None:
    assert crm.generic("GET", QUERIES, b"x", content_type="text/plain").status_code == 200


def test_scope_that_is_missing_is_named(register: Register) -> None:
    answer = with_token(register(scopes=[Scope.INSIGHTS_READ])).get(MEMBERS)

    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="queries:read"' in answer["WWW-Authenticate"]


def test_client_of_the_marketplace_is_no_shop(platform: Program) -> None:
    assert platform.get(MEMBERS).status_code == 403


def test_problem_speaks_the_language_asked_for(crm: Program) -> None:
    dutch = crm.get("/api/v1/nothing/", HTTP_ACCEPT_LANGUAGE="nl")
    english = crm.get("/api/v1/nothing/", HTTP_ACCEPT_LANGUAGE="en")

    assert dutch.json()["detail"] != english.json()["detail"]


def test_other_form_than_json_is_not_answered(crm: Program) -> None:
    answer = crm.get(MEMBERS, HTTP_ACCEPT="text/html")

    assert (answer.status_code, answer["Content-Type"]) == (406, PROBLEM)


@pytest.mark.parametrize(
    ("path", "name", "known"),
    [
        (MEMBERS, "format", ""),
        (QUERIES, "page_size", "limit"),
        (CHANGES, "since", "after, limit"),
        ("/api/v1/measurements/", "from", "since"),
        ("/api/v1/nps/topics/", "period", "month"),
        ("/api/v1/nps/months/", "limit", ""),
    ],
)
def test_parameter_that_there_is_not_is_refused(
    crm: Program, path: str, name: str, known: str
) -> None:
    answer = crm.get(path, {name: "xml"})

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    (violation,) = answer.json()["violations"]
    assert violation["name"] == name
    assert known in violation["reason"]


def test_what_is_strange_is_named_as_far_as_it_can_be_written(crm: Program) -> None:
    answer = crm.get(f"{QUERIES}?%00%ff={'x'}&{'y' * 900}&" + "&".join(map(str, range(90))))

    assert answer.status_code == 400
    assert len(answer.json()["violations"]) == 20
    assert len(answer.content) < 20_000


@pytest.mark.parametrize("name", ["view", "band", "channel", "score"])
def test_choices_are_named_where_another_was_made(crm: Program, name: str) -> None:
    (violation,) = crm.get(QUERIES, {name: "x"}).json()["violations"]

    choices = {"view": "your_turn", "band": "promoter", "channel": "email", "score": "10"}
    assert violation["name"] == name
    assert choices[name] in violation["reason"]


@pytest.mark.parametrize(
    "body", [b"{", b"[1,]", b'{"body": NaN}', b"\xff", b"[" * 100_000, b"1" * 5_000]
)
def test_what_is_no_json_is_said_in_the_language_asked_for(
    crm: Program, market: Market, body: bytes
) -> None:
    path, kind = f"{QUERIES}{market.query().pk}/notes/", "application/json"
    dutch, english = (
        crm.generic("POST", path, body, content_type=kind, HTTP_ACCEPT_LANGUAGE=language).json()
        for language in ("nl", "en")
    )

    assert (dutch["code"], english["code"]) == ("parse_error", "parse_error")
    assert dutch["detail"] != english["detail"]
    assert "JSON" in english["detail"]


def test_body_that_is_too_large_is_refused_before_it_is_read(crm: Program) -> None:
    answer = crm.generic("POST", MEMBERS, b"{}", CONTENT_LENGTH=str(10**12))

    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)


def test_limit_is_said_and_kept(crm: Program, settings: LazySettings) -> None:
    settings.API_PER_MINUTE = 3
    answers = [crm.get(MEMBERS) for _number in range(5)]

    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 200, 200, 429, 429]
    assert answers[0]["RateLimit-Policy"] == '"client";q=3;w=60'
    assert [answer["RateLimit"].split(";")[1] for answer in answers] == [
        "r=2",
        "r=1",
        "r=0",
        "r=0",
        "r=0",
    ]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60


@pytest.mark.usefixtures("committed_db")
def test_changes_are_read_to_their_end_once(crm: Program, market: Market) -> None:
    market.query()
    first = crm.get(CHANGES).json()
    again = crm.get(CHANGES, {"after": first["after"]}).json()
    market.query()
    later = crm.get(CHANGES, {"after": again["after"]}).json()

    assert again["results"] == []
    assert [each["kind"] for each in later["results"]] == ["query.asked"]
    assert later["results"][0]["object"] == "query"


@pytest.mark.usefixtures("committed_db")
def test_changes_come_as_many_at_once_as_asked_for(crm: Program, market: Market) -> None:
    market.query()
    market.query()
    first = crm.get(CHANGES, {"limit": 1}).json()
    rest = crm.get(CHANGES, {"after": first["after"]}).json()

    assert (len(first["results"]), first["more"]) == (1, True)
    assert rest["results"]
    assert crm.get(CHANGES, {"limit": 501}).status_code == 400


@pytest.mark.usefixtures("committed_db")
def test_changes_are_of_what_a_program_may_read(register: Register, market: Market) -> None:
    market.response(3)
    kinds = {
        scope: {
            each["kind"]
            for each in with_token(register(scopes=[scope])).get(CHANGES).json()["results"]
        }
        for scope in (Scope.QUERIES_READ, Scope.INSIGHTS_READ)
    }

    assert "query.asked" in kinds[Scope.QUERIES_READ]
    assert "measurement.created" in kinds[Scope.INSIGHTS_READ]
    assert not kinds[Scope.QUERIES_READ] & kinds[Scope.INSIGHTS_READ]


@pytest.mark.usefixtures("committed_db")
def test_changes_call_things_as_webhooks_do(crm: Program, market: Market) -> None:
    market.response(3)

    called = {each["kind"]: each["object"] for each in crm.get(CHANGES).json()["results"]}
    for kind in (WebhookKind.QUERY_CLOSED, WebhookKind.MEASUREMENT_CREATED):
        assert called[kind] == source_of(kind).noun


@pytest.mark.usefixtures("committed_db")
def test_changes_are_of_one_shop(crm: Program, market: Market, other_market: Market) -> None:
    other_market.query()
    after = crm.get(CHANGES).json()["after"]
    other_market.query()

    assert crm.get(CHANGES, {"after": after}).json()["results"] == []


@pytest.mark.parametrize("after", ["x", "WzEsMSwxXQ:1:2", "\x00"])
def test_other_place_among_the_changes_is_refused(crm: Program, after: str) -> None:
    answer = crm.get(CHANGES, {"after": after})

    assert (answer.status_code, answer.json()["violations"][0]["name"]) == (400, "after")


def test_place_of_another_client_is_refused(
    register: Register, market: Market, other_shop: Seller, dirk: User
) -> None:
    market.query()
    market.query()
    crm, colleague, stranger = (
        with_token(register(**of)) for of in ({}, {}, {"seller": other_shop})
    )
    following = crm.get(QUERIES, {"limit": 1}).json()["next"]
    after = crm.get(CHANGES).json()["after"]

    assert crm.get(following).status_code == 200
    assert [each.get(following).status_code for each in (colleague, stranger)] == [400, 400]
    assert colleague.get(CHANGES, {"after": after}).status_code == 200
    assert stranger.get(CHANGES, {"after": after}).status_code == 400


def test_key_is_of_one_client_and_one_request(
    register: Register, market: Market, bob: User
) -> None:
    first, second = market.query(), market.query()
    crm, colleague = with_token(register()), with_token(register())

    def note(program: Program, query: CustomerQuery) -> int:
        path = f"{QUERIES}{query.pk}/notes/"
        said = {"agent": str(bob.pk), "body": "Ask Dewi." if program is crm else "Ask Eva."}
        headers = {"Idempotency-Key": "k"}
        return program.post(path, said, format="json", headers=headers).status_code

    assert [note(crm, first), note(colleague, first), note(crm, first)] == [201, 201, 201]
    assert note(crm, second) == 422
    assert (first.notes.count(), second.notes.count()) == (2, 0)


@pytest.mark.usefixtures("committed_db")
def test_of_100_at_once_exactly_as_many_pass_as_may(
    register: Register, settings: LazySettings
) -> None:
    settings.API_PER_MINUTE = 50
    with travel(NOON, tick=False):  # no minute begins meanwhile
        header = with_token(register())._credentials["HTTP_AUTHORIZATION"]

        def ask_some() -> list[int]:
            program = Program(headers={"Authorization": header})
            return [program.get(MEMBERS).status_code for _number in range(5)]

        statuses = [status for some in at_once(*[ask_some] * 20) for status in some]

    assert (statuses.count(200), statuses.count(429)) == (50, 50)

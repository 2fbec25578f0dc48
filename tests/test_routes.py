"""Every URL of the portal: who gets in, and that nobody gets in next door.

The URLs come from the URL configuration, so a new one is covered by itself.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker
from time_machine import travel

from queries.attachments import CheckedFile
from queries.enums import AttachmentKind
from queries.files import attach
from queries.models import CustomerQuery, SavedReply
from sellers import actions as team
from sellers.enums import SELLER_SCOPES, Role
from sellers.events import Actor
from sellers.models import User
from sellers.tokens import new_salt, token_for
from surveys.enums import ConsentWay
from surveys.followups import appreciations
from surveys.models import SurveyResponse
from tests.conftest import (
    NOON,
    Market,
    make_alice,
    make_member,
    open_fietsenzo,
    open_other_shop,
)
from tests.hooks import hook_of

NOT_OURS = ("admin/", "accounts/", "demo/", "styleguide/", "static/")
# Without a session: tests/api/.
OF_PROGRAMS = ("api/", "oauth/", ".well-known/")
PUBLIC = {"home", "ask", "sellers:language"}
SUBJECT = "Squeaking brakes"
TWO_DAYS_LATER = NOON + timedelta(days=2)
PEOPLE = ["alice", "bob", "cora", "dirk"]
# What an analyst may not open, and what others get who only look.
FOR_WHO_ANSWERS = {
    "queries:log_phone": 200,
    "queries:saved_replies": 200,
    "queries:add_saved_reply": 200,
    "queries:bulk": 302,
    "insights:followups_bulk": 302,
}
# What an analyst does with a query, too.
FOR_READERS = {"queries:detail", "queries:attachment", "queries:visit", "queries:show_email"}
# What is done to a follow-up task begins so.
OF_A_FOLLOWUP = "insights:followup_"
OWNERS = {"alice", "dirk"}
# What only an owner opens begins so.
OF_OWNERS = (
    *(
        "team:",
        "insights:team_predictions",
        "insights:month_note",
        "sellers:shop_settings",
        "sellers:connections",
    ),
    *("sellers:replace_secret", "sellers:revoke_client", "sellers:webhook"),
)
# What is a person's own, and no colleague's.
ONE_S_OWN = {"membership_id", "own_invitation_id"}
# What an owner opens of each colleague, and the others only of themselves.
OF_ONESELF = {"insights:agent_predictions"}
# What a URL says about the visitor's own shop: it leads to nobody else's.
CHOICES: dict[str, object] = {"subject": "measurements", "extension": "csv"}


@dataclass(frozen=True)
class Route:
    """One URL: its name, the names of its parameters."""

    name: str
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        return self.name


def routes(
    resolver: URLResolver | None = None, path: str = "", namespace: str = ""
) -> Iterator[Route]:
    """Yield every URL that is our own."""
    for each in (resolver or get_resolver()).url_patterns:
        place = path + str(each.pattern)
        if place.startswith((*NOT_OURS, *OF_PROGRAMS)):
            continue
        if isinstance(each, URLResolver):
            inner = ":".join(part for part in (namespace, each.namespace) if part)
            yield from routes(each, place, inner)
        elif isinstance(each, URLPattern):
            assert each.name, f"Give {place} a name."
            name = f"{namespace}:{each.name}" if namespace else each.name
            yield Route(name, tuple(each.pattern.converters))


ALL = list(routes())
OF_A_CUSTOMER = [route for route in ALL if "token" in route.parameters]
OF_A_SHOP = [
    route for route in ALL if set(route.parameters) - set(CHOICES) and route not in OF_A_CUSTOMER
]
OF_AGENTS = [
    route
    for route in OF_A_SHOP
    if (route.name.startswith("queries:") and route.name not in FOR_READERS)
    or (route.name.startswith(OF_A_FOLLOWUP) and "followup_id" in route.parameters)
]
OF_ONE_S_OWN = [
    route for route in ALL if not set(route.parameters) - set(CHOICES) and route.name not in PUBLIC
]


@dataclass(frozen=True)
class World:
    """The two shops of the tests, and what there is of Fietsenzo's to leak."""

    people: dict[str, int]
    values: dict[str, object]


def make_world() -> World:
    """Store the two shops, and at Fietsenzo one of everything that a URL can name."""
    alice = make_alice()
    shop, other_shop = open_fietsenzo(alice), open_other_shop()
    bob = make_member(shop, "bob@fietsenzo.example", "Bob", Role.AGENT)
    cora = make_member(shop, "cora@fietsenzo.example", "Cora", Role.ANALYST)
    dirk = make_member(other_shop, "dirk@boekenhoek.example", "Dirk", Role.OWNER)
    people = {"alice": alice.pk, "bob": bob.pk, "cora": cora.pk, "dirk": dirk.pk}
    market, now, role = Market(shop, bob), TWO_DAYS_LATER, Role.AGENT
    query = _answered_query(market)
    theirs = team.invite(shop, email="eva@klus.example", role=role, by=Actor.user(alice), now=now)
    alice_s = team.invite(other_shop, email=alice.email, role=role, by=Actor.user(dirk), now=now)
    promoter, by = _answer(market, 10), Actor.user(bob)
    consent = appreciations.allow_quote(
        promoter, name=SUBJECT, way=ConsentWay.BY_PHONE, by=by, now=now
    )
    referral = appreciations.record_referral(
        promoter,
        order_reference="",
        words=SUBJECT,
        worth=Decimal(640),
        came_on=NOON.date(),
        by=by,
        now=now,
    )
    webhook = hook_of(query.seller, f"https://hooks.example/{SUBJECT}", by=alice, now=now)
    team.send_test(webhook.fresh, by=Actor.user(alice), now=now)
    values = CHOICES | {
        "client_id": team.make_client(
            query.seller, name=SUBJECT, scopes=list(SELLER_SCOPES), by=Actor.user(alice), now=now
        )[0].pk,
        "webhook_id": webhook.row.pk,
        "delivery_id": webhook.row.deliveries.get().pk,
        "passive_id": _answer(market, 7).pk,
        "promoter_id": promoter.pk,
        "consent_id": consent.pk,
        "referral_id": referral.pk,
        "member_id": bob.memberships.get().pk,
        "agent_id": bob.pk,
        "invitation_id": theirs.pk,
        "own_invitation_id": alice_s.pk,
        "query_id": query.pk,
        "membership_id": alice.memberships.get().pk,
        "response_id": query.responses.get().pk,
        "followup_id": query.responses.get().followup.pk,
        "attachment_id": query.messages.get().attachments.get().pk,
        "saved_reply_id": SavedReply.objects.create(
            seller=shop, title=SUBJECT, body=SUBJECT, changed_at=NOON
        ).pk,
    }
    return World(people, values)


def _answered_query(market: Market) -> CustomerQuery:
    """Let a query of Fietsenzo be closed and answered: everything there is to leak."""
    closing = market.closing(subject=SUBJECT)
    note = CheckedFile("note.txt", AttachmentKind.TEXT, SUBJECT.encode())
    attach(closing.query.messages.get(), [note])
    market.answer(market.invitation(closing), 3, reason=SUBJECT)
    query: CustomerQuery = closing.query
    return query


def _answer(market: Market, score: int) -> SurveyResponse:
    """Let another customer of Fietsenzo answer about the same."""
    invitation = market.invitation(market.closing(subject=SUBJECT))
    return market.answer(invitation, score, reason=SUBJECT)


@pytest.fixture(scope="module")
def _made(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[World, Path]]:
    """Make the world once, in a transaction around those of the tests; with its files' folder."""
    folder = tmp_path_factory.mktemp("attachments")
    with ExitStack() as stack:
        later = travel(TWO_DAYS_LATER, tick=False)
        with django_db_blocker.unblock(), override_settings(ATTACHMENTS_ROOT=folder), later:
            stack.enter_context(transaction.atomic())
            made = make_world()
        yield made, folder
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            stack.close()


@pytest.fixture
def world(_made: tuple[World, Path], db: None, settings: LazySettings) -> World:
    """The world as it was made, whatever the tests before did to it."""
    world, settings.ATTACHMENTS_ROOT = _made
    return world


@pytest.fixture
def values(world: World) -> dict[str, object]:
    """What a URL has in it for something of Fietsenzo's, by the name of the parameter."""
    return world.values


@pytest.fixture(autouse=True)
def _two_days_later() -> Iterator[None]:
    """Stop the clock."""
    with travel(TWO_DAYS_LATER, tick=False):
        yield


@pytest.fixture
def browsers(world: World) -> Callable[[str], Client]:
    """A browser per person; a stranger has not logged in."""

    def of(person: str) -> Client:
        return browser_of(world, person)

    return of


def browser_of(world: World, person: str) -> Client:
    """Return a new browser in which this person is logged in; the stranger is not."""
    browser = Client()
    if person != "stranger":
        browser.force_login(User.objects.get(pk=world.people[person]))
    return browser


def url_of(route: Route, values: dict[str, object]) -> str:
    """Return the URL of something of Fietsenzo's."""
    unknown = set(route.parameters) - set(values)
    assert not unknown, (
        f"{route} has the parameter {unknown}: add one of Fietsenzo's to `values` in {__file__}."
    )
    return reverse(route.name, args=[values[name] for name in route.parameters])


def both(browser: Client, path: str) -> list[HttpResponse]:
    """Look, and post nothing."""
    return [browser.get(path), browser.post(path)]


def test_routes_are_found() -> None:
    names = {route.name for route in ALL}

    assert {"queries:detail", "queries:close", "sellers:shop", "insights:nps"} <= names
    assert {"surveys_seller:query_survey", "surveys:answer", "surveys:opt_out"} <= names
    assert not [name for name in names if name.startswith(("admin:", "account"))]


@pytest.mark.parametrize("route", OF_A_SHOP, ids=str)
def test_owner_of_another_shop_finds_nothing(
    route: Route, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    path = url_of(route, values)
    shown = [page for page in both(browsers("alice"), path) if page.status_code != 405]
    assert shown
    assert all(page.status_code < 400 or page.status_code == 422 for page in shown)

    looked, posted = both(browsers("dirk"), path)

    assert {looked.status_code, posted.status_code} <= {404, 405}
    assert 404 in {looked.status_code, posted.status_code}
    assert SUBJECT not in looked.content.decode() + posted.content.decode()


@pytest.mark.parametrize("route", OF_A_SHOP, ids=str)
def test_owner_of_another_shop_finds_nothing_by_htmx(
    route: Route, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    path = url_of(route, values)

    page = browsers("dirk").get(path, headers={"HX-Request": "true"})

    assert page.status_code in {404, 405}
    assert SUBJECT not in page.content.decode()


@pytest.mark.parametrize("route", OF_A_SHOP, ids=str)
def test_owner_of_another_shop_changes_nothing(
    route: Route, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    before = list(CustomerQuery.objects.order_by("pk").values())

    both(browsers("dirk"), url_of(route, values))

    assert list(CustomerQuery.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    "route", [route for route in OF_A_SHOP if not ONE_S_OWN & set(route.parameters)], ids=str
)
@pytest.mark.parametrize("person", ["alice", "bob", "cora"])
def test_colleague_finds_it(
    route: Route, person: str, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    pages = both(browsers(person), url_of(route, values))

    if route.name in OF_ONESELF and person == "cora":
        assert {page.status_code for page in pages} == {404}
    else:
        assert 404 not in {page.status_code for page in pages}


@pytest.mark.parametrize(
    "route", [route for route in OF_A_SHOP if route.name.startswith(OF_OWNERS)], ids=str
)
@pytest.mark.parametrize("person", ["bob", "cora"])
def test_who_is_no_owner_manages_no_team(
    route: Route, person: str, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    pages = both(browsers(person), url_of(route, values))

    assert {page.status_code for page in pages} == {403}


@pytest.mark.parametrize("route", [*OF_A_SHOP, *OF_ONE_S_OWN], ids=str)
def test_who_was_removed_is_logged_out_and_finds_nothing(
    route: Route,
    world: World,
    values: dict[str, object],
    browsers: Callable[[str], Client],
) -> None:
    path, browser = url_of(route, values), browsers("bob")
    alice, bob = (User.objects.get(pk=world.people[person]) for person in ("alice", "bob"))
    team.end_membership(bob.memberships.get(), by=Actor.user(alice), now=TWO_DAYS_LATER)

    for page in both(browser, path):
        assert page.status_code in {302, 405}
        if page.status_code == 302:
            assert page["Location"].startswith(reverse(settings.LOGIN_URL))
    for page in both(browsers("bob"), path):
        assert page.status_code in {403, 404, 405}
        assert SUBJECT not in page.content.decode()


def test_colleague_cannot_choose_by_somebody_else_s_membership(
    values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    path = reverse("sellers:shop", args=[values["membership_id"]])

    assert browsers("alice").post(path).status_code == 302
    assert browsers("bob").post(path).status_code == 404


@pytest.mark.parametrize("route", [*OF_A_SHOP, *OF_ONE_S_OWN], ids=str)
def test_stranger_is_asked_to_log_in(
    route: Route, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    pages = both(browsers("stranger"), url_of(route, values))

    for page in pages:
        assert page.status_code in {302, 405}
        if page.status_code == 302:
            assert page["Location"].startswith(reverse(settings.LOGIN_URL))
    assert any(page.status_code == 302 for page in pages)


@pytest.mark.parametrize("route", OF_A_CUSTOMER, ids=str)
@pytest.mark.parametrize("person", [*PEOPLE, "stranger"])
def test_nobody_gets_anywhere_with_a_made_up_token(
    route: Route, person: str, browsers: Callable[[str], Client]
) -> None:
    made_up = {"token": token_for(new_salt()), "attachment_id": 1}

    pages = both(browsers(person), url_of(route, made_up))

    assert {page.status_code for page in pages} in ({404}, {404, 405})


@pytest.mark.parametrize("route", OF_ONE_S_OWN, ids=str)
@pytest.mark.parametrize("person", PEOPLE)
def test_page_of_the_own_shop_opens(
    route: Route, person: str, browsers: Callable[[str], Client]
) -> None:
    if route.name.startswith(OF_OWNERS):
        expected = 200 if person in OWNERS else 403
    elif route.name in FOR_WHO_ANSWERS:
        expected = 403 if person == "cora" else FOR_WHO_ANSWERS[route.name]
    else:
        expected = 200

    page = browsers(person).get(url_of(route, CHOICES))

    assert page.status_code == expected


@pytest.mark.parametrize("route", OF_ONE_S_OWN, ids=str)
def test_page_of_another_shop_shows_nothing_of_ours(
    route: Route, browsers: Callable[[str], Client]
) -> None:
    ours = "".join(
        browsers("alice").get(path).content.decode()
        for path in ("/queries/?state=closed", "/queries/nps/")
    )
    assert ours.count(SUBJECT) >= 2

    dirk = browsers("dirk")
    searches = ("", "?state=closed", "?state=closed&q=brakes")
    for search, headers in product(searches, ({}, {"HX-Request": "true"})):
        page = dirk.get(url_of(route, CHOICES) + search, headers=headers)
        assert SUBJECT not in page.getvalue().decode(errors="replace"), (search, headers)


@pytest.mark.parametrize("route", OF_AGENTS, ids=str)
def test_analyst_may_not_act(
    route: Route, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    pages = both(browsers("cora"), url_of(route, values))

    assert {page.status_code for page in pages} == {403}


@pytest.mark.parametrize("person", [*PEOPLE, "stranger"])
def test_url_that_is_none_is_not_found(person: str, browsers: Callable[[str], Client]) -> None:
    assert browsers(person).get("/queries/none/of/ours/").status_code == 404


NAMES = (
    *("view", "after", "before", "q", "channel", "agent", "since", "survey", "reason", "score"),
    *("seen", "mode", "query", "then", "dialect", "assignee", "until", "moment", "kind", "body"),
    *("form_key", "predicted_score", "message", "saved_reply", "sentence", "kept", "why", "title"),
    *("language", "name", "order_reference", "earlier", "subject", "note", "email", "role"),
    *("shop", "hand_to", "next", "month", "page", "by", "topic", "show", "period"),
    *("part", "state", "followup", "tick", "untick", "outcome", "call_note", "how", "promised"),
    *("cause_topic", "cause", "lesson", "alert", "newest", "scopes"),
    *("cause_topic", "cause", "lesson", "alert", "newest", "url", "kinds", "start", "end"),
    *("also_delivered", "made_at", "words", "word"),
)


@pytest.mark.parametrize("route", [*OF_A_SHOP, *OF_ONE_S_OWN], ids=str)
def test_no_junk_breaks_a_page(
    route: Route, values: dict[str, object], browsers: Callable[[str], Client]
) -> None:
    path, alice = url_of(route, values), browsers("alice")

    for junk in ("a\0b", "9" * 19, "9999-12-31T23:59"):
        junked = dict.fromkeys(NAMES, junk)
        for page in (alice.get(path, junked), alice.post(path, junked)):
            assert page.status_code < 500, f"{junk!r} at {path}"

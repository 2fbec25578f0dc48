"""The pages with which an owner manages the team."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from queries.models import CustomerQuery
from sellers import actions
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Event, Membership, Seller, TeamInvitation, User
from tests.conftest import NOON, Market, text

TEAM = "/team/"


@pytest.fixture
def alice_s(fietsenzo: Seller, alice: User, client: Client) -> Client:
    """The browser of the owner."""
    client.force_login(alice)
    return client


@pytest.mark.parametrize("count", [1, 3])
def test_team_is_read_in_so_many_statements(
    alice_s: Client,
    alice: User,
    fietsenzo: Seller,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(count):
        user = User.objects.create_user(f"m{number}@fietsenzo.example", name=f"M {number}")
        Membership.objects.create(user=user, seller=fietsenzo, role=Role.AGENT)
        actions.invite(
            fietsenzo,
            email=f"i{number}@klus.example",
            role=Role.AGENT,
            by=Actor.user(alice),
            now=NOON,
        )

    with django_assert_num_queries(7):
        page = alice_s.get(TEAM)

    assert page.status_code == 200
    assert text(page).count("@klus.example</strong>") == count


def test_owner_invites_and_the_page_says_so(alice_s: Client, fietsenzo: Seller) -> None:
    given = {"email": "Eva@klus.example", "role": "analyst", "shop": fietsenzo.pk}

    page = alice_s.post("/team/invite/", given, follow=True)

    assert "The invitation is on its way to Eva@klus.example." in text(page)
    assert TeamInvitation.objects.get().role == Role.ANALYST
    again = alice_s.post("/team/invite/", given)
    assert again.status_code == 422
    assert "This address has an open invitation." in text(again)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"email": "eva"}, "Enter a valid email address."),
        ({"email": "alice@fietsenzo.example"}, "This person is in your team already."),
        ({"role": "boss"}, "Select a valid choice."),
        ({"shop": "0"}, "You look at another shop now"),
    ],
    ids=str,
)
def test_invitation_that_is_wrong_comes_back(
    alice_s: Client, fietsenzo: Seller, given: dict[str, str], sentence: str
) -> None:
    right = {"email": "eva@klus.example", "role": "agent", "shop": fietsenzo.pk}

    page = alice_s.post("/team/invite/", right | given)

    assert page.status_code == 422
    assert sentence in text(page)
    assert not TeamInvitation.objects.exists()


def test_invitation_is_sent_again_and_withdrawn(
    alice_s: Client, alice: User, fietsenzo: Seller
) -> None:
    by = Actor.user(alice)
    invitation = actions.invite(
        fietsenzo, email="eva@klus.example", role=Role.AGENT, by=by, now=NOON
    )
    TeamInvitation.objects.update(expires_at=NOON + timedelta(days=1))
    assert "expired" in text(alice_s.get(TEAM))

    again = alice_s.post(f"/team/invitations/{invitation.pk}/again/", follow=True)
    once_more = alice_s.post(f"/team/invitations/{invitation.pk}/again/", follow=True)
    gone = alice_s.post(f"/team/invitations/{invitation.pk}/withdraw/", follow=True)
    twice = alice_s.post(f"/team/invitations/{invitation.pk}/withdraw/", follow=True)

    assert "the old one does not work any more" in text(again)
    assert "This invitation was mailed a moment ago." in text(once_more)
    assert "is withdrawn" in text(gone)
    assert "accepted or withdrawn meanwhile" in text(twice)
    assert "Nobody is invited at the moment." in text(twice)


def test_owner_changes_a_role(alice_s: Client, bob: User) -> None:
    path = f"{TEAM}{bob.memberships.get().pk}/"

    page = alice_s.post(path, {"role": "owner"}, follow=True)

    assert "Bob’s role is now: Owner." in text(page)
    assert bob.memberships.get().role == Role.OWNER


def test_only_owner_is_told_why_not(alice_s: Client, alice: User) -> None:
    path = f"{TEAM}{alice.memberships.get().pk}/"

    pages = [alice_s.get(path), alice_s.get(f"{path}remove/")]
    changed = alice_s.post(path, {"role": "agent"})
    removed = alice_s.post(f"{path}remove/", follow=True)

    assert all("is the only owner who can log in" in text(page) for page in pages)
    assert changed.status_code == 422
    assert "Make a colleague owner first." in text(removed)
    assert alice.memberships.get().role == Role.OWNER
    assert not Event.objects.exists()


def test_removing_asks_first(alice_s: Client, bob: User, fietsenzo: Seller) -> None:
    path = f"{TEAM}{bob.memberships.get().pk}/remove/"

    asked = alice_s.get(path)
    assert "Remove Bob?" in text(asked)
    assert Membership.objects.for_seller(fietsenzo).filter(user=bob).exists()
    done = alice_s.post(path, follow=True)

    assert "Bob is not in the team any more." in text(done)
    assert "bob@fietsenzo.example" not in text(done)
    assert alice_s.get(path).status_code == 404


def test_owner_who_leaves_is_out(alice_s: Client, alice: User, bob: User) -> None:
    Membership.objects.filter(user=bob).update(role=Role.OWNER)

    page = alice_s.post(f"{TEAM}{alice.memberships.get().pk}/remove/", follow=True)

    assert page.redirect_chain[-1][0].startswith("/accounts/login/")


# Open work goes to others in the same step


@pytest.fixture
def in_hand(market: Market, bob: User) -> list[CustomerQuery]:
    """Two open queries of Bob's; a closed one of his and an open one of nobody's are no work."""
    queries = [market.query(), market.query(), market.query()]
    closed = market.closing().query
    pks = [queries[0].pk, queries[1].pk, closed.pk]
    CustomerQuery.objects.filter(pk__in=pks).update(assignee=bob)
    return queries[:2]


@pytest.mark.parametrize("to_alice", [True, False])
def test_removing_hands_over_open_queries(
    alice_s: Client, alice: User, bob: User, in_hand: list[CustomerQuery], to_alice: bool
) -> None:
    path = f"{TEAM}{bob.memberships.get().pk}/remove/"
    assert '<td data-label="Open queries">2</td>' in alice_s.get(TEAM).content.decode()
    assert "Bob has 2 open queries in hand." in text(alice_s.get(path))

    alice_s.post(path, {"hand_to": alice.memberships.get().pk if to_alice else ""})

    assignee = alice if to_alice else None
    assert [
        query.assignee for query in CustomerQuery.objects.filter(pk__in=[q.pk for q in in_hand])
    ] == [
        assignee,
        assignee,
    ]
    assert CustomerQuery.objects.filter(assignee=bob).get().is_closed
    events = Event.objects.filter(kind="query.assigned", user=alice)
    details = {"assignee": assignee and assignee.pk, "was": bob.pk}
    assert [event.details for event in events] == [details] * 2


def test_analyst_keeps_no_open_queries(
    alice_s: Client, alice: User, bob: User, in_hand: list[CustomerQuery]
) -> None:
    path = f"{TEAM}{bob.memberships.get().pk}/"

    alice_s.post(path, {"role": "owner"})
    assert CustomerQuery.objects.open().filter(assignee=bob).count() == 2
    alice_s.post(path, {"role": "analyst", "hand_to": alice.memberships.get().pk})

    assert CustomerQuery.objects.open().filter(assignee=alice).count() == 2


def test_open_queries_go_to_nobody_who_cannot_answer(
    alice_s: Client, alice: User, bob: User, cora: User, in_hand: list[CustomerQuery]
) -> None:
    path = f"{TEAM}{bob.memberships.get().pk}/remove/"

    answer = alice_s.post(path, {"hand_to": cora.memberships.get().pk})

    assert answer.status_code == 422
    assert CustomerQuery.objects.open().filter(assignee=bob).count() == 2
    assert Membership.objects.for_seller(in_hand[0].seller).filter(user=bob).exists()

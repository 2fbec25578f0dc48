"""Somebody is invited, gets the mail and joins: once, in time, as who was invited."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client
from django.utils import translation
from time_machine import travel

from sellers import actions
from sellers.actions.invitations import KEPT_FOR, MOST_A_DAY, drop_over
from sellers.enums import MailState, Role
from sellers.events import Actor
from sellers.models import (
    LINK_WORKS_FOR,
    Event,
    Membership,
    RefusedAddress,
    Seller,
    TeamInvitation,
    User,
)
from sellers.tasks import send_mail
from sellers.tokens import digest, new_salt, token_for
from tests.conftest import NOON, at_once, refused_by, text

ADDRESS = "eva@klus.example"
ACCOUNT = {"name": "Eva", "password": "orange-bicycle-lamp", "language": "en"}


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    with travel(NOON, tick=False):
        yield


def invite(
    shop: Seller, by: User, email: str = ADDRESS, role: Role = Role.AGENT, now: datetime = NOON
) -> TeamInvitation:
    """Invite somebody."""
    return actions.invite(shop, email=email, role=role, by=Actor.user(by), now=now)


@pytest.fixture
def invitation(fietsenzo: Seller, alice: User) -> TeamInvitation:
    """Eva is invited to Fietsenzo as an agent."""
    return invite(fietsenzo, alice)


def path_of(invitation: TeamInvitation) -> str:
    """Return where the link leads."""
    return f"/team/join/{invitation.token}/"


def events() -> list[str]:
    """Return what happened."""
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


# Inviting


def test_only_the_digest_is_stored_and_the_event_names_nobody(
    invitation: TeamInvitation, alice: User
) -> None:
    row = TeamInvitation.objects.values().get()

    assert row["token_digest"] == digest(invitation.token)
    assert invitation.token not in str(row)
    event = Event.objects.get()
    assert (event.kind, event.user) == ("team_invitation.made", alice)
    assert ADDRESS not in str(event.details)


@pytest.mark.parametrize("email", ["bob@fietsenzo.example", " BOB@fietsenzo.example"])
def test_member_is_not_invited(fietsenzo: Seller, alice: User, bob: User, email: str) -> None:
    with pytest.raises(actions.AlreadyMember):
        invite(fietsenzo, alice, email)


def test_address_is_invited_once_at_a_time_and_again_after_it_expired(
    fietsenzo: Seller, alice: User, invitation: TeamInvitation
) -> None:
    with pytest.raises(actions.AlreadyInvited):
        invite(fietsenzo, alice, ADDRESS.upper())

    later = invite(fietsenzo, alice, role=Role.OWNER, now=NOON + LINK_WORKS_FOR)

    assert TeamInvitation.objects.open().get() == later


def test_two_owners_who_invite_at_one_moment_invite_once(
    committed_db: None, fietsenzo: Seller, alice: User
) -> None:
    def attempt() -> bool:
        try:
            invite(fietsenzo, alice)
        except actions.AlreadyInvited:
            return False
        return True

    assert sorted(at_once(attempt, attempt, attempt)) == [False, False, True]


def test_shop_invites_only_so_many_a_day(fietsenzo: Seller, alice: User) -> None:
    for number in range(MOST_A_DAY):
        invite(fietsenzo, alice, f"p{number}@klus.example")

    with pytest.raises(actions.TooManyInvitations):
        invite(fietsenzo, alice)
    invite(fietsenzo, alice, now=NOON + timedelta(days=1))


def test_mail_has_the_link_in_the_language_of_who_reads_it(
    fietsenzo: Seller, alice: User, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    User.objects.create_user(ADDRESS, name="Eva", language="nl")
    invitation = invite(fietsenzo, alice)

    send_mail()

    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([ADDRESS], "Word lid van het team van Fietsenzo")
    link = settings.SITE_URL + path_of(invitation)
    assert link in str(letter.body)
    assert link in str(letter.alternatives[0].content)  # type: ignore[attr-defined]
    assert "17 maart 2026" in str(letter.body)
    invitation.refresh_from_db()
    assert invitation.state == MailState.SENT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"withdrawn_at": NOON}, "withdrawn"),
        ({"accepted_at": NOON}, "accepted"),
        ({"expires_at": NOON}, "expired"),
    ],
    ids=["withdrawn", "accepted", "expired"],
)
def test_mail_that_is_not_wanted_any_more_does_not_leave(
    invitation: TeamInvitation, change: dict[str, Any], reason: str
) -> None:
    TeamInvitation.objects.update(**change)

    send_mail()

    invitation.refresh_from_db()
    assert (invitation.state, invitation.reason) == (MailState.SUPPRESSED, reason)


def test_mail_to_an_address_that_takes_none_says_so(invitation: TeamInvitation) -> None:
    RefusedAddress.objects.create(email=ADDRESS, refused_at=NOON)

    send_mail()

    invitation.refresh_from_db()
    assert invitation.reason == "undeliverable"


def test_invitation_sent_again_has_another_link(
    invitation: TeamInvitation, alice: User, client: Client
) -> None:
    old, key = path_of(invitation), invitation.message_key
    by = Actor.user(alice)
    with pytest.raises(actions.AskedTooOften):
        actions.invite_again(invitation, by=by, now=NOON + timedelta(minutes=4))
    send_mail()

    actions.invite_again(invitation, by=by, now=NOON + timedelta(days=8))

    assert invitation.state == MailState.DECIDED
    assert invitation.message_key != key
    with travel(NOON + timedelta(days=8), tick=False):
        assert client.get(old).status_code == 404
        assert client.get(path_of(invitation)).status_code == 200
    assert events() == ["team_invitation.made", "team_invitation.repeated"]


def test_what_is_over_is_forgotten_after_a_while(
    fietsenzo: Seller, alice: User, invitation: TeamInvitation
) -> None:
    withdrawn = invite(fietsenzo, alice, "x@klus.example")
    actions.withdraw(withdrawn, by=Actor.user(alice), now=NOON)

    assert drop_over(now=NOON + KEPT_FOR) == 0
    assert drop_over(now=NOON + KEPT_FOR + timedelta(seconds=1)) == 1
    assert drop_over(now=NOON + KEPT_FOR + LINK_WORKS_FOR + timedelta(seconds=1)) == 1


# Joining


def test_who_has_no_account_makes_one_and_is_in(
    invitation: TeamInvitation, fietsenzo: Seller, client: Client
) -> None:
    page = client.get(path_of(invitation))
    assert ADDRESS in page.content.decode()
    assert not User.objects.filter(email=ADDRESS).exists()

    answer = client.post(path_of(invitation), ACCOUNT, follow=True)

    eva = User.objects.get(email=ADDRESS)
    assert eva.check_password(ACCOUNT["password"])
    assert (eva.name, eva.language) == ("Eva", "en")
    assert Membership.objects.of_user(eva).get().role == Role.AGENT
    assert get_user(client) == eva  # type: ignore[arg-type]  # it has a session
    assert "Welcome to the team of Fietsenzo!" in answer.content.decode()
    assert events() == [
        "team_invitation.made",
        "user.created",
        "team_invitation.accepted",
        "membership.created",
    ]


def test_who_is_invited_by_two_shops_and_joins_both_at_one_moment_has_one_account(
    committed_db: None, fietsenzo: Seller, other_shop: Seller, alice: User, dirk: User
) -> None:
    paths = [path_of(invite(fietsenzo, alice)), path_of(invite(other_shop, dirk))]

    pages = at_once(*(partial(Client().post, path, ACCOUNT) for path in paths * 2))

    # Joined, sent to log in, or told at once to log in, as the account is there; or over.
    assert {page.status_code for page in pages} <= {200, 302, 410}
    assert User.objects.filter(email=ADDRESS).count() == 1


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("kort", "Dit wachtwoord is te kort: gebruik minstens 8 tekens."),
        ("password", "Dit wachtwoord is te algemeen."),
        ("eva@klus.example", "Het wachtwoord lijkt te veel op"),
    ],
)
def test_password_that_others_guess_comes_back_in_dutch(
    fietsenzo: Seller, alice: User, client: Client, password: str, sentence: str
) -> None:
    User.objects.filter(pk=alice.pk).update(language="nl")
    alice.refresh_from_db()
    invitation = invite(fietsenzo, alice)

    answer = client.post(path_of(invitation), ACCOUNT | {"password": password})

    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "This password" not in text(answer)
    assert not User.objects.filter(email=ADDRESS).exists()


def test_link_works_once_and_in_two_tabs_too(
    committed_db: None, fietsenzo: Seller, alice: User
) -> None:
    invitation = invite(fietsenzo, alice)

    def attempt() -> bool:
        mine = TeamInvitation.objects.get(pk=invitation.pk)
        try:
            actions.join_with_new_account(
                mine, name="Eva", language="nl", password="orange-bicycle-lamp", now=NOON
            )
        except (actions.InvitationIsOver, actions.HasAccount):
            return False
        return True

    assert sorted(at_once(attempt, attempt, attempt)) == [False, False, True]
    assert Client().get(path_of(invitation)).status_code == 410


@pytest.mark.parametrize("end", ["withdrawn", "accepted", "expired"])
def test_link_that_is_over_says_so_and_makes_no_account(
    invitation: TeamInvitation, alice: User, client: Client, end: str
) -> None:
    moment = NOON
    if end == "withdrawn":
        actions.withdraw(invitation, by=Actor.user(alice), now=NOON)
    elif end == "accepted":
        TeamInvitation.objects.update(accepted_at=NOON)
    else:
        moment = NOON + LINK_WORKS_FOR

    with travel(moment, tick=False):
        pages = [client.get(path_of(invitation)), client.post(path_of(invitation), ACCOUNT)]

    assert [page.status_code for page in pages] == [410, 410]
    assert "This invitation does not work any more" in text(pages[0])
    assert not User.objects.filter(email=ADDRESS).exists()


def test_link_works_up_to_its_last_moment(invitation: TeamInvitation, client: Client) -> None:
    with travel(NOON + LINK_WORKS_FOR - timedelta(microseconds=1), tick=False):
        assert client.get(path_of(invitation)).status_code == 200


def test_who_has_an_account_logs_in_and_finds_the_invitation(
    fietsenzo: Seller, alice: User, dirk: User, client: Client
) -> None:
    invitation = invite(fietsenzo, alice, dirk.email)

    page = client.get(path_of(invitation))
    assert "You have an account with this address." in text(page)
    assert client.post(path_of(invitation), ACCOUNT).status_code == 200  # no second account
    assert not Membership.objects.filter(user=dirk, seller=fietsenzo).exists()
    client.force_login(dirk)
    assert "Fietsenzo asks you to join" in text(client.get("/settings/"))

    answer = client.post(f"/invitations/{invitation.pk}/", follow=True)

    assert answer.context["request"].seller == fietsenzo
    assert Membership.objects.for_seller(fietsenzo).get(user=dirk).role == Role.AGENT


def test_who_is_logged_in_confirms_with_one_post(
    fietsenzo: Seller, alice: User, dirk: User, client: Client
) -> None:
    invitation = invite(fietsenzo, alice, dirk.email)
    client.force_login(dirk)
    assert client.get(path_of(invitation)).status_code == 200

    answer = client.post(path_of(invitation), follow=True)

    assert answer.context["request"].seller == fietsenzo


def test_somebody_else_is_told_to_log_out(
    invitation: TeamInvitation, bob: User, client: Client
) -> None:
    client.force_login(bob)

    pages = [client.get(path_of(invitation)), client.post(path_of(invitation), ACCOUNT)]

    assert all("You are logged in as bob@fietsenzo.example" in text(page) for page in pages)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert client.post(f"/invitations/{invitation.pk}/").status_code == 404


def test_who_was_removed_may_be_invited_again(fietsenzo: Seller, alice: User, bob: User) -> None:
    by = Actor.user(alice)
    actions.end_membership(bob.memberships.get(), by=by, now=NOON)
    bob.refresh_from_db()
    browser = Client()
    browser.force_login(bob)
    invitation = invite(fietsenzo, alice, bob.email)
    assert "Fietsenzo asks you to join" in text(browser.get("/queries/"))

    answer = browser.post(f"/invitations/{invitation.pk}/", follow=True)

    assert answer.context["request"].membership.ended_at is None
    assert bob.memberships.count() == 2


def test_staff_who_added_somebody_first_leave_one_membership(
    fietsenzo: Seller, alice: User, dirk: User, client: Client
) -> None:
    invitation = invite(fietsenzo, alice, dirk.email)
    Membership.objects.create(user=dirk, seller=fietsenzo, role=Role.ANALYST)
    client.force_login(dirk)

    answer = client.post(path_of(invitation), follow=True)

    assert "You belong to this shop already." in text(answer)
    assert Membership.objects.for_seller(fietsenzo).get(user=dirk).role == Role.ANALYST


def test_page_tells_no_other_site_its_link_and_asks_for_a_csrf_token(
    invitation: TeamInvitation,
) -> None:
    browser = Client(enforce_csrf_checks=True)

    page = browser.get(path_of(invitation))

    assert page["Referrer-Policy"] == "strict-origin"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in page["Cache-Control"]
    assert browser.post(path_of(invitation), ACCOUNT).status_code == 403


def test_searching_for_links_is_stopped(db: None, client: Client) -> None:
    answers = [client.get(f"/team/join/{token_for(new_salt())}/") for _ in range(121)]

    assert answers[0].status_code == 404
    assert answers[-1].status_code == 429


def test_stranger_learns_nothing_from_the_pages_without_a_link(db: None, client: Client) -> None:
    with translation.override("en"):
        page = client.get(f"/team/join/{token_for(new_salt())}/")

    assert page.status_code == 404
    assert "@" not in text(page)


# What the database refuses


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"email": "EVA@klus.example"}, "teaminvitation_of_one_person"),
        ({"role": "boss"}, "teaminvitation_role_known"),
        ({"token_digest": None}, "teaminvitation_has_link"),
        ({"accepted_at": NOON, "withdrawn_at": NOON}, "teaminvitation_ends_one_way"),
        ({"accepted_at": NOON + LINK_WORKS_FOR}, "teaminvitation_accepted_in_time"),
        ({"state": "lost"}, "teaminvitation_state_known"),
        ({"reason": "withdrawn"}, "teaminvitation_reason_iff_suppressed"),
        ({"state": "sent"}, "teaminvitation_sent_has_moment"),
        ({"next_try_at": None}, "teaminvitation_to_send_has_moment"),
    ],
    ids=str,
)
def test_database_refuses(invitation: TeamInvitation, change: dict[str, Any], guard: str) -> None:
    with refused_by(guard):
        TeamInvitation.objects.update(**change)


def test_database_refuses_an_address_in_capitals_and_a_second_open_invitation(
    invitation: TeamInvitation,
) -> None:
    other = TeamInvitation.objects.get()
    other.pk, other.email = None, "Eva@klus.example"
    other.make_link()
    with refused_by("teaminvitation_email_lower_case"):
        other.save()

    other.email = ADDRESS
    with refused_by("teaminvitation_open_once"):
        other.save()


@pytest.mark.parametrize("end", ["accepted_at", "withdrawn_at"])
def test_invitation_that_is_over_stays_so(invitation: TeamInvitation, end: str) -> None:
    TeamInvitation.objects.update(**{end: NOON})

    with refused_by("teaminvitation_used_once"):
        TeamInvitation.objects.update(**{end: None})
    with refused_by("teaminvitation_used_once"):
        TeamInvitation.objects.update(role="owner")

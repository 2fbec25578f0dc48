"""Staff are told what a shop hands over: each once, who can settle it, in their language."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client
from django.urls import reverse

from queries import actions
from queries.enums import ActorType
from queries.models import HAND_BACK_AFTER, CustomerQuery
from queries.staff_mail import HANDED_OVER
from sellers.enums import MailState, Role, UnsentReason
from sellers.models import Membership, Notice, User
from sellers.sending import send_due
from tests.conftest import NOON, Market, admin_url, text
from tests.queries.conftest import HOUR

REASON = "Klaas wants his money back."
HANDLES = ("view_customerquery", "change_handover")


def member(name: str, *permissions: str, **fields: object) -> User:
    """Return somebody who works at the marketplace and may do just this."""
    user = User.objects.create_user(
        f"{name}@markt.example", name=name, **{"language": "en", "is_staff": True} | fields
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def handed_over(market: Market) -> CustomerQuery:
    query = market.query(subject="Squeaking brakes", asked_at=NOON - HOUR)
    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON)
    return query


def told() -> list[str]:
    """Return who gets a mail."""
    return sorted(Notice.objects.filter(kind=HANDED_OVER).values_list("user__name", flat=True))


def test_staff_get_a_mail_with_a_link_and_no_words(market: Market) -> None:
    member("sam", *HANDLES)
    query = handed_over(market)

    assert send_due(clock=lambda: NOON) == {"sent": 1}

    (message,) = mail.outbox
    assert message.to == ["sam@markt.example"]
    assert message.subject == "Markt: Fietsenzo hands a customer query over"
    page = admin_url(CustomerQuery, "change", query.pk)
    assert f"http://localhost:8000{page}\n" in message.body
    assert "by itself on 12 March 12:00." in message.body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    said = message.subject + message.body
    assert not [word for word in ("Klaas", "brakes", "money") if word in said]


def test_mail_is_in_the_language_of_who_reads_it(market: Market) -> None:
    member("sam", *HANDLES, language="nl")
    handed_over(market)

    send_due(clock=lambda: NOON)

    assert mail.outbox[0].subject == "Markt: Fietsenzo draagt een klantvraag over"
    assert "op 12 maart 12:00" in mail.outbox[0].body


def test_only_who_can_settle_it_is_told(market: Market) -> None:
    member("sam", *HANDLES)
    member("only looks", "view_customerquery")
    member("cannot look", "change_handover")
    member("left", *HANDLES, is_active=False)
    member("no staff", *HANDLES, is_staff=False)
    User.objects.create_superuser("root@markt.example", name="root")
    group = Group.objects.create(name="Service")
    group.permissions.set(Permission.objects.filter(codename__in=HANDLES))
    member("in a group", *HANDLES).groups.add(group)
    of_the_shop = member("of the shop", *HANDLES)
    Membership.objects.create(user=of_the_shop, seller=market.shop, role=Role.AGENT)

    handed_over(market)

    assert told() == ["in a group", "root", "sam"]


def test_each_hand_over_is_told_once(market: Market) -> None:
    member("sam", *HANDLES)
    query = handed_over(market)
    with pytest.raises(actions.WithMarketplace):
        actions.hand_over(query, reason=REASON, by=market.actor, now=NOON)
    assert told() == ["sam"]

    actions.hand_back(query, by=market.closer(ActorType.MARKETPLACE), now=NOON + HOUR)
    actions.hand_over(query, reason=REASON, by=market.actor, now=NOON + 2 * HOUR)

    assert told() == ["sam", "sam"]


def test_nobody_to_tell_stops_no_hand_over(market: Market) -> None:
    assert handed_over(market).is_with_marketplace
    assert told() == []


@pytest.mark.parametrize("act", ["answered", "handed back", "late"])
def test_what_needs_nobody_any_more_is_not_mailed(market: Market, act: str) -> None:
    member("sam", *HANDLES)
    query = handed_over(market)
    staff, now = market.closer(ActorType.MARKETPLACE), NOON + HOUR
    if act == "answered":
        actions.settle(query, body="Refunded.", closes=False, by=staff, now=now)
    elif act == "handed back":
        actions.hand_back(query, by=staff, now=now)
    else:
        now = NOON + HAND_BACK_AFTER + HOUR

    send_due(clock=lambda: now)

    notice = Notice.objects.get(kind=HANDED_OVER)
    assert (notice.state, notice.reason) == (MailState.SUPPRESSED, UnsentReason.STALE)


@pytest.mark.parametrize(
    ("permissions", "words"),
    [
        (HANDLES, "2 customers wait for an answer of the marketplace"),
        (("view_customerquery",), ""),
        (("change_handover",), ""),
    ],
)
def test_admin_begins_with_how_many_wait(
    client: Client, market: Market, permissions: tuple[str, ...], words: str
) -> None:
    client.force_login(member("sam", *permissions))
    staff = market.closer(ActorType.MARKETPLACE)
    answered, _second, _third = (handed_over(market) for _ in range(3))
    actions.settle(answered, body="Refunded.", closes=False, by=staff, now=NOON + HOUR)

    page = text(client.get(reverse("admin:index")))

    listed = f"{admin_url(CustomerQuery, 'changelist')}?state__exact=with_marketplace"
    assert (words and words in page) or "wait for an answer" not in page
    assert (f'href="{listed}"' in page) is bool(words)


def test_admin_does_not_mention_that_nobody_waits(staff_s: Client) -> None:
    page = staff_s.get(reverse("admin:index"))

    assert page.status_code == 200
    assert "for an answer of the marketplace" not in text(page)

"""What a customer reads after answering, and what they can still do."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from django.conf import LazySettings
from django.test import Client
from time_machine import travel

from queries import customer_mail
from queries.customers import erase_customer
from queries.emails import new_link_email
from queries.enums import ActorType, CustomerMailKind
from queries.models import CustomerMail, ThreadLink
from sellers.events import Actor
from sellers.models import RefusedAddress
from surveys.enums import Band, InvitationState
from surveys.models import Invitation, SurveyResponse
from tests.conftest import NOON, Market, text
from tests.surveys.conftest import link

ANSWERING = NOON + timedelta(days=2)
BANDS_NAMED = ("promot", "passive", "passief", "detract", "critic", "critica")
MAY_BE_IN_TOUCH = "so it may be in touch about this"
ONCE = "It may write to you once about this, and it does not call."
LEFT_ALONE = "so Fietsenzo does not write or call about it"
SORRY = "We are sorry that your contact with Fietsenzo did not go as you hoped."
BUTTON = "Mail me the link to my conversation"


@pytest.fixture(autouse=True)
def _answering_time() -> Iterator[None]:
    """Stop the clock a day after the mail."""
    with travel(ANSWERING, tick=False):
        yield


@pytest.fixture
def invitation(market: Market) -> Invitation:
    """An invitation that was sent a day ago."""
    return market.invitation()


def answer(client: Client, invitation: Invitation, **said: str) -> str:
    """Answer as a customer does, and return what is read then."""
    page = client.post(link(invitation), said, follow=True)
    assert page.redirect_chain == [(link(invitation, "thanks"), 302)]
    return text(page)


@pytest.mark.parametrize(
    ("may_contact", "stored", "read"),
    [
        pytest.param("yes", True, MAY_BE_IN_TOUCH, id="yes"),
        pytest.param("on", True, MAY_BE_IN_TOUCH, id="an older form"),
        pytest.param("no", False, LEFT_ALONE, id="no"),
        pytest.param("", None, ONCE, id="not said"),
        pytest.param("perhaps", None, ONCE, id="nothing that is offered"),
    ],
)
@pytest.mark.parametrize("score", [0, 6, 7, 8, 9, 10])
def test_thanks_say_what_comes_of_it(
    client: Client,
    invitation: Invitation,
    score: int,
    may_contact: str,
    stored: bool | None,
    read: str,
) -> None:
    page = answer(client, invitation, score=str(score), may_contact=may_contact)

    response = SurveyResponse.objects.get()
    assert (response.score, response.may_contact) == (score, stored)
    assert [each in page for each in (MAY_BE_IN_TOUCH, LEFT_ALONE, ONCE)].count(True) == 1
    assert read in page
    assert (SORRY in page) == (response.band == Band.DETRACTOR)
    assert ("will be pleased" in page) == (response.band == Band.PROMOTER)
    assert BUTTON in page


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_page_tells_the_customer_of_bands(client: Client, market: Market, language: str) -> None:
    for score, may_contact in product(range(11), ("yes", "no", "")):
        customer = market.new_customer(language=language)
        invitation = market.invitation(market.closing(customer))
        client.post(link(invitation), {"score": score, "may_contact": may_contact})

        for name in ("thanks", "answer"):
            page = client.get(link(invitation, name)).content.decode()
            assert f'lang="{language}"' in page
            assert [word for word in BANDS_NAMED if word in page.lower()] == []
            assert "next customer" not in page
            assert "volgende klant" not in page


def test_marketplace_thanks_for_what_it_closed(
    client: Client, market: Market, settings: LazySettings
) -> None:
    settings.MARKETPLACE_NAME = "Marktplein"
    invitation = market.invitation(market.closing(closed_by=ActorType.MARKETPLACE))

    page = answer(client, invitation, score="2")

    assert "We are sorry that your contact with Marktplein did not go as you hoped." in page
    assert "Marktplein does not write or call about it" in page
    assert "Fietsenzo" not in page
    again = text(client.get(link(invitation)))
    assert "Marktplein reads what you write in your conversation." in again
    assert "Fietsenzo" not in again


def test_who_answered_before_reads_what_is_left_to_do(
    client: Client, invitation: Invitation
) -> None:
    client.post(link(invitation), {"score": "3"})

    page = text(client.get(link(invitation)))

    assert "The score stays, but it need not be the last word: Fietsenzo reads" in page
    assert BUTTON in page


@pytest.mark.parametrize("state", ["answered", "expired"])
def test_link_to_the_conversation_is_mailed_and_never_shown(
    client: Client, invitation: Invitation, state: str
) -> None:
    if state == "answered":
        client.post(link(invitation), {"score": "3"})
        Invitation.objects.get(state=InvitationState.ANSWERED)
    else:
        Invitation.objects.update(expires_at=ANSWERING)

    page = client.post(link(invitation, "conversation"))

    mail = CustomerMail.objects.get(kind=CustomerMailKind.NEW_LINK)
    email = new_link_email(mail)
    assert "A new link is on its way" in text(page)
    assert mail.link.token not in page.content.decode()
    assert email.to == [invitation.customer.email]
    assert mail.link.token in email.body
    assert "Here is the link to your conversation with Fietsenzo" in email.body
    assert mail.link in ThreadLink.objects.standing()


def test_link_is_mailed_once_an_hour_however_often_it_is_asked_for(
    client: Client, invitation: Invitation
) -> None:
    for _ in range(3):
        assert client.post(link(invitation, "conversation")).status_code == 200

    assert CustomerMail.objects.filter(kind=CustomerMailKind.NEW_LINK).count() == 1


def test_looking_mails_nothing(client: Client, invitation: Invitation) -> None:
    page = client.get(link(invitation, "conversation"))

    assert page["Location"] == link(invitation)
    assert not CustomerMail.objects.filter(kind=CustomerMailKind.NEW_LINK).exists()


def test_link_that_stands_is_the_one_that_is_mailed(client: Client, market: Market) -> None:
    closing = market.closing()
    known = customer_mail.link_of(closing.query, now=NOON)

    client.post(link(market.invitation(closing), "conversation"))

    assert ThreadLink.objects.standing().get() == known
    assert CustomerMail.objects.get(kind=CustomerMailKind.NEW_LINK).link == known


def test_address_that_takes_no_mail_gets_none(client: Client, invitation: Invitation) -> None:
    RefusedAddress.objects.create(email=invitation.customer.email, refused_at=NOON)

    page = client.post(link(invitation, "conversation"))

    assert "We cannot mail you the link" in text(page)
    assert not CustomerMail.objects.filter(kind=CustomerMailKind.NEW_LINK).exists()


def test_conversation_that_was_erased_is_not_offered(
    client: Client, invitation: Invitation
) -> None:
    client.post(link(invitation), {"score": "3"})
    erase_customer(invitation.customer, by=Actor.SYSTEM, now=ANSWERING)

    for name in ("answer", "thanks"):
        page = client.get(link(invitation, name))
        assert page.status_code == 200
        assert BUTTON not in text(page)
        assert "in your conversation" not in text(page).replace("once about this", "")
    posted = client.post(link(invitation, "conversation"))
    assert "We cannot mail you the link" in text(posted)


def test_survey_asks_for_contact_only_for_the_shop(client: Client, market: Market) -> None:
    ours = market.invitation(market.closing(closed_by=ActorType.MARKETPLACE))

    assert "may_contact" in client.get(link(market.invitation())).content.decode()
    assert "may_contact" not in client.get(link(ours)).content.decode()


def test_answer_that_was_chosen_stays_chosen(client: Client, invitation: Invitation) -> None:
    for chosen in ("yes", "no"):
        page = client.post(link(invitation), {"may_contact": chosen})
        html = page.content.decode()
        assert page.status_code == 422
        assert f'id="id_may_contact_{chosen}" checked' in html
        assert html.count(" checked") == 1

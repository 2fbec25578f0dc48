"""The mail that invites a customer to answer."""

import re
from datetime import timedelta
from email.headerregistry import Address

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from time_machine import travel

from queries.enums import ActorType
from queries.models import Customer
from sellers.tokens import digest, token_for
from surveys.emails import invitation_email
from surveys.models import Invitation
from tests.conftest import NOON, Market
from tests.surveys.conftest import link

ANSWERING = NOON + timedelta(days=2)


@pytest.fixture
def invitation(market: Market) -> Invitation:
    """An invitation for Klaas, in English."""
    closing = market.closing(market.new_customer(name="Klaas", email="klaas@klant.example"))
    return market.invitation(closing)


def html(mail: EmailMultiAlternatives) -> str:
    """Return the part of the mail that most people see."""
    (alternative,) = mail.alternatives
    assert alternative.mimetype == "text/html"
    return str(alternative.content)


def test_mail_says_whom_why_and_how_long(invitation: Invitation) -> None:
    mail = invitation_email(invitation)

    assert mail.to == ["klaas@klant.example"]
    assert mail.subject == "How did Fietsenzo help you?"
    for body in (mail.body, html(mail)):
        assert "Dear Klaas," in body
        assert "Would you recommend Markt to a friend, family member or colleague" in body
        assert "Where is my parcel?" in body
        assert "until March 25, 2026" in body
        assert f"http://localhost:8000{link(invitation)}" in body
        assert f"http://localhost:8000{link(invitation, 'opt_out')}" in body


def test_mail_about_what_the_marketplace_closed_speaks_of_the_marketplace(market: Market) -> None:
    closing = market.closing(closed_by=ActorType.MARKETPLACE)

    mail = invitation_email(market.invitation(closing))

    assert mail.subject == "How did Markt help you?"
    for body in (mail.body, html(mail)):
        assert "Markt helped you with" in body
        assert "based on your contact with Markt?" in body
        assert "Your answer goes to Markt; sellers and other customers do not see it." in body


def test_mail_has_a_link_for_every_score(invitation: Invitation) -> None:
    scores = re.findall(rf'{link(invitation)}\?score=(\d+)"', html(invitation_email(invitation)))

    assert scores == [str(score) for score in range(11)]


def test_mail_is_in_the_language_of_the_query(market: Market) -> None:
    customer = market.new_customer(language="nl")
    invitation = market.invitation(market.closing(customer))
    Customer.objects.update(language="en")
    invitation.refresh_from_db()

    assert '<html lang="nl">' in html(invitation_email(invitation))


def test_mail_can_be_unsubscribed_with_one_click(invitation: Invitation) -> None:
    message = invitation_email(invitation).message()

    opt_out = f"http://localhost:8000{link(invitation, 'opt_out')}"
    assert message["List-Unsubscribe"] == f"<{opt_out}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"


def test_mail_escapes_what_people_typed(market: Market) -> None:
    customer = market.new_customer(name="<b>Klaas</b>")
    mail = invitation_email(market.invitation(market.closing(customer, subject="A & B <i>")))

    assert "Dear <b>Klaas</b>," in mail.body
    assert "A & B <i>" in mail.body
    assert "Dear &lt;b&gt;Klaas&lt;/b&gt;," in html(mail)
    assert "A &amp; B &lt;i&gt;" in html(mail)


def test_mail_comes_from_the_marketplace(invitation: Invitation) -> None:
    sender = invitation_email(invitation).from_email

    assert sender == str(Address("Markt", "survey", "localhost"))


def test_mail_link_opens_the_survey(invitation: Invitation, client: Client) -> None:
    found = re.search(
        r"http://localhost:8000(/survey/\S+/)$", invitation_email(invitation).body, re.M
    )
    assert found

    with travel(ANSWERING, tick=False):
        page = client.get(found[1])

    assert page.status_code == 200
    assert "Where is my parcel?" in page.content.decode()


def test_token_is_nowhere_in_the_database(invitation: Invitation) -> None:
    token = token_for(invitation.token_salt)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(surveys_invitation)::text FROM surveys_invitation")
        (row,) = cursor.fetchone()

    assert digest(token) in row
    assert token not in row

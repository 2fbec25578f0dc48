"""Replies leave by mail, and come back to the seller when they do not arrive."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage as Message
from email.utils import parseaddr

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction

from queries import actions
from queries.customer_mail import AskedTooOften, NoAddress, mail_new_link, revoke_links
from queries.customers import erase_customer
from queries.delivering import CustomerMailer
from queries.emails import new_link_email, reply_email
from queries.enums import ActorType, QueryEvent, QueryState, UnsentMailReason
from queries.models import LEAVES_AFTER, Closing, Customer, CustomerMail, CustomerQuery, ThreadLink
from queries.models.threads import LINK_LASTS
from sellers import mailings
from sellers.enums import MailState
from sellers.events import Actor
from sellers.models import Event, Mailing, RefusedAddress
from sellers.refusals import DeliveryOutcome
from sellers.tokens import digest, reply_token_for, token_for
from surveys.deciding import decide_due
from tests.conftest import NOON, RULES, Market, at_once, refused_by
from tests.queries.conftest import HOUR

DOMAIN = "reply.markt.example"


@pytest.fixture
def mail(market: Market, query: CustomerQuery) -> CustomerMail:
    """Bob's reply, to be sent."""
    actions.reply(query, body="It left on <Monday> & is\nunder way.", by=market.actor, now=NOON)
    return CustomerMail.objects.with_contents().get()


@pytest.fixture
def mail_in(settings: LazySettings) -> str:
    """A domain whose mail is received."""
    settings.MAIL_IN_DOMAIN = DOMAIN
    return DOMAIN


def html(mail: EmailMultiAlternatives) -> str:
    return str(mail.alternatives[0][0])


def claimed() -> Mailing:
    mailing = mailings.claim(now=NOON + LEAVES_AFTER)
    assert mailing
    return mailing


# The mail


def test_reply_is_mailed_to_the_customer(mail: CustomerMail) -> None:
    assert (mail.state, mail.link.email, mail.language) == ("decided", "klaas@klant.example", "en")
    assert reply_email(mail).to == ["klaas@klant.example"]


def test_reply_goes_where_this_query_was_asked_from(market: Market, customer: Customer) -> None:
    query = market.query(customer)
    other = actions.ask(
        market.shop,
        customer=customer,
        contact_email="order-77@masked.example",
        subject="Another",
        body="Hm?",
        channel=query.channel,
        by=Actor.CUSTOMER,
        now=NOON,
    )

    actions.reply(other, body="So.", by=market.actor, now=NOON)

    assert ThreadLink.objects.get().email == "order-77@masked.example"


def test_customer_without_an_email_is_not_mailed(market: Market) -> None:
    query = market.query(market.new_customer(email=""))

    actions.reply(query, body="So.", by=market.actor, now=NOON)

    assert not CustomerMail.objects.exists()
    assert query.messages.count() == 2


def test_text_says_what_html_says(mail: CustomerMail) -> None:
    email = reply_email(mail)

    shown = re.sub(r"<[^>]+>", " ", html(email).split("<body")[1].split(">", 1)[1])
    words = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").split()
    typed = email.body.replace(f"{mail.link.token}", "").split()
    links = [word for word in typed if word.startswith("http")]
    assert len(links) == 1
    left_out = {"--", ">", *links, "answer:"}
    assert [word for word in typed if word not in left_out and word not in words] == []


def test_reply_ends_with_what_its_agent_signs_with(
    mail: CustomerMail, market: Market, query: CustomerQuery
) -> None:
    market.shop.memberships.filter(user=market.agent).update(signature="Groet,\nBob & <co>")
    staff = market.closer(ActorType.MARKETPLACE)
    actions.hand_over(query, reason="Lost.", by=market.actor, now=NOON)
    actions.settle(query, body="So it is.", closes=False, by=staff, now=NOON)
    from_staff = CustomerMail.objects.with_contents().exclude(pk=mail.pk).get()

    email = reply_email(mail)

    assert "under way.\n\nGroet,\nBob & <co>\n" in email.body
    assert "Groet,<br>Bob &amp; &lt;co&gt;" in html(email)
    assert "Groet," not in reply_email(from_staff).body


@pytest.mark.parametrize("domain", ["", DOMAIN])
def test_mail_says_what_answering_it_does(
    mail: CustomerMail, settings: LazySettings, domain: str
) -> None:
    settings.MAIL_IN_DOMAIN = domain

    email = reply_email(mail)

    answered = "You can also answer this mail: Fietsenzo then gets what you write."
    for body in (email.body, html(email)):
        assert (answered in body) is bool(domain)
        assert ("answer on the page" in body) is not bool(domain)
    token = reply_token_for(mail.link.token_salt)
    assert email.reply_to == ([f"reply-{token}@{DOMAIN}"] if domain else [])


@pytest.mark.parametrize("domain", ["", DOMAIN])
def test_mail_with_a_new_link_says_what_answering_does(
    mail: CustomerMail, settings: LazySettings, domain: str
) -> None:
    settings.MAIL_IN_DOMAIN = domain

    email = new_link_email(mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON + HOUR))

    for body in (email.body, html(email)):
        assert ("You can also answer this mail: Fietsenzo then gets" in body) is bool(domain)
        assert ("answer on the page." in body) is not bool(domain)
        assert "The link is yours alone: whoever has it reads along." in body
    assert bool(email.reply_to) is bool(domain)


def test_agent_s_reply_is_no_machine_s(mail: CustomerMail) -> None:
    message = reply_email(mail).message()

    assert message["Auto-Submitted"] is None
    assert message["Precedence"] is None
    assert parseaddr(str(message["From"]))[0] == "Fietsenzo via Markt"


def test_link_by_mail_is_a_machine_s(mail: CustomerMail) -> None:
    link = mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON + HOUR)

    assert new_link_email(link).message()["Auto-Submitted"] == "auto-replied"


def test_mails_of_a_conversation_refer_to_each_other(
    market: Market, query: CustomerQuery, mail: CustomerMail
) -> None:
    first = mailings.build(mail).message()
    actions.receive_reaction(
        query,
        body="Thanks",
        message_id_header="<a@klant.example>",
        by=Actor.CUSTOMER,
        now=NOON + HOUR,
    )
    actions.reply(query, body="Welcome.", by=market.actor, now=NOON + 2 * HOUR)

    second = mailings.build(CustomerMail.objects.with_contents().latest("pk")).message()

    assert first["References"] is None
    assert second["References"].split() == [first["Message-ID"], "<a@klant.example>"]
    assert second["In-Reply-To"] == "<a@klant.example>"
    assert second["Subject"] == first["Subject"] == "Re: Where is my parcel?"


def test_message_id_cannot_be_guessed(mail: CustomerMail) -> None:
    assert re.fullmatch(
        rf"<customermail\.{mail.pk}\.[0-9a-f]{{32}}@localhost>", mail.message_id_header
    )


def test_returned_mail_comes_to_an_address_of_its_own(mail: CustomerMail, mail_in: str) -> None:
    email = mailings.build(mail)

    message: Message = email.message()
    assert email.from_email == mail.return_path
    assert re.fullmatch(
        rf"bounce-customermail-{mail.pk}-[0-9a-f]{{32}}@{mail_in}", mail.return_path
    )
    assert len(mail.return_path.split("@")[0]) <= 64  # RFC 5321 4.5.3.1.1
    assert "survey@localhost" in str(message["From"])
    assert mailings.find_bounced(mail.return_path) == mail
    assert mailings.find_bounced(mail.message_id_header) == mail


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "bounce-customermail-1-@x",
        "bounce-nothing-{pk}-{key}@x",
        "bounce-customermail-{pk}-{other}@x",
    ],
)
def test_return_path_is_not_guessed(mail: CustomerMail, wrong: str) -> None:
    wrong = wrong.format(pk=mail.pk, key=mail.message_key.hex, other="0" * 32)

    assert mailings.find_bounced(wrong) is None


def test_headers_cannot_be_added_by_a_subject_or_a_name(market: Market, customer: Customer) -> None:
    market.shop.name = "Fiets\nBcc: you@example.org"
    query = market.query(customer, subject="Hm\r\nBcc: you@example.org")
    actions.reply(query, body="So.", by=market.actor, now=NOON)
    mail = CustomerMail.objects.with_contents().get()
    mail.query.seller.name = market.shop.name

    message = reply_email(mail).message()

    assert message["Bcc"] is None
    assert len(message.get_all("Subject")) == 1


def test_tokens_are_nowhere_in_the_database(mail: CustomerMail) -> None:
    salt = mail.link.token_salt

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(queries_threadlink)::text FROM queries_threadlink")
        (row,) = cursor.fetchone()

    assert digest(token_for(salt)) in row
    assert digest(reply_token_for(salt)) in row
    assert token_for(salt) not in row
    assert reply_token_for(salt) not in row


def test_both_tokens_of_a_link_are_found_when_the_key_was_changed(
    mail: CustomerMail, settings: LazySettings, mail_in: str
) -> None:
    settings.SECRET_KEY = "another"  # and the old one forgotten

    mailing = claimed()

    assert isinstance(mailing, CustomerMail)
    link = ThreadLink.objects.get(token_digest=digest(mailing.link.token))
    assert ThreadLink.objects.at_reply_addresses([link.reply_address]).get() == link


def test_conversation_keeps_its_link(market: Market, query: CustomerQuery) -> None:
    actions.reply(query, body="One.", by=market.actor, now=NOON)
    actions.reply(query, body="Two.", by=market.actor, now=NOON + HOUR)

    assert CustomerMail.objects.count() == 2
    assert ThreadLink.objects.count() == 1


def test_second_click_mails_once(market: Market, query: CustomerQuery) -> None:
    for _ in range(2):
        actions.reply(query, body="One.", by=market.actor, now=NOON)

    assert CustomerMail.objects.count() == 1


# Not delivered


@pytest.mark.parametrize("closed", [False, True])
def test_reply_that_bounced_gives_the_turn_back(
    market: Market, query: CustomerQuery, closed: bool
) -> None:
    actions.reply(query, body="So.", closes=closed, by=market.actor, now=NOON)

    assert mailings.settle(claimed(), DeliveryOutcome.BOUNCED, now=NOON + HOUR) == "bounced"

    query.refresh_from_db()
    assert (query.state, query.turn_since) == (QueryState.YOUR_TURN, NOON + HOUR)
    assert not Closing.objects.not_reopened().exists()
    assert Event.objects.filter(kind=QueryEvent.NOT_DELIVERED).count() == 1
    assert RefusedAddress.objects.of("Klaas@klant.example ").exists()


def test_rejected_mail_says_nothing_of_its_address(mail: CustomerMail) -> None:
    mailings.settle(claimed(), DeliveryOutcome.REJECTED, now=NOON)

    mail.refresh_from_db()
    assert mail.state == MailState.BOUNCED
    assert not RefusedAddress.objects.exists()


def test_mail_bounces_hours_later_and_once(mail: CustomerMail, query: CustomerQuery) -> None:
    mailings.settle(claimed(), DeliveryOutcome.TAKEN, now=NOON)

    assert [mailings.bounce(mail, now=NOON + HOUR) for _ in range(2)] == [True, False]

    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN
    assert Event.objects.filter(kind=QueryEvent.NOT_DELIVERED).count() == 1


def test_nothing_is_sent_to_an_address_that_refused(
    market: Market, query: CustomerQuery, mail: CustomerMail
) -> None:
    mailings.settle(claimed(), DeliveryOutcome.BOUNCED, now=NOON)
    actions.reply(query, body="Again.", by=market.actor, now=NOON + HOUR)
    again = mailings.claim(now=NOON + HOUR + LEAVES_AFTER)
    assert again

    assert mailings.reason_not_to_send(again, now=NOON) == UnsentMailReason.UNDELIVERABLE

    RefusedAddress.objects.all().delete()
    assert mailings.reason_not_to_send(again, now=NOON) == ""


def test_lapsed_claim_notes_no_bounce(mail: CustomerMail, query: CustomerQuery) -> None:
    early = claimed()
    mailings.claim(now=NOON + HOUR)  # the claim has lapsed: somebody else has it

    mailings.settle(early, DeliveryOutcome.REJECTED, now=NOON + HOUR)

    query.refresh_from_db()
    assert query.state == QueryState.WAITING


@pytest.mark.usefixtures("committed_db")
def test_erasing_and_bouncing_at_once_wait_for_each_other(market: Market) -> None:
    for _ in range(5):
        customer = market.new_customer()
        query = market.query(customer)
        actions.reply(query, body="So.", by=market.actor, now=NOON)
        mail = query.customer_mails.get()
        query.customer_mails.update(state=MailState.SENT, sent_at=NOON)

        at_once(
            lambda: mailings.bounce(mail, now=NOON + HOUR),  # noqa: B023
            lambda: erase_customer(customer, by=Actor.SYSTEM, now=NOON + HOUR),  # noqa: B023
        )

        query.refresh_from_db()
        assert query.state == QueryState.CLOSED
    assert not RefusedAddress.objects.exists()


# Links


def test_new_link_replaces_one_that_is_over(mail: CustomerMail, mail_in: str) -> None:
    old, later = mail.link, NOON + LINK_LASTS

    new = mail_new_link(old, by=Actor.CUSTOMER, now=later).link

    old.refresh_from_db()
    assert (old.replaced_at, old.revoked_at) == (later, None)
    assert (new.replaced_at, new.email) == (None, old.email)
    assert new.token != old.token
    assert ThreadLink.objects.at_reply_addresses([old.reply_address]).get() == old
    mail.refresh_from_db()
    assert mail.link == new  # it did not leave yet


def test_link_that_works_is_mailed_again(mail: CustomerMail) -> None:
    assert mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON + HOUR).link == mail.link


def test_revoked_link_asks_for_no_new_one(mail: CustomerMail, market: Market) -> None:
    revoke_links(mail.query, by=market.actor, now=NOON)
    mail.link.refresh_from_db()

    with pytest.raises(NoAddress):
        mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON + HOUR)


def test_new_link_is_mailed_once_an_hour(mail: CustomerMail) -> None:
    new = mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON).link

    with pytest.raises(AskedTooOften):
        mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON + HOUR - timedelta(seconds=1))
    with pytest.raises(AskedTooOften):
        mail_new_link(new, by=Actor.CUSTOMER, now=NOON + HOUR - timedelta(seconds=1))

    assert mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON + HOUR)


@pytest.mark.usefixtures("committed_db")
def test_new_link_is_mailed_once_however_many_ask(market: Market) -> None:
    query = market.query()
    actions.reply(query, body="So.", by=market.actor, now=NOON)
    link = ThreadLink.objects.get()

    def ask() -> bool:
        try:
            return bool(
                mail_new_link(
                    ThreadLink.objects.get(pk=link.pk), by=Actor.CUSTOMER, now=NOON + HOUR
                )
            )
        except AskedTooOften:
            return False

    assert sorted(at_once(*[ask] * 4)) == [False, False, False, True]


def test_revoked_link_is_replaced_by_the_next_reply(
    market: Market, query: CustomerQuery, mail: CustomerMail
) -> None:
    assert revoke_links(query, by=market.actor, now=NOON) == 1

    actions.reply(query, body="Two.", by=market.actor, now=NOON + HOUR)

    assert ThreadLink.objects.standing().get() != mail.link


def test_erased_customer_has_no_link_and_no_mail(mail: CustomerMail, customer: Customer) -> None:
    erase_customer(customer, by=Actor.SYSTEM, now=NOON + HOUR)

    mail = CustomerMail.objects.with_contents().get()
    assert (mail.link.email, mail.link.revoked_at, mail.message) == ("", NOON + HOUR, None)
    assert CustomerMailer().reason_not_to_send(mail, now=NOON) == UnsentMailReason.ERASED
    with pytest.raises(NoAddress):
        mail_new_link(mail.link, by=Actor.CUSTOMER, now=NOON + 2 * HOUR)


# Past the forms


def delete_link(link: ThreadLink) -> None:
    ThreadLink.objects.filter(pk=link.pk)._raw_delete("default")


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("thread_link_stays", delete_link),
        ("thread_link_of_one_query", lambda link: _update(link, created_at=NOON + HOUR)),
        ("thread_link_has_recipient", lambda link: _update(link, email="")),
    ],
)
def test_link_is_kept_as_it_was_made(
    mail: CustomerMail, guard: str, change: Callable[[ThreadLink], None]
) -> None:
    with refused_by(guard):
        change(mail.link)


def test_revoked_link_never_stands_again(mail: CustomerMail) -> None:
    _update(mail.link, revoked_at=NOON)

    with refused_by("thread_link_revoked_once"):
        _update(mail.link, revoked_at=None)


def test_replaced_link_never_stands_again(mail: CustomerMail) -> None:
    _update(mail.link, replaced_at=NOON)

    with refused_by("thread_link_replaced_once"):
        _update(mail.link, replaced_at=None)


@pytest.mark.usefixtures("owner_db")
def test_mail_to_a_customer_stays_of_its_query(mail: CustomerMail, market: Market) -> None:
    other = market.query()

    with refused_by("customermail_stays"):
        mail.delete()
    with refused_by("customermail_of_one_query"):
        CustomerMail.objects.update(query=other)


def test_late_bounce_matters_no_more_once_something_was_said(
    market: Market, query: CustomerQuery, mail: CustomerMail
) -> None:
    mailings.settle(claimed(), DeliveryOutcome.TAKEN, now=NOON)
    actions.receive_reaction(query, body="Thanks", by=Actor.CUSTOMER, now=NOON + HOUR)
    actions.close(query, by=market.actor, now=NOON + HOUR)

    mailings.bounce(mail, now=NOON + 2 * HOUR)

    query.refresh_from_db()
    assert query.state == QueryState.CLOSED


def test_reply_to_an_address_that_refused_gives_the_turn_back(
    market: Market, query: CustomerQuery
) -> None:
    RefusedAddress.objects.create(email="klaas@klant.example", refused_at=NOON)
    actions.reply(query, body="So.", by=market.actor, now=NOON)

    mailings.suppress(claimed(), reason=UnsentMailReason.UNDELIVERABLE, now=NOON + HOUR)

    query.refresh_from_db()
    assert query.state == QueryState.YOUR_TURN


def test_erased_person_s_address_is_not_kept_by_a_survey_that_bounces(market: Market) -> None:
    closing = market.closing()
    decide_due(now=NOON + RULES.delay, rules=RULES)
    survey = mailings.claim(now=NOON + RULES.delay)
    assert survey
    erase_customer(closing.customer, by=Actor.SYSTEM, now=NOON + RULES.delay)

    mailings.settle(survey, DeliveryOutcome.BOUNCED, now=NOON + RULES.delay)

    assert not RefusedAddress.objects.exists()


def test_recipient_has_one_link(mail: CustomerMail) -> None:
    second = ThreadLink(query=mail.query, email=mail.link.email, language="en", created_at=NOON)
    second.make_link()

    with refused_by("thread_link_one_per_recipient"):
        second.save()


def test_mail_to_a_customer_has_a_kind_a_state_and_moments(mail: CustomerMail) -> None:
    mails = CustomerMail.objects.filter(pk=mail.pk)

    for guard, columns in (
        ("customermail_to_send_has_moment", {"next_try_at": None}),
        ("customermail_sent_has_moment", {"state": "sent"}),
        ("customermail_reason_iff_suppressed", {"state": "suppressed"}),
        ("customermail_reason_iff_suppressed", {"reason": "erased"}),
    ):
        with refused_by(guard):
            mails.update(**columns)
    made = {"query": mail.query, "link": mail.link, "created_at": NOON, "state": MailState.BOUNCED}
    for guard, columns in (
        ("customermail_kind_known", {"kind": "letter"}),
        ("customermail_state_known", {"kind": mail.kind, "state": "lost"}),
    ):
        with refused_by(guard):
            CustomerMail.objects.create(**made | columns)


@pytest.mark.parametrize("email", ["", "Klaas@klant.example"])
def test_refused_address_is_written_in_one_way(db: None, email: str) -> None:
    with refused_by("refused_address_in_lower_case"):
        RefusedAddress.objects.create(email=email, refused_at=NOON)


def _update(link: ThreadLink, **columns: object) -> None:
    ThreadLink.objects.filter(pk=link.pk).update(**columns)


def test_conversation_has_the_same_link_when_a_backup_was_put_back(
    market: Market, query: CustomerQuery
) -> None:
    def links() -> list[str]:
        """Have two replies mailed, the second with a link of its own; then forget them."""
        with transaction.atomic():
            for body in ("One.", "Two."):
                actions.reply(query, body=body, by=market.actor, now=NOON)
                ThreadLink.objects.standing().filter(created_at=NOON).update(replaced_at=NOON)
            mailed = ThreadLink.objects.filter(query=query).order_by("pk")
            found = [f"{link.token} {link.reply_token}" for link in mailed]
            transaction.set_rollback(True)
        return found

    before = links()

    assert len(set(before)) == 2
    assert links() == before

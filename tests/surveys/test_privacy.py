"""Erasing and exporting a person: nothing forgotten, nothing measured lost."""

import inspect
import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models
from django.db.models import Model

from queries import actions
from queries.attachments import CheckedFile
from queries.customers import erase_customer, export_customer, privacy_modules
from queries.drafts import save_draft
from queries.enums import ActorType, AttachmentKind, DraftKind
from queries.files import path_of
from queries.models import (
    Attachment,
    Customer,
    CustomerMail,
    CustomerQuery,
    Draft,
    IncomingMail,
    Message,
    Note,
    Order,
    OrderItem,
    ThreadLink,
)
from queries.seen import Seen
from queries.visits import note_visit
from sellers.events import Actor
from sellers.mailings import build, claim, settle
from sellers.models import Event, User
from sellers.refusals import DeliveryOutcome
from sellers.sending import send_due
from surveys import answers
from surveys.answers import AnswerTooLate, submit
from surveys.deciding import decide_due
from surveys.enums import (
    CallOutcome,
    ConsentWay,
    ContactKind,
    FollowUpState,
    InvitationState,
    SuppressionReason,
)
from surveys.exclusions import exclude
from surveys.followups import working
from surveys.inviting import expire_due
from surveys.models import (
    Approach,
    FollowUp,
    FollowUpContact,
    Improvement,
    Invitation,
    QuoteConsent,
    Referral,
    SurveyOptOut,
    SurveyResponse,
    Topic,
)
from tests.conftest import NOON, RULES, Market, at_once
from tests.mail_server import MailServer

DUE = NOON + RULES.delay
LATER = NOON + timedelta(days=5)
OURS = ("sellers", "queries", "surveys", "insights", "config")
SECRET = "Klaas Vaak"

# Text that is the same for everybody, or only a machine's. The closed lists are left out already.
HARMLESS = {
    "queries.ThreadLink.token_salt": "random",
    "queries.ThreadLink.token_digest": "random",
    "queries.ThreadLink.reply_digest": "random",
    "queries.CustomerMail.message_key": "random",
    "queries.Message.send_key": "random",
    "queries.Message.query_before": "states and moments",
    "queries.IncomingMail.digest": "of a whole mail",
    "queries.IncomingMail.kind": "one of a few words",
    "queries.CustomerQuery.statement_digest": "of a random number",
    "queries.Attachment.file": "random",
    "surveys.Invitation.token_salt": "random",
    "surveys.Invitation.token_digest": "random",
    "surveys.Invitation.message_key": "random",
    "surveys.SurveyResponse.external_id": "only imported measurements have it: nobody's here",
    "insights.Alert.key": "numbers of rows",
    "insights.Alert.numbers": "of all measurements of a month",
    "surveys.MeasurementExclusion.reason": "staff's words about an incident, for the shop",
    "surveys.MeasurementExclusion.lift_reason": "staff's words about an import",
}
WITHOUT_TEXT = (
    models.BooleanField,
    models.DateField,
    models.DurationField,
    models.IntegerField,
    models.DecimalField,
    models.FloatField,
    models.ForeignObject,
)


def about(model: type[Model], path: str = "") -> Iterator[tuple[type[Model], str]]:
    """Yield the models that point at a customer, directly or not, with the way to get there."""
    for relation in model._meta.related_objects:
        found = relation.related_model
        assert not isinstance(found, str)
        if found._meta.app_label in OURS and found not in (Customer, model):
            way = f"{relation.field.name}__{path}" if path else relation.field.name
            yield found, way
            yield from about(found, way)


def texts() -> Iterator[tuple[type[Model], str, str]]:
    """Yield every column with free text that can be reached from a customer."""
    ways = [(Customer, "pk"), *about(Customer)]
    for model, way in ways:
        for field in model._meta.concrete_fields:
            harmless = f"{model._meta.label}.{field.name}" in HARMLESS
            if not (harmless or field.choices or isinstance(field, WITHOUT_TEXT)):
                yield model, way, field.name


def said(customer: Customer) -> dict[str, set[str]]:
    """Return, per column with free text, what it says about a customer."""
    found: dict[str, set[str]] = {}
    for model, way, name in texts():
        rows = model._default_manager.filter(**{way: customer.pk})
        found.setdefault(f"{model._meta.label}.{name}", set()).update(
            bytes(text).decode() if isinstance(text, bytes | memoryview) else text
            for text in rows.values_list(name, flat=True)
            if text
        )
    return found


def everything() -> list[list[dict[str, Any]]]:
    """Return every row that is about customers."""
    tables = dict.fromkeys([Customer, *(model for model, _ in about(Customer))])
    return [list(model._default_manager.order_by("pk").values()) for model in tables]


@pytest.fixture
def klaas(market: Market) -> Customer:
    """A customer of whom everything is stored that can be: each text has the name in it."""
    customer = market.new_customer(
        name=SECRET, email="klaas.vaak@klant.example", external_id=f"K-{SECRET}"
    )
    query = market.query(
        customer,
        asked_at=NOON,
        subject=f"{SECRET} asks",
        order_reference=f"order of {SECRET}",
        contact_email="klaas.vaak.4711@masked.example",
    )
    order = market.order(
        f"order of {SECRET}",
        customer=customer,
        items=0,
        carrier=f"{SECRET}'s van",
        tracking_code=f"3S {SECRET}",
        tracking_url="https://carrier.example/klaas.vaak",
    )
    OrderItem.objects.create(
        order=order, position=1, name=f"Bed of {SECRET}", serial_number=f"BED {SECRET}"
    )
    note = CheckedFile(f"{SECRET}.txt", AttachmentKind.TEXT, b"Ring twice.")
    actions.reply(query, by=market.actor, body=f"Dear {SECRET}", attachments=[note], now=NOON)
    letters_of(query, market)
    actions.write_note(query, body=f"{SECRET} called", by=market.actor, now=NOON)
    save_draft(query, kind=DraftKind.REPLY, body=f"{SECRET}, hm", user=market.agent, now=NOON)
    note_visit(query, seen=Seen(), is_typing=False, user=market.agent, now=NOON)
    actions.hand_over(query, reason=f"{SECRET} is cross", by=market.actor, now=NOON)
    actions.hand_back(query, by=Actor.SYSTEM, now=NOON)
    closing = actions.close(query, by=market.actor, predicted_score=8, now=NOON)
    answered = market.invitation(closing)
    submit(
        answered.token_digest,
        score=3,
        reason=f"{SECRET} is not happy",
        topics=[Topic.objects.get(slug="speed")],
        may_contact=True,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=DUE + timedelta(hours=1),
    )
    follow_up(FollowUp.objects.get(response__query=query), market)
    appreciate(SurveyResponse.objects.get(query=query), market, brought_in=customer)
    answers.opt_out(customer, by=Actor.CUSTOMER, now=DUE + timedelta(hours=2))
    return customer


def follow_up(followup: FollowUp, market: Market) -> None:
    """Let the shop call after a low score, and give up."""
    now = DUE + timedelta(hours=1)
    working.log_call(
        followup, outcome=CallOutcome.SPOKEN, note=f"{SECRET} sighed", by=market.actor, now=now
    )
    working.finish(
        followup,
        state=FollowUpState.NOT_RECOVERABLE,
        note=f"{SECRET} left",
        promised=f"A card for {SECRET}",
        lesson=f"Call {SECRET} sooner",
        cause=f"{SECRET} was not told",
        by=market.actor,
        now=now,
    )


def appreciate(response: SurveyResponse, market: Market, *, brought_in: Customer) -> None:
    """Store what is noted about happy customers, and that somebody brought this one in."""
    now, agent = DUE + timedelta(hours=1), market.agent
    of = {"response": response, "seller": market.shop}
    noted: dict[str, Any] = {"recorded_at": now, "recorded_by": agent}
    came: dict[str, Any] = {"worth": Decimal(640), "came_on": now.date()} | noted
    Approach.objects.create(
        **of, kind=ContactKind.CALL, note=f"{SECRET} laughed", made_at=now, made_by=agent
    )
    Improvement.objects.create(**of, words=f"A call to {SECRET}", noted_at=now, noted_by=agent)
    QuoteConsent.objects.create(**of, name=f"{SECRET} V.", way=ConsentWay.BY_PHONE, **noted)
    Referral.objects.create(
        **of, words=f"sister of {SECRET}", order_reference=f"sister's of {SECRET}", **came
    )
    other = of | {"response": market.response(10)}
    words = {"words": f"{SECRET} himself", "order_reference": f"by {SECRET}"}
    Referral.objects.create(**other, customer=brought_in, **words, **came)


def letters_of(query: CustomerQuery, market: Market) -> None:
    """Let mails come: from the customer, from somebody else, and one that waits for staff."""
    actions.receive_reaction(
        query,
        body=f"{SECRET} writes",
        message_id_header=f"<{SECRET}@klant.example>",
        refused_files=f"{SECRET}.exe",
        by=Actor.CUSTOMER,
        now=NOON,
    )
    partner = f"{SECRET}@partner.example".lower()
    actions.receive_from_other(
        query, from_email=partner, body=f"{SECRET} is mine", by=Actor.CUSTOMER, now=NOON
    )
    IncomingMail.objects.create(
        digest="d" * 64,
        received_at=NOON,
        state="held",
        reason="revoked",
        query=query,
        from_email=partner,
        subject=f"{SECRET} again",
        raw=f"Subject: {SECRET} again\r\n\r\n{SECRET}".encode(),
    )


# Who answers for what


def test_every_model_about_a_person_is_in_one_app_s_privacy_module() -> None:
    reachable = {Customer, *(model for model, _way in about(Customer))}

    answered_for = [model for module in privacy_modules() for model in module.MODELS]

    assert set(answered_for) == reachable, "Erase and export it in `privacy.py` of its own app."
    assert len(answered_for) == len(set(answered_for))
    for module in privacy_modules():
        app = inspect.getmodule(module.erase).__name__.split(".")[0]
        assert {model._meta.app_label for model in module.MODELS} == {app}


def test_privacy_modules_export_under_names_of_their_own(klaas: Customer) -> None:
    names = [name for module in privacy_modules() for name in module.stored_about(klaas)]

    assert len(names) > 3
    assert len(names) == len(set(names))


def test_events_say_nothing_of_a_person_and_stay(klaas: Customer) -> None:
    export_customer(klaas, by=Actor.SYSTEM, now=LATER)
    before = list(Event.objects.order_by("pk").values())

    erase_customer(klaas, by=Actor.SYSTEM, now=LATER)

    events = list(Event.objects.order_by("pk").values())
    assert events[: len(before)] == before
    assert {event["kind"] for event in events} == {
        "query.note_written",
        "query.asked",
        "query.replied",
        "query.reacted",
        "query.other_wrote",
        "query.handed_over",
        "query.handed_back",
        "query.closed",
        "query.texts_erased",
        "measurement.created",
        "measurement.words_erased",
        "followup.step_ticked",
        "followup.contacted",
        "followup.not_recoverable",
        "followup.lapsed",
        "survey.opted_out",
        "customer.exported",
        "customer.erased",
    }
    assert "klaas" not in str(events).lower()


# Erasing


def test_every_text_about_a_customer_is_erased_or_harmless(klaas: Customer) -> None:
    before = said(klaas)

    erase_customer(klaas, by=Actor.SYSTEM, now=LATER)

    assert {column for column, said_there in before.items() if not said_there} == set(), (
        "Let `klaas` have a text here too, or list the column as harmless with its reason."
    )
    assert {column: said_there for column, said_there in said(klaas).items() if said_there} == {}


def test_harmless_texts_are_columns_that_exist() -> None:
    labels = {
        f"{model._meta.label}.{field.name}"
        for model, _ in about(Customer)
        for field in model._meta.concrete_fields
    }

    assert set(HARMLESS) <= labels
    assert {model._meta.app_label for model, _ in about(Customer)} == {
        "queries",
        "surveys",
        "insights",
    }


def test_what_was_measured_stays(klaas: Customer) -> None:
    unchanged = ("score", "month", "submitted_at", "seller", "query", "closed_by", "topics__slug")
    measured = SurveyResponse.objects.filter(query__customer=klaas)
    before = measured.values(*unchanged).get()
    attribution = klaas.closings.values("agent", "closed_by", "predicted_score", "closed_at").get()

    erase_customer(klaas, by=Actor.SYSTEM, now=LATER)

    assert measured.values(*unchanged).get() == before
    assert klaas.closings.values(*attribution).get() == attribution
    response = measured.get()
    assert (response.score, response.reason, response.may_contact) == (3, "", None)
    assert klaas.invitations.get().state == InvitationState.ANSWERED


def test_only_that_customer_is_erased(klaas: Customer, market: Market) -> None:
    other = market.response(9, reason="Quick")

    erase_customer(klaas, by=Actor.SYSTEM, now=LATER)

    other.refresh_from_db()
    assert other.reason == "Quick"
    assert other.query.subject == "Where is my parcel?"
    assert other.query.customer.email
    assert Message.objects.filter(query=other.query).count() == 1


def test_erasing_twice_is_erasing_once(klaas: Customer) -> None:
    erase_customer(klaas, by=Actor.SYSTEM, now=LATER)
    before, events = everything(), Event.objects.count()

    erase_customer(klaas, by=Actor.SYSTEM, now=LATER + timedelta(days=1))

    assert everything() == before
    assert Event.objects.count() == events


@pytest.mark.usefixtures("owner_db")
def test_erasing_is_all_or_nothing(klaas: Customer) -> None:
    before = said(klaas)
    with connection.cursor() as cursor:  # what is erased last cannot be
        cursor.execute(
            "CREATE FUNCTION power_cut() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RAISE EXCEPTION ''power cut''; END'"
        )
        cursor.execute(
            "CREATE TRIGGER power_cut BEFORE DELETE ON surveys_surveyoptout"
            " EXECUTE FUNCTION power_cut()"
        )

    with pytest.raises(DatabaseError, match="power cut"):
        erase_customer(klaas, by=Actor.SYSTEM, now=LATER)

    assert said(klaas) == before
    klaas.refresh_from_db()
    assert klaas.erased_at is None


def test_who_comes_back_is_somebody_new(klaas: Customer, market: Market) -> None:
    erase_customer(klaas, by=Actor.SYSTEM, now=LATER)

    again = market.new_customer(email="klaas.vaak@klant.example")

    assert Customer.objects.by_pk_or_email("klaas.vaak@klant.example").get() == again != klaas
    assert not SurveyOptOut.objects.exists()


@pytest.mark.parametrize("state", [InvitationState.DECIDED, InvitationState.SENDING])
def test_survey_to_be_sent_is_suppressed(
    market: Market, mail_server: MailServer, state: InvitationState
) -> None:
    closing = market.closing()
    decide_due(now=DUE, rules=RULES)
    Invitation.objects.update(state=state)

    erase_customer(closing.customer, by=Actor.SYSTEM, now=DUE)
    sent = send_due(clock=lambda: DUE + timedelta(hours=1))

    invitation = Invitation.objects.get()
    assert not sent
    assert not mail_server.received
    assert (invitation.state, invitation.reason) == (
        InvitationState.SUPPRESSED,
        SuppressionReason.NO_ADDRESS,
    )


def test_survey_to_be_decided_gets_no_email_as_its_reason(market: Market) -> None:
    closing = market.closing()

    erase_customer(closing.customer, by=Actor.SYSTEM, now=NOON)

    assert decide_due(now=DUE, rules=RULES) == {SuppressionReason.NO_ADDRESS: 1}


def test_decision_without_a_link_stays_as_it_was(market: Market) -> None:
    closing = market.closing(closed_by=ActorType.SYSTEM)
    decide_due(now=DUE, rules=RULES)
    before = Invitation.objects.values().get()

    erase_customer(closing.customer, by=Actor.SYSTEM, now=LATER)

    assert Invitation.objects.values().get() == before


def test_link_that_is_out_cannot_be_answered_any_more(market: Market) -> None:
    invitation = market.invitation()

    erase_customer(invitation.customer, by=Actor.SYSTEM, now=DUE + timedelta(hours=1))

    with pytest.raises(AnswerTooLate):
        answer(invitation, at=DUE + timedelta(minutes=59))  # a clock that was read before
    assert expire_due(now=DUE + timedelta(hours=1)) == 1


def test_mail_that_is_leaving_takes_a_dead_link(market: Market, mail_server: MailServer) -> None:
    closing = market.closing()
    decide_due(now=DUE, rules=RULES)
    claimed = claim(now=DUE)
    assert isinstance(claimed, Invitation)
    mail = build(claimed)

    erase_customer(closing.customer, by=Actor.SYSTEM, now=DUE)
    mail.send()
    settle(claimed, DeliveryOutcome.TAKEN, now=DUE)

    assert len(mail_server.received) == 1
    claimed.refresh_from_db()
    assert claimed.reason == SuppressionReason.NO_ADDRESS
    with pytest.raises(AnswerTooLate):
        answer(claimed, at=DUE)


def answer(invitation: Invitation, *, at: Any) -> SurveyResponse:
    """Fill in a survey."""
    return submit(
        invitation.token_digest,
        score=3,
        reason=SECRET,
        topics=[],
        may_contact=True,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=at,
    )


# Beside others


def test_erasing_beside_deciding_and_sending_never_blocks(
    committed_db: None, market: Market, other_market: Market
) -> None:
    customers = [market.new_customer() for _ in range(30)]
    for customer in customers:
        market.closing(customer)
    for customer in reversed(customers):
        other_market.closing(customer)
    decide_due(now=DUE, rules=RULES, limit=20)

    def decide_all() -> None:
        while decide_due(now=DUE, rules=RULES, limit=7):
            pass

    def claim_all() -> None:
        while claim(now=DUE):
            pass

    def erase_all(order: str) -> None:
        for customer in Customer.objects.order_by(order):
            erase_customer(customer, by=Actor.SYSTEM, now=DUE)

    at_once(
        decide_all,
        decide_all,
        claim_all,
        partial(erase_all, "pk"),
        partial(erase_all, "-pk"),
    )
    decide_all()

    assert not Customer.objects.filter(erased_at=None).exists()
    assert Invitation.objects.count() == 60  # each closing decided once
    assert not Invitation.objects.under_way().exists()


def test_erasing_beside_answering_leaves_no_words(committed_db: None, market: Market) -> None:
    invitations = [market.invitation() for _ in range(20)]
    now = DUE + timedelta(hours=1)

    def answer_all() -> int:
        answered = 0
        for invitation in invitations:
            try:
                answer(Invitation.objects.get(pk=invitation.pk), at=now)
            except AnswerTooLate:
                continue
            answered += 1
        return answered

    def erase_all() -> int:
        for invitation in invitations:
            erase_customer(
                Customer.objects.get(pk=invitation.customer_id), by=Actor.SYSTEM, now=now
            )
        return 0

    answered, _ = at_once(answer_all, erase_all)

    assert SurveyResponse.objects.count() == answered
    assert not SurveyResponse.objects.with_words().exists()


def test_erasing_beside_talking_leaves_no_words(committed_db: None, market: Market) -> None:
    queries = [market.query() for _ in range(20)]

    def talk() -> None:
        for query in queries:
            try:
                actions.reply(query, by=market.actor, body=SECRET, closes=True, now=NOON)
                actions.reopen(query, by=market.actor, now=NOON)
            except (actions.QueryIsClosed, actions.QueryIsErased):
                continue

    def erase_all() -> None:
        for query in queries:
            erase_customer(Customer.objects.get(pk=query.customer_id), by=Actor.SYSTEM, now=NOON)

    at_once(talk, erase_all)

    assert not Message.objects.exists()
    assert not CustomerQuery.objects.with_texts().exists()


# Exporting


def exported(customer: Customer) -> dict[str, Any]:
    """Return what is in the first file of the zip; the others are attachments."""
    with ZipFile(BytesIO(export_customer(customer, by=Actor.SYSTEM, now=LATER))) as archive:
        name, *_ = archive.namelist()
        assert name == f"customer-{customer.pk}.json"
        stored: dict[str, Any] = json.loads(archive.read(name))
        return stored


def test_export_has_every_text_about_a_customer(klaas: Customer) -> None:
    text = json.dumps(exported(klaas))

    missing = {
        column: words
        for column, said_there in said(klaas).items()
        if column != "queries.SearchDocument.words"  # made of the other texts
        for words in said_there
        if json.dumps(words)[1:-1] not in text
    }

    assert missing == {}


def test_export_has_every_column_but_those_of_others(klaas: Customer) -> None:
    stored = exported(klaas)
    (query,), (survey,), (order,) = stored["queries"], stored["surveys"], stored["orders"]

    def columns(model: type[Model], *left_out: str) -> set[str]:
        return {field.name for field in model._meta.concrete_fields} - set(left_out)

    closing = apps.get_model("queries", "Closing")
    handover = apps.get_model("queries", "HandOver")
    assert set(stored["customer"]) == columns(Customer, "merged_into")
    of_query = {"messages", "handovers", "closings", "links", "mails", "received_mails"}
    of_query |= {"notes", "drafts"}
    assert set(query) == columns(CustomerQuery, "customer", "assignee") | of_query
    of_message = columns(Message, "query", "agent", "accepted_by") | {"attachments"}
    assert set(query["messages"][0]) == of_message
    assert set(query["messages"][1]["attachments"][0]) == columns(Attachment, "message")
    secrets = ("token_salt", "token_digest", "reply_digest", "message_key", "digest")
    assert set(query["links"][0]) == columns(ThreadLink, "query", *secrets)
    assert set(query["mails"][0]) == columns(CustomerMail, "query", *secrets)
    assert set(query["received_mails"][0]) == columns(IncomingMail, "query", *secrets)
    assert set(query["handovers"][0]) == columns(
        handover, "query", "seller", "by", "handed_back_by"
    )
    assert set(query["notes"][0]) == columns(Note, "query", "author")
    assert set(order) == columns(Order, "customer") | {"items"}
    assert set(order["items"][0]) == columns(OrderItem, "order")
    assert set(query["drafts"][0]) == columns(Draft, "query", "user")
    assert set(query["closings"][0]) == columns(closing, "query", "agent", "seller", "customer")
    assert set(survey) == columns(
        Invitation, "seller", "customer", "token_salt", "token_digest", "message_key"
    ) | {"response"}
    assert set(survey["response"]) == columns(
        SurveyResponse, "seller", "query", "invitation", "batch"
    ) | {
        "topics",
        "exclusions",
        "band",
        "followup",
        "contacts",
        "improvements",
        "quote_consents",
        "referrals",
    }
    answer = survey["response"]
    assert set(answer["contacts"][0]) == columns(Approach, "response", "seller", "made_by")
    assert set(answer["improvements"][0]) == columns(Improvement, "response", "seller", "noted_by")
    by_whom = ("response", "seller", "recorded_by", "withdrawn_by")
    assert set(answer["quote_consents"][0]) == columns(QuoteConsent, *by_whom)
    assert set(answer["referrals"][0]) == columns(Referral, *by_whom, "customer")
    assert set(stored["came_by_referral"][0]) == columns(Referral, *by_whom, "customer")
    told = survey["response"]["followup"]
    assert set(told) == columns(FollowUp, "response", "seller", "playbook", "assignee") | {
        "contacts",
        "steps_done",
    }
    assert set(told["contacts"][0]) == columns(FollowUpContact, "followup", "made_by")


def test_export_has_the_attachments(klaas: Customer) -> None:
    with ZipFile(BytesIO(export_customer(klaas, by=Actor.SYSTEM, now=LATER))) as archive:
        _, name = archive.namelist()
        stored = archive.read(name)

    assert stored == b"Ring twice."
    assert exported(klaas)["queries"][0]["messages"][1]["attachments"][0]["file"] == name


def test_export_goes_without_a_file_that_was_lost(klaas: Customer) -> None:
    path_of(Attachment.objects.get().file).unlink()

    assert exported(klaas)["queries"][0]["messages"][1]["attachments"][0]["size"] == 11


def test_export_is_readable(klaas: Customer) -> None:
    stored = exported(klaas)
    (query,), (survey,) = stored["queries"], stored["surveys"]

    assert stored["exported_at"] == "2026-03-15T11:00:00Z"
    assert stored["customer"]["name"] == SECRET
    authors = [message["author"] for message in query["messages"]]
    assert authors == ["customer", "seller", "customer", "other"]
    assert query["received_mails"][0]["raw"].startswith("Subject: ")
    assert (query["seller"], query["asked_at"]) == ("Fietsenzo", "2026-03-10T11:00:00Z")
    assert query["closings"][0]["predicted_score"] == 8
    assert (survey["query"], survey["state"]) == (query["id"], "answered")
    assert survey["response"]["topics"] == ["speed"]
    assert survey["response"]["exclusions"] == []
    assert (survey["response"]["score"], survey["response"]["band"]) == (3, "detractor")
    assert stored["survey_opt_out"]["opted_out_at"] == "2026-03-11T13:00:00Z"


def test_export_opens_no_survey_and_names_no_colleague(klaas: Customer, market: Market) -> None:
    invitation = klaas.invitations.get()

    text = json.dumps(exported(klaas))

    assert invitation.token_salt not in text
    assert str(invitation.token_digest) not in text
    assert str(invitation.message_key) not in text
    assert market.agent.name not in text


def test_export_is_of_one_customer_only(klaas: Customer, market: Market) -> None:
    market.response(9, reason="Somebody else's words")

    text = json.dumps(exported(klaas))

    assert "Somebody else" not in text
    assert "Where is my parcel?" not in text


def test_export_of_somebody_erased_has_no_words(klaas: Customer) -> None:
    erase_customer(klaas, by=Actor.SYSTEM, now=LATER)

    stored = exported(klaas)

    assert SECRET not in json.dumps(stored)
    assert stored["queries"][0]["messages"] == []
    assert stored["surveys"][0]["response"]["score"] == 3
    assert stored["survey_opt_out"] is None


def test_export_has_an_exclusion_and_not_by_whom(market: Market, alice: User) -> None:
    response = market.response(0)
    exclude(response, reason="Courier on strike", by=Actor.user(alice), now=LATER)
    assert response.invitation

    (survey,) = exported(response.invitation.customer)["surveys"]

    (exclusion,) = survey["response"]["exclusions"]
    assert exclusion["reason"] == "Courier on strike"
    assert not exclusion.keys() & {"excluded_by", "lifted_by", "response"}

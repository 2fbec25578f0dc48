"""What is final, tried as the application by every statement and with every setting it may set.

Each statement is tried once more by the owner with the guards asleep: there it does change a row,
so it is refused for what it does and not for how it is written.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from config.roles import as_owner
from insights.keeping import keep_counts
from insights.models import MonthCount, ServiceStandard
from queries.actions import reply
from queries.customers import erase_customer
from queries.enums import ActorType
from queries.incoming import discard, receive
from queries.models import Closing, CustomerMail, CustomerQuery, Message
from sellers.enums import MailState, Role
from sellers.events import Actor
from sellers.guards import changeable_columns
from sellers.models import Event, Seller, User
from surveys import answers
from surveys.deciding import decide_due
from surveys.enums import FollowUpState, InvitationState
from surveys.exclusions import exclude
from surveys.followups.working import finish
from surveys.inviting import expire_due
from surveys.models import (
    FollowUp,
    ImportBatch,
    Invitation,
    MeasurementExclusion,
    ResponseTopic,
    SurveyOptOut,
    SurveyPolicy,
    SurveyResponse,
    Topic,
)
from tests import database
from tests.conftest import (
    NOON,
    RULES,
    Market,
    make_alice,
    make_member,
    open_fietsenzo,
    open_other_shop,
    refused_by,
)
from tests.guards import switch_guards
from tests.measurements import imported

DAY = timedelta(days=1)
OWNER = settings.DATABASE_OWNER["USER"]

# By hand into the table of answers: {} is what of them is other than it should be.
ANSWERED = """
    UPDATE surveys_invitation AS invitation
       SET state = 'answered', answered_at = {moment}, sent_at = coalesce(sent_at, {moment}),
           expires_at = coalesce(expires_at, {moment}), reason = '',
           token_digest = coalesce(token_digest, 'none')
     WHERE invitation.id = %({invitation})s;
"""
INSERTED = """
    INSERT INTO surveys_surveyresponse
        (invitation_id, seller_id, query_id, closed_by, score, submitted_at, month, reason)
    SELECT invitation.id, invitation.seller_id, invitation.query_id, 'seller', 10, {moment},
           date_trunc('month', {moment} AT TIME ZONE 'Europe/Amsterdam')::date, ''
      FROM surveys_invitation AS invitation WHERE invitation.id = %({invitation})s
"""
IMPORTED = """
    INSERT INTO surveys_surveyresponse
        (seller_id, closed_by, score, submitted_at, month, reason, external_id, imported_at,
         batch_id)
    VALUES (%(shop)s, 'seller', 10, {moment}, {month}, '', 'x', now(), {batch})
"""


def answer_to(invitation: str, moment: str) -> str:
    """Return what stores an answer to an invitation with everything that belongs to it."""
    return (ANSWERED + INSERTED).format(invitation=invitation, moment=moment)


def of_response(change: str) -> str:
    return f"UPDATE surveys_surveyresponse SET {change} WHERE id = %(response)s"  # noqa: S608


def of_invitation(invitation: str, change: str) -> str:
    return f"UPDATE surveys_invitation SET {change} WHERE id = %({invitation})s"  # noqa: S608


def of_closing(change: str) -> str:
    return f"UPDATE queries_closing SET {change} WHERE id = %(closing)s"  # noqa: S608


def of_query(change: str) -> str:
    return f"UPDATE queries_customerquery SET {change} WHERE id = %(query)s"  # noqa: S608


def of_mail(change: str) -> str:
    return f"UPDATE queries_customermail SET {change}"  # noqa: S608


def of_finished(change: str) -> str:
    return f"UPDATE surveys_followup SET {change} WHERE finished_at IS NOT NULL"  # noqa: S608


ADD_TOPIC = "INSERT INTO surveys_responsetopic (response_id, topic_id) VALUES (%(response)s, 2)"
REFUSED = {
    "another score": of_response("score = 10"),
    "another moment": of_response("submitted_at = submitted_at - interval '1 day'"),
    "another month": of_response("month = month - interval '1 month'"),
    "another shop": of_response("seller_id = %(other_shop)s"),
    "another query": of_response("query_id = %(open)s"),
    "another invitation": of_response("invitation_id = %(sent)s"),
    "another who closed": of_response("closed_by = 'marketplace'"),
    "stored by another transaction": of_response("stored_in = pg_current_xact_id()::text::bigint"),
    "the reason rewritten": of_response("reason = 'Lovely'"),
    "the leave to contact rewritten": of_response("may_contact = false"),
    "the answer deleted": (
        "DELETE FROM surveys_responsetopic; DELETE FROM surveys_followup;"
        " DELETE FROM surveys_measurementexclusion; DELETE FROM surveys_surveyresponse"
    ),
    "a topic added": ADD_TOPIC,
    "a topic added while words are emptied": f"{of_response('reason = %(nothing)s')};{ADD_TOPIC}",
    "a topic taken away": "DELETE FROM surveys_responsetopic",
    "another topic": "UPDATE surveys_responsetopic SET topic_id = 2",
    "a topic in use renamed": "UPDATE surveys_topic SET label_en = 'Prices' WHERE id = 1",
    "the short name of a topic in use": "UPDATE surveys_topic SET slug = 'prices' WHERE id = 1",
    "an answer after the time": answer_to("expired", "now()"),
    "an answer after the time, dated back": answer_to("expired", "invitation.sent_at"),
    "an answer to what was never sent": answer_to("decided", "now()"),
    "an answer to what was never asked": answer_to("suppressed", "now()"),
    "an answer before its mail": answer_to("sent", "'2026-03-11 08:00+00'::timestamptz"),
    "an answer that the invitation does not know of": INSERTED.format(
        invitation="sent", moment="'2026-03-12 08:00+00'::timestamptz"
    ),
    "an answer of a moment to come": IMPORTED.format(
        moment="now() + interval '900 days'",
        month="date_trunc('month', now() + interval '900 days')::date",
        batch=0,
    ),
    "an answer in another month": IMPORTED.format(
        moment="'2026-03-31 22:30+00'::timestamptz", month="'2026-03-01'", batch=0
    ),
    "an answer added to an import": IMPORTED.format(
        moment="'2026-03-01 10:00+00'::timestamptz", month="'2026-03-01'", batch="%(batch)s"
    ),
    "an answer of another import": (
        "UPDATE surveys_surveyresponse SET batch_id = batch_id + 1 WHERE batch_id = %(batch)s"
    ),
    "an import of another file": "UPDATE surveys_importbatch SET file_name = 'x', sha256 = ''",
    "an import by another": "UPDATE surveys_importbatch SET imported_by_id = NULL, skipped = 9",
    "an import deleted": "DELETE FROM surveys_importbatch",
    "an import of nothing": """
        INSERT INTO surveys_importbatch (file_name, sha256, format, imported_at, stored, skipped,
                                         shops, first_month, last_month)
        VALUES ('x.csv', '', '', now(), 3, 0, 1, '2026-01-01', '2026-02-01')
    """,
    "another import excluded": (
        "UPDATE surveys_measurementexclusion SET response_id = NULL, batch_id = %(batch)s"
    ),
    "suppressed and decided after all": of_invitation(
        "suppressed", "state = 'decided', reason = '', token_digest = 'x', next_try_at = now()"
    ),
    "answered and open again": of_invitation("invitation", "state = 'sent'"),
    "expired and open again": of_invitation("expired", "state = 'sent'"),
    "sent and to be sent again": of_invitation("sent", "state = 'decided', next_try_at = now()"),
    "another reason for no survey": of_invitation("suppressed", "reason = 'opted_out'"),
    "sent at another moment": of_invitation("sent", "sent_at = sent_at - interval '9 days'"),
    "never sent": of_invitation("sent", "state = 'bounced', sent_at = NULL"),
    "more time to answer": of_invitation("sent", "expires_at = expires_at + interval '1 day'"),
    "answered at another moment": of_invitation("invitation", "answered_at = now()"),
    "decided at another moment": of_invitation("sent", "decided_at = now()"),
    "invitation of another shop": of_invitation("sent", "seller_id = %(other_shop)s"),
    "invitation of another customer": of_invitation("sent", "customer_id = %(somebody)s"),
    "invitation deleted": "DELETE FROM surveys_invitation WHERE id = %(sent)s",
    "query of another shop": of_query("seller_id = %(other_shop)s"),
    "query of another customer": of_query("customer_id = %(somebody)s"),
    "query with another subject": of_query("subject = 'Praise'"),
    "message rewritten": "UPDATE queries_message SET body = 'Thanks!'",
    "message deleted": (
        "DELETE FROM queries_message WHERE query_id = %(query)s AND agent_id IS NULL"
    ),
    "closing of another shop": of_closing("seller_id = %(other_shop)s"),
    "closing of another customer": of_closing("customer_id = %(somebody)s"),
    "closing by another": of_closing("closed_by = 'marketplace'"),
    "closing at another moment": of_closing("closed_at = closed_at - interval '1 day'"),
    "closing with another prediction": of_closing("predicted_score = 10"),
    "closing with another subject": of_closing("subject = 'Praise'"),
    "decided about again": of_closing("survey_decided_at = NULL"),
    "closing deleted": "DELETE FROM queries_closing WHERE id = %(undecided)s",
    "exclusion deleted": "DELETE FROM surveys_measurementexclusion",
    "exclusion for another reason": "UPDATE surveys_measurementexclusion SET reason = 'Because'",
    "event rewritten": "UPDATE sellers_event SET kind = 'nothing.happened'",
    "event deleted": "DELETE FROM sellers_event",
    "an event that no reader would see": """
        INSERT INTO sellers_event (kind, at, object_label, object_pk, actor, details, transaction)
        VALUES ('query.closed', now(), 'queries.CustomerQuery', 1, 'system', '{}', 1)
    """,
    "another standard since then": "UPDATE insights_servicestandard SET value = 90",
    "a standard that held is withdrawn": "DELETE FROM insights_servicestandard",
    "a standard dated back": """
        INSERT INTO insights_servicestandard
            (value, minimum_measurements, valid_from, announced_on, label_nl, label_en)
        VALUES (-100, 25, '2026-02-01', '2026-01-01', 'Laag', 'Low')
    """,
    "a standard from today": """
        INSERT INTO insights_servicestandard
            (value, minimum_measurements, valid_from, announced_on, label_nl, label_en)
        VALUES (-100, 25, (now() AT TIME ZONE 'Europe/Amsterdam')::date, '2026-01-01', 'L', 'L')
    """,
    "a coming standard dated back": (
        "UPDATE insights_servicestandard SET valid_from = '2026-02-01', announced_on = '2026-01-01'"
        " WHERE id = %(coming)s"
    ),
    "another policy since then": "UPDATE surveys_surveypolicy SET enabled = NOT enabled",
    "a policy that holds is deleted": "DELETE FROM surveys_surveypolicy",
    "a policy dated back": """
        INSERT INTO surveys_surveypolicy
            (valid_from, enabled, delay, cooldown, answer_window, stale_after, note)
        VALUES (now() - interval '1 hour', false, '1 day', '1 day', '1 day', '1 day', '')
    """,
    "other kept counts": "UPDATE insights_monthcount SET scores[11] = 99",
    "no kept counts": "DELETE FROM insights_monthcount",
    "kept counts of one's own": """
        INSERT INTO insights_monthcount (seller_id, month, scores, choices)
        VALUES (%(shop)s, '2026-01-01', ARRAY[0,0,0,0,0,0,0,0,0,0,9], '[]')
    """,
    "counted up to another mark": "UPDATE insights_countingmark SET response_id = 999999",
    "the inner counting": "SELECT insights_count_months(%(shop)s, 0, NULL)",
    "opt-out undone without a trace": "DELETE FROM surveys_surveyoptout",
    "opt-out dated back": (
        "UPDATE surveys_surveyoptout SET opted_out_at = opted_out_at - interval '1 day'"
    ),
    "a mail sent again": of_mail("state = 'decided', sent_at = NULL, next_try_at = now()"),
    "a mail sent at another moment": of_mail("sent_at = sent_at - interval '1 day'"),
    "a mail never sent": of_mail("state = 'suppressed', reason = 'erased'"),
    "a mail with another link": of_mail("link_id = link_id + 1"),
    "a mail with another message": of_mail("message_id = message_id - 1"),
    "a mail of another kind": of_mail("kind = 'question'"),
    "a link of another mailbox": "UPDATE queries_threadlink SET email = 'x@klant.example'",
    "a reply taken back that left": (
        "UPDATE queries_message SET withdrawn_at = sent_at WHERE author = 'seller'"
    ),
    "a reply taken back without a trace": (
        "UPDATE queries_customermail SET message_id = NULL;"
        " UPDATE queries_message SET withdrawn_at = sent_at WHERE author = 'seller'"
    ),
    "texts erased without a trace": (
        "UPDATE queries_customerquery"
        " SET subject = '', order_reference = '', contact_email = '', erased_at = now()"
        " WHERE state = 'closed'"
    ),
    "a discarded mail held again": (
        "UPDATE queries_incomingmail SET state = 'held', raw = 'x', reason = 'unreadable'"
        " WHERE state = 'discarded'"
    ),
    "a discarded mail given to a query": (
        "UPDATE queries_incomingmail SET query_id = %(query)s WHERE state = 'discarded'"
    ),
    "a held mail rewritten": "UPDATE queries_incomingmail SET raw = 'x' WHERE state = 'held'",
    "a held mail of another": (
        "UPDATE queries_incomingmail SET from_email = 'x@y.example' WHERE state = 'held'"
    ),
    "a finished task rewritten": of_finished("note = 'Lovely'"),
    "a finished task with another lesson": of_finished("lesson = 'None'"),
    "a task finished earlier": of_finished("finished_at = finished_at - interval '1 day'"),
    "a task finished otherwise": of_finished("state = 'not_recoverable', lesson = 'None'"),
    "opt-out given to another": "UPDATE surveys_surveyoptout SET customer_id = %(somebody)s",
}
TRUNCATED = {
    f"{table} emptied": f"TRUNCATE {table} CASCADE"
    for table in sorted(model._meta.db_table for model in apps.get_models() if model._meta.managed)
}
# Of these not even the owner empties the table: by the name of its guard.
EVIDENCE = {
    "events_stay": "sellers_event",
    "closings_stay": "queries_closing",
    "customermails_stay": "queries_customermail",
    "handovers_stay": "queries_handover",
    "imports_stay": "surveys_importbatch",
    "incoming_mails_stay": "queries_incomingmail",
    "installations_stay": "sellers_installation",
    "notes_stay": "queries_note",
    "queries_stay": "queries_customerquery",
    "thread_links_stay": "queries_threadlink",
    "approaches_stay": "surveys_approach",
    "consents_stay": "surveys_quoteconsent",
    "exclusions_stay": "surveys_measurementexclusion",
    "followup_contacts_stay": "surveys_followupcontact",
    "followups_stay": "surveys_followup",
    "improvements_stay": "surveys_improvement",
    "invitations_stay": "surveys_invitation",
    "opt_outs_stay": "surveys_surveyoptout",
    "playbook_steps_stay": "surveys_playbookstep",
    "playbooks_stay": "surveys_playbook",
    "policies_stay": "surveys_surveypolicy",
    "referrals_stay": "surveys_referral",
    "response_topics_stay": "surveys_responsetopic",
    "responses_stay": "surveys_surveyresponse",
    "standards_stay": "insights_servicestandard",
}
# Which guard refuses what even the owner, who has every right.
# What each guard keeps from being of a moment to come.
NOT_AHEAD = [
    ("approach_not_ahead", "surveys_approach", "made_at"),
    ("closing_not_ahead", "queries_closing", "closed_at"),
    ("closing_not_ahead", "queries_closing", "reopened_at"),
    ("consent_not_ahead", "surveys_quoteconsent", "recorded_at"),
    ("consent_not_ahead", "surveys_quoteconsent", "withdrawn_at"),
    ("exclusion_not_ahead", "surveys_measurementexclusion", "excluded_at"),
    ("exclusion_not_ahead", "surveys_measurementexclusion", "lifted_at"),
    ("followup_contact_not_ahead", "surveys_followupcontact", "made_at"),
    ("followup_not_ahead", "surveys_followup", "contacted_at"),
    ("followup_not_ahead", "surveys_followup", "finished_at"),
    ("followup_not_ahead", "surveys_followup", "lapsed_at"),
    ("handover_not_ahead", "queries_handover", "answered_at"),
    ("handover_not_ahead", "queries_handover", "handed_back_at"),
    ("handover_not_ahead", "queries_handover", "handed_over_at"),
    ("import_not_ahead", "surveys_importbatch", "imported_at"),
    ("improvement_not_ahead", "surveys_improvement", "noted_at"),
    ("incoming_not_ahead", "queries_incomingmail", "received_at"),
    ("message_not_ahead", "queries_message", "sent_at"),
    ("note_not_ahead", "queries_note", "written_at"),
    ("opt_out_not_ahead", "surveys_surveyoptout", "opted_out_at"),
    ("playbook_not_ahead", "surveys_playbook", "published_at"),
    ("query_not_ahead", "queries_customerquery", "asked_at"),
    ("referral_not_ahead", "surveys_referral", "recorded_at"),
    ("referral_not_ahead", "surveys_referral", "withdrawn_at"),
]
GUARDS = [
    ("event_of_this_transaction", "an event that no reader would see"),
    ("response_of_its_moment", "an answer of a moment to come"),
    ("response_of_its_moment", "an answer in another month"),
    ("response_comes_before_its_import", "an answer added to an import"),
    ("import_counts_what_it_holds", "an import of nothing"),
    ("response_matches_invitation", "an answer that the invitation does not know of"),
    ("response_topic_comes_with_it", "a topic added"),
    ("response_topic_comes_with_it", "a topic added while words are emptied"),
    ("topic_in_use_keeps_its_name", "a topic in use renamed"),
    ("invitation_only_goes_on", "suppressed and decided after all"),
    ("invitation_only_goes_on", "answered and open again"),
    ("invitation_only_goes_on", "expired and open again"),
    ("invitation_answered_in_time", "an answer to what was never sent"),
    ("invitation_end_stands", "answered at another moment"),
    ("invitation_reason_stands", "another reason for no survey"),
    ("invitation_sent_once", "sent at another moment"),
    ("invitation_time_not_longer", "more time to answer"),
    ("opt_out_undone_with_trace", "opt-out undone without a trace"),
    ("opt_out_moment_only_later", "opt-out dated back"),
    ("customermail_only_goes_on", "a mail sent again"),
    ("customermail_only_goes_on", "a mail never sent"),
    ("customermail_sent_once", "a mail sent at another moment"),
    ("customermail_carries_the_same", "a mail with another link"),
    ("customermail_carries_the_same", "a mail with another message"),
    ("customermail_of_one_query", "a mail of another kind"),
    ("thread_link_email_only_emptied", "a link of another mailbox"),
    ("message_withdrawn_before_it_left", "a reply taken back that left"),
    ("message_withdrawn_before_it_left", "a reply taken back without a trace"),
    ("query_erased_with_trace", "texts erased without a trace"),
    ("incoming_settled_once", "a discarded mail held again"),
    ("incoming_settled_once", "a discarded mail given to a query"),
    ("incoming_held_only_emptied", "a held mail rewritten"),
    ("incoming_held_only_emptied", "a held mail of another"),
    ("followup_end_stands", "a finished task rewritten"),
    ("followup_end_stands", "a finished task with another lesson"),
    ("followup_end_stands", "a task finished earlier"),
    ("followup_end_stands", "a task finished otherwise"),
    ("opt_out_customer_only_merged", "opt-out given to another"),
    ("standard_not_dated_back", "a standard from today"),
    ("standard_not_dated_back", "a coming standard dated back"),
    ("policy_not_dated_back", "a policy dated back"),
]
ALL_GUARDS = ",".join(
    guard.get_pgid(model)
    for model in apps.get_models()
    for guard in getattr(model._meta, "triggers", ())
)
NOTHING = "SELECT 1"
BY_RIGHT_OR_GUARD = ("42501", "P0001")  # insufficient privilege, raise exception
SETTINGS = [
    NOTHING,
    f"SET LOCAL pgtrigger.ignore = '{{{ALL_GUARDS}}}'",
    f"SELECT set_config('pgtrigger.ignore', '{{{ALL_GUARDS}}}', true)",
    "SET LOCAL session_replication_role = replica",
    "SET LOCAL search_path = ''",
    "SET LOCAL search_path = pg_temp, information_schema, pg_catalog",
    "SET LOCAL row_security = off",
    "SET LOCAL event_triggers = off",
    "SET LOCAL TimeZone = 'Pacific/Kiritimati'",
    "SET LOCAL DateStyle = 'SQL, DMY'",
    "SET LOCAL check_function_bodies = off",
    "SET LOCAL transform_null_equals = on",
    "SET LOCAL plpgsql.variable_conflict = use_column",
    "SET LOCAL standard_conforming_strings = off",
    "SET LOCAL quote_all_identifiers = on",
    "SET LOCAL constraint_exclusion = on",
    "SET CONSTRAINTS ALL DEFERRED",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    f'SET LOCAL ROLE "{OWNER}"',
    f'SET LOCAL SESSION AUTHORIZATION "{OWNER}"',
]
Orm = Callable[[dict[str, Any]], object]
BY_ORM: dict[str, Orm] = {
    "save a score": lambda pks: _saved(SurveyResponse, pks["response"], score=10),
    "update a score": lambda _pks: SurveyResponse.objects.update(score=10),
    "bulk update a score": lambda pks: SurveyResponse.objects.bulk_update(
        [SurveyResponse(pk=pks["response"], score=10)], ["score"]
    ),
    "upsert a score": lambda pks: SurveyResponse.objects.bulk_create(
        [SurveyResponse.objects.get(pk=pks["response"])],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["score"],
    ),
    "delete an answer": lambda pks: SurveyResponse.objects.filter(pk=pks["response"])._raw_delete(
        "default"
    ),
    "save a reason": lambda pks: _saved(SurveyResponse, pks["response"], reason="Lovely"),
    "add a topic": lambda pks: SurveyResponse.objects.get(pk=pks["response"]).topics.add(2),
    "clear topics": lambda _pks: ResponseTopic.objects.all().delete(),
    "rename a topic": lambda _pks: _saved(Topic, 1, label_nl="Prijs"),
    "open an answered invitation": lambda _pks: Invitation.objects.filter(
        state=InvitationState.ANSWERED
    ).update(state=InvitationState.SENT),
    "send a suppressed one": lambda pks: Invitation.objects.filter(pk=pks["suppressed"]).update(
        state=InvitationState.DECIDED, reason="", token_digest="x", next_try_at=NOON
    ),
    "give a query away": lambda pks: CustomerQuery.objects.filter(pk=pks["query"]).update(
        seller=pks["other_shop"]
    ),
    "move a query": lambda pks: CustomerQuery.objects.filter(pk=pks["query"]).update(
        customer=pks["somebody"]
    ),
    "rewrite a closing": lambda pks: _saved(Closing, pks["closing"], subject="Praise"),
    "rewrite messages": lambda _pks: Message.objects.update(body="Thanks!"),
    "give to another import": lambda pks: SurveyResponse.objects.filter(batch=pks["batch"]).update(
        batch=None
    ),
    "forget an import": lambda pks: ImportBatch.objects.filter(pk=pks["batch"])._raw_delete(
        "default"
    ),
    "rename imports": lambda _pks: ImportBatch.objects.update(file_name="x"),
    "withdraw exclusions": lambda _pks: MeasurementExclusion.objects.all().delete(),
    "forget events": lambda _pks: Event.objects.all().delete(),
    "rewrite a standard": lambda _pks: ServiceStandard.objects.update(value=90),
    "rewrite a policy": lambda _pks: SurveyPolicy.objects.update(cooldown=DAY),
    "count otherwise": lambda _pks: MonthCount.objects.update(choices=[]),
    "forget opt-outs": lambda _pks: SurveyOptOut.objects.all().delete(),
}


def _saved(model: Any, pk: int, **changes: object) -> None:
    row = model.objects.get(pk=pk)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()


@pytest.fixture(scope="module")
def pks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Any]]:
    """Let everything happen once, each in a transaction of its own; give the primary keys."""
    with django_db_blocker.unblock():
        yield _history()
        database.make_anew()


def _history() -> dict[str, Any]:
    shop, other = open_fietsenzo(make_alice()), open_other_shop()
    bob = make_member(shop, "bob@fietsenzo.example", "Bob", Role.AGENT)
    market = Market(shop, bob)
    staff = User.objects.create_superuser("staff@markt.example", name="Staff", language="en")
    answered, sent, expired = (market.invitation() for _ in range(3))
    response = answers.submit(
        answered.token_digest,
        score=3,
        reason="It never came.",
        topics=Topic.objects.filter(pk=1),
        may_contact=True,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=NOON + 2 * DAY,
    )
    exclude(response, reason="Power cut.", by=Actor.user(staff), now=NOON + 3 * DAY)
    Invitation.objects.filter(pk=expired.pk).update(expires_at=NOON + 10 * DAY)
    expire_due(now=NOON + 11 * DAY)
    suppressed = market.closing(closed_by=ActorType.SYSTEM)
    to_send = market.closing()
    decide_due(now=NOON + DAY, rules=RULES)
    customer = market.new_customer()
    answers.opt_out(customer, by=Actor.CUSTOMER, now=NOON)
    coming = ServiceStandard.objects.create(
        value=40,
        valid_from=timezone.now().date() + 60 * DAY,
        announced_on=timezone.now().date(),
        label_nl="Meer",
        label_en="More",
    )
    keep_counts()
    came = imported(shop, 9, submitted_at=NOON)[0]
    _what_left_and_ended(market)
    return {
        "batch": came.batch_id,
        "response": response.pk,
        "invitation": answered.pk,
        "sent": sent.pk,
        "expired": expired.pk,
        "suppressed": suppressed.invitation.pk,
        "decided": to_send.invitation.pk,
        "closing": answered.closing_id,
        "query": answered.query_id,
        "undecided": market.closing(closed_at=NOON + 50 * DAY).pk,
        "open": market.query().pk,
        "shop": shop.pk,
        "other_shop": other.pk,
        "somebody": market.new_customer().pk,
        "coming": coming.pk,
        "nothing": "",
    }


def _what_left_and_ended(market: Market) -> None:
    """Let a reply be mailed, two mails wait for staff until one goes, and a task be finished."""
    reply(market.query(), body="Tomorrow.", by=market.actor, now=NOON)
    CustomerMail.objects.update(state=MailState.SENDING)
    CustomerMail.objects.update(state=MailState.SENT, sent_at=NOON + DAY)
    for number in range(2):
        incoming = receive(b"Subject: Hm\n\nHm %d" % number, now=NOON)
    discard(incoming, by=Actor.SYSTEM, now=NOON)
    low = market.invitation()
    answers.submit(
        low.token_digest,
        score=2,
        reason="",
        topics=Topic.objects.none(),
        may_contact=True,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=NOON + 2 * DAY,
    )
    task = FollowUp.objects.get(response__invitation=low)
    finish(task, state=FollowUpState.RESOLVED, note="Sorry.", by=market.actor, now=NOON + 3 * DAY)


def executed(statements: str, pks: dict[str, Any]) -> int:
    """Execute statements; return how many rows the last one changed."""
    with connection.cursor() as cursor:
        for statement in filter(str.strip, statements.split(";")):
            cursor.execute(statement, pks)
        return cursor.rowcount


def refusals(call: Callable[[], object], given: Sequence[str] = SETTINGS) -> dict[str, str]:
    """Return with which SQLSTATE a call is refused after each setting; "" where it is not.

    Up to the checks at the end of a transaction, which is undone.
    """
    found = {}
    for setting in given:
        found[setting] = ""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(setting)
                call()
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                transaction.set_rollback(True)
        except DatabaseError as error:
            found[setting] = getattr(error.__cause__, "sqlstate", "unknown")
    return found


@pytest.mark.parametrize("statements", (REFUSED | TRUNCATED).values(), ids=REFUSED | TRUNCATED)
def test_application_is_refused_whatever_it_sets(pks: dict[str, Any], statements: str) -> None:
    found = refusals(lambda: executed(statements, pks))

    assert found[NOTHING] in BY_RIGHT_OR_GUARD
    assert "" not in found.values(), found


@pytest.mark.parametrize("call", BY_ORM.values(), ids=BY_ORM)
def test_application_is_refused_by_orm_whatever_it_sets(pks: dict[str, Any], call: Orm) -> None:
    found = refusals(lambda: call(pks), [each for each in SETTINGS if "DateStyle" not in each])

    assert found[NOTHING] in BY_RIGHT_OR_GUARD
    assert "" not in found.values(), found


@pytest.mark.parametrize("statements", REFUSED.values(), ids=REFUSED)
def test_statement_does_what_it_says_where_guards_sleep(
    pks: dict[str, Any], statements: str
) -> None:
    with as_owner(), transaction.atomic():
        switch_guards(on=False)
        changed = executed(statements, pks)
        transaction.set_rollback(True)

    assert changed > 0


def test_rows_that_stay_are_in_tables_that_stay() -> None:
    staying = {
        model._meta.db_table for model in apps.get_models() if changeable_columns(model) is not None
    }

    assert staying <= set(EVIDENCE.values())


@pytest.mark.parametrize(("guard", "table"), EVIDENCE.items())
def test_owner_is_refused_to_empty(pks: dict[str, Any], guard: str, table: str) -> None:
    with as_owner(), refused_by(guard):
        executed(f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {table} CASCADE", pks)


@pytest.mark.parametrize(("guard", "what"), GUARDS)
def test_guard_refuses_the_owner_too(pks: dict[str, Any], guard: str, what: str) -> None:
    with as_owner(), refused_by(guard):
        executed(f"{REFUSED[what]}; SET CONSTRAINTS ALL IMMEDIATE", pks)


@pytest.mark.parametrize(("guard", "table", "moment"), NOT_AHEAD)
def test_nothing_that_happened_is_to_come(
    pks: dict[str, Any], guard: str, table: str, moment: str
) -> None:
    (named,) = {
        each.get_pgid(model)
        for model in apps.get_models()
        for each in getattr(model._meta, "triggers", ())
        if each.name == guard
    }
    alone = f"ALTER TABLE {table} DISABLE TRIGGER USER; ALTER TABLE {table} ENABLE TRIGGER {named};"
    stored = f"INSERT INTO {table} ({moment}) VALUES (now() + interval '{{}} minutes')"  # noqa: S608

    with as_owner(), refused_by(guard):
        executed(alone + stored.format(6), pks)
    # As far as clocks may differ it is only for the rest of the row that it is refused.
    with as_owner(), pytest.raises(IntegrityError, match="null value"), transaction.atomic():
        executed(alone + stored.format(4), pks)


def test_everything_is_as_it_was_and_erasing_still_works(pks: dict[str, Any]) -> None:
    before = SurveyResponse.objects.values_list("score", "reason", "may_contact").get(
        pk=pks["response"]
    )
    customer = Invitation.objects.get(pk=pks["invitation"]).customer

    with transaction.atomic():
        erase_customer(customer, by=Actor.SYSTEM, now=datetime(2026, 6, 1, tzinfo=UTC))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        erased = SurveyResponse.objects.values_list("score", "reason", "may_contact").get(
            pk=pks["response"]
        )
        topics = list(ResponseTopic.objects.values_list("topic", flat=True))
        transaction.set_rollback(True)

    assert before == (3, "It never came.", True)
    assert (erased, topics) == ((3, "", None), [1])


def test_the_tests_are_the_application(pks: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, session_user, rolsuper FROM pg_roles WHERE rolname = current_user"
        )
        role = settings.DATABASE["USER"]
        assert cursor.fetchone() == (role, role, False)
    assert role != OWNER
    assert Seller.objects.count() == 2


@pytest.mark.parametrize("statement", ["an import of another file", "an import deleted"])
def test_owner_is_refused_to_change_an_import(pks: dict[str, Any], statement: str) -> None:
    with as_owner(), refused_by("import_stays"):
        executed(REFUSED[statement], pks)

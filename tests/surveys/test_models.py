"""Decisions, invitations and measurements: what the database refuses, however it is asked."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from queries.enums import ActorType
from sellers.events import Actor
from sellers.models import Seller, User
from surveys import answers
from surveys.enums import Band, InvitationState, SuppressionReason
from surveys.models import Invitation, ResponseTopic, SurveyPolicy, SurveyResponse, Topic
from surveys.nps import Tally, band
from surveys.periods import months_back
from tests.conftest import NOON, Market, refused_by
from tests.guards import switch_guards
from tests.measurements import an_import, imported

MARCH = date(2026, 3, 1)


@pytest.fixture
def response(market: Market) -> SurveyResponse:
    """A measurement of 3, with a reason and a topic."""
    response = market.response(3, reason="It never came.")
    response.response_topics.create(topic=Topic.objects.get(slug="speed"))
    return response


@pytest.fixture
def other(other_market: Market) -> SurveyResponse:
    """A measurement of another shop."""
    return other_market.response(9)


# The decision and its invitation


def test_topic_has_both_labels(db: None) -> None:
    with refused_by("topic_labels_given"):
        Topic.objects.create(slug="price", label_nl="Prijs", label_en="")


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("invitation_state_known", {"state": "lost"}),
        ("invitation_reason_iff_suppressed", {"reason": SuppressionReason.STALE}),
        ("invitation_reason_iff_suppressed", {"state": InvitationState.SUPPRESSED}),
        ("invitation_has_link", {"token_digest": None}),
        (
            "invitation_to_send_has_moment",
            {"state": InvitationState.DECIDED, "next_try_at": None},
        ),
        ("invitation_sent_has_moments", {"sent_at": None}),
        ("invitation_sent_has_moments", {"expires_at": None}),
        ("invitation_answered_has_moment", {"state": InvitationState.ANSWERED}),
    ],
)
def test_invitation_refuses(market: Market, guard: str, change: dict[str, Any]) -> None:
    invitation = market.invitation()
    switch_guards(on=False)  # the constraints stay

    with refused_by(guard):
        Invitation.objects.filter(pk=invitation.pk).update(**change)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("field", ["closing", "seller", "query", "decided_at"])
def test_invitation_decision_stands(market: Market, other_market: Market, field: str) -> None:
    invitation = market.invitation()
    other = other_market.closing()
    changes = {
        "closing": other,
        "seller": other.seller,
        "query": other.query,
        "decided_at": NOON,
    }

    with refused_by("invitation_decision_stands"):
        Invitation.objects.filter(pk=invitation.pk).update(**{field: changes[field]})


@pytest.mark.usefixtures("owner_db")
def test_invitation_cannot_be_deleted(market: Market) -> None:
    market.invitation()

    with refused_by("invitation_stays"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM surveys_invitation")

    assert Invitation.objects.exists()


def test_invitation_is_one_per_closing(market: Market) -> None:
    invitation = market.invitation()
    twin = {
        field: getattr(invitation, field)
        for field in ("closing", "seller", "customer", "query", "language", "decided_at")
    }

    with refused_by("surveys_invitation_closing_id_key"):
        Invitation.objects.create(
            **twin, state=InvitationState.SUPPRESSED, reason=SuppressionReason.DISABLED
        )


@pytest.mark.parametrize(
    ("moment", "expired"),
    [
        pytest.param(timedelta(days=14) - timedelta(seconds=1), False, id="last second"),
        pytest.param(timedelta(days=14), True, id="end of the window"),
    ],
)
def test_invitation_expires(market: Market, moment: timedelta, expired: bool) -> None:
    invitation = market.invitation()

    assert invitation.is_expired(now=NOON + timedelta(hours=24) + moment) is expired


# The measurement


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("response_score_in_range", {"score": 11}),
        ("response_month_is_first_day", {"month": date(2026, 3, 2)}),
    ],
)
def test_response_refuses(market: Market, guard: str, change: dict[str, Any]) -> None:
    invitation = market.invitation()
    fields: dict[str, Any] = {
        "invitation": invitation,
        "seller": invitation.seller,
        "query": invitation.query,
        "closed_by": ActorType.SELLER,
        "score": 7,
        "submitted_at": NOON,
        "month": MARCH,
    }
    switch_guards(on=False)  # the constraints stay

    with refused_by(guard):
        SurveyResponse.objects.create(**fields | change)


def test_response_must_be_about_the_shop_and_query_of_its_invitation(
    market: Market, other_market: Market
) -> None:
    invitation, other = market.invitation(), other_market.invitation()

    with refused_by("response_matches_invitation"):
        SurveyResponse.objects.create(
            invitation=invitation,
            seller=other.seller,
            query=other.query,
            closed_by=ActorType.SELLER,
            score=7,
            submitted_at=NOON,
            month=MARCH,
        )
    with refused_by("response_matches_invitation"):
        SurveyResponse.objects.create(
            invitation=invitation,
            seller=invitation.seller,
            query=invitation.query,
            closed_by=ActorType.MARKETPLACE,
            score=7,
            submitted_at=NOON,
            month=MARCH,
        )


@pytest.mark.usefixtures("owner_db")
def test_response_is_never_about_what_the_system_closed(market: Market) -> None:
    closing = market.closing(closed_by=ActorType.SYSTEM)
    invitation = Invitation.objects.create(
        closing=closing,
        seller=closing.seller,
        customer=closing.customer,
        query=closing.query,
        language="en",
        state=InvitationState.SUPPRESSED,
        reason=SuppressionReason.SYSTEM_CLOSED,
        decided_at=NOON,
    )
    switch_guards(on=False)  # the constraints stay

    with refused_by("response_closed_by_a_person"):
        SurveyResponse.objects.create(
            invitation=invitation,
            seller=closing.seller,
            query=closing.query,
            closed_by=ActorType.SYSTEM,
            score=7,
            submitted_at=NOON,
            month=MARCH,
        )


def test_response_is_one_per_invitation(response: SurveyResponse) -> None:
    with refused_by("surveys_surveyresponse_invitation_id_key"):
        SurveyResponse.objects.create(
            invitation=response.invitation,
            seller=response.seller,
            query=response.query,
            closed_by=ActorType.SELLER,
            score=10,
            submitted_at=response.submitted_at,
            month=MARCH,
        )


FINAL = ["invitation", "seller", "query", "closed_by", "score", "submitted_at", "month"]


def _other_values(response: SurveyResponse, other: SurveyResponse) -> dict[str, Any]:
    """Return another value for everything that never changes."""
    return {
        "invitation": other.invitation,
        "seller": other.seller,
        "query": other.query,
        "closed_by": ActorType.MARKETPLACE,
        "score": 10,
        "submitted_at": response.submitted_at + timedelta(seconds=1),
        "month": date(2026, 4, 1),
    }


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("field", FINAL)
def test_response_never_changes_by_save(
    response: SurveyResponse, other: SurveyResponse, field: str
) -> None:
    setattr(response, field, _other_values(response, other)[field])

    with refused_by("response_never_changes"):
        response.save()


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("field", FINAL)
def test_response_never_changes_by_update(
    response: SurveyResponse, other: SurveyResponse, field: str
) -> None:
    change = {field: _other_values(response, other)[field]}

    with refused_by("response_never_changes"):
        SurveyResponse.objects.filter(pk=response.pk).update(**change)


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("field", FINAL)
def test_response_never_changes_by_raw_sql(
    response: SurveyResponse, other: SurveyResponse, field: str
) -> None:
    column = SurveyResponse._meta.get_field(field).column
    value = _other_values(response, other)[field]
    value = getattr(value, "pk", value)

    with refused_by("response_never_changes"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE surveys_surveyresponse SET {column} = %s", [value])  # noqa: S608

    assert SurveyResponse.objects.get(pk=response.pk).score == 3


@pytest.mark.parametrize(
    ("field", "said", "rewritten", "emptied"),
    [
        pytest.param("reason", "It never came.", "Lovely!", "", id="the reason is rewritten"),
        pytest.param("reason", "", "Lovely!", "", id="a reason is added"),
        pytest.param("may_contact", True, False, None, id="the leave to contact is withdrawn"),
        pytest.param("may_contact", False, True, None, id="the leave to contact is given"),
        pytest.param("may_contact", None, True, None, id="leave to contact is made up"),
    ],
)
def test_words_are_emptied_and_never_rewritten(
    market: Market, field: str, said: object, rewritten: object, emptied: object
) -> None:
    words: dict[str, Any] = {"reason": "", "may_contact": None} | {field: said}
    answers.submit(
        market.invitation().token_digest,
        score=3,
        topics=[],
        opened_at=None,
        by=Actor.CUSTOMER,
        now=NOON + timedelta(days=2),
        **words,
    )

    with refused_by("response_words_only_emptied"):
        SurveyResponse.objects.update(**{field: rewritten})
    SurveyResponse.objects.update(**{field: emptied})

    assert SurveyResponse.objects.values_list(field, flat=True).get() == emptied


def _delete_object(response: SurveyResponse) -> None:
    response.delete()


def _delete_queryset(response: SurveyResponse) -> None:
    SurveyResponse.objects.filter(pk=response.pk).delete()


def _delete_raw(response: SurveyResponse) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM surveys_surveyresponse WHERE id = %s", [response.pk])


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("delete", [_delete_object, _delete_queryset, _delete_raw])
def test_response_cannot_be_deleted(
    market: Market, delete: Callable[[SurveyResponse], None]
) -> None:
    response = market.response(9)  # a low one is kept by its task too

    with refused_by("response_stays"):
        delete(response)

    assert SurveyResponse.objects.get().score == 9


@pytest.mark.usefixtures("owner_db")
def test_responses_cannot_be_truncated(response: SurveyResponse) -> None:
    with refused_by("responses_stay"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE surveys_surveyresponse CASCADE")

    assert SurveyResponse.objects.get().score == 3


@pytest.mark.usefixtures("owner_db")
def test_topics_of_responses_cannot_be_truncated(response: SurveyResponse) -> None:
    topics = response.topics.count()

    with refused_by("response_topics_stay"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE surveys_responsetopic")

    assert response.topics.count() == topics


def test_response_text_can_be_emptied(response: SurveyResponse) -> None:
    response.reason, response.may_contact = "", None
    response.save(update_fields=["reason", "may_contact"])

    response.refresh_from_db()
    assert (response.score, response.reason) == (3, "")


def test_response_topic_is_once(response: SurveyResponse) -> None:
    with refused_by("response_topic_once"):
        response.response_topics.create(topic=Topic.objects.get(slug="speed"))


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM surveys_responsetopic",
        "UPDATE surveys_responsetopic SET topic_id = topic_id + 1",
    ],
    ids=["delete", "update"],
)
def test_response_topic_stays(response: SurveyResponse, statement: str) -> None:
    with refused_by("response_topic_stays"), connection.cursor() as cursor:
        cursor.execute(statement)

    assert ResponseTopic.objects.get().topic.slug == "speed"


@pytest.fixture
def staff_browser(client: Client) -> Client:
    """The browser of a member of staff who may do all there is to do."""
    staff = User.objects.create_superuser("staff@markt.example", name="Staff", language="en")
    client.force_login(staff)
    return client


def test_response_page_in_the_admin_has_no_form(
    response: SurveyResponse, staff_browser: Client
) -> None:
    url = reverse("admin:surveys_surveyresponse_change", args=[response.pk])

    page = staff_browser.get(url)

    assert "It never came." in page.content.decode()
    assert 'name="score"' not in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


@pytest.mark.parametrize("page", ["change", "delete"])
def test_response_page_in_the_admin_refuses_a_post(
    response: SurveyResponse, staff_browser: Client, page: str
) -> None:
    url = reverse(f"admin:surveys_surveyresponse_{page}", args=[response.pk])

    refusal = staff_browser.post(url, {"score": 10, "post": "yes"})

    assert refusal.status_code == 403
    assert SurveyResponse.objects.get().score == 3


def test_responses_cannot_be_added_or_deleted_by_staff_with_every_permission(
    response: SurveyResponse, client: Client
) -> None:
    staff = User.objects.create_user("desk@markt.example", name="Desk", is_staff=True)
    staff.user_permissions.set(Permission.objects.all())
    client.force_login(staff)

    adding = client.get(reverse("admin:surveys_surveyresponse_add"))
    deleting = client.post(
        reverse("admin:surveys_surveyresponse_changelist"),
        {"action": "delete_selected", "_selected_action": response.pk, "post": "yes"},
    )

    assert adding.status_code == 403
    assert "delete_selected" not in deleting.content.decode()
    assert SurveyResponse.objects.get() == response


# Counting


@pytest.mark.parametrize("score", range(11))
def test_tally_in_sql_agrees_with_the_bands(market: Market, score: int) -> None:
    market.response(score)
    responses = SurveyResponse.objects.for_seller(market.shop)

    assert responses.tally() == Tally.from_scores({score: 1})
    assert responses.tally().count(band(score)) == 1
    assert responses.answers_by_month() == {MARCH: {((), score): 1}}
    for each in Band:
        assert responses.in_band(each).exists() is (each == band(score))


def test_response_band_is_derived(response: SurveyResponse, other: SurveyResponse) -> None:
    assert (response.band, other.band) == (Band.DETRACTOR, Band.PROMOTER)


@pytest.mark.parametrize("seed", [1, 2])
def test_tally_in_sql_agrees_for_any_histogram(market: Market, seed: int) -> None:
    scores = Random(seed).choices(range(11), k=25)
    for score in scores:
        market.response(score)
    responses = SurveyResponse.objects.for_seller(market.shop)

    assert responses.tally() == Tally.from_scores(Counter(scores))
    assert responses.answers_by_month() == {
        MARCH: {((), score): count for score, count in Counter(scores).items()}
    }


def test_tally_of_no_responses_is_empty(fietsenzo: Seller) -> None:
    responses = SurveyResponse.objects.for_seller(fietsenzo)

    assert responses.tally() == Tally()
    assert responses.tally().nps is None
    assert responses.answers_by_month() == {}


def test_responses_of_another_shop_are_left_out(
    response: SurveyResponse, other: SurveyResponse
) -> None:
    assert list(SurveyResponse.objects.for_seller(response.seller)) == [response]
    assert list(SurveyResponse.objects.for_seller(other.seller)) == [other]


def test_responses_to_what_the_marketplace_closed_do_not_count(market: Market) -> None:
    market.response(0, closed_by=ActorType.MARKETPLACE)

    assert SurveyResponse.objects.filter(seller=market.shop).count() == 1
    assert SurveyResponse.objects.for_seller(market.shop).tally() == Tally()


@pytest.mark.usefixtures("owner_db")
def test_month_counts_are_answered_from_the_index_alone(market: Market) -> None:
    # Two years with 100 measurements a month: with a handful, any index is as cheap.
    for month in months_back(MARCH, 24):
        moment = datetime(month.year, month.month, 15, tzinfo=UTC)
        imported(market.shop, *(number % 11 for number in range(100)), submitted_at=moment)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE surveys_surveyresponse")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    responses = SurveyResponse.objects.for_seller(market.shop).in_months(MARCH, MARCH)

    plan = responses.values_list("month", "score").annotate(Count("score")).order_by().explain()

    assert "Index Only Scan using response_seller_month" in plan


# What was measured elsewhere


def one_imported(seller: Seller, **change: Any) -> SurveyResponse:
    fields: dict[str, Any] = {
        "seller": seller,
        "closed_by": ActorType.SELLER,
        "score": 7,
        "submitted_at": NOON,
        "month": MARCH,
        "external_id": "delighted-1",
        "imported_at": NOON,
    }
    with an_import(now=NOON) as batch_pk:
        return SurveyResponse.objects.create(**{**fields, "batch_id": batch_pk, **change})


def test_imported_response_needs_no_invitation(fietsenzo: Seller) -> None:
    one_imported(fietsenzo)

    assert SurveyResponse.objects.for_seller(fietsenzo).tally().passives == 1


@pytest.mark.parametrize("change", [{"external_id": ""}, {"imported_at": None}, {"batch_id": None}])
def test_response_is_either_invited_or_imported(fietsenzo: Seller, change: dict[str, Any]) -> None:
    with refused_by("response_invited_or_imported"):
        one_imported(fietsenzo, **change)


def test_response_is_imported_once_per_shop(fietsenzo: Seller, other_shop: Seller) -> None:
    one_imported(fietsenzo)
    one_imported(other_shop)

    with refused_by("response_imported_once"):
        one_imported(fietsenzo, score=9)


# The rules


def test_policy_that_holds_cannot_change(db: None) -> None:
    with refused_by("policy_in_force_never_changes"):
        SurveyPolicy.objects.update(enabled=False)
    with refused_by("policy_in_force_stays"):
        SurveyPolicy.objects.all().delete()

    assert SurveyPolicy.objects.get().enabled


def test_policy_that_does_not_hold_yet_may_change(db: None) -> None:
    later = SurveyPolicy.objects.create(valid_from=timezone.now() + timedelta(days=1))

    SurveyPolicy.objects.filter(pk=later.pk).update(enabled=False)
    later.delete()

    assert SurveyPolicy.objects.count() == 1


def test_policies_begin_at_different_moments(db: None) -> None:
    later = timezone.now() + timedelta(days=1)
    SurveyPolicy.objects.create(valid_from=later)

    with refused_by("policy_one_per_moment"):
        SurveyPolicy.objects.create(valid_from=later)


@pytest.mark.parametrize("field", ["delay", "cooldown", "stale_after", "answer_window"])
def test_policy_has_no_negative_times(db: None, field: str) -> None:
    with refused_by("policy_times_not_negative"):
        SurveyPolicy.objects.create(
            valid_from=timezone.now() + timedelta(days=1), **{field: timedelta(seconds=-1)}
        )


def test_response_is_named_by_its_day_in_the_marketplace(market: Market) -> None:
    response = market.response(9, submitted_at=datetime(2026, 9, 30, 23, 13, tzinfo=UTC))

    assert (str(response), response.month) == ("9 · 2026-10-01", date(2026, 10, 1))

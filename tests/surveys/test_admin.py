"""What staff note of customers, and what they see of robots."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from time_machine import travel

from queries.models import Customer
from sellers.events import Actor
from sellers.models import Event, User
from surveys import answers
from surveys.enums import SurveyEvent
from surveys.models import SurveyOptOut, SurveyPolicy, Topic
from tests.conftest import NOON, Market, text
from tests.surveys.conftest import link


def browser_of(*permissions: str) -> Client:
    """Return the browser of one of the staff who may do just this."""
    user = User.objects.create_user(
        "staff@markt.example", name="Staff", language="en", is_staff=True
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.force_login(user)
    return browser


def text_with_plain_spaces(page: HttpResponse) -> str:
    """Return a page as people read it, also where Django keeps a number beside its unit."""
    return text(page).replace("\xa0", " ")


def test_opt_out_noted_by_staff_leaves_no_name_behind(admin_s: Client, customer: Customer) -> None:
    admin_s.post(reverse("admin:surveys_surveyoptout_add"), {"customer": customer.pk})

    assert LogEntry.objects.get().object_repr == f"#{customer.pk}"


def test_opt_out_noted_by_staff_is_written_as_theirs(admin_s: Client, customer: Customer) -> None:
    with travel(NOON, tick=False):
        admin_s.post(reverse("admin:surveys_surveyoptout_add"), {"customer": customer.pk})

    assert SurveyOptOut.objects.values_list("customer", "opted_out_at").get() == (customer.pk, NOON)
    event = Event.objects.get()
    assert (event.kind, event.at, event.seller) == (SurveyEvent.OPTED_OUT, NOON, None)
    assert (event.object_label, event.object_pk) == ("queries.Customer", customer.pk)
    assert event.user == User.objects.get(email="staff@markt.example")


POLICY = {
    "valid_from_0": "2027-01-01",
    "valid_from_1": "00:00:00",
    "enabled": "on",
    "delay": "2 00:00:00",
    "cooldown": "30 00:00:00",
    "answer_window": "14 00:00:00",
    "stale_after": "7 00:00:00",
    "note": "The courier is slow in winter",
}


def test_rules_that_staff_set_are_written(db: None) -> None:
    browser = browser_of(*[f"{verb}_surveypolicy" for verb in ("add", "change", "delete", "view")])

    with travel(NOON, tick=False):
        browser.post(reverse("admin:surveys_surveypolicy_add"), POLICY)
        policy = SurveyPolicy.objects.latest("pk")
        page = reverse("admin:surveys_surveypolicy_change", args=[policy.pk])
        browser.post(page, POLICY | {"delay": "3 00:00:00", "note": "Very slow"})
        url = reverse("admin:surveys_surveypolicy_delete", args=[policy.pk])
        browser.post(url, {"post": "yes"})

    created, changed, deleted = Event.objects.order_by("pk")
    assert created.kind == SurveyEvent.POLICY_CREATED
    assert created.details["changes"]["delay"] == [None, "P2DT00H00M00S"]
    assert changed.kind == SurveyEvent.POLICY_CHANGED
    assert changed.details == {
        "changes": {"delay": ["P2DT00H00M00S", "P3DT00H00M00S"], "note": None}
    }
    assert (deleted.kind, deleted.object_pk) == (SurveyEvent.POLICY_DELETED, policy.pk)


def test_topic_that_a_customer_ticked_keeps_its_name(market: Market) -> None:
    topic = Topic.objects.get(slug="speed")
    answers.submit(
        market.invitation().token_digest,
        score=9,
        reason="",
        topics=[topic],
        may_contact=None,
        opened_at=None,
        by=Actor.CUSTOMER,
        now=NOON + timedelta(days=2),
    )
    browser = browser_of(*[f"{verb}_topic" for verb in ("add", "change", "delete", "view")])
    page = reverse("admin:surveys_topic_change", args=[topic.pk])

    shown = browser.get(page)
    browser.post(page, {"slug": "price", "label_en": "Price", "label_nl": "Prijs", "position": "9"})

    assert "Customers ticked this topic, so it keeps its name." in text(shown)
    stored = Topic.objects.get(pk=topic.pk)
    assert (stored.slug, stored.label_en, stored.position) == ("speed", topic.label_en, 9)


def test_topics_that_staff_change_are_written(db: None) -> None:
    browser = browser_of(*[f"{verb}_topic" for verb in ("add", "change", "delete", "view")])
    topic = {"slug": "colour", "label_nl": "Kleur", "label_en": "Colour", "position": "7"}

    browser.post(reverse("admin:surveys_topic_add"), topic)
    stored = Topic.objects.get(slug="colour")
    page = reverse("admin:surveys_topic_change", args=[stored.pk])
    browser.post(page, topic | {"retired_on": "2026-03-10"})
    browser.post(page, topic | {"retired_on": "2026-03-10"})  # once more, for nothing
    browser.post(
        reverse("admin:surveys_topic_changelist"),
        {"action": "delete_selected", "_selected_action": [stored.pk], "post": "yes"},
    )

    events = Event.objects.filter(object_label="surveys.Topic", object_pk=stored.pk)
    assert list(events.order_by("pk").values_list("kind", "details")) == [
        (
            SurveyEvent.TOPIC_CREATED,
            {
                "changes": {
                    "slug": [None, "colour"],
                    "label_nl": [None, "Kleur"],
                    "label_en": [None, "Colour"],
                    "position": [None, 7],
                }
            },
        ),
        (SurveyEvent.TOPIC_CHANGED, {"changes": {"retired_on": [None, "2026-03-10"]}}),
        (SurveyEvent.TOPIC_DELETED, {}),
    ]


@pytest.fixture
def admin_s(db: None) -> Client:
    """The browser of one of the staff who may note an opt-out."""
    return browser_of("add_surveyoptout", "view_surveyoptout", "view_customer")


@pytest.fixture
def watcher_s(db: None) -> Client:
    """The browser of one of the staff who may look at invitations."""
    return browser_of("view_invitation")


@pytest.mark.parametrize(
    ("opened_after", "expected"),
    [
        pytest.param(timedelta(0), "opened 0 minutes after sending", id="at once"),
        pytest.param(
            timedelta(hours=2, minutes=14),
            "opened 2 hours, 14 minutes after sending",
            id="the same day",
        ),
        pytest.param(timedelta(days=13), "opened 1 week, 6 days after sending", id="late"),
        pytest.param(None, "answered without the form page being loaded", id="never"),
    ],
)
@pytest.mark.parametrize("page", ["changelist", "change"])
def test_staff_see_when_the_form_was_opened_and_sellers_do_not(
    client: Client,
    watcher_s: Client,
    market: Market,
    alice: User,
    page: str,
    opened_after: timedelta | None,
    expected: str,
) -> None:
    invitation = market.invitation()
    assert invitation.sent_at
    typed = {"score": "9"}
    if opened_after is not None:
        with travel(invitation.sent_at + opened_after, tick=False):
            typed["shown"] = client.get(link(invitation)).context["form"]["shown"].value()
    with travel(invitation.sent_at + timedelta(days=13, hours=1), tick=False):
        client.post(link(invitation), typed)
    arguments = [invitation.pk] if page == "change" else []

    client.force_login(alice)
    seller_s = client.get(reverse("surveys_seller:query_survey", args=[invitation.query_id]))
    staff_s = watcher_s.get(reverse(f"admin:surveys_invitation_{page}", args=arguments))

    assert expected in text_with_plain_spaces(staff_s)
    assert "Answered" in text_with_plain_spaces(seller_s)
    assert "opened" not in text_with_plain_spaces(seller_s)
    assert "form page" not in text_with_plain_spaces(seller_s)


def test_nothing_is_shown_of_a_form_before_the_answer(
    client: Client, watcher_s: Client, market: Market
) -> None:
    invitation = market.invitation()
    assert invitation.sent_at
    with travel(invitation.sent_at + timedelta(hours=1), tick=False):
        client.get(link(invitation))

    page = watcher_s.get(reverse("admin:surveys_invitation_changelist"))

    assert "Where is my parcel?" in text_with_plain_spaces(page)
    assert "after sending" not in text_with_plain_spaces(page)
    assert "without the form" not in text_with_plain_spaces(page)


def test_answers_without_a_form_are_found(watcher_s: Client, market: Market) -> None:
    by_robot = market.response(9)
    answers.submit(
        market.invitation().token_digest,
        score=9,
        reason="",
        topics=[],
        may_contact=None,
        opened_at=NOON,
        by=Actor.CUSTOMER,
        now=NOON + timedelta(days=2),
    )

    page = watcher_s.get(
        reverse("admin:surveys_invitation_changelist"),
        {"state": "answered", "opened_at__isempty": "1"},
    )

    assert [found.response for found in page.context["cl"].queryset] == [by_robot]

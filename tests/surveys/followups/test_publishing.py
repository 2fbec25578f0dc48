"""Staff publish playbooks: a version more, for the tasks that open from then on."""

import pytest
from django.test import Client
from django.urls import reverse

from sellers.events import Actor
from sellers.models import Event
from surveys.enums import FollowUpEvent
from surveys.followups.playbooks import NoSteps, NothingChanged, StepText, publish, texts_of
from surveys.models import FollowUp, Playbook
from tests.conftest import NOON, Market, at_once, text

CALL = StepText("Bel", "Call", "Vandaag", "Today", is_contact=True)
THANK = StepText("Bedank", "Thank them")
CHANGELIST = reverse("admin:surveys_playbook_changelist")


def held(score: int) -> Playbook:
    return Playbook.objects.newest().get(score=score)


def test_next_version_holds_for_tasks_that_open_later(
    market: Market, followup: FollowUp, by_staff: Actor
) -> None:
    published = publish(
        4, intro_nl="Kort", intro_en="Short", steps=[CALL, THANK], by=by_staff, now=NOON
    )

    followup.refresh_from_db()
    assert (published.version, published.published_by) == (2, by_staff.account)
    assert texts_of(published) == [CALL, THANK]
    assert followup.playbook.version == 1
    assert market.response(4).followup.playbook == published
    assert market.response(5).followup.playbook.version == 1


def test_publishing_is_an_event(by_staff: Actor) -> None:
    published = publish(0, intro_nl="Kort", intro_en="Short", steps=[CALL], by=by_staff, now=NOON)

    event = Event.objects.get(kind=FollowUpEvent.PLAYBOOK_PUBLISHED)
    assert (event.object_pk, event.user, event.seller) == (published.pk, by_staff.account, None)
    assert event.details == {"score": 0, "version": 2}


def test_the_same_is_not_published(by_staff: Actor) -> None:
    playbook = held(3)
    same = {"intro_nl": playbook.intro_nl, "intro_en": playbook.intro_en}

    with pytest.raises(NothingChanged):
        publish(3, **same, steps=texts_of(playbook), by=by_staff, now=NOON)
    with pytest.raises(NoSteps):
        publish(3, **same, steps=[], by=by_staff, now=NOON)

    assert held(3) == playbook


def test_other_order_is_another_version(by_staff: Actor) -> None:
    playbook = held(3)

    published = publish(
        3,
        intro_nl=playbook.intro_nl,
        intro_en=playbook.intro_en,
        steps=texts_of(playbook)[::-1],
        by=by_staff,
        now=NOON,
    )

    assert published.version == 2


def test_two_who_publish_at_once_make_two_versions(committed_db: None, by_staff: Actor) -> None:
    def one(intro: str) -> Playbook:
        return publish(2, intro_nl=intro, intro_en=intro, steps=[CALL], by=by_staff, now=NOON)

    published = at_once(lambda: one("Kort"), lambda: one("Korter"))

    assert {each.version for each in published} == {2, 3}


# The admin


def posted(*steps: StepText, **more: str) -> dict[str, str]:
    """Return what a browser sends of the page that publishes."""
    given = {"steps-TOTAL_FORMS": str(len(steps)), "steps-INITIAL_FORMS": "0"}
    for number, step in enumerate(steps):
        for name, said in step._asdict().items():
            if said:
                given[f"steps-{number}-{name}"] = "on" if said is True else said
        given[f"steps-{number}-ORDER"] = str(number + 1)
    return {"intro_nl": "Kort", "intro_en": "Short", **given, **more}


def url(score: int) -> str:
    return reverse("admin:publish_playbook", args=[score])


def test_page_begins_with_the_version_that_holds(staff_s: Client) -> None:
    page = staff_s.get(url(6)).content.decode()

    assert held(6).intro_en in page
    for step in texts_of(held(6)):
        assert f'value="{step.label_nl}"' in page


def test_staff_publish_in_the_order_that_they_say(staff_s: Client) -> None:
    page = staff_s.post(url(6), posted(THANK, CALL, **{"steps-0-ORDER": "3"}), follow=True)

    assert "Published: version 2 holds" in text(page)
    assert texts_of(held(6)) == [CALL, THANK]


def test_step_that_is_struck_out_is_not_published(staff_s: Client) -> None:
    staff_s.post(url(6), posted(THANK, CALL, **{"steps-0-DELETE": "on"}))

    assert texts_of(held(6)) == [CALL]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        pytest.param(posted(), "A playbook has at least one step.", id="no steps"),
        pytest.param(posted(THANK, intro_nl=""), "This field is required.", id="no introduction"),
        pytest.param(
            posted(StepText("Bel", "")), "This field is required.", id="one language only"
        ),
    ],
)
def test_what_cannot_be_published_comes_back(
    given: dict[str, str], sentence: str, staff_s: Client
) -> None:
    page = staff_s.post(url(6), given)

    assert page.status_code == 422
    assert sentence in text(page)
    assert held(6).version == 1


def test_nothing_changed_is_said(staff_s: Client) -> None:
    playbook = held(6)
    same = posted(*texts_of(playbook), intro_nl=playbook.intro_nl, intro_en=playbook.intro_en)

    page = staff_s.post(url(6), same)

    assert "Nothing was changed, so nothing was published." in text(page)
    assert held(6) == playbook


def test_no_playbook_for_a_passive(staff_s: Client) -> None:
    assert staff_s.get(url(7)).status_code == 404


def test_version_leads_to_the_next_one(staff_s: Client) -> None:
    page = staff_s.get(reverse("admin:surveys_playbook_change", args=[held(6).pk]))

    assert url(6) in page.content.decode()
    assert "Publish the next version" in text(page)
    assert staff_s.get(CHANGELIST).status_code == 200


def test_who_may_not_add_playbooks_publishes_none(client: Client, by_staff: Actor) -> None:
    user = by_staff.account
    assert user
    user.is_superuser = False
    user.is_staff = True
    user.save()
    client.force_login(user)

    assert client.post(url(6), posted(THANK)).status_code == 403
    assert held(6).version == 1


def test_staff_read_the_tasks_of_shops(staff_s: Client, followup: FollowUp) -> None:
    listed = staff_s.get(reverse("admin:surveys_followup_changelist"))
    shown = staff_s.get(reverse("admin:surveys_followup_change", args=[followup.pk]))

    assert "Fietsenzo" in text(listed)
    assert shown.status_code == 200
    assert 'name="_save"' not in shown.content.decode()

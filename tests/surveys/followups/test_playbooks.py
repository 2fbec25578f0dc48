"""The playbooks: seven from the start, in both languages, in versions that never change."""

import pytest
from django.utils import translation

from surveys.models import Playbook, PlaybookStep
from tests.conftest import NOON, Market, refused_by

pytestmark = pytest.mark.django_db


def test_there_is_one_for_each_low_score_from_the_start() -> None:
    playbooks = Playbook.objects.newest().with_steps()

    assert [playbook.score for playbook in playbooks] == list(range(7))
    for playbook in playbooks:
        steps = list(playbook.steps.all())
        assert [step.position for step in steps] == list(range(1, len(steps) + 1))
        assert sum(step.is_contact for step in steps) == 1


def test_compensation_is_one_and_the_same_step_in_all_and_no_step_asks_for_a_score() -> None:
    steps = PlaybookStep.objects.filter(label_en__startswith="Make up for")
    assert steps.count() == 7
    assert steps.values("label_nl", "label_en", "hint_nl", "hint_en").distinct().count() == 1

    labels = PlaybookStep.objects.values_list("label_en", flat=True)
    assert not [label for label in labels if "score" in label or "review" in label]


@pytest.mark.parametrize(
    ("score", "apologises", "comes_back"),
    [
        (0, True, False),
        (1, True, True),
        (4, True, True),
        (5, False, True),
        (6, False, True),
    ],
)
def test_steps_are_those_of_the_score(score: int, apologises: bool, comes_back: bool) -> None:
    labels = list(
        PlaybookStep.objects.filter(playbook__score=score).values_list("label_en", flat=True)
    )

    assert ("Apologise" in labels) is apologises
    assert any(label.startswith("Inform the account contact") for label in labels) is comes_back
    assert "Thank them for being honest" in labels


def test_reader_gets_their_language() -> None:
    playbook = Playbook.objects.newest().with_steps()[6]
    step = playbook.steps.all()[0]

    with translation.override("nl"):
        assert (playbook.intro, step.label, step.hint) == (
            playbook.intro_nl,
            step.label_nl,
            step.hint_nl,
        )
    with translation.override("en"):
        assert (playbook.intro, step.label) == (playbook.intro_en, step.label_en)


def test_newest_version_holds() -> None:
    Playbook.objects.create(score=3, version=2, intro_nl="N", intro_en="E", published_at=NOON)

    versions = {each.score: each.version for each in Playbook.objects.newest()}

    assert versions == {0: 1, 1: 1, 2: 1, 3: 2, 4: 1, 5: 1, 6: 1}


@pytest.mark.usefixtures("owner_db")
def test_what_was_published_never_changes() -> None:
    playbook = Playbook.objects.get(score=4)
    fields = {"intro_nl": "N", "intro_en": "E", "published_at": NOON}

    with refused_by("playbook_never_changes"):
        Playbook.objects.filter(pk=playbook.pk).update(intro_en="Other")
    with refused_by("playbook_step_never_changes"):
        playbook.steps.update(label_en="Other")
    with refused_by("playbook_version_once"):
        Playbook.objects.create(score=4, version=1, **fields)
    with refused_by("playbook_of_a_low_score"):
        Playbook.objects.create(score=7, version=1, **fields)
    with refused_by("playbook_in_both_languages"):
        Playbook.objects.create(score=4, version=2, **fields | {"intro_nl": ""})
    with refused_by("playbook_step_in_order"):
        PlaybookStep.objects.create(playbook=playbook, position=1, label_nl="N", label_en="E")
    with refused_by("playbook_step_in_both_languages"):
        PlaybookStep.objects.create(playbook=playbook, position=99, label_nl="N")


def test_version_gets_no_steps_once_a_task_opened_with_it(market: Market) -> None:
    playbook = market.response(4).followup.playbook

    with refused_by("playbook_step_before_its_tasks"):
        PlaybookStep.objects.create(
            playbook=playbook, position=20, label_nl="Bel nog eens", label_en="Call again"
        )

"""The pages of following up: the list with one task beside it, the lessons, and what came back."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from insights.reports import followups as report
from insights.views import typed_words
from queries.customer_mail import hold_back
from queries.enums import QueryEvent
from queries.forms import FormKey
from queries.models import Message
from sellers.events import Actor, record
from sellers.models import User
from surveys import exclusions
from surveys.enums import CallOutcome, ContactKind, FollowUpState
from surveys.followups import working
from surveys.models import FollowUp, SurveyResponse
from tests.conftest import Market, at_once
from tests.insights.followups.conftest import NOW, NewTask

LIST = "/queries/nps/follow-up/"
LESSONS = f"{LIST}lessons/"


def read(page: HttpResponse) -> str:
    """Return what a page says, in one line."""
    words = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(words).split())


def url(task: FollowUp, act: str = "") -> str:
    return f"{LIST}{task.pk}/{act}"


def boxes(page: HttpResponse, **typed: str) -> dict[str, str]:
    """Return what a browser sends of the form of a task."""
    found = re.search(r'name="form_key" value="([^"]+)"', page.content.decode())
    assert found
    return {"form_key": unescape(found[1])} | typed


def badge(page: HttpResponse) -> str:
    """Return the number of late tasks in the bar above a page."""
    found = re.search(r"data-late-count>([^<]+)<", page.content.decode())
    return found[1] if found else ""


def further(page: HttpResponse, rel: str) -> str:
    """Return where a list leads to, or nothing."""
    links = re.findall(r"<a [^>]*>", page.content.decode())
    found = [re.search(r'href="([^"]*)"', link) for link in links if f'rel="{rel}"' in link]
    return unescape(found[0][1]) if found and found[0] else ""


# The list


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_much_for_three_tasks_as_for_one(
    bob_s: Client, new_task: NewTask, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        new_task(reason=f"Reason {number}")

    with django_assert_num_queries(13):
        page = bob_s.get(LIST)

    assert read(page).count("Reason") == count


@pytest.mark.parametrize("count", [1, 3])
def test_task_asks_as_much_for_three_contacts_as_for_one(
    bob_s: Client,
    bob: User,
    task: FollowUp,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    by = Actor.user(bob)
    for number in range(count):
        now = NOW + timedelta(minutes=number)
        working.log_call(task, outcome=CallOutcome.SPOKEN, note="Asked.", by=by, now=now)

    with django_assert_num_queries(23):
        page = bob_s.get(url(task))

    assert read(page).count("Phone call: Spoken. Asked.") == count


def test_list_shows_what_presses(bob_s: Client, new_task: NewTask) -> None:
    new_task(1, reason="Three people, three stories.", submitted_at=NOW - timedelta(hours=27))
    new_task(5, reason="", may_contact=False)

    said = read(bob_s.get(LIST))

    assert "3 h late" in said
    assert "Three people, three stories." in said
    assert "No explanation given" in said
    assert "wants no contact" in said
    assert "Open 2" in said


def test_badge_card_tile_and_list_agree(bob_s: Client, new_task: NewTask) -> None:
    for hours in (24, 30, 10):
        new_task(1, submitted_at=NOW - timedelta(hours=hours))
    new_task(4)

    tab, late, anywhere = (
        bob_s.get("/queries/nps/"),
        bob_s.get(f"{LIST}?part=late"),
        bob_s.get("/queries/"),
    )

    assert badge(tab) == badge(late) == badge(anywhere) == "2"
    assert "2 late" in read(tab)
    assert "2 unhappy customers wait too long" in read(tab)
    assert late.content.decode().count('class="task-row"') == 2
    assert "2 late 0 today 2 this week" in read(late)


def test_no_badge_without_late_tasks(bob_s: Client, task: FollowUp) -> None:
    page = bob_s.get("/queries/nps/")

    assert badge(page) == ""
    assert "1 unhappy customer is to be followed up" in read(page)


def test_tab_says_that_nothing_is_left(bob_s: Client, market: Market) -> None:
    market.response(10, submitted_at=NOW)

    assert "Nobody waits for you, and no topic costs you points." in read(
        bob_s.get("/queries/nps/")
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"mine", "nobody's"}),
        ("?part=mine", {"mine"}),
        ("?part=unassigned", {"nobody's"}),
        ("?score=1", {"nobody's"}),
        ("?state=resolved", {"resolved"}),
        ("?part=finished", {"resolved"}),
        ("?part=all", {"mine", "nobody's", "resolved"}),
        ("?since=2026-03-12&until=2026-03-12", {"mine", "nobody's", "resolved"}),
        ("?since=2026-03-13", set()),
        ("?until=2026-03-11", set()),
        ("?assignee=none", {"nobody's"}),
        ("?score=none&part=x", {"mine", "nobody's"}),
    ],
)
def test_list_is_narrowed(
    query: str, shown: set[str], bob_s: Client, bob: User, new_task: NewTask
) -> None:
    new_task(4, reason="mine")
    unassigned, resolved = new_task(1, reason="nobody's"), new_task(3, reason="resolved")
    by = Actor.user(bob)
    working.assign(unassigned, assignee=None, by=by, now=NOW)
    working.finish(resolved, state=FollowUpState.RESOLVED, note="So.", by=by, now=NOW)

    said = bob_s.get(LIST + query).content.decode()

    found = {unescape(words) for words in re.findall(r"<q[^>]*>([^<]*)</q>", said)}
    assert found == shown


@pytest.mark.parametrize("path", [LIST, LESSONS])
def test_lists_lead_further_and_back(
    path: str, bob_s: Client, bob: User, new_task: NewTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "ROWS_PER_PAGE", 1)
    tasks = [new_task(reason=f"Reason {number}") for number in range(2)]
    if path == LESSONS:
        for task in tasks:
            said = {"note": "Lost.", "lesson": "Reason"}
            state = FollowUpState.NOT_RECOVERABLE
            working.finish(task, state=state, **said, by=Actor.user(bob), now=NOW)

    first = bob_s.get(path)
    second = bob_s.get(f"{path}?{further(first, 'next').rpartition('?')[2]}")
    back = bob_s.get(f"{path}?{further(second, 'prev').rpartition('?')[2]}")

    said = [read(page).count("Reason") for page in (first, second, back)]
    assert said == [1, 1, 1]
    assert further(first, "prev") == further(second, "next") == further(back, "prev") == ""
    assert further(back, "next") == further(first, "next")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Nobody is left to follow up"),
        ("?part=late", "Nobody waits too long"),
        ("?part=mine", "Nothing of yours is open"),
        ("?part=unassigned", "Each task is somebody’s"),
        ("?part=finished", "Nothing was followed up yet"),
        ("?score=3", "No task is like that"),
    ],
)
def test_empty_list_says_why(query: str, sentence: str, bob_s: Client, market: Market) -> None:
    assert sentence in read(bob_s.get(LIST + query))


def test_many_tasks_are_given_away_and_back(
    bob_s: Client, bob: User, alice: User, new_task: NewTask
) -> None:
    tasks = [new_task(4), new_task(5), new_task(6)]
    chosen = [str(task.pk) for task in tasks[:2]]

    page = bob_s.post(
        f"{LIST}bulk/?part=open",
        {"then": "assign", "followup": chosen, "assignee": alice.pk},
        follow=True,
    )
    given = [FollowUp.objects.get(pk=task.pk).assignee for task in tasks]
    undone = bob_s.post(f"{LIST}bulk/", {"then": "undo"}, follow=True)

    assert "2 tasks are assigned to Alice." in read(page)
    assert given == [alice, alice, bob]
    assert "Undone: 2 tasks are whose they were." in read(undone)
    assert {task.assignee for task in FollowUp.objects.all()} == {bob}


def test_undo_leaves_what_was_given_to_somebody_else_since(
    bob_s: Client, bob: User, alice: User, new_task: NewTask
) -> None:
    tasks = [new_task(4), new_task(5)]
    chosen = [str(task.pk) for task in tasks]
    bob_s.post(f"{LIST}bulk/", {"then": "assign", "followup": chosen, "assignee": alice.pk})
    working.assign(tasks[0], assignee=None, by=Actor.user(alice), now=NOW)

    bob_s.post(f"{LIST}bulk/", {"then": "undo"})

    assert [FollowUp.objects.get(pk=task.pk).assignee for task in tasks] == [None, bob]


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({"then": "assign"}, "Tick one or more tasks in the list first."),
        ({"then": "assign", "assignee": "0", "followup": "{pk}"}, "Choose somebody who may answer"),
        ({"then": "assign", "assignee": "{bob}", "followup": "{pk}"}, "it was so already"),
    ],
)
def test_what_cannot_be_assigned_is_said(
    posted: dict[str, str], sentence: str, bob_s: Client, bob: User, task: FollowUp
) -> None:
    filled = {name: said.format(pk=task.pk, bob=bob.pk) for name, said in posted.items()}

    page = bob_s.post(f"{LIST}bulk/", filled, follow=True)

    assert sentence in read(page)
    assert FollowUp.objects.get().assignee == bob


def test_tasks_of_another_shop_are_not_given_away(
    bob_s: Client, alice: User, other_market: Market
) -> None:
    theirs = FollowUp.objects.get(response=other_market.response(3))

    bob_s.post(f"{LIST}bulk/", {"then": "assign", "followup": str(theirs.pk), "assignee": alice.pk})

    assert FollowUp.objects.get().assignee == theirs.assignee


def test_download_is_the_list(bob_s: Client, bob: User, new_task: NewTask) -> None:
    new_task(1, reason="Only this")
    new_task(4, reason="Not this")

    page = bob_s.get("/queries/nps/download/followups.csv?score=1&dialect=program")

    rows = page.getvalue().decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "Only this" in rows[1]
    assert page.headers["Content-Disposition"].startswith('attachment; filename="nps-followups-')


# The task


def test_task_says_who_what_and_what_to_do(bob_s: Client, task: FollowUp) -> None:
    said = read(bob_s.get(url(task)))

    assert "Playbook for a 4 0 of 9" in said
    assert "May be contacted" in said
    assert "helped by Bob" in said
    assert "The outcome does not change the score." in said
    assert "The playbook for each score, 0 to 6" in said


def test_task_keeps_the_language_of_the_reader(bob_s: Client, task: FollowUp, bob: User) -> None:
    bob.language = "nl"
    bob.save()
    with translation.override("nl"):
        label = task.playbook.steps.get(position=1).label

    bob_s.cookies["django_language"] = "nl"

    assert label in read(bob_s.get(url(task)))


def test_step_is_ticked_and_unticked(bob_s: Client, task: FollowUp) -> None:
    step = task.playbook.steps.get(position=1)

    ticked = bob_s.post(url(task, "step/"), {"tick": step.pk}, follow=True)
    unticked = bob_s.post(url(task, "step/"), {"untick": step.pk}, follow=True)

    assert "1 of 9" in read(ticked)
    assert "Step of the playbook ticked Bob Find out what went wrong" in read(ticked)
    assert "0 of 9" in read(unticked)


def test_step_of_another_playbook_is_not_found(
    bob_s: Client, task: FollowUp, new_task: NewTask
) -> None:
    step = new_task(1).playbook.steps.get(position=1)

    assert bob_s.post(url(task, "step/"), {"tick": step.pk}).status_code == 404
    assert not task.ticks.exists()


def test_reply_is_sent_from_the_task_and_the_query_stays_closed(
    bob_s: Client, task: FollowUp
) -> None:
    typed = boxes(bob_s.get(url(task)), body="We send a new one today.", note="Half a note")

    page = bob_s.post(url(task, "reply/"), typed, follow=True)

    task.refresh_from_db()
    query = task.response.query
    assert query
    assert query.is_closed
    assert query.messages.latest("pk").body == "We send a new one today."
    assert task.state == FollowUpState.CONTACTED
    assert task.contacts.get().kind == ContactKind.REPLY
    assert "Your reply is on its way to the customer." in read(page)
    assert "Half a note" in page.content.decode()  # what was typed elsewhere is there
    assert "We send a new one today." not in page.content.decode()


def test_the_same_form_sends_once(bob_s: Client, task: FollowUp) -> None:
    typed = boxes(bob_s.get(url(task)), body="We send a new one today.")

    for _ in range(2):
        bob_s.post(url(task, "reply/"), typed)

    assert Message.objects.filter(body="We send a new one today.").count() == 1
    assert task.contacts.count() == 1


def test_advice_goes_with_the_reply(bob_s: Client, task: FollowUp) -> None:
    body = "It is on its way. Would you give us a 10?"
    typed = boxes(bob_s.get(url(task)), body=body, note="Kept")

    live = bob_s.post(url(task, "advice/"), {"body": body}, headers={"HX-Request": "true"})
    page = bob_s.post(
        url(task, "advice/"), typed | {"sentence": "Would you give us a 10?"}, follow=True
    )

    assert "asks for a score or review" in read(live)
    assert url(task, "advice/") in live.content.decode()
    assert "It is on its way.</textarea>" in page.content.decode()
    assert "Kept</textarea>" in page.content.decode()


@pytest.mark.parametrize(
    ("act", "typed", "sentence"),
    [
        ("reply/", {"note": "My note", "lesson": "My lesson"}, "Write your reply first."),
        ("call/", {"call_note": "My note", "body": "My reply"}, "Say what came of the call."),
        ("finish/", {"state": "resolved", "lesson": "My lesson"}, "a note is needed to finish"),
        ("finish/", {"note": "My note", "cause": "My cause"}, "Choose how it ended."),
        (
            "finish/",
            {"state": "not_recoverable", "note": "My note", "body": "My reply"},
            "Say what your team can learn from it.",
        ),
        (
            "finish/",
            {"state": "resolved", "note": "x" * 4_001, "promised": "My promise"},
            "at most 4000 characters",
        ),
    ],
)
def test_what_was_typed_comes_back_with_what_is_wrong(
    act: str, typed: dict[str, str], sentence: str, bob_s: Client, task: FollowUp
) -> None:
    page = bob_s.post(url(task, act), boxes(bob_s.get(url(task)), **typed))

    assert page.status_code == 422
    assert sentence in read(page)
    for name, words in typed.items():
        if name != "state":
            assert words in page.content.decode()
    task.refresh_from_db()
    assert task.state == FollowUpState.TO_DO


def test_ticking_a_step_keeps_what_was_typed(bob_s: Client, task: FollowUp) -> None:
    step = task.playbook.steps.get(position=1)
    typed = {"body": "Half a reply", "note": "Half a note", "cause": "The post"}

    page = bob_s.post(
        url(task, "step/"), boxes(bob_s.get(url(task)), **typed, tick=str(step.pk)), follow=True
    )

    for words in typed.values():
        assert words in page.content.decode()


def test_what_was_typed_is_not_shown_beside_another_task(
    bob_s: Client, task: FollowUp, new_task: NewTask
) -> None:
    bob_s.post(url(task, "keep/"), boxes(bob_s.get(url(task)), body="Half a reply"))

    assert "Half a reply" not in bob_s.get(url(new_task())).content.decode()
    assert "Half a reply" in bob_s.get(url(task)).content.decode()


def test_what_was_typed_stays_while_other_tasks_are_worked_on(
    bob_s: Client, task: FollowUp, new_task: NewTask
) -> None:
    other = new_task()
    bob_s.post(url(task, "keep/"), boxes(bob_s.get(url(task)), body="Half a reply"))

    bob_s.post(url(other, "keep/"), boxes(bob_s.get(url(other)), body="", note="", how="reply"))
    bob_s.post(url(other, "finish/"), boxes(bob_s.get(url(other)), state="resolved", note="Done."))

    assert "Half a reply</textarea>" in bob_s.get(url(task)).content.decode()


def test_words_about_the_latest_tasks_are_kept(
    bob_s: Client, new_task: NewTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_words, "SUBJECTS_MAX", 2)
    tasks = [new_task() for _ in range(3)]
    for number in (0, 1, 0, 2):
        typed = {"body": f"Half a reply {len(bob_s.session.get(typed_words.TYPED, {}))}"}
        bob_s.post(url(tasks[number], "keep/"), boxes(bob_s.get(url(tasks[number])), **typed))

    kept = ["Half a reply" in bob_s.get(url(task)).content.decode() for task in tasks]

    assert kept == [True, False, True]


def test_box_that_was_emptied_stays_empty(bob_s: Client, bob: User, task: FollowUp) -> None:
    by, step = Actor.user(bob), task.playbook.steps.get(position=1)
    state = FollowUpState.RESOLVED
    working.finish(task, state=state, note="A new one.", promised="A card", by=by, now=NOW)
    working.reopen(task, by=by, now=NOW)
    typed = {"note": "", "promised": "", "body": "", "tick": str(step.pk)}

    page = bob_s.post(url(task, "step/"), boxes(bob_s.get(url(task)), **typed), follow=True)

    assert "A new one.</textarea>" not in page.content.decode()
    assert 'value="A card"' not in page.content.decode()


def test_page_offers_to_write_where_the_action_would(
    bob_s: Client, bob: User, new_task: NewTask
) -> None:
    task, by = new_task(may_contact=None), Actor.user(bob)
    message = working.reply(task, body="Once.", by=by, now=NOW)
    hold_back(message)
    query = message.query
    withdrawn = QueryEvent.REPLY_WITHDRAWN
    record(withdrawn, query, seller_id=query.seller_id, by=by, now=NOW, message=message.pk)
    Message.objects.filter(pk=message.pk).update(withdrawn_at=NOW)

    page = bob_s.get(url(task))

    assert page.context["writes"] is False
    with pytest.raises(working.NotWanted):
        working.reply(task, body="Twice.", by=by, now=NOW)


def test_who_was_logged_out_gets_their_words_back(bob_s: Client, task: FollowUp) -> None:
    typed = boxes(bob_s.get(url(task)), note="My note", lesson="My lesson", body="My reply")
    bob_s.logout()

    page = bob_s.post(url(task, "finish/"), typed)

    assert page.status_code == 403
    for words in ("My note", "My lesson", "My reply"):
        assert words in read(page)


def test_call_is_recorded_and_ticks_its_step(bob_s: Client, task: FollowUp) -> None:
    typed = boxes(bob_s.get(url(task)), outcome="spoken", call_note="He gets a new one.")

    page = bob_s.post(url(task, "call/"), typed, follow=True)

    assert task.contacts.get().note == "He gets a new one."
    assert "1 of 9" in read(page)
    assert "Phone call: Spoken. He gets a new one." in read(page)


@pytest.mark.parametrize(
    ("may_contact", "has_reply", "has_call", "sentence"),
    [
        pytest.param(True, True, True, "May be contacted", id="allowed"),
        pytest.param(None, True, False, "you can write once", id="not said"),
        pytest.param(False, False, False, "does not want to be contacted", id="refused"),
    ],
)
def test_contact_is_what_the_customer_wants(
    may_contact: bool | None,
    has_reply: bool,
    has_call: bool,
    sentence: str,
    bob_s: Client,
    new_task: NewTask,
) -> None:
    task = new_task(may_contact=may_contact)

    page = bob_s.get(url(task)).content.decode()

    assert (url(task, "reply/") in page, url(task, "call/") in page) == (has_reply, has_call)
    assert sentence in page
    assert url(task, "finish/") in page


def test_second_reply_to_who_said_nothing_is_refused_and_its_words_are_kept(
    bob_s: Client, new_task: NewTask
) -> None:
    task = new_task(may_contact=None)
    page = bob_s.get(url(task))
    bob_s.post(url(task, "reply/"), boxes(page, body="Once."))
    query = task.response.query
    assert query
    key = FormKey.read(boxes(page))
    assert key

    refused = bob_s.post(url(task, "reply/"), boxes(page, body="Twice."), follow=True)

    assert "does not want to be contacted in this way" in read(refused)
    assert "Twice." in read(refused)
    assert query.messages.filter(body="Twice.").count() == 0


def test_task_ends_with_note_cause_and_lesson(bob_s: Client, task: FollowUp) -> None:
    typed = boxes(
        bob_s.get(url(task)),
        state="not_recoverable",
        note="She bought it elsewhere.",
        promised="Nothing",
        cause="Stock was wrong",
        lesson="Check the stock first.",
    )

    page = bob_s.post(url(task, "finish/"), typed, follow=True)

    task.refresh_from_db()
    assert (task.state, task.finished_at) == (FollowUpState.NOT_RECOVERABLE, NOW)
    assert (task.note, task.lesson) == (typed["note"], typed["lesson"])
    assert "Finished. The score stays what it is." in read(page)
    assert task.response.score == SurveyResponse.objects.get().score == 4
    assert "Check the stock first." in read(bob_s.get(LESSONS))


def test_finished_task_is_opened_again_with_what_was_written(
    bob_s: Client, bob: User, task: FollowUp
) -> None:
    by = Actor.user(bob)
    working.finish(task, state=FollowUpState.RESOLVED, note="A new one.", by=by, now=NOW)

    page = bob_s.post(url(task, "reopen/"), follow=True)

    task.refresh_from_db()
    assert task.state == FollowUpState.TO_DO
    assert "The task is open again." in read(page)
    assert "A new one.</textarea>" in page.content.decode()


def test_task_is_given_to_a_colleague(bob_s: Client, alice: User, task: FollowUp) -> None:
    page = bob_s.post(url(task, "assign/"), {"assignee": alice.pk}, follow=True)

    task.refresh_from_db()
    assert task.assignee == alice
    assert "1 task is assigned to Alice." in read(page)
    assert "Follow-up assigned Bob Alice" in read(page)


def test_who_is_late_reads_so_and_keeps_the_words(
    bob_s: Client, alice: User, task: FollowUp
) -> None:
    typed = boxes(bob_s.get(url(task)), state="resolved", note="My note")
    by = Actor.user(alice)
    working.finish(task, state=FollowUpState.RESOLVED, note="Alice’s note", by=by, now=NOW)

    page = bob_s.post(url(task, "finish/"), typed, follow=True)

    task.refresh_from_db()
    assert task.note == "Alice’s note"
    assert "This task was finished meanwhile." in read(page)
    assert "What you typed, to copy My note" in read(page)


def test_two_people_finish_at_once(
    committed_db: None, alice: User, bob: User, task: FollowUp
) -> None:
    browsers = []
    for user in (alice, bob):
        browser = Client()
        browser.force_login(user)
        browsers.append((browser, boxes(browser.get(url(task)), state="resolved")))

    def finish(number: int) -> HttpResponse:
        browser, typed = browsers[number]
        note = {"note": f"Note {number}"}
        return browser.post(url(task, "finish/"), typed | note, follow=True)

    said = [read(page) for page in at_once(lambda: finish(0), lambda: finish(1))]

    assert sum("Finished. The score stays" in each for each in said) == 1
    assert sum("This task was finished meanwhile." in each for each in said) == 1


def test_lapsed_task_says_why_and_offers_nothing(
    bob_s: Client, task: FollowUp, market: Market
) -> None:
    exclusions.exclude(task.response, reason="The post struck.", by=market.actor, now=NOW)

    page = bob_s.get(url(task))

    assert "This task does not count any more: The measurement was excluded" in read(page)
    assert url(task, "finish/") not in page.content.decode()


# Who


@pytest.mark.parametrize("path", [LIST, LESSONS, f"{LIST}came-back/", "{task}"])
def test_analyst_reads_and_cannot_act(path: str, cora_s: Client, task: FollowUp) -> None:
    page = cora_s.get(path.format(task=url(task)))

    assert page.status_code == 200
    forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page.content.decode())
    assert not [form for form in forms if "follow-up" in form]
    assert 'type="checkbox"' not in page.content.decode()


@pytest.mark.parametrize(
    "act", ["step/", "keep/", "advice/", "reply/", "call/", "finish/", "reopen/", "assign/"]
)
def test_analyst_may_do_nothing(act: str, cora_s: Client, task: FollowUp) -> None:
    assert cora_s.post(url(task, act), {"body": "So.", "note": "So."}).status_code == 403
    assert not task.contacts.exists()


# Beside measurements and queries


def test_measurements_lead_to_their_tasks(bob_s: Client, task: FollowUp) -> None:
    page = bob_s.get("/queries/nps/measurements/")

    assert f'href="{url(task)}">To do</a>' in page.content.decode()


def test_follow_up_stands_beside_measurement_and_query(
    bob_s: Client, bob: User, task: FollowUp
) -> None:
    by = Actor.user(bob)
    working.finish(
        task, state=FollowUpState.RESOLVED, note="Sent.", promised="A card", by=by, now=NOW
    )
    beside = f"{LIST}of-measurement/{task.response_id}/"
    query = task.response.query
    assert query

    fragment = bob_s.get(beside, headers={"HX-Request": "true"})

    assert beside in bob_s.get(f"/queries/nps/measurements/{task.response_id}/").content.decode()
    assert beside in bob_s.get(f"/queries/{query.pk}/survey/").content.decode()
    assert "Resolved Bob Sent. Promised: A card" in read(fragment)
    assert "<html" not in fragment.content.decode()
    assert "Resolved" in read(bob_s.get(beside))


def test_happy_customer_needs_no_follow_up(bob_s: Client, market: Market) -> None:
    happy = market.response(9)

    page = bob_s.get(f"{LIST}of-measurement/{happy.pk}/")

    assert "Nothing to follow up" in read(page)


# Lessons


def test_there_are_no_lessons_yet(bob_s: Client, market: Market) -> None:
    assert "No lessons yet" in read(bob_s.get(LESSONS))


@pytest.mark.parametrize("count", [1, 3])
def test_lessons_ask_as_much_for_three_as_for_one(
    bob_s: Client,
    bob: User,
    new_task: NewTask,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        working.finish(
            new_task(),
            state=FollowUpState.NOT_RECOVERABLE,
            note="Lost.",
            lesson=f"Lesson {number}.",
            by=Actor.user(bob),
            now=NOW + timedelta(minutes=number),
        )

    with django_assert_num_queries(5):
        page = bob_s.get(LESSONS)

    said = re.findall(r"Lesson \d", read(page))
    assert said == [f"Lesson {number}" for number in reversed(range(count))]


def test_what_came_back_says_how_many_it_takes(bob_s: Client, task: FollowUp) -> None:
    page = bob_s.get(f"{LIST}came-back/")

    assert "that takes 25 customers who scored again on each side" in read(page)
    assert "Agresti and Caffo" in read(page)

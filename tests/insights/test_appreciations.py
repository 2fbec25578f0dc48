"""The pages of passives, promoters and referrals."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from insights.reports.appreciations import Shown, count_waiting, happy_page, shown
from insights.views.parameters import today
from queries.customers import erase_customer
from queries.enums import ActorType, QueryState
from queries.forms import FormKey
from queries.models import CustomerMail, Message
from sellers.events import Actor
from sellers.models import User
from surveys.enums import Band, ConsentWay
from surveys.exclusions import exclude
from surveys.followups import appreciations
from surveys.models import Approach, Improvement, QuoteConsent, Referral, SurveyResponse, Topic
from tests.conftest import Market, text
from tests.insights.conftest import DAY, NOW
from tests.measurements import imported

PRAISE = "Within an hour, and it was right."
LISTS = ("passives", "promoters", "referrals")

pytestmark = pytest.mark.usefixtures("_twentieth_of_march")


@pytest.fixture
def bob_s(log_in: Callable[[User], Client], bob: User) -> Client:
    """The browser of Bob, who answers, in English."""
    return log_in(bob)


@pytest.fixture
def promoter(market: Market) -> SurveyResponse:
    """Somebody who gave a 10 yesterday, said why, and may be contacted."""
    return answered(market, 10, reason=PRAISE, may_contact=True)


@pytest.fixture
def passive(market: Market) -> SurveyResponse:
    """Somebody who gave a 7 yesterday and may be contacted."""
    return answered(market, 7, reason="Fine.", may_contact=True)


def boxes_of(page: HttpResponse) -> set[str]:
    """Return what is in the boxes of a page."""
    found = re.findall(
        r"<textarea[^>]*>([^<]*)<|<input[^>]* value=\"([^\"]*)\"", page.content.decode()
    )
    return {unescape(words).strip() for pair in found for words in pair}


def answered(market: Market, score: int, *, days_ago: int = 1, **said: Any) -> SurveyResponse:
    """Let somebody answer."""
    return market.response(score, submitted_at=NOW - days_ago * DAY, **said)


def page_of(response: SurveyResponse) -> str:
    """Return where a passive or promoter is."""
    return reverse(f"insights:{response.band}", args=[response.pk])


def shown_on(page: HttpResponse) -> list[int]:
    """Return the primary keys of the customers in a list, in order."""
    return [row.pk for row in page.context["page"].rows]


def tiles(page: HttpResponse) -> dict[str, int]:
    """Return what the tiles count."""
    return {tile.label: tile.count for tile in page.context["tiles"]}


def thank(response: SurveyResponse, by: User, *, days_ago: int = 0) -> Approach:
    """Let somebody of the shop write to a happy customer."""
    return appreciations.write(
        response, body="How kind.", by=Actor.user(by), now=NOW - days_ago * DAY
    )


def allow(response: SurveyResponse, by: User) -> QuoteConsent:
    """Record that a promoter may be quoted."""
    return appreciations.allow_quote(
        response, name="Fatima P.", way=ConsentWay.IN_THREAD, by=Actor.user(by), now=NOW
    )


def refer(response: SurveyResponse, by: User, **changes: Any) -> Referral:
    """Record whom a promoter brought in."""
    said: dict[str, Any] = {"order_reference": "", "words": "her sister", "worth": Decimal(640)}
    said |= {"came_on": NOW.date()} | changes
    return appreciations.record_referral(response, **said, by=Actor.user(by), now=NOW)


# Who is listed


@pytest.mark.parametrize(
    ("page", "scores"), [("passives", (7, 8)), ("promoters", (9, 10))], ids=["7–8", "9–10"]
)
def test_list_has_one_band_latest_first(
    market: Market, bob_s: Client, page: str, scores: tuple[int, ...]
) -> None:
    for days_ago, score in enumerate(range(11), start=1):
        answered(market, score, days_ago=days_ago)

    found = bob_s.get(reverse(f"insights:{page}"))

    assert tuple(row.score for row in found.context["page"].rows) == scores


@pytest.mark.parametrize("page", ["passives", "promoters"])
def test_list_leaves_out_what_is_not_the_shop_s_to_follow(
    market: Market, other_market: Market, bob_s: Client, staff: User, page: str
) -> None:
    score = 7 if page == "passives" else 10
    answered(other_market, score)
    answered(market, score, closed_by=ActorType.MARKETPLACE)
    imported(market.shop, score, submitted_at=NOW - DAY)
    answered(market, score, days_ago=28)
    excluded = answered(market, score)
    exclude(excluded, reason="A strike.", by=Actor.user(staff), now=NOW)

    found = bob_s.get(reverse(f"insights:{page}"))

    assert shown_on(found) == []
    assert set(tiles(found).values()) == {0}
    assert "Nobody in the last 28 days" in text(found)


@pytest.fixture
def staff(db: None) -> User:
    """A member of the marketplace staff."""
    return User.objects.create_superuser("staff@markt.example", name="Staff")


def test_older_ones_are_a_choice_away(market: Market, bob_s: Client) -> None:
    older = answered(market, 10, days_ago=60)
    answered(market, 10, days_ago=400)

    assert shown_on(bob_s.get(reverse("insights:promoters"), {"show": "year"})) == [older.pk]


def test_each_tile_counts_what_it_leads_to(market: Market, bob: User, bob_s: Client) -> None:
    waiting = [answered(market, 9, may_contact=wish) for wish in (True, None)]
    answered(market, 9, may_contact=False)
    thanked = answered(market, 10, days_ago=20, reason=PRAISE)
    thank(thanked, bob)
    thank(answered(market, 10, days_ago=50), bob, days_ago=29)
    quotable = answered(market, 10, days_ago=200, reason=PRAISE)
    allow(quotable, bob)
    appreciations.withdraw_quote(allow(thanked, bob), by=Actor.user(bob), now=NOW)

    page = bob_s.get(reverse("insights:promoters"))

    assert tiles(page) == {"still to thank": 2, "thanked, 28 days": 1, "you may quote": 1}
    assert page.context["counts"].promoters == 2
    expected = {
        "still to thank": {response.pk for response in waiting},
        "thanked, 28 days": {thanked.pk},
        "you may quote": {quotable.pk},
    }
    for tile in page.context["tiles"]:
        found = bob_s.get(reverse("insights:promoters") + tile.url)
        assert set(shown_on(found)) == expected[tile.label]


def test_passives_are_asked_and_answer(market: Market, bob: User, bob_s: Client) -> None:
    by = Actor.user(bob)
    to_ask = answered(market, 7)
    asked, told = answered(market, 8, days_ago=40), answered(market, 8, days_ago=30)
    thank(asked, bob)
    thank(told, bob, days_ago=20)
    appreciations.note_improvement(told, note="A call.", by=by, now=NOW)
    unasked = answered(market, 7, days_ago=3, may_contact=False)
    appreciations.note_improvement(unasked, note="Sooner.", by=by, now=NOW)

    page = bob_s.get(reverse("insights:passives"))

    assert list(tiles(page).values()) == [1, 1, 2]
    # Those of the last days, and who was asked and has not answered.
    assert shown_on(page) == [to_ask.pk, unasked.pk, asked.pk]
    for name, expected in {
        "waiting": [to_ask.pk],
        "asked": [asked.pk],
        "done": [unasked.pk, told.pk],
    }.items():
        found = bob_s.get(reverse("insights:passives"), {"show": name})
        assert shown_on(found) == expected
    assert "“A call.”" in text(bob_s.get(reverse("insights:passives"), {"show": "done"}))


def test_topics_that_passives_name_most(market: Market, bob_s: Client) -> None:
    speed, clarity = (Topic.objects.get(slug=slug) for slug in ("speed", "clarity"))
    for topics in ([speed], [speed, clarity], []):
        response = answered(market, 8)
        response.response_topics.bulk_create(
            [response.response_topics.model(response=response, topic=topic) for topic in topics]
        )

    page = text(bob_s.get(reverse("insights:passives")))

    assert "named most, 2 times in 28 days" in page
    assert "after that, 1 time" in page


def test_detractors_are_counted_beside_them(market: Market, cora_s: Client) -> None:
    answered(market, 2)
    answered(market, 6)

    counts = cora_s.get(reverse("insights:passives")).context["counts"]

    assert (counts.detractors.number, counts.passives, counts.promoters) == (2, 0, 0)


@pytest.mark.parametrize("page", LISTS)
def test_pages_follow_each_other_without_gaps(
    market: Market, bob: User, bob_s: Client, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr("insights.reports.appreciations.ROWS_PER_PAGE", 2)
    for _ in range(5):
        response = answered(market, 7 if page == "passives" else 10)
        if page == "referrals":
            refer(response, bob)
    url, seen = reverse(f"insights:{page}"), []

    forth = bob_s.get(url)
    while forth.context["next"]:
        seen.append(shown_on(forth))
        forth = bob_s.get(url + forth.context["next"])
    seen.append(shown_on(forth))
    back = bob_s.get(url + forth.context["previous"])

    assert [len(rows) for rows in seen] == [2, 2, 1]
    assert [pk for rows in seen for pk in rows] == sorted(
        (pk for rows in seen for pk in rows), reverse=True
    )
    assert shown_on(back) == seen[1]


@pytest.mark.parametrize("page", LISTS)
@pytest.mark.parametrize("junk", ["a\0b", "9" * 19, "2026-13", "none of these"])
def test_junk_shows_the_default(bob_s: Client, page: str, junk: str) -> None:
    asked = dict.fromkeys(("show", "period", "after", "before"), junk)

    assert bob_s.get(reverse(f"insights:{page}"), asked).status_code == 200


@pytest.mark.parametrize("page", LISTS)
def test_list_asks_the_database_as_often_for_three_as_for_one(
    market: Market, bob: User, bob_s: Client, page: str
) -> None:
    def add() -> None:
        response = answered(market, 7 if page == "passives" else 10, reason=PRAISE)
        thank(response, bob)
        if response.band == Band.PROMOTER:
            allow(response, bob)
            refer(response, bob)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            found = bob_s.get(reverse(f"insights:{page}"))
        assert len(shown_on(found)) in (1, 3)
        return len(asked)

    add()
    one = count()
    add()
    add()

    assert count() == one <= {"passives": 10, "promoters": 11, "referrals": 8}[page]


@pytest.mark.parametrize("band", [Band.PASSIVE, Band.PROMOTER])
@pytest.mark.parametrize("which", list(Shown))
def test_counts_and_pages_are_one_statement_each(
    market: Market,
    django_assert_num_queries: Callable[[int], Any],
    band: Band,
    which: Shown,
) -> None:
    day = today(NOW)
    with django_assert_num_queries(1):
        happy_page(shown(market.shop, band, which, today=day))
    with django_assert_num_queries(1):
        shown(market.shop, band, which, today=day).count()
    with django_assert_num_queries(2):
        count_waiting(market.shop, today=day)


# The download


def downloaded(browser: Client, page: str, query: str = "") -> list[dict[str, str]]:
    """Return the rows that the button of a page downloads, as a program reads them."""
    found = browser.get(reverse(f"insights:{page}") + query).context["download"]
    file = browser.get(f"{found}&dialect=international").getvalue().decode()
    return list(csv.DictReader(io.StringIO(file, newline="")))


def test_passives_are_downloaded(market: Market, bob: User, bob_s: Client) -> None:
    passive = answered(market, 7, reason="=1+1", may_contact=True)
    answered(market, 8, days_ago=2)
    appreciations.note_improvement(passive, note="A call.", by=Actor.user(bob), now=NOW)

    first, second = downloaded(bob_s, "passives")

    assert first == {
        "score": "7",
        "submitted_at": "2026-03-19T13:00:00+01:00",
        "customer": passive.query.customer.name,
        "query": str(passive.query_id),
        "subject": passive.query.subject,
        "reason": "'=1+1",
        "contact_wish": "allowed",
        "asked_at": "",
        "improvement": "A call.",
    }
    assert second["score"] == "8"


def test_promoters_are_downloaded(
    market: Market, bob: User, bob_s: Client, promoter: SurveyResponse
) -> None:
    thank(promoter, bob)
    allow(promoter, bob)
    refer(promoter, bob)
    refer(promoter, bob, words="his brother", worth=Decimal("39.95"))
    answered(market, 9, days_ago=2)

    first, second = downloaded(bob_s, "promoters")

    assert first["reason"] == PRAISE
    assert first["thanked_at"] == "2026-03-20T13:00:00+01:00"
    assert (first["quoted_as"], first["referrals"]) == ("Fatima P.", "2")
    assert first["referrals_worth"] == "679.95"
    assert [second[name] for name in ("thanked_at", "quoted_as", "referrals")] == ["", "", "0"]


@pytest.mark.parametrize("which", Shown)
@pytest.mark.parametrize(("page", "score"), [("passives", 7), ("promoters", 10)])
def test_download_has_what_the_list_shows(
    market: Market, bob: User, bob_s: Client, page: str, score: int, which: Shown
) -> None:
    thank(answered(market, score, reason="Thanked or asked"), bob)
    answered(market, score, reason="Neither", days_ago=2)
    answered(market, score, reason="Long ago", days_ago=100)
    query = f"?show={which.value}"
    listed = bob_s.get(reverse(f"insights:{page}") + query).context["page"].rows

    rows = downloaded(bob_s, page, query)

    assert [row["reason"] for row in rows] == [row.reason for row in listed]


@pytest.mark.parametrize("page", ["passives", "promoters"])
def test_download_is_of_the_own_shop(
    market: Market, other_market: Market, bob_s: Client, page: str
) -> None:
    score = 7 if page == "passives" else 10
    answered(market, score, reason="Ours")
    answered(other_market, score, reason="Theirs")

    assert [row["reason"] for row in downloaded(bob_s, page)] == ["Ours"]


@pytest.mark.parametrize("page", ["passives", "promoters"])
def test_download_of_what_cannot_be_chosen_says_so(bob_s: Client, page: str) -> None:
    answer = bob_s.get(f"/queries/nps/download/{page}.csv?show=everybody")

    assert answer.status_code == 400
    assert answer.content.decode() == "“everybody” cannot be chosen of this list.\n"


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("page", "score"), [("passives", 7), ("promoters", 10)])
def test_download_asks_the_database_as_often_for_many(
    market: Market, bob: User, bob_s: Client, page: str, score: int, count: int
) -> None:
    for _ in range(count):
        thank(answered(market, score), bob)

    with CaptureQueriesContext(connection) as asked:
        file = bob_s.get(f"/queries/nps/download/{page}.csv?dialect=international").getvalue()

    assert len(file.splitlines()) == count + 1
    assert len(asked) == 4


# One customer


def test_promoter_is_thanked_and_the_query_stays_closed(
    bob_s: Client, promoter: SurveyResponse
) -> None:
    form_key = bob_s.get(page_of(promoter)).context["form_key"]
    sent = {"then": "write", "body": "How kind of you.", "form_key": form_key}

    pages = [bob_s.post(page_of(promoter), sent, follow=True) for _ in range(2)]

    for page in pages:  # the second click is the same message
        assert "Your message is on its way to the customer." in text(page)
    assert promoter.query
    promoter.query.refresh_from_db()
    assert promoter.query.state == QueryState.CLOSED
    assert Message.objects.filter(body="How kind of you.").count() == 1
    assert CustomerMail.objects.filter(message__body="How kind of you.").count() == 1
    assert "Bob" in text(bob_s.get(page_of(promoter)))
    assert "thanked" in text(bob_s.get(reverse("insights:promoters")))


def test_form_key_of_somebody_else_is_none(
    market: Market, bob: User, bob_s: Client, promoter: SurveyResponse
) -> None:
    query = promoter.query
    assert query
    assert FormKey.read({"form_key": bob_s.get(page_of(promoter)).context["form_key"]})
    sent = {"then": "write", "body": "How kind of you.", "form_key": "made up"}

    assert bob_s.post(page_of(promoter), sent).status_code == 302


@pytest.mark.parametrize(
    ("may_contact", "writes", "calls"),
    [
        pytest.param(True, True, True, id="yes"),
        pytest.param(None, True, False, id="not said"),
        pytest.param(False, False, False, id="no"),
    ],
)
@pytest.mark.parametrize("score", [8, 9])
def test_page_offers_what_the_customer_wants(
    market: Market,
    bob_s: Client,
    score: int,
    may_contact: bool | None,
    writes: bool,
    calls: bool,
) -> None:
    response = answered(market, score, may_contact=may_contact)

    page = bob_s.get(page_of(response)).content.decode()

    assert ('value="write"' in page) == writes
    assert ('value="call"' in page) == calls
    refused = {
        then: bob_s.post(page_of(response), {"then": then, "body": "Hello"}).status_code == 422
        for then in ("call", "write")
    }
    assert refused == {"call": not calls, "write": calls or not writes}  # only one of both


def test_advice_is_given_on_what_asks_for_a_score(
    bob_s: Client, promoter: SurveyResponse, market: Market
) -> None:
    appreciations.note_call(promoter, note="", by=market.actor, now=NOW)
    sent = {"then": "write", "body": "Would you please give us a 10?"}

    page = bob_s.post(page_of(promoter), sent)

    assert page.status_code == 422
    assert [remark.kind for remark in page.context["remarks"]] == ["asks_for_score"]


def test_sentence_is_taken_out_without_scripts_and_nothing_is_lost(
    bob_s: Client, promoter: SurveyResponse, passive: SurveyResponse
) -> None:
    asking = "Would you give us a 10?"
    for response in (promoter, passive):
        typed = {"body": f"Thank you. {asking}", "call_note": "Rang twice", "note": "A call"}
        page = bob_s.post(page_of(response), typed, follow=True)
        taken_out = re.search(r'name="sentence"[^>]*formaction="([^"]+)"', page.content.decode())
        assert taken_out

        live = bob_s.post(
            taken_out[1], {"body": typed["body"]}, headers={"HX-Request": "true"}
        ).content.decode()
        after = bob_s.post(taken_out[1], typed | {"sentence": asking}, follow=True)

        assert f'formaction="{taken_out[1]}"' in live
        assert after.redirect_chain == [(page_of(response), 302)]
        assert boxes_of(after) >= {"Thank you.", "Rang twice"}
        assert not Message.objects.filter(body__startswith="Thank you.").exists()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({"then": "quote", "way": "in_thread"}, id="done"),
        pytest.param({"then": "quote", "way": ""}, id="something wrong"),
        pytest.param({}, id="Enter in a box"),
    ],
)
def test_what_is_typed_in_other_boxes_stays(
    bob_s: Client, promoter: SurveyResponse, sent: dict[str, str]
) -> None:
    typed = {"body": "Half a letter", "call_note": "Half a note", "words": "her sister"}

    page = bob_s.post(page_of(promoter), typed | {"name": "Fatima P."} | sent, follow=True)

    assert boxes_of(page) >= set(typed.values())
    assert ("Fatima P." in boxes_of(page)) == (sent.get("way") != "in_thread")  # else it is stored
    assert boxes_of(bob_s.get(page_of(promoter))) >= set(typed.values())


def test_withdrawing_keeps_what_is_typed(
    bob: User, bob_s: Client, promoter: SurveyResponse
) -> None:
    consent, referral = allow(promoter, bob), refer(promoter, bob)
    page = bob_s.get(page_of(promoter)).content.decode()

    for name, row in (("withdraw_quote", consent), ("withdraw_referral", referral)):
        path = reverse(f"insights:{name}", args=[row.pk])
        withdrawn = bob_s.post(path, {"body": f"Half a letter, {name}"}, follow=True)

        assert f'formaction="{path}"' in page
        assert f"Half a letter, {name}" in boxes_of(withdrawn)


def test_letter_that_a_colleague_was_first_with_can_be_copied(
    bob_s: Client, promoter: SurveyResponse, market: Market
) -> None:
    appreciations.note_call(promoter, note="", by=market.actor, now=NOW)

    refused = bob_s.post(page_of(promoter), {"then": "write", "body": "Half a letter"})

    assert refused.status_code == 422
    for page in (refused, bob_s.get(page_of(promoter))):
        assert "What you typed, to copy" in text(page)
        assert "Half a letter" in boxes_of(page)
        assert 'value="write"' not in text(page)


def test_what_was_typed_is_not_shown_beside_another_customer(
    bob_s: Client, promoter: SurveyResponse, passive: SurveyResponse
) -> None:
    bob_s.post(page_of(promoter), {"body": "Half a letter"})
    bob_s.post(page_of(passive), {"body": "Half a question"})

    assert "Half a letter" in boxes_of(bob_s.get(page_of(promoter)))
    assert "Half a question" in boxes_of(bob_s.get(page_of(passive)))


def test_improvement_is_noted(bob_s: Client, passive: SurveyResponse) -> None:
    page = bob_s.post(page_of(passive), {"then": "improvement", "note": "A call."}, follow=True)

    assert "What would have made it a 9 or 10 is noted." in text(page)
    assert "A call." in text(page)
    assert Improvement.objects.get().response == passive
    again = bob_s.post(page_of(passive), {"then": "improvement", "note": "Hm."})
    assert (again.status_code, "Somebody noted it just before you." in text(again)) == (422, True)
    assert "Hm." in text(again)  # to copy


def test_quote_is_there_only_with_permission(bob_s: Client, promoter: SurveyResponse) -> None:
    before = bob_s.get(page_of(promoter)).content.decode()
    said = {"then": "quote", "name": "Fatima P.", "way": "in_thread"}

    page = bob_s.post(page_of(promoter), said, follow=True).content.decode()

    assert "data-quote" not in before
    assert "data-copy" not in before
    assert f"“{PRAISE}”" in unescape(page)
    assert "— Fatima P." in page
    assert "recorded by Bob" in page
    assert "data-copy" in page
    consent = QuoteConsent.objects.get()

    withdrawn = bob_s.post(reverse("insights:withdraw_quote", args=[consent.pk]), follow=True)

    assert "It is withdrawn." in text(withdrawn)
    assert "data-quote" not in withdrawn.content.decode()
    again = bob_s.post(reverse("insights:withdraw_quote", args=[consent.pk]), follow=True)
    assert "It was withdrawn before." in text(again)


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"name": ""}, "Say under which name you may quote."),
        ({"way": ""}, "This field is required."),
        ({"way": "by pigeon"}, "Select a valid choice."),
    ],
)
def test_permission_is_recorded_whole_or_not(
    bob_s: Client, promoter: SurveyResponse, said: dict[str, str], complaint: str
) -> None:
    whole = {"then": "quote", "name": "Fatima P.", "way": "in_thread"}

    page = bob_s.post(page_of(promoter), whole | said)

    assert (page.status_code, complaint in text(page)) == (422, True)
    assert not QuoteConsent.objects.exists()


@pytest.mark.parametrize(
    ("typed", "worth"),
    [
        ("640", "640.00"),
        ("39.95", "39.95"),
        ("1,249.50", "1249.50"),
        ("€ 1.249", "1249.00"),
        ("0.01", "0.01"),
    ],
)
def test_referral_is_recorded_and_counts(
    bob_s: Client, promoter: SurveyResponse, typed: str, worth: str
) -> None:
    said = {"then": "referral", "words": "her sister", "worth": typed, "came_on": "2026-03-19"}

    page = bob_s.post(page_of(promoter), said, follow=True)

    assert "The referral is recorded." in text(page)
    referral = Referral.objects.get()
    assert (referral.worth, referral.came_on) == (Decimal(worth), date(2026, 3, 19))
    total = bob_s.get(reverse("insights:promoters")).context["total"]
    assert (total.count, total.worth) == (1, Decimal(worth))


def test_amounts_are_read_as_the_reader_writes_them(
    client: Client, bob: User, promoter: SurveyResponse
) -> None:
    bob.language = "nl"
    bob.save()
    client.force_login(bob)
    client.cookies["django_language"] = "nl"
    said = {"then": "referral", "words": "haar zus", "worth": "1.249,50", "came_on": "2026-03-19"}

    page = client.post(page_of(promoter), said, follow=True)

    assert "€ 1.249,50" in text(page).replace("\xa0", " ")
    assert Referral.objects.get().worth == Decimal("1249.50")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"words": ""}, "Say who came in: an order number, or a few words."),
        ({"worth": "0"}, "An order is worth more than nothing."),
        ({"worth": "-5"}, "Write an amount, such as 640 or 39.95."),
        ({"worth": "1.2.3"}, "Write an amount, such as 640 or 39.95."),
        ({"worth": "٣"}, "Write an amount, such as 640 or 39.95."),
        ({"worth": "much"}, "Write an amount, such as 640 or 39.95."),
        ({"worth": "NaN"}, "Write an amount, such as 640 or 39.95."),
        ({"worth": "9" * 30}, "Ensure this value is less than or equal to"),
        ({"came_on": "2026-03-21"}, "Choose a day that has been."),
        ({"came_on": "0001-01-01"}, "Choose a day that has been."),
        ({"came_on": "soon"}, "This is not a date. Write it as 2026-03-31."),
        ({"order_reference": "4711"}, "Your shop has no order with this number."),
    ],
)
def test_referral_is_recorded_whole_or_not(
    bob_s: Client, promoter: SurveyResponse, said: dict[str, str], complaint: str
) -> None:
    whole = {"then": "referral", "words": "her", "worth": "640", "came_on": "2026-03-19"}

    page = bob_s.post(page_of(promoter), whole | said)

    assert (page.status_code, complaint in text(page)) == (422, True)
    assert not Referral.objects.exists()


def test_referral_is_withdrawn(bob: User, bob_s: Client, promoter: SurveyResponse) -> None:
    referral = refer(promoter, bob)

    bob_s.post(reverse("insights:withdraw_referral", args=[referral.pk]))

    assert bob_s.get(reverse("insights:promoters")).context["total"].count == 0
    assert list(bob_s.get(page_of(promoter)).context["referrals"]) == []


def test_erased_customer_can_only_be_looked_at(
    bob: User, bob_s: Client, promoter: SurveyResponse
) -> None:
    allow(promoter, bob)
    refer(promoter, bob)
    assert promoter.query
    erase_customer(promoter.query.customer, by=Actor.SYSTEM, now=NOW)

    page = bob_s.get(page_of(promoter))
    listed = bob_s.get(reverse("insights:promoters"))

    assert page.status_code == listed.status_code == 200
    assert 'name="then"' not in page.content.decode()
    for each in (page, listed):
        assert PRAISE not in text(each)
        assert "Fatima" not in text(each)
        assert "sister" not in text(each)
    assert bob_s.get(reverse("insights:promoters")).context["total"].worth == Decimal(640)


@pytest.mark.parametrize("score", [0, 6, 7, 8, 9, 10])
@pytest.mark.parametrize("band", [Band.PASSIVE, Band.PROMOTER])
def test_page_is_of_its_band_alone(market: Market, bob_s: Client, score: int, band: Band) -> None:
    response = answered(market, score)

    page = bob_s.get(reverse(f"insights:{band}", args=[response.pk]))

    assert page.status_code == (200 if response.band == band else 404)


def test_excluded_one_is_in_no_list_and_keeps_its_page(
    market: Market, bob_s: Client, promoter: SurveyResponse, staff: User
) -> None:
    exclude(promoter, reason="A strike.", by=Actor.user(staff), now=NOW)

    assert shown_on(bob_s.get(reverse("insights:promoters"))) == []
    assert bob_s.get(page_of(promoter)).status_code == 200


@pytest.mark.parametrize(
    ("score", "leads"), [(6, False), (7, True), (8, True), (9, True), (10, True)]
)
def test_measurement_leads_to_what_can_be_done(
    market: Market, cora_s: Client, score: int, leads: bool
) -> None:
    response = answered(market, score)

    page = cora_s.get(reverse("insights:measurement", args=[response.pk])).content.decode()

    assert (leads and page_of(response) in page) or (not leads and "/promoters/" not in page)


@pytest.mark.parametrize("then", ["write", "call", "improvement", "quote", "referral"])
def test_analyst_reads_and_cannot_act(
    cora_s: Client, promoter: SurveyResponse, passive: SurveyResponse, then: str
) -> None:
    for response in (promoter, passive):
        page = cora_s.get(page_of(response))
        posted = cora_s.post(page_of(response), {"then": then, "body": "Hello", "note": "Hello"})

        assert (page.status_code, posted.status_code) == (200, 403)
        assert 'name="then"' not in page.content.decode()
    assert not Approach.objects.exists()
    assert not Improvement.objects.exists()


def test_analyst_withdraws_nothing(bob: User, cora_s: Client, promoter: SurveyResponse) -> None:
    consent, referral = allow(promoter, bob), refer(promoter, bob)

    for name, row in (("withdraw_quote", consent), ("withdraw_referral", referral)):
        assert cora_s.post(reverse(f"insights:{name}", args=[row.pk])).status_code == 403
    assert QuoteConsent.objects.standing().exists()
    assert Referral.objects.standing().exists()


def test_what_nobody_offers_does_nothing(bob_s: Client, promoter: SurveyResponse) -> None:
    for then in ("", "improvement", "a\0b"):
        assert bob_s.post(page_of(promoter), {"then": then, "note": "x"}).status_code == 302
    assert not Improvement.objects.exists()


# Referrals


@pytest.mark.parametrize(
    ("period", "count", "total"),
    [
        pytest.param("", 3, "700.30", id="this year"),
        pytest.param("2026", 3, "700.30", id="a year"),
        pytest.param("2026-01", 1, "700.30", id="a month"),
        pytest.param("2025", 1, "58", id="last year"),
        pytest.param("2024", 0, "0", id="nothing"),
        pytest.param("2027", 3, "700.30", id="a year to come"),
        pytest.param("1066", 3, "700.30", id="long ago"),
    ],
)
def test_referrals_of_a_period_and_their_total(
    bob: User, bob_s: Client, promoter: SurveyResponse, period: str, count: int, total: str
) -> None:
    for worth, day in (
        ("58", date(2025, 12, 31)),
        ("700", date(2026, 1, 1)),
        ("0.10", date(2026, 2, 28)),
        ("0.20", date(2026, 3, 1)),
    ):
        refer(promoter, bob, worth=Decimal(worth), came_on=day)

    page = bob_s.get(reverse("insights:referrals"), {"period": period})

    assert len(page.context["page"].rows) == count
    assert page.context["total"].worth == Decimal(total)


def test_referrals_name_who_came_by_whom(
    market: Market, bob: User, bob_s: Client, promoter: SurveyResponse
) -> None:
    sister = market.new_customer(name="Saskia")
    market.order("4711", customer=sister)
    refer(promoter, bob, order_reference="4711")

    page = text(bob_s.get(reverse("insights:referrals")))

    assert promoter.query
    assert "Saskia" in page
    assert "order 4711" in page
    assert promoter.query.customer.name in page
    assert "€640" in page

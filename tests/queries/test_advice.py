"""What a reply is advised against, and what it may say without a remark."""

import timeit
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.advice import Advice, AdviceKind, advise, language_of, without

ASKS, PAYS, OTHER = (
    AdviceKind.ASKS_FOR_SCORE,
    AdviceKind.PAYS_FOR_SCORE,
    AdviceKind.OTHER_LANGUAGE,
)


def kinds(body: str, language: str) -> list[AdviceKind]:
    """Return what is said about a reply."""
    return [each.kind for each in advise(body, language=language)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Als je tevreden bent, wil je ons dan een 10 geven?",
        "Wil je ons een tien geven?",
        "Geef ons een 10!",
        "Geef ons alsjeblieft een 9 of 10 in de enquête.",
        "Zou u ons een dikke 10 willen geven?",
        "Kun je ons een goed cijfer geven?",
        "Mag ik je vragen om een review achter te laten?",
        "Laat gerust een review achter.",
        "Wilt u een beoordeling plaatsen?",
        "We hopen dat je ons een 10 geeft.",
        "Het zou fijn zijn als je ons een hoge score geeft.",
        "Vergeet niet ons 5 sterren te geven!",
        "Schrijf een recensie over ons.",
        "Beoordeel ons met een 10.",
        "Zou je ons willen beoordelen?",
        "Je krijgt straks een enquête, wil je die met een 10 invullen?",
        "Graag een 10 geven :)",
        "Vul een mooi cijfer in.",
        "Geef mij een 10/10.",
    ],
)
def test_dutch_reply_that_asks_for_a_score_is_told_so(sentence: str) -> None:
    assert advise(sentence, language="nl") == [Advice(ASKS, sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "If you are happy, could you give us a 10?",
        "Please leave us a review.",
        "Leave us a review!",
        "Would you give me a ten in the survey?",
        "We hope you will give us a 9 or a 10.",
        "Please rate us 10 out of 10.",
        "Could you rate our service?",
        "Give us five stars!",
        "A positive review would be lovely if you could write one.",
        "Don't forget to leave a 5-star rating.",
        "We would appreciate it if you leave a good rating.",
        "Feel free to post a nice review.",
        "Can I ask you to give us a high score?",
        "Please review us.",
    ],
)
def test_english_reply_that_asks_for_a_score_is_told_so(sentence: str) -> None:
    assert advise(sentence, language="en") == [Advice(ASKS, sentence)]


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Als je ons een 10 geeft, krijg je 5 euro korting.", "nl"),
        ("Bij een 9 of 10 ontvang je een tegoedbon.", "nl"),
        ("In ruil voor een positieve review sturen we een cadeaubon.", "nl"),
        ("Schrijf een review en dan krijg je gratis verzending.", "nl"),
        ("If you leave us a review, you get a 10% discount.", "en"),
        ("We will send a voucher in exchange for a good rating.", "en"),
        ("For a 10 you get a refund.", "en"),
    ],
)
def test_compensation_for_a_score_is_a_remark_of_its_own(sentence: str, language: str) -> None:
    assert advise(sentence, language=language) == [Advice(PAYS, sentence)]


def test_compensation_in_the_next_sentence_counts_too() -> None:
    body = "Wil je ons een 10 geven? Dan krijg je een cadeaubon."

    assert advise(body, language="nl") == [Advice(PAYS, "Wil je ons een 10 geven?")]


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("Kun je ons je bestelnummer geven?", "nl"),
        ("U krijgt 10 euro terug omdat de bezorging te laat was.", "nl"),
        ("De fiets heeft een 10-speed versnelling.", "nl"),
        ("Wil je een 10 mm sleutel gebruiken?", "nl"),
        ("Als je een 10 centimeter langere kabel wilt, geven we je die gratis.", "nl"),
        ("We geven je 10% korting omdat het pakket kwijt was.", "nl"),
        ("Bedankt voor je review van vorige week.", "nl"),
        ("Het cijfer op het etiket is het serienummer.", "nl"),
        ("Over een dag krijg je een enquête van de marktplaats.", "nl"),
        ("Wil je de monteur een seintje geven als hij er om 10 uur niet is?", "nl"),
        ("Ik bel je over een uur of 10.", "nl"),
        ("Kun je maat 9 of 10 passen?", "nl"),
        ("De sterren op de verpakking geven de energieklasse aan.", "nl"),
        ("Je gaf ons vorige keer een 3; wat kunnen we nu beter doen?", "nl"),
        ("Could you give us your order number?", "en"),
        ("Please give us 10 minutes to look it up.", "en"),
        ("We will refund the 10 euro for the late delivery.", "en"),
        ("You can read about the battery on page 10.", "en"),
        ("Thank you for your review of last week.", "en"),
        ("Please leave the parcel with the neighbours at number 10.", "en"),
        ("The charging rate depends on the cable.", "en"),
        ("We reviewed our stock and can send a 10 foot cable if you like.", "en"),
        ("Could you give the courier a call between 9 and 10?", "en"),
        ("You may receive a survey from the marketplace.", "en"),
        ("I will review my notes and write to you tomorrow.", "en"),
        ("", "nl"),
        ("👍", "en"),
    ],
)
def test_harmless_reply_gets_no_remark(body: str, language: str) -> None:
    assert advise(body, language=language) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dag Roos, je krijgt een nieuwe accu: die komt vrijdag.", "nl"),
        ("Hello Daniel, your order has left and will be with you on Friday.", "en"),
        ("Oké", ""),
        ("AX48-77120", ""),
        ("Thanks! Bedankt!", ""),
        ("Hi, het pakket is onderweg. Je kunt it follow on the site, your code is 3SABC.", ""),
    ],
)
def test_language_is_named_only_where_it_is_clear(text: str, language: str) -> None:
    assert language_of(text) == language


def test_another_language_than_the_customer_s_is_remarked() -> None:
    english = "Hello, your order has left and will be with you on Friday."

    assert kinds(english, "nl") == [OTHER]
    assert kinds(english, "en") == []


@pytest.mark.parametrize(
    ("body", "sentence", "left"),
    [
        ("Dag. Geef ons een 10! Groet", "Geef ons een 10!", "Dag. Groet"),
        ("Geef ons een 10!", "Geef ons een 10!", ""),
        ("Dag.\n\nGeef ons een 10!\n\nGroet", "Geef ons een 10!", "Dag.\n\n\n\nGroet"),
        ("Dag. Geef ons een 10!", "Geef ons een 10!", "Dag."),
        ("Dag.", "Geef ons een 10!", "Dag."),
        ("Dag.", "", "Dag."),
    ],
)
def test_sentence_is_taken_out(body: str, sentence: str, left: str) -> None:
    assert without(body, sentence) == left


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at_and_every_sentence_named_is_in_it(body: str) -> None:
    for remark in advise(body, language="nl"):
        assert remark.sentence in body
        assert (
            remark.sentence not in without(body, remark.sentence) or body.count(remark.sentence) > 1
        )


def test_advice_on_a_pasted_book_takes_as_long_as_its_length() -> None:
    def seconds(words: str) -> float:
        return min(timeit.repeat(partial(advise, words, language="nl"), repeat=3, number=1))

    ordinary = seconds("Wil je een review " + "maar " * 3_000)

    assert seconds("Wil je een review " + "laat " * 3_000) < 20 * ordinary
    assert seconds("Wil je een review " + "vul " * 3_000) < 20 * ordinary

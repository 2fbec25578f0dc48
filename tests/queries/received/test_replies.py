"""Answers as mail programs write them: what is shown of each."""

from pathlib import Path

import pytest

from queries.received import MailKind, read

REPLIES = sorted((Path(__file__).parent / "replies").glob("*.eml"))


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_what_a_person_wrote_is_shown_and_nothing_else(path: Path) -> None:
    mail = read(path.read_bytes())

    assert mail.shown.split("\n") == path.with_suffix(".txt").read_text().rstrip("\n").split("\n")
    assert mail.kind is MailKind.REPLY


def test_there_are_enough_programs() -> None:
    assert len(REPLIES) >= 30


@pytest.mark.parametrize("path", REPLIES, ids=lambda path: path.stem)
def test_the_whole_text_is_kept(path: Path) -> None:
    mail = read(path.read_bytes())

    assert mail.body.startswith(mail.shown)
    assert mail.quoted_from is None or mail.body[mail.quoted_from :].strip()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        pytest.param("Ja\n> Nee", "Ja", id="quote without who and when"),
        pytest.param(
            "Ja\n> On 4 Jun 2024, at 08:55, Jan wrote:\n> Nee", "Ja", id="who in the quote"
        ),
        pytest.param("Ja\nJan schreef op 4-6-2024:\n> Nee", "Ja", id="who without On"),
        pytest.param("Ja\n2024/6/4 Jan <jan@a.example>\n\n> Nee", "Ja", id="who without a colon"),
        pytest.param("Ja\n---- Jan schreef ----\n> Nee", "Ja", id="who in a rule"),
        pytest.param(
            "Ja\n\n*From:* a@b.example [mailto:\na@b.example]\n*Sent:* 4 Jun 8:55",
            "Ja",
            id="bold and wrapped",
        ),
        pytest.param("Ja\nFrom: a@b.example Date: 4 Jun 2024 08:55\nNee", "Ja", id="on one line"),
        pytest.param("Ja\n----- Melding -----\nNee", "Ja", id="Norwegian"),
        pytest.param(
            "Ja\n\nBegin forwarded message:\n\n> Nee\n\nZie boven", None, id="below what is sent on"
        ),
        pytest.param(
            "De : a@b.example\nRépondre à : c@d.example\nDate : 4:55\nÀ : e\nObjet : f\n\nNon",
            None,
            id="nothing but a quote",
        ),
        pytest.param("Op tijd!\n\n--\nKlaas", "Op tijd!", id="signature"),
        pytest.param("Zie:\n--\n" + "regel\n" * 20 + "einde", None, id="no signature is so long"),
        pytest.param("Hallo,\nOutlook doet het niet", None, id="about a program"),
        pytest.param("Hallo,\nMet mijn telefoon lukt het niet", None, id="about a telephone"),
        pytest.param("Hello,\nSent you a mail yesterday", None, id="about a mail"),
        pytest.param("Ja\nVan meinem Handy gesendet", None, id="half a signature"),
        pytest.param("Ja\nVon meinem Handy gesendet", "Ja", id="signature of a telephone"),
        pytest.param("Ja On 4 Jun 2024 at 08:55, Jan wrote:\n> Nee", "Ja", id="behind the answer"),
        pytest.param("  Ja--- Op 4-6 om 08:55 schreef Jan:\n> Nee", "  Ja", id="behind a rule"),
        pytest.param(
            "Op tijd, 4-6!\nOp 4 jun 2024 schreef Jan:\n> Nee", "Op tijd, 4-6!", id="two with Op"
        ),
        pytest.param("Verzonden met PostNL op 4 juni", None, id="a parcel, not a program"),
        pytest.param("Dit krijg ik:\n- mail: a@b.example\n- om: 8:55", None, id="a list"),
        pytest.param(
            "Je schreef om 8:55:\nwe komen\nMaar niemand kwam", None, id="tells what was said"
        ),
    ],
)
def test_what_begins_a_quote(body: str, shown: str | None) -> None:
    assert read(f"From: a@b.example\n\n{body}\n".encode()).shown == (shown or body)

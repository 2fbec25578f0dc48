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
            "Ja\nden 4. juni 2024 kl. 8:55 skrev Jan <jan@a.example\n>:\n> Nee",
            "Ja",
            id="an address wrapped before its bracket",
        ),
        pytest.param(
            "Ja\n\nOn 4 Jun 2024,\nat 08:55, Jan <jan@a.example> wrote:\n\nNee",
            "Ja",
            id="wrapped behind the day",
        ),
        pytest.param(
            "Ja\n\nOn Tue, 4 Jun 2024 08:55 Jan <jan@a.example> wrote\n\nNee",
            "Ja",
            id="no colon",
        ),
        pytest.param("On 4 June Jan wrote\nwhat I answered", None, id="no colon and no address"),
        pytest.param(
            "Evet\n4 Haz 2024 Sal, 08:55 tarihinde Jan şunu yazdı:\n> Hayır",
            "Evet",
            id="a language nobody listed, above a quote",
        ),
        pytest.param(
            "Dit zag ik op 4-6-2024 om 08:55:\ngeen bestelling", None, id="when, above own words"
        ),
        pytest.param(
            "Sim\n\nDe: a@b.example\nEnviada em: 4 de junho de 2024 08:55\nPara: c@d.example\n"
            "Assunto: Re\n\nNão",
            "Sim",
            id="Portuguese",
        ),
        pytest.param(
            "Naam: Jan\nE-mail: a@b.example\nBesteld: 4-6 om 08:55\nArtikel: lamp",
            None,
            id="a form",
        ),
        pytest.param(
            "Oui\nDe\xa0: a@b.example\nÀ\xa0: c@d.example\nEnvoyé le : 4 juin 2024 8h55\n"
            "Objet\xa0: Re\n\nNon",
            "Oui",
            id="spaces that do not break",
        ),
        pytest.param(
            "Ja\n\nFrom: Jan\nSent: \u200e4\u200e-\u200e6 \u200e08\u200e:\u200e55\nTo: Piet\n\nNee",
            "Ja",
            id="marks of direction",
        ),
        pytest.param(
            "Ja\n---- Wiadomość oryginalna ----\nOd: a@b.example\nTemat: Re\n\nNie",
            "Ja",
            id="a separator nobody listed",
        ),
        pytest.param("Ja\n---- en toch ----\nniet van mij", None, id="a rule with own words"),
        pytest.param("Ja\n---\n*Van:* a@b.example\n*Aan:* c\n\nNee", "Ja", id="a short rule"),
        pytest.param("Ja\n\n__\na mailing list\na@b.example", "Ja", id="footer of a list"),
        pytest.param("Tot morgen\n\n\u2014\nKlaas", "Tot morgen", id="one long dash"),
        pytest.param("Ja\n\nVerstuurd vanaf mijn Fairphone 5", "Ja", id="a device by its name"),
        pytest.param("Ja\n\nVerzonden vanaf mijn werk, niet thuis", None, id="not from a device"),
        pytest.param(
            "Sent from my desk, the phone is broken.\nJan", None, id="a program behind a comma"
        ),
        pytest.param("Ja\n\n(Sent from my phone, sorry for typos)", "Ja", id="in brackets"),
        pytest.param("Ja\n\nScarica Outlook per Android<https://a.example>", "Ja", id="get it"),
        pytest.param("Ik gebruik Outlook voor Android", None, id="who uses it"),
        pytest.param(
            "Je schreef om 8:55:\nwe komen\nMaar niemand kwam", None, id="tells what was said"
        ),
    ],
)
def test_what_begins_a_quote(body: str, shown: str | None) -> None:
    assert read(f"From: a@b.example\n\n{body}\n".encode()).shown == (shown or body)

"""The text of a mail, and the files that came along."""

import base64

import pytest

from queries.received import MailAttachment, ReceivedMail, read

PNG = b"\x89PNG" + bytes(5000)
LOGO = b"\x89PNG" + bytes(100)


def part(kind: str, content: bytes, *headers: str, encoding: str = "base64") -> bytes:
    """Return one part of a multipart."""
    body = base64.encodebytes(content) if encoding == "base64" else content
    lines = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", *headers]
    return "\n".join(lines).encode() + b"\n\n" + body


def multipart(kind: str, *parts: bytes, boundary: str = "b") -> bytes:
    inside = b"".join(b"--%s\n%s\n" % (boundary.encode(), one) for one in parts)
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
    return head + inside + f"--{boundary}--\n".encode()


def received(entity: bytes) -> ReceivedMail:
    return read(b"From: Klaas <klaas@klant.example>\n" + entity)


def text(content: bytes, kind: str = "text/plain; charset=utf-8", encoding: str = "8bit") -> bytes:
    return part(kind, content, encoding=encoding)


@pytest.mark.parametrize(
    ("entity", "body"),
    [
        pytest.param(text("Thé".encode()), "Thé", id="UTF-8"),
        pytest.param(text(b"Th\xe9", "text/plain; charset=iso-8859-1"), "Thé", id="Latin"),
        pytest.param(
            text(b"5 \x80", "text/plain; charset=iso-8859-1"), "5 €", id="Windows said Latin"
        ),
        pytest.param(
            text("Thé €".encode(), "text/plain; charset=us-ascii"), "Thé €", id="UTF-8 said ASCII"
        ),
        pytest.param(text(b"Th\xe9", "text/plain"), "Thé", id="no charset"),
        pytest.param(text(b"Th\xe9", "text/plain; charset=utf-8"), "Thé", id="Latin said UTF-8"),
        pytest.param(
            text("Thé".encode(), "text/plain; charset=x-klingon"), "Thé", id="unknown charset"
        ),
        pytest.param(text(b"YWJj", "text/plain; charset=base64"), "YWJj", id="no charset at all"),
        pytest.param(
            text(b"a\\u0041", "text/plain; charset=unicode_escape"), "a\\u0041", id="of Python"
        ),
        pytest.param(text(b"Ja", 'text/plain; charset="utf-8\x00"'), "Ja", id="NUL in the charset"),
        pytest.param(text("שלום".encode()), "שלום", id="from right to left"),
        pytest.param(text(b"a\x00b\x1bc\r\nd\re"), "abc\nd\ne", id="control characters"),
        pytest.param(text("\ufeffa\u2028b".encode()), "a\nb", id="BOM and separators"),
        pytest.param(
            text(b"Th=C3=A9 =\nja", encoding="quoted-printable"), "Thé ja", id="quoted-printable"
        ),
        pytest.param(
            text(b"100 = 100 =ZZ", encoding="quoted-printable"),
            "100 = 100 =ZZ",
            id="wrong quoted-printable",
        ),
        pytest.param(text(base64.b64encode("Thé".encode()), encoding="BASE64"), "Thé", id="base64"),
        pytest.param(
            text(b"Ja, dank je", encoding="BASE64"),
            "Ja, dank je",
            id="text said base64",
        ),
        pytest.param(text(b"SmEsIGdyYWFnL", encoding="Base64"), "Ja, graag", id="base64 cut off"),
        pytest.param(text(b"Ja", encoding="x-odd"), "Ja", id="unknown encoding"),
        pytest.param(
            text(b"een \ntwee\n\n> a \n> b\n-- \nKlaas", "text/plain; format=flowed"),
            "een twee\n\n> a b\n--\nKlaas",
            id="flowed",
        ),
        pytest.param(
            text(b" een \n twee \ndrie\n>> x \n>> y", "text/plain; format=flowed; delsp=yes"),
            "eentweedrie\n>> xy",
            id="flowed, spaces go",
        ),
        pytest.param(
            multipart("mixed", text(b"een"), text(b"twee")), "een\n\ntwee", id="two texts"
        ),
        pytest.param(
            multipart("alternative", text(b"plain"), text(b"<p>html", "text/html")),
            "plain",
            id="plain before HTML",
        ),
        pytest.param(
            multipart("alternative", text(b"<p>html", "text/html"), text(b"plain")),
            "plain",
            id="whatever the order",
        ),
        pytest.param(
            multipart("alternative", text(b" \n"), text(b"<p>html", "text/html")),
            "html",
            id="blank plain text",
        ),
        pytest.param(
            multipart(
                "alternative",
                text(b"plain"),
                multipart("related", text(b"<p>html", "text/html"), boundary="c"),
            ),
            "plain",
            id="nested",
        ),
        pytest.param(
            multipart(
                "alternative",
                text(b""),
                multipart("related", text(b"<p>html", "text/html"), boundary="c"),
            ),
            "html",
            id="nested HTML",
        ),
        pytest.param(
            multipart("signed", text(b"ja"), part("application/pgp-signature", b"x")),
            "ja",
            id="signed",
        ),
        pytest.param(
            b"Content-Type: multipart/mixed\n\nJa.\n", "Ja.", id="multipart without boundary"
        ),
        pytest.param(
            b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nJa, maar",
            "Ja, maar",
            id="cut off",
        ),
        pytest.param(b"Content-Type: \xff\xfe; charset=\xff\n\nJa.\n", "Ja.", id="odd type"),
        pytest.param(b"\n", "", id="nothing"),
    ],
)
def test_body(entity: bytes, body: str) -> None:
    mail = received(entity)

    assert mail.body == body
    assert mail.attachments == ()


@pytest.mark.parametrize(
    ("html", "body"),
    [
        pytest.param("<p>Een</p><p>Twee</p>", "Een\n\nTwee", id="paragraphs"),
        pytest.param("<div>Een</div><div>Twee</div>", "Een\nTwee", id="lines"),
        pytest.param("Een<br>Twee<br><br>Drie", "Een\nTwee\n\nDrie", id="breaks"),
        pytest.param(
            "<div>Een</div><div><br></div><div>Twee</div>", "Een\n\nTwee", id="empty line"
        ),
        pytest.param("<ul><li>Een<li>Twee</ul>", "- Een\n- Twee", id="list"),
        pytest.param(
            "<table><tr><td>Een<td>Twee<tr><td>Drie</table>", "Een Twee\nDrie", id="table"
        ),
        pytest.param("<pre>a  b\n c</pre>", "a  b\n c", id="laid out"),
        pytest.param(
            "a &lt;b&gt; &amp;lt; &eacute;&nbsp;&#8364;", "a <b> &lt; é €", id="references"
        ),
        pytest.param("<b>Ve</b>t <i>en\n scheef</i>", "Vet en scheef", id="inside a line"),
        pytest.param(
            "<blockquote>Een<blockquote>Twee</blockquote></blockquote>Drie",
            "> Een\n>\n>> Twee\n\nDrie",
            id="quotes",
        ),
        pytest.param(
            "<a href='https://a.example/x'>hier</a>", "hier <https://a.example/x>", id="link"
        ),
        pytest.param(
            "<a href='https://a.example/'>https://a.example</a>",
            "https://a.example",
            id="link that says so",
        ),
        pytest.param("<a href='javascript:alert(1)'>hier</a>", "hier", id="no link"),
        pytest.param(
            "<head><title>x</title></head><style>p{}</style><script>x()</script>Ja",
            "Ja",
            id="nothing hidden",
        ),
        pytest.param(
            "<!-- x --><img src=x onerror=alert(1)>Ja<o:p></o:p>", "Ja", id="nothing active"
        ),
        pytest.param("<p>Ja" + "<div>" * 600 + "Nee", "Ja Nee", id="deeper than any program"),
        pytest.param("Ja<p", "Ja", id="cut off"),
    ],
)
def test_body_of_html(html: str, body: str) -> None:
    mail = received(text(html.encode(), "text/html; charset=utf-8"))

    assert mail.body.split("\n") == body.split("\n")


def names(mail: ReceivedMail) -> list[str]:
    return [attachment.name for attachment in mail.attachments]


def test_attachments_have_a_name_and_what_is_in_them() -> None:
    picture = part("image/png", PNG, 'Content-Disposition: attachment; filename="kan.png"')

    mail = received(multipart("mixed", text(b"Zie foto."), picture))

    assert mail.body == "Zie foto."
    assert mail.attachments == (MailAttachment(name="kan.png", content=PNG),)


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        pytest.param(
            ['Content-Disposition: attachment; filename="a b.pdf"'], "a b.pdf", id="usual"
        ),
        pytest.param(
            ["Content-Disposition: attachment; filename*=utf-8''th%C3%A9.pdf"],
            "thé.pdf",
            id="RFC 2231",
        ),
        pytest.param(
            ["Content-Disposition: attachment; filename*0=lang; filename*1=e.pdf"],
            "lange.pdf",
            id="in pieces",
        ),
        pytest.param(
            ['Content-Disposition: attachment; filename="=?utf-8?q?th=C3=A9.pdf?="'],
            "thé.pdf",
            id="RFC 2047",
        ),
        pytest.param(
            ['Content-Disposition: attachment; filename="thé.pdf"'], "thé.pdf", id="8 bits"
        ),
        pytest.param(
            ['Content-Disposition: attachment; filename="../../etc/x.pdf"'], "x.pdf", id="path"
        ),
        pytest.param(
            ['Content-Disposition: attachment; filename="C:\\\\x\\\\y.pdf"'],
            "y.pdf",
            id="path of Windows",
        ),
        pytest.param(
            ['Content-Disposition: attachment; filename="a\x00b.pdf"'], "ab.pdf", id="NUL"
        ),
        pytest.param(
            [f'Content-Disposition: attachment; filename="{"x" * 500}.pdf"'],
            "x" * 146 + ".pdf",
            id="long",
        ),
        pytest.param(
            ["Content-Disposition: attachment; filename*=x-odd'a'%ff.pdf"],
            "ÿ.pdf",
            id="odd charset",
        ),
        pytest.param(["Content-Disposition: attachment"], "application.pdf", id="none"),
        pytest.param(
            ['Content-Disposition: attachment; filename=".."'], "application.pdf", id="only dots"
        ),
    ],
)
def test_names_of_attachments(headers: list[str], name: str) -> None:
    mail = received(multipart("mixed", text(b"Ja"), part("application/pdf", b"%PDF", *headers)))

    assert names(mail) == [name]


def test_pictures_in_the_text_are_kept_when_they_say_something() -> None:
    shown = part("image/png", PNG, "Content-ID: <a>", "Content-Disposition: inline; filename=a.png")
    logo = part("image/png", LOGO, "Content-ID: <b>", "Content-Disposition: inline; filename=b.png")
    sent = part("image/png", LOGO, "Content-Disposition: inline; filename=c.png")
    html = text(b'<p>Zie <img src="cid:a"><img src="cid:b">', "text/html")

    mail = received(multipart("mixed", multipart("related", html, shown, logo, boundary="c"), sent))

    assert names(mail) == ["a.png", "c.png"]


def test_files_of_the_alternative_that_is_not_read_are_kept() -> None:
    file = part("application/pdf", b"%PDF", "Content-Disposition: inline; filename=bon.pdf")
    mixed = multipart("mixed", text(b"<p>html", "text/html"), file, boundary="c")

    mail = received(multipart("alternative", text(b"plain"), mixed))

    assert (mail.body, names(mail)) == ("plain", ["bon.pdf"])


def test_a_text_that_is_a_file_is_no_text_of_the_mail() -> None:
    attached = part("text/plain", b"log", "Content-Disposition: attachment; filename=log.txt")
    named = part("text/plain", b"log", "Content-Disposition: inline; filename=log2.txt")

    mail = received(multipart("mixed", text(b"Ja"), attached, named))

    assert (mail.body, names(mail)) == ("Ja", ["log.txt", "log2.txt"])


def test_a_mail_of_outlook_s_own_format_is_readable() -> None:
    winmail = part(
        "application/ms-tnef",
        b"\x78\x9f\x3e\x22",
        "Content-Disposition: attachment; filename=winmail.dat",
    )

    mail = received(multipart("mixed", text(b"Ja"), winmail))

    assert (mail.body, names(mail)) == ("Ja", ["winmail.dat"])


def test_a_mail_sent_along_is_a_file() -> None:
    old = "From: Jörg <j@klant.example>\nSubject: oud\n\nOude tekst: thé\n".encode()
    inner = b"Content-Type: message/rfc822\n\n" + old

    mail = received(multipart("mixed", text(b"Zie mail"), inner))

    assert mail.body == "Zie mail"
    assert names(mail) == ["message.rfc822"]
    assert b"Oude tekst" in mail.attachments[0].content


def test_a_broken_mail_sent_along_costs_the_answer_nothing() -> None:
    old = b"From: a@b.example\nContent-Type: text/plain; charset=us-ascii\n\nTh\xe9\n"

    mail = received(
        multipart("mixed", text(b"Zie mail"), b"Content-Type: message/rfc822\n\n" + old)
    )

    assert mail.body == "Zie mail"
    content = "From: a@b.example\n\nThé".encode()
    assert mail.attachments == (MailAttachment(name="message.rfc822", content=content),)


def test_a_mail_sent_along_hides_nothing_in_an_encoding() -> None:
    old = b"Subject: Re\nContent-Transfer-Encoding: base64\n\nZ2VoZWlt\n"

    mail = received(
        multipart("mixed", text(b"Zie mail"), b"Content-Type: message/rfc822\n\n" + old)
    )

    assert mail.attachments[0].content == b"Subject: Re\n\ngeheim"

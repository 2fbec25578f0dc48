"""Mails that are broken, huge or made to hurt: UnreadableMail, or read, and soon."""

import base64
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.received import MAX_BYTES, MailKind, UnreadableMail, UnreadableReason, read
from queries.received.parsing import MAX_DEPTH, MAX_LINES, MAX_PARTS

REPLIES = [path.read_bytes() for path in sorted((Path(__file__).parent / "replies").glob("*.eml"))]
FROM = b"From: Klaas <klaas@klant.example>\nSubject: Re: Je vraag\n"
MIXED = FROM + b"Content-Type: multipart/mixed; boundary=b\n\n"
PART = b"--b\nContent-Type: text/plain\n\nJa\n"
SOON = 3.0  # seconds of a processor; a slow machine's too
MB = 1_000_000


def nested(depth: int) -> bytes:
    """Return a mail with a multipart in a multipart, and so on."""
    return FROM + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number)
        for number in range(depth)
    )


UNREADABLE_MAILS = [
    pytest.param(UnreadableReason.EMPTY, b"", id="empty"),
    pytest.param(UnreadableReason.EMPTY, b" \r\n\r\n", id="blank"),
    pytest.param(UnreadableReason.NO_HEADERS, b"Hallo, dit is geen mail.\n", id="no headers"),
    pytest.param(UnreadableReason.NO_HEADERS, bytes(1000), id="NULs"),
    pytest.param(UnreadableReason.TOO_BIG, FROM + b"\n" + b"x" * MAX_BYTES, id="too big"),
    pytest.param(UnreadableReason.TOO_MANY_LINES, FROM + b"\n" * (MAX_LINES + 1), id="lines"),
    pytest.param(UnreadableReason.TOO_MANY_LINES, FROM + b"\r" * (MAX_LINES + 1), id="old lines"),
    pytest.param(UnreadableReason.TOO_MANY_PARTS, MIXED + PART * MAX_PARTS, id="parts"),
    pytest.param(UnreadableReason.TOO_MANY_PARTS, MIXED + PART * 10_000, id="10,000 parts"),
    pytest.param(UnreadableReason.TOO_DEEP, nested(MAX_DEPTH + 1), id="deep"),
    pytest.param(UnreadableReason.TOO_DEEP, nested(5_000), id="5,000 deep"),
    pytest.param(
        UnreadableReason.TOO_DEEP,
        FROM + b"Content-Type: message/rfc822\n\n" * 1000,
        id="mail in mail",
    ),
    pytest.param(
        UnreadableReason.HEADERS_TOO_LONG,
        b"X-Long: " + b"x" * MB + b"\n\nJa\n",
        id="long header",
    ),
    pytest.param(
        UnreadableReason.HEADERS_TOO_LONG,
        b"X-Folded: a\n" + b" x\n" * 100_000 + b"\nJa\n",
        id="folded header",
    ),
    pytest.param(
        UnreadableReason.HEADERS_TOO_LONG, b"X: y\n" * 10_000 + b"\nJa\n", id="many headers"
    ),
    pytest.param(
        UnreadableReason.HEADERS_TOO_LONG,
        FROM + b"Content-Type: text/plain" + b';"a' * MB + b"\n\n",
        id="long type",
    ),
]


BROKEN_MAILS = [
    pytest.param(FROM, id="no body"),
    pytest.param(
        FROM + b"Content-Type: multipart/mixed; boundary=b\n\n--b", id="cut in a boundary"
    ),
    pytest.param(FROM + b"Content-Type: multipart/mixed; boundary=\n\nJa\n", id="empty boundary"),
    pytest.param(
        FROM + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\n--b--", id="empty part"
    ),
    pytest.param(FROM + b"Content-Type: ;;;===\n\nJa\n", id="odd type"),
    pytest.param(
        FROM + b"Content-Type: text/plain; charset*=''; charset*0*=%\n\nJa\n",
        id="odd parameters",
    ),
    pytest.param(
        FROM + b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" * 10_000,
        id="charset of Python",
    ),
    pytest.param(FROM + b"Content-Transfer-Encoding: base64\n\n!!!!\n", id="no base64"),
    pytest.param(
        FROM + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#!!!\n", id="no uuencode"
    ),
    pytest.param(
        FROM + b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n////\n",
        id="mail in base64",
    ),
    pytest.param(FROM + b"Content-Type: message/external-body\n\n\n\n", id="elsewhere"),
    pytest.param(
        FROM + b"Content-Type: message/delivery-status\n\n\n\n\n", id="report without a word"
    ),
    pytest.param(
        FROM + b"Content-Type: application/ms-tnef; name=winmail.dat\n\n\x00\xff",
        id="only winmail.dat",
    ),
    pytest.param(
        FROM + b"Content-Disposition: attachment; filename*0*=x\xff'; filename*1=\n\nJa",
        id="odd name",
    ),
    pytest.param(FROM + b"\n\xff\xfe\xed\xa0\x80 \xc3\x28", id="no text"),
    pytest.param(b"From \nFrom: a@b.example\nFrom: b@b.example\n\n", id="several From"),
    pytest.param(
        b"From: =?utf-8?q?" + b"=?utf-8?q?" * 5_000 + b"\nTo: " + b"(" * 50_000 + b"\n\nJa",
        id="hard words",
    ),
    pytest.param(
        b"Date: " + b"1 " * 40_000 + b"\nReferences: " + b"<" * 90_000 + b"\n\nJa",
        id="hard headers",
    ),
    pytest.param(b"To: x@y.example\nSubject: Hm\n\nJa", id="no From"),
    pytest.param(b"From: Klaas <>\nSubject: Hm\n\nJa", id="From nobody"),
    pytest.param(FROM + b"Date: Wed, 32 Foo 2026 25:61:61 +9999\n\nJa", id="no such date"),
    pytest.param(FROM + b"Date: Mon, 1 Jan 0000 00:00:00 -0000\n\nJa", id="year 0"),
    pytest.param(
        FROM + b"Content-Type: text/plain; charset=utf-8\n\nR\xe9sum\xe9 \xff", id="wrong charset"
    ),
    pytest.param(
        FROM + b"Content-Type: text/plain; charset=x-klingon\n\nJa \xe9", id="unknown charset"
    ),
    pytest.param(
        FROM + b"Content-Type: text/plain; charset=utf-16\n\nJ\x00a\x00\xd8", id="half of UTF-16"
    ),
    pytest.param(FROM + b"\nJa\x00nee\x00", id="NUL in the text"),
    pytest.param(FROM + b"Subject: a\x00b\nX\x00Y: z\n\nJa", id="NUL in a header"),
    pytest.param(FROM + b"Message-ID: <" + b"x" * 9_000 + b"@y>\n\nJa", id="long Message-ID"),
    pytest.param(FROM.replace(b"\n", b"\r") + b"\rJa", id="line ends of 1999"),
    pytest.param(FROM + b"Content-Type: text/html\n\n<p>Ja<!-- <b", id="HTML that does not end"),
    pytest.param(
        FROM + b"Content-Type: multipart/alternative; boundary=a\n\n--b\n\nJa\n--b--\n",
        id="another boundary",
    ),
]


@pytest.mark.parametrize(
    ("reason", "raw"),
    UNREADABLE_MAILS,
)
def test_what_is_not_read_says_why(reason: UnreadableReason, raw: bytes) -> None:
    started = time.process_time()

    with pytest.raises(UnreadableMail) as caught:
        read(raw)

    assert caught.value.reason is reason
    assert str(caught.value) == reason.value
    assert time.process_time() - started < SOON


def test_whatever_else_is_wrong_is_said_to_be_broken() -> None:
    with pytest.raises(UnreadableMail) as caught:
        read(None)  # type: ignore[arg-type]

    assert caught.value.reason is UnreadableReason.BROKEN


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(nested(MAX_DEPTH), id="as deep as may be"),
        pytest.param(MIXED + PART * (MAX_PARTS - 1) + b"--b--\n", id="as many parts as may be"),
        pytest.param(FROM + b"\n" + b"x" * (MAX_BYTES - len(FROM) - 1), id="as big as may be"),
    ],
)
def test_what_is_just_within_the_limits_is_read(raw: bytes) -> None:
    assert read(raw).from_email == "klaas@klant.example"


@pytest.mark.parametrize("raw", BROKEN_MAILS)
def test_what_is_broken_is_read_as_far_as_it_goes(raw: bytes) -> None:
    started = time.process_time()

    mail = read(raw)

    assert "\x00" not in mail.body
    mail.body.encode()
    assert time.process_time() - started < SOON


def html(text: bytes) -> bytes:
    return FROM + b"Content-Type: text/html\n\n" + text


def daemon(text: bytes) -> bytes:
    return b"From: mailer-daemon@mx.example\nSubject: failure notice\n\n" + text


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(FROM + b"\n" + b">" * (5 * MB), id="> without end"),
        pytest.param(FROM + b"\n" + b"Op " * (5 * MB // 3), id="Op without end"),
        pytest.param(FROM + b"\n" + b"Op 1:00 schreef \n" * (MAX_LINES - 9), id="Op on each line"),
        pytest.param(
            FROM + b"\n" + b"Op " * 120 + b"1:00:\n" + b"Op 4 jun 2024 schreef x\n:\n" * 90_000,
            id="nearly schreef",
        ),
        pytest.param(
            FROM + b"\n" + (b"On " + b"a " * 140 + b"1:00:\n") * 15_000, id="nearly wrote"
        ),
        pytest.param(FROM + b"\n" + b"Van: a@b\nAan: b\n" * 190_000, id="header blocks"),
        pytest.param(FROM + b"\n" + b"A: 1:00\nB: 2\n" * 190_000, id="nearly header blocks"),
        pytest.param(FROM + b"\n" + b"_" * (5 * MB), id="rule without end"),
        pytest.param(FROM + b"\n" + b"-- \n" * 390_000, id="signatures"),
        pytest.param(FROM + b"\n" + (b"-" * 298 + b"x\n") * 20_000, id="no rule on each line"),
        pytest.param(FROM + b"\n" + b"\n" * (MAX_LINES - 9), id="blank lines"),
        pytest.param(FROM + b"\n" + b"> a\nb\n" * 190_000, id="between quotes"),
        pytest.param(FROM + b"\n" + b" " * (5 * MB), id="spaces"),
        pytest.param(
            FROM + b"Content-Type: text/plain; format=flowed\n\n" + b">" * (5 * MB), id="flowed"
        ),
        pytest.param(
            FROM + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 390_000,
            id="flowed lines",
        ),
        pytest.param(html(b"&" * (5 * MB)), id="ampersands"),
        pytest.param(html(b"<" * (5 * MB)), id="brackets"),
        pytest.param(html(b"<div>" * MB), id="divs"),
        pytest.param(html(b"<div>" * 490 + b"<p>x" * MB), id="paragraphs in divs"),
        pytest.param(html(b"<b>" * 490 + b"<p>x" * (MB // 2)), id="bold paragraphs"),
        pytest.param(html(b"<p>" * MB), id="paragraphs"),
        pytest.param(html(b"<table><tr><td>" * 400_000), id="tables"),
        pytest.param(html(b"<blockquote>" * 400 + b"x<br>" * 300_000), id="blockquotes"),
        pytest.param(html(b"<a href='http://x.example'>y</a>" * 60_000), id="links"),
        pytest.param(html(b"<li>" * MB), id="items"),
        pytest.param(html(b"<!--" * MB), id="comments"),
        pytest.param(html(b"<a " * MB), id="tags without end"),
        pytest.param(html(b"<pre>" + b"\n" * 390_000), id="pre"),
        pytest.param(html(b"<select><option>" * 200_000), id="options"),
        pytest.param(daemon(b"x" * (5 * MB)), id="bounce in one line"),
        pytest.param(
            daemon(b"Your message could not be delivered\n" * 100_000), id="bounce of many words"
        ),
        pytest.param(
            daemon((b"not yet been delivered " + b"x" * 270 + b"\n") * 10_000),
            id="bounce of long words",
        ),
        pytest.param(
            FROM + b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(b">\n" * (5 * MB)),
            id="base64",
        ),
        pytest.param(
            FROM + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * (5 * MB),
            id="quoted-printable",
        ),
        pytest.param(MIXED + b"--b \n" * 200, id="boundaries"),
        pytest.param(nested(MAX_DEPTH) + b"-\n" * 390_000, id="lines in the deep"),
        pytest.param(FROM + b"Content-Type: text/plain" + b';a="' * 2_400 + b"\n\nJa", id="type"),
        pytest.param(FROM + b"Subject: " + b"=?a?q?" * 16_000 + b"\n\nJa", id="words"),
        pytest.param(b"From: " + b"<a@b.example>, " * 6_000 + b"\n\nJa", id="people"),
        pytest.param(b"To: " + b"(a" * 45_000 + b"\n\nJa", id="comments in addresses"),
    ],
)
def test_no_mail_takes_long(raw: bytes) -> None:
    started = time.process_time()

    try:
        read(raw)
    except UnreadableMail:
        pass
    finally:
        took = time.process_time() - started

    assert took < SOON


def assert_sound(raw: bytes) -> None:
    """Read a mail; whatever comes out keeps what ReceivedMail promises."""
    try:
        mail = read(raw)
    except UnreadableMail:
        return
    texts = (mail.body, mail.subject, mail.from_name, mail.from_email, mail.message_id)
    texts += (*mail.recipients, *mail.references, *(file.name for file in mail.attachments))
    assert all("\x00" not in text and text.encode() is not None for text in texts)
    assert (mail.bounce is not None) == (mail.kind is MailKind.BOUNCE)
    if mail.quoted_from is not None:
        assert mail.body[: mail.quoted_from].strip()
        assert mail.body[mail.quoted_from :].strip()


FUZZED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.binary(max_size=2_000))
@FUZZED
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    assert_sound(raw)
    assert_sound(FROM + raw)
    assert_sound(html(raw))


@given(st.sampled_from(REPLIES), st.floats(0, 1))
@FUZZED
def test_any_mail_cut_off_is_read_or_unreadable(raw: bytes, where: float) -> None:
    assert_sound(raw[: int(len(raw) * where)])


@given(
    st.sampled_from(REPLIES),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.binary(max_size=12)), max_size=6),
)
@FUZZED
def test_any_mail_spoiled_is_read_or_unreadable(
    raw: bytes, spoils: list[tuple[float, int, bytes]]
) -> None:
    for where, length, instead in spoils:
        begin = int(len(raw) * where)
        raw = raw[:begin] + instead + raw[begin + length :]

    assert_sound(raw)


LINES = st.sampled_from(
    [line for raw in REPLIES for line in raw.split(b"\n")]
    + [
        b"Content-Type: multipart/mixed; boundary=b",
        b"--b",
        b"--b--",
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Action: failed",
        b"Final-Recipient: ;",
        b"Content-Transfer-Encoding: base64",
        b"Content-Type: text/html",
        b"From: mailer-daemon@x.example",
    ]
)


@given(st.lists(LINES, max_size=60))
@FUZZED
def test_any_mix_of_lines_is_read_or_unreadable(lines: list[bytes]) -> None:
    assert_sound(b"\n".join(lines))

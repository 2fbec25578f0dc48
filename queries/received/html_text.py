"""Plain text from the HTML of a mail."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Final

import nh3

MAX_CHARACTERS: Final = 2_000_000
MAX_DEPTH: Final = 500  # the sanitiser's time grows with the square of it
MAX_QUOTE_MARKS: Final = 5

MAX_TAGS: Final = 100_000

# Stand for "&", and for "<" that begins no tag, while HTML is sanitised: the time for such grows
# with the square of their number.
AMPERSAND: Final = "\ue000"
LESS_THAN: Final = "\ue001"
PICTURE_IN_URL: Final = re.compile(r"data:[a-z]+/[^\"'\s>]+")
TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
NO_TAG: Final = re.compile(r"<(?![a-zA-Z/!?])")
ANY_TAG: Final = re.compile(r"<[^<>]*>")
SPACE: Final = re.compile(r"[ \t\n\xa0]+")
# Tags that need no end, whose content is left out, on lines of their own, with space around them.
SHALLOW: Final = re.compile(
    r"area|base|body|br|col|dd|dt|embed|head|hr|html|img|input|li|link|meta|option|p|source|tbody"
    r"|td|th|thead|tr|track|wbr"
)
DROPPED: Final = {"head", "noscript", "script", "style", "template", "title"}
BLOCKS: Final = re.compile(
    r"article|aside|blockquote|center|dd|details|div|dl|dt|figure|footer|h[1-6]|header|hr|li|main"
    r"|nav|ol|p|pre|section|summary|table|tr|ul"
)
SPACED: Final = re.compile(r"blockquote|dl|h[1-6]|ol|p|pre|table|ul")

# Where mail programs begin what they quote without a mark on each line, and a signature.
QUOTE_BEGINS: Final = {"divrplyfwdmsg", "olk_src_body_section"}
SIGNATURES: Final = {
    "gmail_signature",
    "moz-signature",
    "ms-outlook-mobile-signature",
    "protonmail_signature_block",
    "signature",
    "x_signature",
    "yahoo-signature",
}
QUOTE_LINE: Final = "_" * 32  # as Outlook writes in plain text
SIGNATURE_LINE: Final = "--"


def text_of_html(html: str) -> str:
    """Return what sanitised HTML says, with quotes marked as mail programs mark them."""
    html = PICTURE_IN_URL.sub("", html)[:MAX_CHARACTERS].replace("&", AMPERSAND)
    html = NO_TAG.sub(LESS_THAN, html)
    if _is_by_no_program(html):
        return " ".join(_unmasked(ANY_TAG.sub(" ", html)).split())
    writer = _TextWriter()
    writer.feed(
        nh3.clean(
            html,
            clean_content_tags=DROPPED,
            attributes={"*": {"class", "id"}, "a": {"href"}},
            url_schemes={"http", "https"},
            link_rel=None,
        )
    )
    writer.close()
    return writer.text()


def _unmasked(text: str) -> str:
    return unescape(text.replace(AMPERSAND, "&")).replace(LESS_THAN, "<")


def _is_by_no_program(html: str) -> bool:
    """Return whether there are more tags, or more inside each other, than programs write."""
    depth = 0
    for number, match in enumerate(TAG.finditer(html), start=1):
        closes, name = match.groups()
        if not SHALLOW.fullmatch(name.lower()):
            depth = max(depth - 1, 0) if closes else depth + 1
        if depth > MAX_DEPTH or number > MAX_TAGS:
            return True
    return False


class _TextWriter(HTMLParser):
    """Writes lines of text from well-formed HTML."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = self._pre = 0
        self._gap, self._last_mark = False, ""
        self._links: list[tuple[str, int]] = []
        self._written = 0

    def text(self) -> str:
        """Return all that was written."""
        self._end_line()
        return "\n".join(self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._break_line()
        elif BLOCKS.fullmatch(tag):
            self._end_block(tag)
        if tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._pre += 1
        elif tag == "li":
            self._line.append("- ")
        elif tag in {"td", "th"} and self._line:
            self._line.append(" ")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", self._written))
        self._mark(attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._write_link(*self._links.pop())
        elif BLOCKS.fullmatch(tag):
            self._end_block(tag)
        if tag == "blockquote":
            self._quotes = max(self._quotes - 1, 0)
        elif tag == "pre":
            self._pre = max(self._pre - 1, 0)

    def handle_data(self, data: str) -> None:
        data = _unmasked(data)
        if not self._pre:
            data = SPACE.sub(" ", data)
        self._written += len(data.strip())
        first, *others = data.split("\n")
        self._line.append(first)
        for line in others:
            self._break_line()
            self._line.append(line)

    def _write_link(self, href: str, begun: int) -> None:
        """Say where a link leads when its text does not."""
        said = self._line[-1] if self._line else ""
        if href and self._written > begun and href.rstrip("/") not in said:
            self._line.append(f" <{_unmasked(href)}>")

    def _mark(self, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for _, value in attrs for name in (value or "").lower().split()}
        for mark, known in ((QUOTE_LINE, QUOTE_BEGINS), (SIGNATURE_LINE, SIGNATURES)):
            if names & known:
                self._end_line()
                if self._lines[-1:] != [mark]:
                    self._lines.append(mark)

    def _break_line(self) -> None:
        """Go to the next line, leaving a blank one when nothing was said."""
        if "".join(self._line).strip():
            self._end_line()
        else:
            self._line = []
            self._gap = True

    def _end_block(self, tag: str) -> None:
        self._end_line()
        self._gap = self._gap or bool(SPACED.fullmatch(tag))

    def _end_line(self) -> None:
        line = "".join(self._line)
        self._line = []
        line = line.rstrip() if self._pre else SPACE.sub(" ", line).strip()
        if not line:
            return
        mark = ">" * min(self._quotes, MAX_QUOTE_MARKS) + " " if self._quotes else ""
        if self._gap and self._lines:
            self._lines.append(min(mark, self._last_mark, key=len).rstrip())
        self._gap, self._last_mark = False, mark
        self._lines.append(mark + line)

"""Where the text that a person wrote ends, and what was quoted or signed with begins.

Used to show less, never to store less: in doubt a line is the person's. Whoever answers below or
between quoted lines is shown with them.
"""

import re
from collections.abc import Iterator
from typing import Final

from mailparser_reply import EmailMessage
from mailparser_reply.constants import MAIL_LANGUAGES

MAX_LINES: Final = 20_000  # what comes after them belongs to the last of them
MAX_LINE: Final = 300
MAX_INTRODUCTION_LINES: Final = 4
MAX_HEADER_LINES: Final = 10
MAX_CLOSE_LOOKS: Final = 100  # at what may begin a quote; real mails need a dozen
MAX_SIGNATURE_LINES: Final = 15
SIGNATURE_MARKS: Final = {"--", "\u2014"}  # telephones make one dash of two

# Not Polish, whose header block may be one line that begins with "Do:" or "Data:".
LANGUAGES: Final = ["nl", "en", "de", "fr", "es", "it", "da", "sv", "cs"]
KNOWN_BEGINNING: Final = EmailMessage(text="", languages=[*LANGUAGES]).HEADER_REGEX

# What the library misses: "Op … schreef Jan <…>:", "heeft … geschreven:", "Jan schreef op …:".
OPENING: Final = re.compile(r"(?:on|op|am|le|el|il|den|dne|em|at|vom|på) ", re.IGNORECASE)
WROTE: Final = re.compile(
    r"\b(?:wrote|writes|schreef|geschreven|schrieb|geschrieben|écrit|escribió|ha scritto|skrev"
    r"|escreveu|napsala?|napisała?|kirjoitti|írta)\b",
    re.IGNORECASE,
)
ADDRESS: Final = re.compile(r"[<(\[\"']\s?(?:mailto:)?[^\s<>@]{1,64}@[^\s<>@]{1,255}[>)\]\"']")
TIME: Final = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
DATE: Final = re.compile(r"\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b|\b(?:19|20)\d\d\b|\d{4}-\d\d-\d\d")
# Yahoo on a telephone goes on with what it quotes.
ON_ONE_LINE: Final = re.compile(
    r"(?:on|op|am|le) [^:]*:[^:]*<[^\s<>@]+@[^\s<>@]+> ?(?:wrote|schreef|schrieb|a écrit ?):\s",
    re.I,
)
UNFINISHED: Final = re.compile(rf"{OPENING.pattern}.*{WROTE.pattern}", re.I)  # by Zoho: no colon
# Some programs lose the line end before it.
BEHIND_ANSWER: Final = re.compile(
    r"(?<=[^\s-])((?: |-{2,} ?)(?:on|op|am|le) .{4,40}\b\d{1,2}[:.h]\d{2}\b.{0,150}\b"
    r"(?:wrote|schreef|schrieb|écrit)\b[^:]{0,80}:)$",
    re.IGNORECASE,
)

RULE: Final = re.compile(r"[-_=*\s\u2014]{3,}|[-_=*]{3,}[^-_=*]{2,60}[-_=*]{3,}")
SEPARATOR: Final = re.compile(
    r"[-_=*]{3,}+\s*(?:[^\W\d_]+[- ]){0,2}(?:message|bericht|nachricht|e?-?mail|meddelelse|besked"
    r"|meddelande|melding|mensaje|messaggio)(?: (?:d['’]origine|[^\W\d_]+))?\s*[-_=*]{3,}"
    r"|[-_=*]{3,}+.{2,100}\b(?:wrote|schreef|schrieb)\b.{0,60}[-_=*]{3,}$"
    r"|(?:begin forwarded message|begin doorgestuurd bericht|anfang der weitergeleiteten nachricht"
    r"|début du message (?:réexpédié|transféré)) ?:",
    re.IGNORECASE,
)
BARE_SEPARATOR: Final = re.compile(
    r"(?:original|forwarded) message:?|(?:oorspronkelijk|doorgestuurd) bericht:?", re.IGNORECASE
)
LABEL: Final = re.compile(r"[*_\s]*[^\W\d_][\w-]*(?: [\w-]+){0,2}[*_]*\s?:")
FROM: Final = re.compile(
    r"^\W*(?:from|van|von|de|da|fra|från|od|feladó|lähettäjä)[*_]* ?:", re.IGNORECASE | re.MULTILINE
)
SUBJECT: Final = re.compile(
    r"^\W*(?:subject|onderwerp|betreff|objet|asunto|assunto|oggetto|emne|ämne|předmět|temat|tárgy"
    r"|aihe)[*_]* ?:",
    re.IGNORECASE | re.MULTILINE,
)
UNSEEN: Final = str.maketrans({"*": "", "\u200e": "", "\u200f": "", "\xa0": " "})
NEXT_LABEL: Final = re.compile(r" (?=[A-Z][a-z]+: )")  # on the same line

SENT_FROM: Final = re.compile(
    "|".join(
        [
            *(MAIL_LANGUAGES[language]["sent_from"] for language in LANGUAGES),
            r"(?:deze e-?mail is )?(?:verstuurd|verzonden) (?:vanaf|vanuit|via|met) ",
            r"sent (?:from|via|with|using|by) |gesendet (?:von|mit|aus|über) ",
            r"(?:von meinem|diese nachricht wurde von) .{1,60} gesendet",
            r"envoyé (?:de|depuis|à partir|avec) |enviado (?:desde|do) |inviato da ",
            r"(?:[^\W\d_]+ ){0,3}outlook \w+ (?:ios|android)(?: herunterladen)?\W{0,2}https?:",
            r"outlook (?:voor|für|for|pour) |(?:download|téléchargez|obtenez|obtenir) outlook ",
            r"yahoo mail: ",
        ]
    ),
    re.IGNORECASE,
)
# Said before the first comma or full stop: "Sent from my phone, please excuse …".
PROGRAM: Final = re.compile(
    r"[^.,]*(?:iphone|ip[ao]d|android|galaxy|samsung|outlook|blackberry|windows|proton|yahoo|huawei"
    r"|xiaomi|mobi[el]|telefoon|handy|phone|cell\b|tablet|toestel|gmx|web\.de|mail(?:box)?\b"
    r"|webmail|\bios\b|kpn|ziggo)",
    re.IGNORECASE,
)
# A device nobody listed has a name: "Sent from my Fairphone 5", not "Sent from my old address".
DEVICE: Final = re.compile(
    r"(?i:sent from my|(?:verzonden|verstuurd) (?:vanaf|met) mijn|envoyé (?:de|depuis) mon"
    r"|enviado desde mi|inviato dal mio|skickat från min|sendt fra min) i?[A-Z][^.,]{0,40}"
)
MAX_SENT_FROM: Final = 120


def find_quote(body: str) -> int | None:
    """Return where in `body` the quoted text or signature that ends it begins.

    None when there is none, and when nothing would be left before it.
    """
    found = _Reading(body).end_of_answer()
    if found is None:
        return None
    number, introduction = found
    lines = body.split("\n", number + 1)
    return sum(len(line) + 1 for line in lines[:number]) + lines[number].rfind(introduction)


class _Reading:
    """One walk through the lines of a text."""

    def __init__(self, body: str) -> None:
        lines = body.split("\n", MAX_LINES)[:MAX_LINES]
        self.lines = [line[:MAX_LINE].strip() for line in lines]
        self.close_looks = 0

    def end_of_answer(self) -> tuple[int, str] | None:
        """Return from which line on nothing is the person's own.

        With it comes what is not theirs of that line, mostly all.
        """
        answered = False
        cut: tuple[int, str] | None = None
        number = 0
        signed: int | None = None  # where a signature of several lines began
        while number < len(self.lines):
            line = self.lines[number]
            taken, to_the_end = self._no_answer(number)
            if line in SIGNATURE_MARKS:
                taken, signed = 1, number
            elif line.startswith(">"):
                signed = None
            if to_the_end:
                cut = cut or (number, line)
                break
            if taken:
                cut = cut or (number, line)
            elif line and not self._is_signature(number, signed):
                answered, cut, signed = True, self._behind_answer(number), None
            number += max(taken, 1)
        return cut if answered else None

    def _behind_answer(self, number: int) -> tuple[int, str] | None:
        """Return who wrote what follows when it stands on the line of the answer."""
        found = BEHIND_ANSWER.search(self.lines[number])
        if found and self._is_quote(self._next_said(number)):
            return number, found[1]
        return None

    def _is_signature(self, number: int, signed: int | None) -> bool:
        return signed is not None and number - signed <= MAX_SIGNATURE_LINES

    def _no_answer(self, number: int) -> tuple[int, bool]:
        """Return how many lines from here on are not the person's, and whether all are."""
        line = self.lines[number]
        if not line:
            return 0, False
        if line.startswith(">"):
            return 1, False
        if _is_by_program(line):
            return 1, False
        if SEPARATOR.match(line):
            return 1, not self._is_quote(self._next_said(number))
        if line.startswith("__") and "mailing list" in "".join(self._paragraph(number + 1, 1)):
            return 1, True
        if RULE.fullmatch(line) or BARE_SEPARATOR.fullmatch(line):
            following = self._next_said(number)
            if following is None:
                return 0, False
            begins = self._is_header_block(following, ruled=True)
            return (1, True) if begins or self._introduction(following) else (0, False)
        if self._is_header_block(number):
            return 1, True
        introduction = 0 if self._behind_answer(number) else self._introduction(number)
        if not introduction:
            return 0, False
        return introduction, not self._is_quote(self._next_said(number + introduction - 1))

    def _is_quote(self, number: int | None) -> bool:
        return number is not None and self.lines[number].startswith(">")

    def _next_said(self, number: int) -> int | None:
        """Return the next line after this one that is not blank."""
        for following in range(number + 1, min(number + 4, len(self.lines))):
            if self.lines[following]:
                return following
        return None

    def _look_closely(self) -> bool:
        self.close_looks += 1
        return self.close_looks <= MAX_CLOSE_LOOKS

    def _is_header_block(self, number: int, *, ruled: bool = False) -> bool:
        """Return whether "From: … Sent: … To: …" begins here; below a rule in any language."""
        if not LABEL.match(self.lines[number]):
            return False
        window = self._paragraph(number, MAX_HEADER_LINES)
        text = NEXT_LABEL.sub("\n", "\n".join(window).translate(UNSEEN))
        labelled = [line for line in text.split("\n") if LABEL.match(line)]
        if len(labelled) < 2 or not self._look_closely():
            return False
        block = "\n".join(labelled)
        when, who = bool(TIME.search(block)), "@" in block
        if ruled or KNOWN_BEGINNING.match(block):
            return when or who
        # The first labels may be unknown ones, such as "Reply-To:" in French.
        known = any(KNOWN_BEGINNING.match("\n".join(labelled[after:])) for after in (1, 2, 3))
        return when and who and (known or bool(FROM.search(block) and SUBJECT.search(block)))

    def _introduction(self, number: int) -> int:
        """Return how many lines from here on are "On … Jan wrote:"."""
        text = ""
        for length, line in enumerate(self._paragraph(number, MAX_INTRODUCTION_LINES), start=1):
            if length > 1 and self._begins_anew(line, behind=text):
                return 0
            text = f"{text} {line}".strip().strip("*_")
            if ON_ONE_LINE.match(line) or (UNFINISHED.fullmatch(text) and all(_says(text))):
                return length
            if line.rstrip("*_ ").endswith((":", "：")):
                quoted = self._is_quote(self._next_said(number + length - 1))
                told = self._introduces(text, first=self.lines[number], quoted=quoted)
                return length if told else 0
            if length == 1 and self._is_quote(self._next_said(number)) and all(_says(line)):
                return 1
        return 0

    def _begins_anew(self, line: str, *, behind: str) -> bool:
        """Return whether a line does not go on with the text before it."""
        if line.startswith(">"):
            return behind.rfind("<") <= behind.rfind(">")  # else it ends a wrapped address
        return bool(OPENING.match(line)) and line[0].isupper()

    def _introduces(self, text: str, *, first: str, quoted: bool) -> bool:
        """Return whether lines that end in a colon say who wrote what follows, and when."""
        if len(text) > MAX_LINE or not self._look_closely():
            return False
        when, who = _says(text)
        written = bool(WROTE.search(text))
        if not (when or who):
            return False
        if (OPENING.match(text) and written) or KNOWN_BEGINNING.match(text):
            return True
        written = written or (quoted and bool(DATE.search(text) and TIME.search(text)))
        # Without "On", what comes before it may still be the answer: "Thanks!", "Jan wrote at …:".
        return when and (written or who) and any(_says(first))

    def _paragraph(self, number: int, most: int) -> Iterator[str]:
        """Yield the lines from here to the next blank one."""
        for line in self.lines[number : number + most]:
            if not line:
                return
            yield line


def _is_by_program(line: str) -> bool:
    """Return whether a mail program wrote a line to say with what the mail was sent."""
    line = line.strip("<>()[]*_ ")
    if len(line) > MAX_SENT_FROM:
        return False
    return bool((SENT_FROM.match(line) and PROGRAM.match(line)) or DEVICE.fullmatch(line))


def _says(text: str) -> tuple[bool, bool]:
    """Return whether a text says when, and which address."""
    return bool(TIME.search(text) or DATE.search(text)), bool(ADDRESS.search(text))

"""`make bench-load`: many at once, on the web server of README's own line, alone and behind nginx.

On this machine only, some minutes. It measures what others get meanwhile. It fails where one of
their pages behind nginx is a 5xx or does not come within half a minute, and where the web server
keeps more connections to the database than it has threads. Without a proxy, unfinished bodies and
readers that stop reading hold its threads: README asks for one.
"""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import cycle
from statistics import quantiles
from threading import Event, Thread
from typing import Final
from urllib.parse import urlencode

import psutil
import psycopg

from config.local.bootstrap import BASE, LOCAL, check_space, hold, in_sentences, say
from config.local.postgres import server
from config.local.processes import Child, child
from tests.bench.__main__ import SETTINGS
from tests.mail_server import free_port

FOLDER: Final = LOCAL / "bench-load"
README_COMMAND: Final = re.compile(r"^\.venv/bin/python (-m config\.web .*?) *--port", re.MULTILINE)
DEMO_SCALE: Final = "0.1"
READERS: Final = 200
STALLED: Final = 500
DEAF: Final = 50
WRITERS: Final = 20
SECONDS: Final = {"alone": 10, "readers": 30, "held up": 20, "afterwards": 5}
PATIENCE: Final = 30  # seconds for one page
NEVER: Final = float(PATIENCE)
CONNECTIONS: Final = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'load'"


@dataclass(frozen=True, slots=True)
class Way:
    """How the portal is reached: the port, and whether nginx is there to end TLS."""

    name: str
    port: int
    has_proxy: bool

    def connect(self) -> HTTPConnection:
        """Return a new connection."""
        if not self.has_proxy:
            return HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        trusting = ssl._create_unverified_context()  # noqa: S323  of a minute ago, our own
        return HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE, context=trusting)

    def headers(self, cookie: str = "") -> dict[str, str]:
        """Return what a browser sends, or what the proxy makes of it."""
        headers = {"Host": "localhost", "Accept-Encoding": "gzip", "Cookie": cookie}
        if not self.has_proxy:
            headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"}
        return headers


@dataclass(frozen=True, slots=True)
class Pages:
    """What is asked for, and by whom; answers to `surveys` are awaited."""

    cookie: str
    csrf: str
    looked_at: Mapping[str, str]
    download: str
    reply: str
    query: int
    surveys: Sequence[str]


@dataclass
class Answers:
    """What came back, by page: how long each took, and with which status."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, page: str, status: int, seconds: float) -> None:
        """Add one."""
        self.seconds[page].append(seconds)
        self.statuses[status] += 1

    def rows(self) -> Iterator[str]:
        """Yield a line about each page."""
        for page, all_seconds in sorted(self.seconds.items()):
            ordered = sorted(all_seconds)
            p95 = quantiles(ordered, n=20)[-1] if len(ordered) > 1 else ordered[0]
            middle = ordered[len(ordered) // 2]
            yield (
                f"  {page:22}{len(ordered):>7}{middle * 1000:>9.0f} ms{p95 * 1000:>9.0f} ms"
                f"{ordered[-1] * 1000:>9.0f} ms"
            )


def main() -> None:
    """Prepare, let them come, and say what became of others."""
    check_space(BASE, megabytes=1_000)
    with ExitStack() as stack:
        busy = "The load is measured already, by process {pid}."
        stack.enter_context(hold(LOCAL / "bench-load-run.lock", busy=busy))
        say("Starting the database, and loading the shops …")
        shutil.rmtree(FOLDER, ignore_errors=True)  # each survey is answered once
        database = stack.enter_context(server(FOLDER))
        os.environ.update(_environment(database.environment))
        _manage("migrate")
        _manage("load_demo", f"--scale={DEMO_SCALE}", DEMO="true", SITE_URL="http://localhost")
        _manage("collectstatic", "--no-input")
        pages = _pages()
        wrong = []
        half = len(pages.surveys) // 2
        for name, surveys in {
            "README's line": pages.surveys[:half],
            "behind nginx": pages.surveys[half:],
        }.items():
            wrong += _measured(name, replace(pages, surveys=surveys), database.url)
    if wrong:
        sys.exit("\n".join(wrong))


def _environment(database: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a real installation, whose connections can be told from others."""
    url = database["DATABASE_URL"]
    marked = f"{url}{'&' if '?' in url else '?'}application_name=load"
    return (
        SETTINGS
        | dict(database)
        | {
            "DATABASE_URL": marked,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SITE_URL": "https://localhost",
            "TRUSTED_PROXY_COUNT": "1",
            "STATIC_ROOT": str(LOCAL / "bench-static"),
            "SURVEY_DELAY": "24h",
        }
    )


def _manage(*command: str, **settings: str) -> None:
    started = [sys.executable, "manage.py", *command, "--verbosity=0"]
    subprocess.run(started, cwd=BASE, env={**os.environ, **settings}, check=True)


def _pages() -> Pages:
    """Return the pages of the largest shop, with a session of its owner."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.db.models import Count
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from queries.enums import QueryState
    from queries.models import CustomerQuery
    from sellers.models import Membership, Seller
    from surveys.enums import InvitationState
    from surveys.models import Invitation

    shop = Seller.objects.annotate(size=Count("queries")).latest("size")
    owner = Membership.objects.owning().filter(seller=shop).first()
    assert owner
    browser = Client()
    browser.force_login(owner.user)
    csrf = "b" * 32
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.session.session_key}"
    open_query = CustomerQuery.objects.filter(seller=shop, state=QueryState.YOUR_TURN).earliest(
        "pk"
    )
    awaited = Invitation.objects.filter(
        state=InvitationState.SENT, expires_at__gt=timezone.now()
    ).order_by("pk")
    surveys = [reverse("surveys:answer", args=[each.token]) for each in awaited]
    connection.close()
    connection.close_pool()
    return Pages(
        cookie=f"{cookie}; {settings.CSRF_COOKIE_NAME}={csrf}",
        csrf=csrf,
        looked_at={
            "survey": surveys[0],
            "inbox": reverse("queries:list"),
            "tab": reverse("insights:nps"),
        },
        download=reverse("insights:download", args=["measurements", "csv"]),
        reply=reverse("queries:reply", args=[open_query.pk]),
        query=open_query.pk,
        surveys=surveys[1:],
    )


def _measured(name: str, pages: Pages, database_url: str) -> list[str]:
    """Measure one way to the portal; print it, and return what is wrong."""
    if "nginx" in name and not shutil.which("nginx"):
        say(f"{name}: not measured, nginx is not installed.")
        return []
    with ExitStack() as stack:
        web, port = stack.enter_context(_web_server())
        way = Way(name, port, has_proxy=False)
        if "nginx" in name:
            way = Way(name, stack.enter_context(_nginx(port)), has_proxy=True)
        owner = stack.enter_context(psycopg.connect(database_url))
        wrong = []
        print(f"\n{name}")
        print(f"  {'':22}{'pages':>7}{'median':>12}{'p95':>12}{'longest':>12}")
        for title, crowd in _crowds(way, pages, owner).items():
            during, afterwards = crowd()
            for moment, answers in ((title, during), (f"{title}, afterwards", afterwards)):
                if answers.seconds:
                    print(f" {moment}: {_by_status(answers)}")
                    print(*answers.rows(), sep="\n")
                if way.has_proxy and any(status >= 500 for status in answers.statuses):
                    wrong.append(f"{name}, {moment}: {_by_status(answers)}")
        wrong += _resources(name, web, owner)
    return wrong


def _crowds(
    way: Way, pages: Pages, owner: psycopg.Connection
) -> Mapping[str, Callable[[], tuple[Answers, Answers]]]:
    """Return who comes, in order: each gives what others got meanwhile, and then."""
    return {
        "nobody else": lambda: (_others(way, pages, SECONDS["alone"]), Answers()),
        f"{READERS} readers": lambda: (_readers(way, pages), _others_then(way, pages)),
        f"{len(pages.surveys)} answers": lambda: (_respondents(way, pages), Answers()),
        f"{STALLED} unfinished bodies": partial(_beside, way, pages, partial(_stall, way, pages)),
        f"{DEAF} who stop reading": partial(
            _beside, way, pages, partial(_read_nothing, way, pages)
        ),
        f"{WRITERS} writers at a locked row": partial(
            _beside, way, pages, partial(_locked_row, way, pages, owner)
        ),
    }


def _others_then(way: Way, pages: Pages) -> Answers:
    return _others(way, pages, SECONDS["afterwards"])


def _beside(way: Way, pages: Pages, crowd: Callable[[ExitStack], None]) -> tuple[Answers, Answers]:
    """Return what others get while a crowd is there, and when it went away."""
    with ExitStack() as stack:
        crowd(stack)
        during = _others(way, pages, SECONDS["held up"])
    return during, _others_then(way, pages)


def _others(way: Way, pages: Pages, seconds: float) -> Answers:
    """Look at each page again and again, for as long as this."""
    answers = Answers()
    looks = [
        partial(_look_until, way, [page], pages, time.monotonic() + seconds, answers)
        for page in pages.looked_at.items()
    ]
    _all_at_once(looks)
    return answers


def _readers(way: Way, pages: Pages) -> Answers:
    """Let very many look at all pages, each at one after the other."""
    answers, begin = Answers(), time.monotonic()
    until = begin + SECONDS["readers"]
    look = partial(_look_until, way, list(pages.looked_at.items()), pages, until, answers)
    _all_at_once([look] * READERS)
    count = answers.statuses.total()
    print(f" {READERS} readers: {count / (time.monotonic() - begin):.0f} pages a second")
    return answers


def _respondents(way: Way, pages: Pages) -> Answers:
    """Let customers answer, eight at a time."""
    answers, begin = Answers(), time.monotonic()
    left = iter(pages.surveys)

    def answer_all() -> None:
        for path in left:
            _ask(way, "answer", path, answers, form={"score": "9"})

    _all_at_once([answer_all] * 8)
    count = answers.statuses.total()
    print(f" answers: {count / (time.monotonic() - begin):.0f} a second")
    return answers


def _look_until(
    way: Way, pages: Sequence[tuple[str, str]], asked: Pages, until: float, answers: Answers
) -> None:
    for page, path in cycle(pages):
        if time.monotonic() > until:
            return
        _ask(way, page, path, answers, cookie="" if page == "survey" else asked.cookie)


def _ask(
    way: Way,
    page: str,
    path: str,
    answers: Answers,
    *,
    cookie: str = "",
    form: Mapping[str, str] | None = None,
) -> None:
    """Ask for a page, or send a form; note what came of it. No answer is 504."""
    begin = time.monotonic()
    headers = way.headers(cookie)
    if form is not None:
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": f"https://localhost{path}",
        }
    try:
        with closing(way.connect()) as web:
            web.request("GET" if form is None else "POST", path, urlencode(form or {}), headers)
            response = web.getresponse()
            response.read()
    except (OSError, HTTPException):
        answers.note(page, 504, NEVER)
    else:
        answers.note(page, response.status, time.monotonic() - begin)


def _stall(way: Way, pages: Pages, stack: ExitStack) -> None:
    """Announce a body each, and send one byte of it."""
    head = f"POST {pages.looked_at['survey']} HTTP/1.1\r\nContent-Length: 1000\r\n"
    _half_a_request(way, stack, STALLED, head, body=b"x")


def _read_nothing(way: Way, pages: Pages, stack: ExitStack) -> None:
    """Ask for a download each, and never read it."""
    head = f"GET {pages.download} HTTP/1.1\r\n"
    _half_a_request(way, stack, DEAF, head, body=b"", cookie=pages.cookie)


def _half_a_request(
    way: Way, stack: ExitStack, count: int, head: str, *, body: bytes, cookie: str = ""
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in way.headers(cookie).items())
    for _ in range(count):
        web = way.connect()
        web.connect()
        stack.callback(web.close)
        web.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        web.sock.sendall(f"{head}{lines}\r\n".encode() + body)


def _locked_row(way: Way, pages: Pages, owner: psycopg.Connection, stack: ExitStack) -> None:
    """Hold one query, at which many want to reply."""
    over, answers = Event(), Answers()
    owner.execute("SELECT FROM queries_customerquery WHERE id = %s FOR UPDATE", [pages.query])
    form = {"body": "We send it today.", "csrfmiddlewaretoken": pages.csrf}
    reply = partial(_ask, way, "reply", pages.reply, answers, cookie=pages.cookie, form=form)
    writers = [Thread(target=reply) for _ in range(WRITERS)]

    def let_go() -> None:
        owner.rollback()
        for writer in writers:
            writer.join()
        over.set()
        print(f" {WRITERS} writers at a locked row: replies {_by_status(answers)}")

    stack.callback(let_go)
    for writer in writers:
        writer.start()


def _all_at_once(works: Sequence[Callable[[], None]]) -> None:
    threads = [Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _by_status(answers: Answers) -> str:
    return ", ".join(f"{count} × {status}" for status, count in sorted(answers.statuses.items()))


def _resources(name: str, web: Child, owner: psycopg.Connection) -> list[str]:
    """Print what the web server holds once all have gone; return what is wrong."""
    from django.conf import settings

    processes = psutil.Process(web.process.pid).children(recursive=True)
    memory = ", ".join(f"{each.memory_full_info().uss / 2**20:.0f}" for each in processes)
    ((held,),) = owner.execute(CONNECTIONS).fetchall()
    most = settings.WEB_WORKERS * settings.WEB_THREADS
    print(f" connections to the database: {held} of {most}; megabytes of each process: {memory}")
    return [f"{name}: {held} connections to the database, more than {most}"] if held > most else []


@contextmanager
def _web_server() -> Iterator[tuple[Child, int]]:
    """Run README's own line; give the process and its port once it answers."""
    line = README_COMMAND.search((BASE / "README.md").read_text())
    assert line, "README starts the web server otherwise now."
    port = free_port()
    command = [sys.executable, *shlex.split(line[1]), f"--port={port}"]
    log = LOCAL / "bench-load-web.log"
    with child("web", command, environment=os.environ, log=log) as web:
        _wait_for(port, web)
        yield web, port


@contextmanager
def _nginx(web_port: int) -> Iterator[int]:
    """Run nginx before a web server, with `deploy/nginx.conf` but for names and ports."""
    port, plain = free_port(), free_port()
    FOLDER.with_name("bench-nginx").mkdir(exist_ok=True)
    folder = FOLDER.with_name("bench-nginx")
    certificate = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj=/CN=localhost"]
    subprocess.run([*make, "-days", "2", *certificate], check=True, capture_output=True)
    text = (BASE / "deploy" / "nginx.conf").read_text()
    for old, new in {
        r"127\.0\.0\.1:8000": f"127.0.0.1:{web_port}",
        r"listen \[::\].*": "",
        r"listen 80;": f"listen 127.0.0.1:{plain};",
        r"listen 443 ": f"listen 127.0.0.1:{port} ",
        r"/etc/ssl/portal\.example/fullchain\.pem": str(folder / "certificate.pem"),
        r"/etc/ssl/portal\.example/privkey\.pem": str(folder / "key.pem"),
        r"portal\.example": "localhost",
        r"/var/log/nginx": str(folder),
    }.items():
        text = re.sub(old, new, text)
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off;\npid {folder / 'pid'};\nerror_log {folder / 'error.log'} crit;\n"
        f"events {{ worker_connections 2048; }}\nhttp {{\n{temporary}{text}\n}}\n"
    )
    command = ["nginx", "-e", folder / "start.log", "-c", configuration]
    with child("nginx", command, environment=os.environ, log=folder / "words.log") as nginx:
        _wait_for(port, nginx)
        yield port


def _wait_for(port: int, started: Child) -> None:
    while True:
        started.check_running()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    with in_sentences():
        main()

"""What every test begins with: a marketplace with two shops, and ways to make things happen.

Alice owns Fietsenzo, Bob answers there, Cora only reads there; Dirk owns another shop.
"""

import os
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar
from urllib.parse import urlsplit

import psycopg
import pytest
from aiosmtpd.controller import Controller
from django.apps import apps
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client, TransactionTestCase
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from config.roles import as_owner
from queries import actions
from queries.attachments import CheckedFile
from queries.enums import ActorType, AttachmentKind, Channel
from queries.models import Closing, Customer, CustomerQuery, Order, OrderItem
from sellers.enums import Role
from sellers.events import Actor
from sellers.models import Membership, Seller, User
from surveys import answers, deciding
from surveys.eligibility import Rules
from surveys.enums import InvitationState
from surveys.models import Invitation, SurveyResponse
from tests import database
from tests.mail_server import MailServer, deaf_port, free_port, silent_server

NOON = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Amsterdam
NOTE = CheckedFile("note.txt", AttachmentKind.TEXT, b"Ring twice.")
RULES = Rules(
    enabled=True,
    delay=timedelta(hours=24),
    cooldown=timedelta(days=30),
    stale_after=timedelta(days=7),
    answer_window=timedelta(days=14),
)
WHO_WAITS = """
    SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""
WHO_WORKS = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""
# What a page that could not be stored gives back to be sent again.
GIVEN_BACK = re.compile(r'<textarea name="([\w-]+)" hidden>(.*?)</textarea>', re.DOTALL)
T = TypeVar("T")
TESTS = Path(__file__).parent
SERVERS = {"mail_server", "postgres"}  # fixtures


# How fast a machine is decides nothing: what is slow is measured by `make bench`.
hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")


@contextmanager
def refused_by(guard: str) -> Iterator[None]:
    """Expect the database to refuse what is inside because of this constraint or trigger."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        yield
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    if cause.diag.constraint_name:
        assert cause.diag.constraint_name == guard
    else:
        assert f"pgtrigger_{guard}_" in (cause.diag.context or str(cause))


def at_once(*calls: Callable[[], T], timeout: float = 30) -> list[T]:
    """Make the calls in threads that start together, each with a database connection of its own."""
    together = Barrier(len(calls))

    def alone(call: Callable[[], T]) -> T:
        try:
            together.wait(timeout=10)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [
            future.result(timeout=timeout)
            for future in [pool.submit(alone, call) for call in calls]
        ]


def wait_until_somebody_waits() -> None:
    """Wait until another connection waits for what this one has locked."""
    _wait_until_there_are(WHO_WAITS, least=1)


def wait_until_nobody_works() -> None:
    """Wait until no other connection is in a transaction: not even one whose program was killed."""
    _wait_until_there_are(WHO_WORKS, most=0)


def _wait_until_there_are(question: str, *, least: int = 0, most: int = 1000) -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(question)
            (found,) = cursor.fetchone()
            if least <= found <= most:
                return
            time.sleep(0.01)
    raise AssertionError(f"There are {found}.")


class OnePortalScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist brings no types
    """Gives all that drives a browser to one worker and all that kills workers to another.

    They begin with that. All other tests go one by one to whoever is free.
    """

    def _split_scope(self, nodeid: str) -> str:
        folder = "/".join(nodeid.split("/")[:2])
        return folder if folder in {"tests/journeys", "tests/faults"} else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OnePortalScheduling:
    """Say which worker runs what."""
    return OnePortalScheduling(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what starts servers."""
    folder = item.path.relative_to(TESTS).parent.as_posix()
    if folder in {"journeys", "faults", "config/local"} or SERVERS.intersection(item.fixturenames):
        item.add_marker(pytest.mark.servers)
    if hasattr(item, "operation_label"):  # of schemathesis, which leaves it out of the id
        item._id = item.parent.id.child(item.name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse two tests with one id: in parallel only one of them would run."""
    for nodeid, times in Counter(item.nodeid for item in items).items():
        if times > 1:
            raise pytest.UsageError(f"{times} tests are called {nodeid}.")


@pytest.fixture(autouse=True)
def _plain_settings(settings: LazySettings, tmp_path: Path) -> None:
    """Hash passwords fast, serve static files without a manifest, speak English, forget."""
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()  # what was counted against a throttle
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT = str(tmp_path)
    settings.ATTACHMENTS_ROOT = tmp_path / "attachments"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")


@pytest.fixture(params=["refuses", "is silent"])
def redis_down(settings: LazySettings, request: pytest.FixtureRequest) -> Iterator[None]:
    """Redis is gone: its port refuses, or takes what is said and never answers."""
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            port.listen(64)
        settings.CACHES = {
            "default": {
                "BACKEND": "config.cache.ForgetfulRedis",
                "LOCATION": f"redis://127.0.0.1:{port.getsockname()[1]}/0",
            }
        }
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Have the owner make the tests' database; the tests themselves are the application."""
    with django_db_blocker.unblock():
        database.make()
        # Whoever asks for one first would ask the database once more than others.
        ContentType.objects.get_for_models(*apps.get_models())
    yield
    with django_db_blocker.unblock():
        database.drop()


@pytest.fixture
def _emptied_by_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep Django from emptying all tables: the application may not, and the guards refuse it."""
    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: database.make_anew())


@pytest.fixture
def committed_db(_emptied_by_the_owner: None, transactional_db: None) -> None:
    """Give a database in which threads and processes see each other's commits."""


@pytest.fixture
def owner_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let the test's connection be the owner's: for what the application may not do.

    It goes before all that uses the database: `@pytest.mark.usefixtures("owner_db")`.
    """
    with django_db_blocker.unblock(), as_owner():
        yield


@pytest.fixture
def surroundings(committed_db: None) -> dict[str, str]:
    """The environment in which other processes work in the tests' database, as in production."""
    given = urlsplit(os.environ["DATABASE_URL"])
    url = given._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return {**os.environ, "DATABASE_URL": url, "DEMO": "false"}


@pytest.fixture
def alice(db: None) -> User:
    """Owner of Fietsenzo."""
    return make_alice()


def make_alice() -> User:
    """Store Alice; her shop comes with `open_fietsenzo`."""
    return User.objects.create_user("alice@fietsenzo.example", name="Alice", language="en")


@pytest.fixture
def fietsenzo(alice: User) -> Seller:
    """A Dutch shop: Alice's."""
    return open_fietsenzo(alice)


def open_fietsenzo(alice: User) -> Seller:
    """Store Alice's shop."""
    shop = Seller.objects.create(
        name="Fietsenzo",
        country="NL",
        contact_email="info@fietsenzo.example",
        joined_on=date(2024, 1, 1),
    )
    Membership.objects.create(user=alice, seller=shop, role=Role.OWNER)
    return shop


@pytest.fixture
def bob(fietsenzo: Seller) -> User:
    """An agent at Fietsenzo."""
    return make_member(fietsenzo, "bob@fietsenzo.example", "Bob", Role.AGENT)


@pytest.fixture
def cora(fietsenzo: Seller) -> User:
    """An analyst at Fietsenzo."""
    return make_member(fietsenzo, "cora@fietsenzo.example", "Cora", Role.ANALYST)


@pytest.fixture
def other_shop(db: None) -> Seller:
    """A Belgian shop: Dirk's."""
    return open_other_shop()


def open_other_shop() -> Seller:
    """Store Dirk's shop, still without him."""
    return Seller.objects.create(
        name="Boekenhoek",
        country="BE",
        contact_email="info@boekenhoek.example",
        joined_on=date(2024, 1, 1),
    )


@pytest.fixture
def dirk(other_shop: Seller) -> User:
    """Owner of another shop."""
    return make_member(other_shop, "dirk@boekenhoek.example", "Dirk", Role.OWNER)


def make_member(shop: Seller, email: str, name: str, role: Role) -> User:
    """Store somebody who works at a shop."""
    user = User.objects.create_user(email, name=name, language="en")
    Membership.objects.create(user=user, seller=shop, role=role)
    return user


@pytest.fixture
def customer(db: None) -> Customer:
    """Someone who asks, in English."""
    return Customer.objects.create(name="Klaas", email="klaas@klant.example", language="en")


@dataclass(frozen=True)
class Market:
    """Makes queries, closings, invitations and measurements through the real actions."""

    shop: Seller
    agent: User

    @property
    def actor(self) -> Actor:
        """The agent, as who does something."""
        return Actor.user(self.agent)

    def closer(self, side: ActorType) -> Actor:
        """Return somebody who closes for this side."""
        if side == ActorType.MARKETPLACE:
            staff = User.objects.filter(is_staff=True).first() or User.objects.create_user(
                "closer@markt.example", name="Marja", language="en", is_staff=True
            )
            return Actor.user(staff)
        return self.actor if side == ActorType.SELLER else Actor.SYSTEM

    def new_customer(self, **fields: Any) -> Customer:
        """Store one more customer with an e-mail of their own."""
        number = Customer.objects.count()
        known = {"name": f"Klant {number}", "email": f"klant{number}@klant.example"}
        return Customer.objects.create(**{"language": "en"} | known | fields)

    def query(
        self,
        customer: Customer | None = None,
        *,
        asked_at: datetime = NOON,
        subject: str = "Where is my parcel?",
        order_reference: str = "",
        contact_email: str = "",
    ) -> CustomerQuery:
        """Let a customer ask something."""
        return actions.ask(
            self.shop,
            customer=customer or self.new_customer(),
            subject=subject,
            body="It should have come on Monday.",
            channel=Channel.WEB,
            contact_email=contact_email,
            order_reference=order_reference,
            by=Actor.CUSTOMER,
            now=asked_at,
        )

    def order(
        self,
        reference: str = "4711",
        *,
        customer: Customer | None = None,
        items: int = 1,
        **fields: Any,
    ) -> Order:
        """Let the platform tell of an order, a month ago."""
        day = NOON.date() - timedelta(days=30)
        order = Order.objects.create(
            **{"ordered_on": day} | fields,
            seller=self.shop,
            reference=reference,
            customer=customer,
        )
        OrderItem.objects.bulk_create(
            OrderItem(order=order, position=number, name=f"Lamp {number}")
            for number in range(1, items + 1)
        )
        return order

    def closing(
        self,
        customer: Customer | None = None,
        *,
        closed_at: datetime = NOON,
        closed_by: ActorType = ActorType.SELLER,
        subject: str = "Where is my parcel?",
    ) -> Closing:
        """Let a customer ask something and the shop, or somebody else, close it an hour later."""
        query = self.query(customer, asked_at=closed_at - timedelta(hours=1), subject=subject)
        return actions.close(query, by=self.closer(closed_by), now=closed_at)

    def invitation(self, closing: Closing | None = None) -> Invitation:
        """Decide the survey of a closing and note that its mail was sent."""
        closing = closing or self.closing()
        now = closing.closed_at + RULES.delay
        deciding.decide_due(now=now, rules=RULES)
        invitation = Invitation.objects.get(closing=closing)
        invitation.state, invitation.sent_at = InvitationState.SENT, now
        invitation.expires_at = now + RULES.answer_window
        invitation.save(update_fields=["state", "sent_at", "expires_at"])
        return invitation

    def survey(self, closing: Closing, state: InvitationState, reason: str = "") -> Invitation:
        """Decide the survey of a closing and let it come so far."""
        now = closing.closed_at + RULES.delay
        deciding.decide_due(now=now, rules=RULES)
        row = Invitation.objects.filter(closing=closing)
        row.update(
            sent_at=now, expires_at=now + RULES.answer_window, answered_at=now, bounced_at=now
        )
        if state == InvitationState.EXPIRED:
            row.update(state=InvitationState.SENT)
        row.update(state=state, reason=reason)
        return row.get()

    def response(
        self,
        score: int,
        *,
        customer: Customer | None = None,
        submitted_at: datetime = NOON + timedelta(days=2),
        closed_by: ActorType = ActorType.SELLER,
        reason: str = "",
        may_contact: bool | None = None,
    ) -> SurveyResponse:
        """Let a customer answer the survey of a query at a moment."""
        closed_at = submitted_at - timedelta(days=2)
        closing = self.closing(customer, closed_at=closed_at, closed_by=closed_by)
        return self.answer(
            self.invitation(closing),
            score,
            submitted_at=submitted_at,
            reason=reason,
            may_contact=may_contact,
        )

    def answer(
        self,
        invitation: Invitation,
        score: int,
        *,
        submitted_at: datetime = NOON + timedelta(days=2),
        reason: str = "",
        may_contact: bool | None = None,
    ) -> SurveyResponse:
        """Let the customer answer a survey that was sent."""
        return answers.submit(
            invitation.token_digest,
            score=score,
            reason=reason,
            topics=[],
            may_contact=may_contact,
            opened_at=None,
            by=Actor.CUSTOMER,
            now=submitted_at,
        )


@pytest.fixture
def market(fietsenzo: Seller, bob: User) -> Market:
    """What happens at Fietsenzo, with Bob closing."""
    return Market(fietsenzo, bob)


@pytest.fixture
def other_market(other_shop: Seller, dirk: User) -> Market:
    """What happens at Dirk's."""
    return Market(other_shop, dirk)


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    """A real SMTP server, where all mail goes."""
    server = MailServer(free_port())
    _send_to(server.port, settings)
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def no_mail_server(settings: LazySettings) -> Iterator[None]:
    """All mail goes where nobody listens."""
    with deaf_port() as port:
        _send_to(port, settings)
        yield


@pytest.fixture
def silent_mail_server(settings: LazySettings) -> Iterator[None]:
    """All mail goes to a server that never says a word."""
    with silent_server() as port:
        _send_to(port, settings)
        yield


def _send_to(port: int, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "sellers.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


@pytest.fixture
def log_in(client: Client) -> Callable[[User], Client]:
    """Return a browser in which somebody is logged in."""

    def as_user(user: User) -> Client:
        client.force_login(user)
        return client

    return as_user


@pytest.fixture
def staff_s(db: None, client: Client) -> Client:
    """The browser of a member of the marketplace staff."""
    client.force_login(
        User.objects.create_superuser("staff@markt.example", name="Staff", language="en")
    )
    return client


@pytest.fixture
def staff(db: None) -> User:
    """One of the marketplace staff, who may nothing yet."""
    return User.objects.create_user(
        "staff@markt.example", name="Staff", language="en", is_staff=True
    )


@pytest.fixture
def browser(staff: User, client: Client) -> Callable[..., Client]:
    """The browser of that person, who may do just this."""

    def allowed(*permissions: str) -> Client:
        staff.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(staff)
        return client

    return allowed


def admin_url(model: type[Model], page: str, *arguments: object) -> str:
    """Return where the admin has a page of a model."""
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=arguments)


def text(page: HttpResponse) -> str:
    """Return a page as people read it."""
    return unescape(page.content.decode())

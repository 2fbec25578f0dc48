"""The loop that sends: some conversations with the mail server at once, one database connection.

Threads talk to the mail server and touch no database; the sender claims, builds and notes for
all of them. How many senders there are at most, and how fast they are together, is held in the
database, so it holds for all workers (docs/decisions/0012-all-mail-leaves-one-way.md).
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, OperationalError, connection

from sellers import mailings
from sellers.enums import MailState
from sellers.models import MailDay, Mailing, MailServer
from sellers.refusals import DeliveryOutcome, judge

logger = logging.getLogger(__name__)

SENDING_LASTS: Final = timedelta(seconds=55)  # then the next tick goes on, with fresh connections
CONNECTIONS_PER_SENDER: Final = 8
MAILS_PER_SENDER: Final = 50  # one more sender for each so many mails that wait
MAILS_PER_CONNECTION: Final = 100  # relays hang up on who never stops
MOST_BREAKS: Final = 3  # conversations that broke off, with none between them that went well
SENDER_LOCKS: Final = 0x6D61696C  # "mail": the first half of the number of each advisory lock
DATABASE_GONE: Final = (OperationalError, InterfaceError)
RECONNECT_AFTER: Final = (0, 1, 2, 4, 8, 15)  # seconds: until a restarted database is back

REFUSED: Final = (DeliveryOutcome.BOUNCED, DeliveryOutcome.REJECTED)
ABOUT_THE_MAIL: Final = (DeliveryOutcome.TAKEN, DeliveryOutcome.LATER, *REFUSED)
ABOUT_THE_SERVER: Final = (
    DeliveryOutcome.UNREACHABLE,
    DeliveryOutcome.SILENT,
    DeliveryOutcome.OUR_FAULT,
)
BREAKS: Final = (DeliveryOutcome.BROKEN, DeliveryOutcome.HUNG_UP)
OURS_TO_MEND: Final = (DeliveryOutcome.OUR_FAULT, DeliveryOutcome.UNSENDABLE)

Clock = Callable[[], datetime]


def send_due(*, clock: Clock) -> Counter[str]:
    """Send what is due, as long as the mail server takes it and the time lasts.

    Returns how many mails ended in which state, "decided" being to be tried again. Does nothing
    while enough others do the same, or while the mail server is left in peace.
    """
    now = clock()
    due = mailings.waiting(now=now, most=MAILS_PER_SENDER * len(_numbers()))
    if not due or MailServer.objects.paused(now=now).exists():
        return Counter()
    with _number_of_connections(due) as connections:
        if not connections:
            return Counter()
        return _Sender(connections, clock=clock).work(until=now + SENDING_LASTS)


@contextmanager
def _number_of_connections(due: int) -> Iterator[int]:
    """Give how many connections one more sender may open: none when there are enough senders."""
    first = _take_number(due)
    if first is None:
        yield 0
        return
    try:
        yield min(CONNECTIONS_PER_SENDER, settings.MAIL_CONNECTIONS - first)
    finally:
        with suppress(*DATABASE_GONE), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SENDER_LOCKS, first])


def _take_number(due: int) -> int | None:
    """Become a sender unless there are enough; return the number of its first connection.

    The number is an advisory lock of this database session, and ends with it, however that ends.
    """
    with connection.cursor() as cursor:
        # The session of a host that vanished ends within minutes and not hours.
        cursor.execute("SET tcp_keepalives_idle = 60")
        for senders, first in enumerate(_numbers()):
            if due <= senders * MAILS_PER_SENDER:
                break
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SENDER_LOCKS, first])
            if cursor.fetchone() == (True,):
                return first
    return None


def _numbers() -> range:
    """Return the number of each sender's first connection."""
    return range(0, settings.MAIL_CONNECTIONS, CONNECTIONS_PER_SENDER)


class _Line:
    """A connection to the mail server, for one mail after another."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self._mails = 0

    def send(self, email: EmailMessage) -> None:
        """Hand over a mail; raises what smtplib and the network raise."""
        if self._mails >= MAILS_PER_CONNECTION:
            self.disconnect()
        self._mails += 1
        try:
            self._backend.open()  # stays open for the next mail
            self._backend.send_messages([email])
        except Exception as failure:
            if judge(failure) not in ABOUT_THE_MAIL:
                self.disconnect()
            raise

    def disconnect(self) -> None:
        """Close the connection; the next mail opens another."""
        self._mails = 0
        with suppress(OSError):
            self._backend.close()


class _Sender:
    """Keeps up to so many mails under way, until none is due, the time is over or a stop."""

    def __init__(self, connections: int, *, clock: Clock) -> None:
        self._clock = clock
        self._lines = [_Line() for _ in range(connections)]
        self._free = list(self._lines)
        self._under_way: dict[Future[None], tuple[Mailing, _Line]] = {}
        self._has_turn = False
        self._wait_until: datetime | None = None
        self._answers = False  # whether the server has said anything about a mail
        self._breaks = 0
        self._stopped = False
        self._counts = Counter[str]()

    def work(self, *, until: datetime) -> Counter[str]:
        """Send until there is nothing more to do; return how many mails ended in which state."""
        with ThreadPoolExecutor(len(self._lines)) as pool:
            try:
                while True:
                    # Whatever is finished is noted before anything else begins: a worker that is
                    # killed repeats what it has not noted.
                    if self._begin_next(pool, until=until):
                        self._note_finished(seconds=0)
                    elif self._wait_until:
                        left = self._wait_until - self._clock()
                        self._note_finished(seconds=max(left.total_seconds(), 0))
                    elif self._under_way:
                        self._note_finished(seconds=None)
                    else:
                        return self._counts
            except Exception:
                self._note_the_rest()
                raise
            finally:
                with suppress(*DATABASE_GONE):
                    self._count()
                for line in self._lines:
                    pool.submit(line.disconnect)  # a silent server lets each wait

    def _count(self) -> None:
        """Count what left, for who watches how much comes back."""
        left, bounced = self._counts[MailState.SENT], self._counts[MailState.BOUNCED]
        day = self._clock().astimezone(UTC).date()
        MailDay.add(day, left=left + bounced, bounced=bounced)

    def _begin_next(self, pool: ThreadPoolExecutor, *, until: datetime) -> bool:
        """Claim a mail and let it leave, or note why it does not; return whether there was one.

        The first mail goes alone: it shows whether the server takes mail at all.
        """
        now = self._clock()
        self._wait_until = None
        has_room = self._free if self._answers else not self._under_way
        if self._stopped or now >= until or not has_room or not self._is_our_turn(now, until):
            return False
        mailing = mailings.claim(now=now)
        if mailing is None:
            return False
        try:
            email = self._build_if_wanted(mailing, now=now)
        except DATABASE_GONE:
            raise
        except Exception as failure:  # noqa: BLE001  one broken mail must not stop the others
            self._note(mailing, failure)
            return True
        if email is not None:
            self._has_turn = False
            line = self._free.pop()
            self._under_way[pool.submit(line.send, email)] = mailing, line
        return True

    def _build_if_wanted(self, mailing: Mailing, *, now: datetime) -> EmailMessage | None:
        """Return a claimed mail, or note why it is not wanted any more."""
        reason = mailings.reason_not_to_send(mailing, now=now)
        if not reason:
            return mailings.build(mailing)
        mailings.suppress(mailing, reason=reason, now=now)
        self._counts[MailState.SUPPRESSED.value] += 1
        return None

    def _is_our_turn(self, now: datetime, until: datetime) -> bool:
        """Take one of the turns that all senders share, if there is a rate and a mail is due."""
        if settings.MAIL_PER_MINUTE is None or self._has_turn:
            return True
        if not mailings.waiting(now=now, most=1):
            return False
        every = timedelta(minutes=1) / settings.MAIL_PER_MINUTE
        self._has_turn = MailServer.objects.take_turn(now=now, every=every)
        if self._has_turn:
            return True
        next_turn_at = MailServer.objects.values_list("next_turn_at", flat=True).get()
        if next_turn_at is not None and next_turn_at < until:
            self._wait_until = next_turn_at
        return False

    def _note_finished(self, *, seconds: float | None) -> None:
        """Note how the mails fared that are finished, waiting at most so long for a first one."""
        if not self._under_way:
            time.sleep(seconds or 0)
        done, _ = wait(self._under_way, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            mailing, line = self._under_way[future]
            self._note(mailing, future.exception())
            del self._under_way[future]  # not before it is noted
            self._free.append(line)

    def _note_the_rest(self) -> None:
        """Note what is under way, once the database is back; what is not noted leaves again."""
        wait(self._under_way)
        for seconds in RECONNECT_AFTER:
            time.sleep(seconds)
            if not connection.is_usable():
                connection.close()  # a usable one still holds our number
            with suppress(*DATABASE_GONE):
                self._note_finished(seconds=0)
                return

    def _note(self, mailing: Mailing, failure: BaseException | None) -> None:
        """Note how one mail fared, and heed what that says of the mail server."""
        if failure is not None and not isinstance(failure, Exception):
            raise failure  # it ends the worker
        now, outcome = self._clock(), judge(failure)
        state = mailings.settle(mailing, outcome, now=now)
        self._counts[state.value] += 1
        if failure is not None and state is MailState.SENT:
            logger.warning(
                "%s counts as sent: the server got it twice, without an answer", mailing.label
            )
        elif failure is not None and outcome not in REFUSED:
            # The exception's own words may hold the recipient's e-mail: only its kind is logged.
            level = logging.ERROR if outcome in OURS_TO_MEND else logging.WARNING
            logger.log(level, "%s not sent: %s", mailing.label, type(failure).__name__)
        if outcome in ABOUT_THE_MAIL:
            if not self._answers:
                MailServer.objects.answered()
            self._answers, self._breaks = True, 0
        self._breaks += outcome in BREAKS
        if outcome in ABOUT_THE_SERVER or self._breaks >= MOST_BREAKS:
            self._stopped = True
            is_refusal = outcome is DeliveryOutcome.OUR_FAULT
            MailServer.objects.pause(now=now, is_refusal=is_refusal)

"""Who guesses passwords and codes is kept waiting; who logged in before with a browser is not.

After "Slow down online guessing attacks with device cookies" (OWASP): guesses at an account are
counted apart for each browser that logged in to it before, and together for all other browsers
(docs/decisions/0031-guessing.md).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.utils.crypto import salted_hmac

from sellers.models import GuessCount

WINDOW: Final = timedelta(minutes=5)
# In a window: more than a person needs, far fewer than a list of passwords.
PER_BROWSER: Final = 10
PER_NETWORK: Final = 20
PER_ACCOUNT: Final = 5


@dataclass(slots=True, kw_only=True)
class Guess:
    """Somebody says to know a secret of an account.

    `what` is the kind of secret; `account` the e-mail as it was typed, of a user or not; `network`
    an IP, of IPv6 its /64; `browser` what a browser is known by that logged in there before.
    """

    what: str
    account: str
    network: str
    browser: str | None = None
    _counted: list[str] = field(default_factory=list)

    def count(self, *, now: datetime) -> datetime | None:
        """Count it; return until when to wait, if there were too many before.

        A browser that is known counts for nobody else until it guessed too often itself. Where a
        network did, the account is spared: from elsewhere one still gets in.
        """
        if self.browser and not self._count(self._browser_key, PER_BROWSER, now):
            return None
        return self._count(self._network_key, PER_NETWORK, now) or self._count(
            self._account_key, PER_ACCOUNT, now
        )

    def was_right(self) -> None:
        """Count it no more."""
        for key in self._counted:
            GuessCount.objects.take_back(key)

    def forget_others(self) -> None:
        """Forget all guesses at the account: it has another secret now."""
        GuessCount.objects.filter(pk=self._account_key).delete()

    def _count(self, key: str, most: int, now: datetime) -> datetime | None:
        count, since = GuessCount.objects.add(key, window=WINDOW, now=now)
        self._counted.append(key)
        return since + WINDOW if count > most else None

    @property
    def _browser_key(self) -> str:
        return _key(self.what, "browser", self.browser or "")

    @property
    def _network_key(self) -> str:
        return _key(self.what, "network", self.network)

    @property
    def _account_key(self) -> str:
        return _key(self.what, "account", same_account(self.account))


def is_first_use(code: str, *, account: str, now: datetime) -> bool:
    """Return whether a code that changes was not used before, while it is right."""
    key = _key("used", same_account(account), "".join(filter(str.isalnum, code)))
    count, _since = GuessCount.objects.add(key, window=WINDOW, now=now)
    return count == 1


def drop_over(*, now: datetime) -> None:
    """Delete the counts that keep nobody waiting."""
    GuessCount.objects.filter(since__lt=now - WINDOW).delete()


def same_account(email: str) -> str:
    """Return what is the same for all ways to type the e-mail of one account."""
    return email.strip().lower()


def _key(*parts: str) -> str:
    return salted_hmac("sellers.guessing", "\n".join(parts), algorithm="sha256").hexdigest()

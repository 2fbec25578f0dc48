"""What of accounts is done otherwise than allauth does it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Takes an address that is none for one that leads elsewhere."""

    def is_safe_url(self, url: Any) -> bool:
        """Return whether somebody may be sent there after the log-in."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:  # such as //[
            return False

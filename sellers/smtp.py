"""Mail by SMTP, where it is known whether a server that fell silent may have the mail already."""

import smtplib
from typing import Any

from django.core.mail.backends import smtp

REPLIES_TO_A_MAIL = 2  # to DATA, and to the text: RFC 5321 §4.1.1.4


class Unanswered(Exception):
    """The server got the whole text of a mail and did not say whether it took it.

    The `__cause__` is how the conversation ended.
    """


class _Noticing(smtplib.SMTP):
    """Notices how far a mail had come when the conversation ended."""

    _asked = 0

    def data(self, msg: Any) -> Any:
        """Send the text. Raises Unanswered too."""
        self._asked = 0
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except OSError as failure:
            if self._asked == REPLIES_TO_A_MAIL:
                raise Unanswered from failure
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Return what the server says next."""
        self._asked += 1
        return super().getreply()


class _NoticingByTls(_Noticing, smtplib.SMTP_SSL):
    """The same, with TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    """Django's, with conversations that notice."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return what talks to the server."""
        return _NoticingByTls if self.use_ssl else _Noticing

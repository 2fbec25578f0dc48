"""Keep private links out of the logs: whoever reads one can act for the customer."""

import logging

from sellers.tokens import mask


class NoPrivateLinks(logging.Filter):
    """Leave out the token of every private link that a message or its arguments mention."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; never drop it."""
        record.msg = mask(record.getMessage())
        record.args = None
        return True

"""One month of one shop on one page, to hang on the wall."""

from insights.poster.page import poster

__all__ = ["poster"]

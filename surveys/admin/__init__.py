"""Staff's view of the survey engine: topics are theirs, measurements are read-only."""

from surveys.admin import invitations, measurements, policies, queries

__all__ = ["invitations", "measurements", "policies", "queries"]

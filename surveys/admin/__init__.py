"""Staff's view of the survey engine: topics are theirs, measurements are read-only."""

from surveys.admin import customers, invitations, measurements, policies

__all__ = ["customers", "invitations", "measurements", "policies"]

"""Staff's view of the survey engine: topics are theirs, measurements are read-only."""

from surveys.admin import (
    appreciations,
    followups,
    imports,
    invitations,
    measurements,
    policies,
    queries,
)

__all__ = [
    "appreciations",
    "followups",
    "imports",
    "invitations",
    "measurements",
    "policies",
    "queries",
]

"""Staff's view of the service standard, and of all shops against it."""

from insights.admin import overview, standards

__all__ = ["overview", "standards"]

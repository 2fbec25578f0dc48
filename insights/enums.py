"""The closed lists of this app."""

from django.utils.translation import gettext_lazy as _

from sellers.enums import EventKind


class StandardEvent(EventKind):
    """What happens to service standards."""

    ANNOUNCED = "standard.announced", _("Service standard announced")
    CHANGED = "standard.changed", _("Service standard changed")
    WITHDRAWN = "standard.withdrawn", _("Service standard withdrawn")

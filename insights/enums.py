"""The closed lists of this app."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sellers.enums import UNDELIVERABLE, EventKind


class StandardEvent(EventKind):
    """What happens to service standards."""

    ANNOUNCED = "standard.announced", _("Service standard announced")
    CHANGED = "standard.changed", _("Service standard changed")
    WITHDRAWN = "standard.withdrawn", _("Service standard withdrawn")


class MonthNoteEvent(EventKind):
    """What happens to the note of a month."""

    WRITTEN = "month_note.written", _("Note of a month written")
    REMOVED = "month_note.removed", _("Note of a month removed")


class UnsentAlertReason(TextChoices):
    """Why an alert was not mailed, or a mail with alerts not sent after all."""

    SWITCHED_OFF = "switched_off", _("mails of this kind are switched off")
    TOO_OLD = "too_old", _("longer than a day ago")
    DONE = "done", _("done before a mail left")
    NOT_IN_TEAM = "not_in_team", _("user does not belong to the shop any more")
    UNDELIVERABLE = UNDELIVERABLE, _("mail to this address was refused for good")


class AlertWork(TextChoices):
    """What is done about alerts by the clock; of each only one at a time."""

    EVENTS = "events"  # reading what happened
    TIMES = "times"  # looking at the clock
    MAILS = "mails"  # putting alerts into mails

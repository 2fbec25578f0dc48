"""The whole history of a query: what happened to it, and what became of its surveys."""

from collections.abc import Iterator

from django.contrib import admin
from django.utils.translation import gettext as _

from queries.admin import CustomerQueryPage
from queries.models import CustomerQuery
from sellers.admin import Line
from sellers.admin.events import lines_about
from sellers.enums import ActorKind
from surveys.enums import InvitationState
from surveys.models import Invitation

admin.site.unregister(CustomerQuery)


@admin.register(CustomerQuery)
class QueryHistoryPage(CustomerQueryPage):
    """Queries with their thread and closings; their history has their surveys too."""

    def lines_about(self, row: CustomerQuery) -> list[Line]:
        """Return what happened to the query, its customer, its measurements and its surveys."""
        invitations = row.invitations.order_by("pk")
        lines = lines_about([row, row.customer, *row.responses.all()])
        return lines + [line for each in invitations for line in _fate(each)]


def _fate(invitation: Invitation) -> Iterator[Line]:
    """Yield what became of a survey until it was answered, by its own moments."""
    by = str(ActorKind.SYSTEM.label)
    if invitation.state == InvitationState.SUPPRESSED:
        what = _("No survey: %(reason)s") % {"reason": invitation.get_reason_display()}
    else:
        what = _("Survey decided")
    yield Line(invitation.decided_at, what, by)
    if invitation.sent_at:
        yield Line(invitation.sent_at, _("Survey sent"), by)
    if invitation.bounced_at:
        yield Line(invitation.bounced_at, _("Survey not delivered"), by)

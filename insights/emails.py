"""The mail to staff about stored numbers that differ."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sellers.models import Notice, User
from sellers.notices import notify
from surveys.integrity import Finding

INTEGRITY: Final = "integrity"


def alert_staff(findings: Sequence[Finding], *, now: datetime) -> int:
    """Queue a mail to every active superuser, in their own language; return how many."""
    staff = User.objects.filter(is_active=True, is_superuser=True).order_by("pk")
    for user in staff:
        with translation.override(user.language):
            words = [_in_words(found) for found in findings]
        notify(user, kind=INTEGRITY, now=now, findings=words)
    return len(staff)


def integrity_email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail about what was found: names of checks and counts, nothing about anybody."""
    findings = notice.parameters["findings"]
    with translation.override(notice.language):
        subject = ngettext(
            "%(marketplace)s: %(count)s integrity check found differences",
            "%(marketplace)s: %(count)s integrity checks found differences",
            len(findings),
        ) % {"marketplace": settings.MARKETPLACE_NAME, "count": len(findings)}
        begin = _(
            "Everything that is stored twice, or follows from something else, was recounted. "
            "These promises do not hold in the database:"
        )
        end = _(
            "Nothing was changed. “manage.py check_integrity” names the rows; find out what wrote "
            "them before you mend them."
        )
        return EmailMessage(
            subject=subject,
            body="\n\n".join([begin, *findings, end]) + "\n",
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )


def _in_words(found: Finding) -> str:
    """Return one finding in the language that is active."""
    rows = ngettext("%(count)s row", "%(count)s rows", found.count) % {"count": found.count}
    return f"{found.check.promise}\n{found.check.name}: {rows}"

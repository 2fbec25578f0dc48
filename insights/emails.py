"""The mail that tells staff that stored numbers differ."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sellers.models import User
from surveys.integrity import Finding


def alert_staff(findings: Sequence[Finding]) -> int:
    """Mail every active superuser what was found, each in their own language; return how many."""
    staff = User.objects.filter(is_active=True, is_superuser=True).order_by("pk")
    mails = [integrity_email(user, findings) for user in staff]
    return get_connection().send_messages(mails) or 0


def integrity_email(reader: User, findings: Sequence[Finding]) -> EmailMessage:
    """Return the mail about these findings: names of checks and counts, nothing about anybody."""
    with translation.override(reader.language):
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
        paragraphs = [begin, *map(_in_words, findings), end]
        return EmailMessage(
            subject=" ".join(subject.split()),
            body="\n\n".join(paragraphs) + "\n",
            to=[reader.email],
            headers={"Auto-Submitted": "auto-generated"},
        )


def _in_words(found: Finding) -> str:
    rows = ngettext("%(count)s row", "%(count)s rows", found.count) % {"count": found.count}
    return f"{found.check.promise}\n{found.check.name}: {rows}"

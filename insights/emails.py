"""The mails to staff: about stored numbers that differ, and about work that is behind."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.watching import News
from sellers.enums import TroubleKind
from sellers.models import Notice, User
from sellers.notices import notify
from surveys.integrity import Finding

INTEGRITY: Final = "integrity"
WORK: Final = "work_behind"


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
            "Nothing was changed but kept counts, which are counted again. “manage.py "
            "check_integrity” names the rows; find out what wrote them before you mend them."
        )
        return EmailMessage(
            subject=subject,
            body="\n\n".join([begin, *findings, end]) + "\n",
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )


def tell_of_work(news: News, *, now: datetime) -> int:
    """Queue a mail to everybody at the marketplace who sees what is sent; return how many."""
    rights = ModelBackend()
    staff = rights.with_perm("surveys.view_invitation").filter(is_staff=True).order_by("pk")
    told = {
        part: [[kind.value, since.isoformat()] for kind, since in kinds.items()]
        for part, kinds in news.parts().items()
    }
    for user in staff:
        notify(user, kind=WORK, now=now, **told)
    return len(staff)


def work_email(notice: Notice, user: User) -> EmailMessage:
    """Return the mail about work that is behind, or no more: what and since when, nobody's name."""
    with translation.override(notice.language):
        heads = {
            "begun": _("Behind, since:"),
            "lasting": _("Still behind, since:"),
            "over": _("In order again; it was behind since:"),
        }
        words = [
            "\n".join([head, *_kinds_in_words(notice.parameters[part])])
            for part, head in heads.items()
            if notice.parameters[part]
        ]
        is_over = not (notice.parameters["begun"] or notice.parameters["lasting"])
        names = {"marketplace": settings.MARKETPLACE_NAME}
        subject = (
            _("%(marketplace)s: sending is in order again")
            if is_over
            else _("%(marketplace)s: sending is behind")
        )
        look = (
            _("What waits now, and what to do:") + f"\n{settings.SITE_URL}{reverse('admin:index')}"
        )
        return EmailMessage(
            subject=subject % names,
            body="\n\n".join([*words, look]) + "\n",
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )


def _kinds_in_words(kinds: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each kind of trouble, in the language that is active."""
    for kind, since in kinds:
        moment = datetime.fromisoformat(since).astimezone(settings.MARKETPLACE_ZONE)
        label = TroubleKind(kind).label if kind in TroubleKind.values else kind
        yield f"- {date_format(moment, 'j F H:i')}: {label}"


def _in_words(found: Finding) -> str:
    """Return one finding in the language that is active."""
    rows = ngettext("%(count)s row", "%(count)s rows", found.count) % {"count": found.count}
    return f"{found.check.promise}\n{found.check.name}: {rows}"

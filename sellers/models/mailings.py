"""Mail that is to leave or has left: the columns that every mail has, and what the server bears."""

from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Self, TypeVar

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Greatest, Lower
from django.utils.translation import gettext_lazy as _

from sellers.addresses import normalised_email
from sellers.enums import Language, MailState, TroubleKind, UnsentReason
from sellers.models.bounds import days_that_exist
from sellers.models.shops import User

TO_BE_SENT = (MailState.DECIDED, MailState.SENDING)
PAUSE: Final = timedelta(minutes=1)  # of all senders, when the server takes no mail at all
MOST_PAUSE_DOUBLINGS: Final = 4  # a log-in that is tried each minute is locked out for longer

M = TypeVar("M", bound="Mailing", covariant=True)


class Mailings(models.QuerySet[M]):
    """Mails, narrowed by adjectives."""

    def to_send(self, *, now: datetime) -> Self:
        """Keep the mails whose next try to send has come; a partial index."""
        return self.filter(state__in=TO_BE_SENT, next_try_at__lte=now)

    def with_contents(self) -> Self:
        """Fetch what the mail is built from; each kind of mail says what that is."""
        return self


class Mailing(models.Model):
    """A mail to one person, which goes decided → sending → sent, or ends bounced or suppressed.

    A concrete model says in its own `state` what comes before and after, and in `reason` why a
    mail was suppressed; its mailer (sellers/mailings.py) builds the mail.
    """

    language = models.CharField(_("language"), max_length=2, choices=Language)
    state = models.CharField(_("state"), max_length=20, choices=MailState)
    reason = models.CharField(_("reason not to send"), max_length=20, blank=True)
    # While a mail is being sent: when the claim lapses.
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    bounced_at = models.DateTimeField(_("bounced"), null=True, blank=True)
    message_key = models.UUIDField(db_default=RandomUUID(), editable=False)

    objects: ClassVar[Mailings["Mailing"]] = Mailings.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=TO_BE_SENT) | models.Q(next_try_at__isnull=False),
                name="%(class)s_to_send_has_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at", "id"],
                condition=models.Q(state__in=TO_BE_SENT),
                name="%(class)s_to_send",
            ),
        ]

    @property
    def label(self) -> str:
        """Return what a log may call this mail: nothing about anybody."""
        return f"{self._meta.object_name} {self.pk}"

    @property
    def message_id_header(self) -> str:
        """Return the Message-ID: the same at every try, so that a repeated mail is shown once.

        Only who got the mail knows it; the primary key in it finds the row without an index.
        """
        return f"<{self._meta.model_name}.{self.pk}.{self.message_key.hex}@{settings.SITE_HOST}>"

    @property
    def return_path(self) -> str:
        """Return where a mail server is to say later that it could not deliver; "" for nowhere."""
        if not settings.MAIL_IN_DOMAIN:
            return ""
        key = f"{self._meta.model_name}-{self.pk}-{self.message_key.hex}"
        return f"bounce-{key}@{settings.MAIL_IN_DOMAIN}"


class RefusedAddresses(models.QuerySet["RefusedAddress"]):
    """Addresses that take no mail, narrowed by adjectives."""

    def of(self, *emails: str) -> Self:
        """Keep the rows about these addresses, however they are written."""
        return self.filter(email__in={normalised_email(email) for email in emails})


class RefusedAddress(models.Model):
    """An e-mail address that a mail server refused for good: no mail goes there any more.

    Every kind of mail asks (sellers/mailings.py); staff lift it by deleting the row.
    """

    email = models.CharField(_("e-mail address"), max_length=254, unique=True)
    refused_at = models.DateTimeField(_("refused"))

    objects = RefusedAddresses.as_manager()

    class Meta:
        verbose_name = _("undeliverable address")
        verbose_name_plural = _("undeliverable addresses")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")) & ~models.Q(email=""),
                name="refused_address_in_lower_case",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"  # no address: the admin's history keeps it for ever


class Notices(Mailings["Notice"]):
    """Mails from the portal to its users, narrowed by adjectives."""

    def with_contents(self) -> Self:
        """Fetch the user too."""
        return self.select_related("user")

    def finished_before(self, moment: datetime) -> Self:
        """Keep what was asked for before a moment and is not to be sent any more."""
        return self.filter(created_at__lt=moment).exclude(state__in=TO_BE_SENT)


class Notice(Mailing):
    """A mail from the portal itself to one of its users: a new password, an alarm for staff.

    There is no `user` when nobody has the e-mail that was typed, or when the user is gone.
    """

    user = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("user"),
    )
    kind = models.CharField(_("kind"), max_length=40)
    # What the mail is built from; never a secret, such as the key of a password.
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"))
    reason = models.CharField(
        _("reason not to send"), max_length=20, choices=UnsentReason, blank=True
    )

    objects: ClassVar[Notices] = Notices.as_manager()  # type: ignore[assignment]

    class Meta(Mailing.Meta):
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            *Mailing.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state__in=MailState.values), name="notice_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=MailState.SUPPRESSED, reason__in=UnsentReason.values)
                | ~models.Q(state=MailState.SUPPRESSED) & models.Q(reason=""),
                name="notice_reason_iff_suppressed",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=MailState.SENT) | models.Q(sent_at__isnull=False),
                name="notice_sent_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class MailServers(models.QuerySet["MailServer"]):
    """The only mail server there is."""

    def paused(self, *, now: datetime) -> Self:
        """Keep it while it is not to be tried."""
        return self.filter(paused_until__gt=now)

    @transaction.atomic
    def pause(self, *, now: datetime, is_refusal: bool) -> None:
        """Let no sender try it for a while; twice as long each time that it refuses us again.

        Of several senders that find out at once the first one counts.
        """
        server = self.select_for_update().filter(~models.Q(paused_until__gt=now)).first()
        if server is None:
            return
        doublings = min(server.refusals, MOST_PAUSE_DOUBLINGS) if is_refusal else 0
        server.paused_until = now + PAUSE * 2**doublings
        server.refusals += is_refusal
        server.save(update_fields=["paused_until", "refusals"])

    def answered(self) -> None:
        """Note that it takes mail of ours."""
        self.filter(refusals__gt=0).update(refusals=0)

    def take_turn(self, *, now: datetime, every: timedelta) -> bool:
        """Let one mail leave, if one may leave now; return whether it may.

        Who comes less than one turn late gets the next one sooner, so that the rate is reached;
        more is not saved up.
        """
        began = Greatest(Coalesce("next_turn_at", Value(now)), Value(now - every))
        free = models.Q(next_turn_at=None) | models.Q(next_turn_at__lte=now)
        return bool(self.filter(free).update(next_turn_at=began + Value(every)))


class MailServer(models.Model):
    """What all senders together know of the mail server; the only row there is."""

    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    # How often in a row it refused our log-in or sender: nothing leaves until somebody mends that.
    refusals = models.PositiveSmallIntegerField(_("refusals of us"), default=0)
    next_turn_at = models.DateTimeField(_("next mail may leave"), null=True, blank=True)

    objects: ClassVar[MailServers] = MailServers.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("mail server")
        verbose_name_plural = _("mail server")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="mail_server_is_one")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}"


class UnansweredMail(models.Model):
    """A mail that a server got whole and did not answer: it may have it, and gets it once more.

    Of a second time without an answer nothing is known either, but nobody gets a third.
    """

    message_key = models.UUIDField(primary_key=True)
    noted_at = models.DateTimeField(_("noted"))

    class Meta:
        verbose_name = _("mail without an answer")
        verbose_name_plural = _("mails without an answer")

    def __str__(self) -> str:
        return f"{self.message_key}"


class MailDay(models.Model):
    """How many mails left on a day, UTC, and how many came back, for who watches over it.

    What a worker had not noted when it was killed is missing: a share needs no exact numbers.
    """

    day = models.DateField(_("day"), primary_key=True)
    left = models.PositiveIntegerField(_("left"), default=0)
    bounced = models.PositiveIntegerField(_("bounced"), default=0)

    class Meta:
        verbose_name = _("day of mail")
        verbose_name_plural = _("days of mail")
        constraints = [days_that_exist("mail_day_exists", "day")]

    def __str__(self) -> str:
        return f"{self.day}"

    @classmethod
    def add(cls, day: date, *, left: int, bounced: int) -> None:
        """Count mails; once for all that one sender sent."""
        if not (left or bounced):
            return
        MailDay.objects.bulk_create([MailDay(day=day)], ignore_conflicts=True)
        cls.objects.filter(day=day).update(
            left=models.F("left") + left, bounced=models.F("bounced") + bounced
        )


class Trouble(models.Model):
    """A kind of work that is behind: since when, and when staff were told last.

    `mark` is what a reader stopped at: another mark is that it goes on.
    """

    kind = models.CharField(_("kind"), max_length=20, primary_key=True, choices=TroubleKind)
    since = models.DateTimeField(_("since"))
    seen_at = models.DateTimeField(_("seen"))
    told_at = models.DateTimeField(_("told"), null=True)
    mark = models.CharField(_("mark"), max_length=50, blank=True)

    class Meta:
        verbose_name = _("trouble")
        verbose_name_plural = _("troubles")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=TroubleKind.values), name="trouble_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.kind

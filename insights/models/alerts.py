"""Who is told of what, once, and the mails that tell it."""

from datetime import datetime
from typing import ClassVar, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from insights.enums import AlertWork, UnsentAlertReason
from queries.models import Customer, CustomerQuery
from sellers.enums import AlertKind, MailState
from sellers.models import (
    TO_BE_SENT,
    EventCursor,
    Mailing,
    Mailings,
    PrivateLink,
    Seller,
    User,
)
from surveys.enums import Band
from surveys.models import FollowUp, SurveyResponse
from surveys.nps import band


class AlertMails(Mailings["AlertMail"]):
    """Mails with alerts, narrowed by adjectives."""

    def with_contents(self) -> Self:
        """Fetch who it goes to."""
        return self.select_related("user")

    def finished_before(self, moment: datetime) -> Self:
        """Keep what was made before a moment and is not to be sent any more."""
        return self.filter(created_at__lt=moment).exclude(state__in=TO_BE_SENT)


class AlertMail(Mailing, PrivateLink):
    """A mail that tells one user of one thing, or of several; its link stops such mails."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="alert_mails", verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("made"))
    # What its link stops, also when what it told of is long gone.
    kinds = ArrayField(models.CharField(max_length=20), verbose_name=_("kinds"))
    # What came after five mails in an hour, together.
    is_bundle = models.BooleanField(_("several together"), default=False)
    reason = models.CharField(
        _("reason not to send"), max_length=20, choices=UnsentAlertReason, blank=True
    )

    objects: ClassVar[AlertMails] = AlertMails.as_manager()  # type: ignore[assignment]

    class Meta(Mailing.Meta):
        verbose_name = _("mail with alerts")
        verbose_name_plural = _("mails with alerts")
        constraints = [
            *Mailing.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(state__in=MailState.values), name="alertmail_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=MailState.SUPPRESSED, reason__in=UnsentAlertReason.values)
                | ~models.Q(state=MailState.SUPPRESSED) & models.Q(reason=""),
                name="alertmail_reason_iff_suppressed",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=MailState.SENT) | models.Q(sent_at__isnull=False),
                name="alertmail_sent_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(token_digest__isnull=False), name="alertmail_has_link"
            ),
            models.CheckConstraint(
                condition=models.Q(kinds__contained_by=AlertKind.values, kinds__len__gt=0),
                name="alertmail_kinds_known",
            ),
        ]
        indexes = [
            *Mailing.Meta.indexes,
            # How many went to somebody in the last hour.
            models.Index(fields=["user", "created_at"], name="alertmail_of_user"),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="alertmail_to_one_user",
                fields=["user", "is_bundle", "created_at", "message_key"],
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Alerts(models.QuerySet["Alert"]):
    """Alerts, narrowed by adjectives."""

    def of_user(self, user: User, *, seller: Seller) -> Self:
        """Keep what somebody was told of at one of their shops; mails alone are not listed."""
        return self.filter(user=user, seller=seller, listed=True)

    def of_customer(self, customer: Customer) -> Self:
        """Keep what is about this customer."""
        return self.filter(
            models.Q(query__customer=customer)
            | models.Q(response__query__customer=customer)
            | models.Q(followup__response__query__customer=customer)
        )

    def unread(self) -> Self:
        """Keep what was not read yet; a partial index."""
        return self.filter(listed=True, read_at=None)

    def due_after(self, moment: datetime, kind: AlertKind) -> Self:
        """Keep those of a kind about what is due after a moment; a partial index."""
        return self.filter(kind=kind, due_at__gt=moment)

    def to_mail(self) -> Self:
        """Keep what is in no mail yet, and wants to be; a partial index."""
        return self.filter(mail=None, unsent_reason="")

    def to_send(self) -> Self:
        """Keep what its mail should still tell."""
        return self.filter(unsent_reason="")

    def mark_read(self, *, now: datetime) -> int:
        """Note that these were read; return how many."""
        return self.update(read_at=now)

    def with_subject(self) -> Self:
        """Fetch what the alerts are about, and their mail."""
        return self.select_related(
            "seller", "query", "response__query", "followup__response__query", "mail"
        )


class Alert(models.Model):
    """One user is told of one thing that happened at a shop: once, whatever is tried again.

    It says nothing of a customer itself: what it is about says so, for as long as that is kept.
    """

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="alerts", verbose_name=_("user")
    )
    seller = models.ForeignKey(
        Seller, on_delete=models.CASCADE, related_name="alerts", verbose_name=_("seller")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=AlertKind)
    # What happened: the event, or what the clock saw.
    key = models.CharField(_("what happened"), max_length=60)
    query = models.ForeignKey(
        CustomerQuery, on_delete=models.CASCADE, related_name="alerts", null=True, blank=True
    )
    response = models.ForeignKey(
        SurveyResponse, on_delete=models.CASCADE, related_name="alerts", null=True, blank=True
    )
    followup = models.ForeignKey(
        FollowUp, on_delete=models.CASCADE, related_name="alerts", null=True, blank=True
    )
    # Of a crossed standard the month, of an overview the Monday.
    day = models.DateField(_("day"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    numbers = models.JSONField(_("numbers"), default=dict, blank=True)  # of a crossed standard
    happened_at = models.DateTimeField(_("moment"))
    created_at = models.DateTimeField(_("noted"))
    listed = models.BooleanField(_("in the portal"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail = models.ForeignKey(
        AlertMail,
        on_delete=models.SET_NULL,
        related_name="alerts",
        null=True,
        blank=True,
        verbose_name=_("mail"),
    )
    unsent_reason = models.CharField(
        _("not mailed because"), max_length=20, choices=UnsentAlertReason, blank=True
    )

    objects = Alerts.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["user", "seller", "kind", "key"], name="alert_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=AlertKind.values), name="alert_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(unsent_reason__in=["", *UnsentAlertReason.values]),
                name="alert_unsent_reason_known",
            ),
        ]
        indexes = [
            # What somebody was told of at a shop, latest first.
            models.Index(
                fields=["user", "seller", "-happened_at", "-id"],
                condition=models.Q(listed=True),
                name="alert_listed",
            ),
            models.Index(
                fields=["user", "seller"],
                condition=models.Q(listed=True, read_at=None),
                name="alert_unread",
            ),
            # What was told of what is due soon.
            models.Index(
                fields=["kind", "due_at"],
                condition=models.Q(due_at__isnull=False),
                name="alert_of_what_is_due",
            ),
            # What wants to be in a mail.
            models.Index(
                fields=["user", "id"],
                condition=models.Q(mail=None, unsent_reason=""),
                name="alert_to_mail",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="alert_of_one_thing",
                fields=[
                    *("user", "seller", "kind", "key", "happened_at", "listed"),
                    *("query", "response", "followup", "day", "due_at", "numbers"),
                ],
            ),
            pgtrigger.Trigger(
                name="alert_in_a_mail_to_its_user",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("mail_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__mail__isnull=False),
                func="""
                IF NOT EXISTS (
                    SELECT FROM insights_alertmail
                     WHERE id = NEW.mail_id AND user_id = NEW.user_id
                ) THEN
                    RAISE EXCEPTION 'A mail tells its user what only they are told';
                END IF;
                RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="alert_of_its_shop",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                IF EXISTS (SELECT FROM queries_customerquery
                            WHERE id = NEW.query_id AND seller_id <> NEW.seller_id)
                   OR EXISTS (SELECT FROM surveys_surveyresponse
                               WHERE id = NEW.response_id AND seller_id <> NEW.seller_id)
                   OR EXISTS (SELECT FROM surveys_followup
                               WHERE id = NEW.followup_id AND seller_id <> NEW.seller_id) THEN
                    RAISE EXCEPTION 'An alert is about something of its shop';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"

    @property
    def subject(self) -> CustomerQuery | None:
        """Return the query that it is about, if any."""
        if self.query:
            return self.query
        response = self.followup.response if self.followup else self.response
        return response.query if response else None

    @property
    def score(self) -> int | None:
        """Return the score that it is about, if any."""
        response = self.followup.response if self.followup else self.response
        return response.score if response else None

    @property
    def band(self) -> Band | None:
        """Return the band of that score."""
        return None if self.score is None else band(self.score)

    @property
    def why_unsent(self) -> str:
        """Return why it was not mailed, in words; nothing when it was, or still is to be."""
        if self.unsent_reason:
            return str(UnsentAlertReason(self.unsent_reason).label)
        mail = self.mail
        if mail and mail.state == MailState.BOUNCED:
            return str(UnsentAlertReason.UNDELIVERABLE.label)
        return str(UnsentAlertReason(mail.reason).label) if mail and mail.reason else ""

    @property
    def was_mailed(self) -> bool:
        """Return whether a mail with it has left."""
        return self.mail is not None and self.mail.state == MailState.SENT


class AlertCursor(EventCursor):
    """How far one work about alerts has come; whoever does it holds the row."""

    work = models.CharField(max_length=10, choices=AlertWork, unique=True)
    # Up to and including which month and which week shops were told how it went.
    month = models.DateField(null=True)
    week = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(work__in=AlertWork.values), name="alert_work_known"
            ),
        ]

    def __str__(self) -> str:
        return self.work

"""A question of a customer for whom the marketplace speaks (docs/ask.md)."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from queries.actions import ask
from queries.attachments import CheckedFile
from queries.customer_mail import mail_question
from queries.enums import Channel
from queries.identity import find_or_create_customer
from queries.models import CustomerQuery
from queries.statements import Statement
from sellers.events import Actor
from sellers.models import Seller


class StatementUsed(Exception):
    """A question was asked with this statement already."""


@transaction.atomic
def ask_with_statement(
    statement: Statement,
    *,
    seller: Seller,
    subject: str,
    body: str,
    attachments: Sequence[CheckedFile] = (),
    by: Actor,
    now: datetime,
) -> CustomerQuery:
    """Store the question of who the statement is about, and mail them the link to follow it.

    Raises StatementUsed and FilesCannotBeStored.
    """
    customer = find_or_create_customer(
        external_id=statement.customer,
        email=statement.email,
        name=statement.name,
        language=statement.language or settings.LANGUAGE_CODE,
        shares_email=statement.shared,
        by=by,
        now=now,
    )
    try:
        with transaction.atomic():
            query = ask(
                seller,
                customer=customer,
                subject=subject,
                body=body,
                attachments=attachments,
                channel=Channel.WEB,
                contact_email=statement.email,
                order_reference=statement.order,
                statement_digest=statement.digest,
                by=by,
                now=now,
            )
    except IntegrityError as error:
        if is_used(statement):
            raise StatementUsed from error
        raise
    mail_question(query, now=now)
    return query


def is_used(statement: Statement) -> bool:
    """Return whether a question was asked with this statement already."""
    return CustomerQuery.objects.filter(statement_digest=statement.digest).exists()

"""What a person may ask: a copy of all that is stored about them, and to be forgotten.

What goes, what stays and why: docs/decisions/0005-erasing-a-person.md. Each app that stores
something about a person answers for it in a module of its own, listed in PRIVACY_MODULES.
"""

import json
from datetime import datetime
from importlib import import_module
from io import BytesIO
from typing import Any, Protocol, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model

from queries.enums import QueryEvent
from queries.files import path_of
from queries.models import Attachment, Customer
from queries.privacy import lock_person, name_in_export
from sellers.events import Actor, record


class PrivacyModule(Protocol):
    """What `privacy.py` of an app offers."""

    MODELS: tuple[type[Model], ...]  # of this app, with rows about a person

    def erase(self, customer: Customer, *, by: Actor, now: datetime) -> None:
        """Forget what this app knows about a locked customer; twice is once."""

    def move(self, customer: Customer, *, into: Customer) -> None:
        """Let all that this app stores about a locked customer be about another."""

    def stored_about(self, customer: Customer) -> dict[str, Any]:
        """Return all that this app stores about a customer, under names that only it uses."""


def privacy_modules() -> list[PrivacyModule]:
    """Return the modules of PRIVACY_MODULES, in the order in which they lock and erase."""
    return [cast(PrivacyModule, import_module(name)) for name in settings.PRIVACY_MODULES]


@transaction.atomic
def erase_customer(customer: Customer, *, by: Actor, now: datetime) -> None:
    """Forget who a customer is and all that was said; what was measured stays. Twice is once.

    Of a customer who was merged into another it is that one, with all its rows.
    """
    customer = lock_person(customer)
    is_new = customer.erased_at is None
    for module in privacy_modules():
        module.erase(customer, by=by, now=now)
    if is_new:
        record(QueryEvent.CUSTOMER_ERASED, customer, seller_id=None, by=by, now=now)


@transaction.atomic
def export_customer(customer: Customer, *, by: Actor, now: datetime) -> bytes:
    """Return all that is stored about a customer: a zip with a JSON file and all attachments."""
    customer = customer.merged_into or customer
    stored: dict[str, Any] = {"exported_at": now}
    for module in privacy_modules():
        stored |= module.stored_about(customer)
    record(QueryEvent.CUSTOMER_EXPORTED, customer, seller_id=None, by=by, now=now)
    text = json.dumps(stored, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    file = ZipInfo(f"customer-{customer.pk}.json", date_time=now.timetuple()[:6])
    file.compress_type = ZIP_DEFLATED
    archive = BytesIO()
    with ZipFile(archive, "w") as zipped:
        zipped.writestr(file, text)
        for attachment in Attachment.objects.of_customer(customer).order_by("pk"):
            path = path_of(attachment.file)
            if path.exists():  # a database can be put back without its files
                zipped.write(path, name_in_export(attachment))
    return archive.getvalue()

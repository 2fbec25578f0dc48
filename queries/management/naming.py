"""How a command is told which customer is meant."""

from django.core.management.base import CommandError

from queries.identity import people
from queries.models import Customer


def the_customer(text: str, *, is_number: bool) -> Customer:
    """Return the one customer known by a primary key or an e-mail, or by their number.

    Raises CommandError when there is none, or when several have the address.
    """
    customers = Customer.objects.all()
    rows = customers.filter(external_id=text) if is_number else customers.by_pk_or_email(text)
    found = people(rows)
    if not found:
        raise CommandError(f"There is no customer {text}.")
    if len(found) > 1:
        pks = ", ".join(str(customer.pk) for customer in found)
        raise CommandError(f"Several customers have the address {text}. Name one of these: {pks}.")
    return found[0]

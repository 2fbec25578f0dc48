"""Erase a person."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from queries.customers import erase_customer
from queries.management.naming import the_customer
from queries.models import Customer
from sellers.events import Actor


class Command(BaseCommand):
    """Forgets a customer who asked to be forgotten; what was measured stays."""

    help = (
        "Erase a customer: name, e-mail, messages, subjects and the words of answers go; scores, "
        "months and topics stay. It cannot be undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who it is."""
        parser.add_argument("customer", help="The customer's e-mail or primary key.")
        parser.add_argument(
            "--number", action="store_true", help="It is the marketplace's own customer number."
        )
        parser.add_argument(
            "--no-input", action="store_false", dest="interactive", help="Do not ask for a yes."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for a yes and erase."""
        customer = the_customer(options["customer"], is_number=options["number"])
        if options["interactive"]:
            self._ask(customer)
        erase_customer(customer, by=Actor.SYSTEM, now=timezone.now())
        self.stdout.write(f"Customer {customer.pk} is erased.")

    def _ask(self, customer: Customer) -> None:
        question = f"Erase {customer} (primary key {customer.pk}), for good? Type yes: "
        if input(question).strip().lower() != "yes":
            raise CommandError("Nothing was erased.")

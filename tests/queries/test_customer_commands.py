"""The commands for what a person may ask."""

import io
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command

from queries.identity import merge_customers
from queries.models import Customer
from sellers.events import Actor
from tests.conftest import NOON, Market

YEAR = timedelta(days=365)


def printed_by(command: str, *arguments: str, **options: object) -> str:
    """Call a command; return what it says."""
    out = io.StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("known_by", ["pk", "email"])
def test_erase_customer_erases_who_is_named(customer: Customer, known_by: str) -> None:
    text = str(customer.pk) if known_by == "pk" else "Klaas@KLANT.example"

    said = printed_by("erase_customer", text, "--no-input")

    customer.refresh_from_db()
    assert customer.erased_at
    assert said == f"Customer {customer.pk} is erased.\n"


@pytest.mark.parametrize(("typed", "is_erased"), [("yes", True), ("y", False), ("", False)])
def test_erase_customer_asks_for_a_yes(
    customer: Customer, monkeypatch: pytest.MonkeyPatch, typed: str, is_erased: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{typed}\n"))

    if is_erased:
        printed_by("erase_customer", customer.email)
    else:
        with pytest.raises(CommandError, match=r"^Nothing was erased\.$"):
            printed_by("erase_customer", customer.email)

    customer.refresh_from_db()
    assert bool(customer.erased_at) is is_erased


@pytest.mark.parametrize("command", ["erase_customer", "export_customer"])
@pytest.mark.parametrize("unknown", ["nobody@klant.example", "0", "9" * 30, "Klaas", " "])
def test_unknown_customer_is_refused_with_a_sentence(
    customer: Customer, command: str, unknown: str
) -> None:
    with pytest.raises(CommandError, match=f"^There is no customer {unknown}"):
        printed_by(command, unknown)


def test_export_customer_writes_a_file(customer: Customer, tmp_path: Path) -> None:
    path = tmp_path / "klaas.zip"

    said = printed_by("export_customer", customer.email, str(path))

    assert said == f"Wrote {path}.\n"
    assert ZipFile(path).namelist() == [f"customer-{customer.pk}.json"]


def test_export_customer_writes_to_stdout(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=written))

    call_command("export_customer", str(customer.pk))

    assert ZipFile(written).testzip() is None


def test_export_customer_leaves_a_file_that_is_there(customer: Customer, tmp_path: Path) -> None:
    path = tmp_path / "taken.zip"
    path.write_text("mine")

    with pytest.raises(CommandError, match=r"Cannot write .*: File exists"):
        printed_by("export_customer", customer.email, str(path))

    assert path.read_text() == "mine"


def test_customer_is_named_by_the_marketplace_s_number(customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(external_id="4711")

    said = printed_by("erase_customer", "4711", "--number", "--no-input")

    assert said == f"Customer {customer.pk} is erased.\n"


@pytest.mark.parametrize("command", ["erase_customer", "export_customer"])
def test_address_of_several_names_nobody(customer: Customer, market: Market, command: str) -> None:
    other = market.new_customer(email=customer.email, external_id="K-1")

    with pytest.raises(CommandError, match=f"Name one of these: {customer.pk}, {other.pk}"):
        printed_by(command, customer.email)


def test_address_of_who_was_merged_names_who_stays(customer: Customer, market: Market) -> None:
    other = market.new_customer()
    merge_customers(customer, into=other, by=Actor.SYSTEM, now=NOON)

    said = printed_by("erase_customer", "klaas@klant.example", "--no-input")

    assert said == f"Customer {other.pk} is erased.\n"

"""Texts of one line hold nothing that nobody sees, whatever writes them."""

import sys
from unicodedata import bidirectional, category

import pytest
from django.apps import apps
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sellers.lines import UNSEEN, one_line
from sellers.models import LineField, Seller
from tests.conftest import admin_url

NAMES = ("name", "subject", "order_reference", "label_nl", "label_en", "note")
MARKS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Fietsenzo B.V.", "Fietsenzo B.V.", id="a name"),
        pytest.param("Fietsen\u202ecod.exe", "Fietsencod.exe", id="turned around"),
        pytest.param("\u2067Fietsenzo\u2069", "Fietsenzo", id="isolated"),
        pytest.param("דן\u200f \u200eBV\u061c", "דן BV", id="marks"),
        pytest.param("Fietsen\r\nzo", "Fietsen  zo", id="two lines"),
        pytest.param("Fietsen\u2028zo", "Fietsen zo", id="two lines of another kind"),
        pytest.param("a\x00b\x1b[1mc\x7f\x9b", "ab[1mc", id="control characters"),
        pytest.param("a\ud800", "a", id="half a character"),
        pytest.param("می\u200cخواهم 👩\u200d🔧 ", "می\u200cخواهم 👩\u200d🔧", id="joiners stay"),
        pytest.param(" \u202e ", "", id="nothing left"),
    ],
)
def test_line_is_what_can_be_seen(text: str, expected: str) -> None:
    assert one_line(text) == expected


@given(st.text())
def test_line_is_printed_on_one_line_in_one_direction(text: str) -> None:
    line = one_line(text)

    assert one_line(line) == line
    assert not {category(each) for each in line} & {"Cc", "Cs", "Zl", "Zp"}


def test_every_character_that_turns_direction_is_known() -> None:
    turning = {chr(n) for n in range(sys.maxunicode + 1) if bidirectional(chr(n)) in MARKS}

    assert len(turning) == 9
    assert all(UNSEEN.fullmatch(each) for each in turning)


def test_names_of_all_models_are_lines() -> None:
    named = [
        field
        for model in apps.get_models()
        for field in model._meta.fields
        if model.__module__.startswith(("insights", "queries", "sellers", "surveys"))
        and field.name in NAMES
    ]

    assert len(named) > 8
    # The name of a file is made safe where files are checked; these notes may have many lines.
    assert {str(each) for each in named if not isinstance(each, LineField)} == {
        "queries.Attachment.name",
        "surveys.Approach.note",
        "surveys.FollowUp.note",
        "surveys.FollowUpContact.note",
    }


def test_line_is_stored_without_forms_too(fietsenzo: Seller) -> None:
    Seller.objects.filter(pk=fietsenzo.pk).update(name="Fietsen\u202ezo\n")

    fietsenzo.refresh_from_db()
    assert fietsenzo.name == "Fietsenzo"


@pytest.mark.parametrize(
    ("name", "status", "stored"),
    [("Fietsen\u202ezo\x1b 2", 302, "Fietsenzo 2"), ("\u202e", 200, "Fietsenzo")],
)
def test_staff_name_a_shop_so_that_it_can_be_read(
    staff_s: Client, fietsenzo: Seller, name: str, status: int, stored: str
) -> None:
    people = {f"memberships-{each}_FORMS": 0 for each in ("TOTAL", "INITIAL")}
    fields = {"country": "NL", "contact_email": "a@b.example", "joined_on": "2020-01-01"}

    page = staff_s.post(
        admin_url(Seller, "change", fietsenzo.pk), {"name": name, **fields, **people}
    )

    assert page.status_code == status
    fietsenzo.refresh_from_db()
    assert fietsenzo.name == stored

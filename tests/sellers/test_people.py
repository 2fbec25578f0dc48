"""How people are shown."""

import pytest

from sellers.models import User
from sellers.templatetags.people import initials


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Chantal Verloop", "CV"),
        ("Anna de Wit", "AW"),
        ("Anna", "A"),
        ("łukasz żółć", "ŁŻ"),
        ("Jan (bureau)", "J"),
        ("eva.klus@voorbeeld.example", "EV"),
        ("–", "?"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_somebody_without_a_name_has_those_of_the_address() -> None:
    assert initials(User(email="eva@voorbeeld.example")) == "EV"

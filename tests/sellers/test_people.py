"""How people are shown."""

import pytest

from sellers.templatetags.people import initials


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Bob Bakker", "BB"),
        ("Anna van der Berg", "AB"),
        ("Cher", "C"),
        ("ömer şahin", "ÖŞ"),
        ("bob@fietsenzo.example", "BF"),
        ("(Bob) Bakker", "B"),
        ("", "?"),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name: str, shown: str) -> None:
    assert initials(name) == shown

"""An e-mail address in the one way in which it is stored and compared."""

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sellers.addresses import normalised_email


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("klaas@klant.example", "klaas@klant.example", id="as it is"),
        pytest.param(" Klaas@KLANT.Example\n", "klaas@klant.example", id="spaces and capitals"),
        pytest.param("klaas@bücher.example", "klaas@xn--bcher-kva.example", id="umlaut"),
        pytest.param("klaas@BÜCHER.example", "klaas@xn--bcher-kva.example", id="capital umlaut"),
        pytest.param("klaas@bu\u0308cher.example", "klaas@xn--bcher-kva.example", id="two parts"),
        pytest.param("klaas@xn--BCHER-kva.example", "klaas@xn--bcher-kva.example", id="encoded"),
        pytest.param("klaas@straße.example", "klaas@xn--strae-oqa.example", id="sharp s"),
        pytest.param(
            "klaas@日本語。example", "klaas@xn--wgv71a119e.example", id="another full stop"
        ),
        pytest.param("rene\u0301@klant.example", "ren\u00e9@klant.example", id="composed name"),
        pytest.param('"a@b"@klant.example', '"a@b"@klant.example', id="the last @ counts"),
        pytest.param("klaas@ex_ample.Example", "klaas@ex_ample.example", id="no IDNA name"),
        pytest.param("klaas@a..B", "klaas@a..b", id="no name at all"),
        pytest.param("klaas@[192.0.2.1]", "klaas@[192.0.2.1]", id="number"),
        pytest.param("Klaas", "klaas", id="no address"),
        pytest.param("klaas@", "klaas@", id="no domain"),
        pytest.param("  ", "", id="nothing"),
    ],
)
def test_email_is_normalised(given: str, expected: str) -> None:
    assert normalised_email(given) == expected


@given(st.text(max_size=12), st.text(max_size=12))
def test_normalised_email_stays_as_it_is(name: str, domain: str) -> None:
    once = normalised_email(f"{name}@{domain}")

    assert normalised_email(once) == once


@given(st.emails())
def test_capitals_and_spaces_make_no_other_address(email: str) -> None:
    assert normalised_email(f" {email.upper()} ") == normalised_email(email)


@given(st.from_regex(r"(xn--)?[a-zA-Z0-9.-]{0,12}", fullmatch=True))
def test_domain_of_plain_letters_is_as_idna_writes_it(domain: str) -> None:
    try:
        written = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        written = domain.lower()

    assert normalised_email(f"klaas@{domain}") == f"klaas@{written}"

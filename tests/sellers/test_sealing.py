"""What a copy of the database does not tell."""

import pytest
from django.conf import LazySettings

from sellers.sealing import CannotBeUnsealed, seal, unseal


def test_what_was_sealed_is_read_again() -> None:
    sealed = seal("whsec_é")

    assert unseal(sealed) == "whsec_é"
    assert "whsec" not in sealed
    assert seal("whsec_é") != sealed


def test_it_is_read_after_the_key_was_changed(settings: LazySettings) -> None:
    sealed = seal("whsec_1")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert unseal(sealed) == "whsec_1"

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(CannotBeUnsealed):
        unseal(sealed)


@pytest.mark.parametrize("junk", ["", "x", "é", "gAAAAA"])
def test_junk_is_not_read(junk: str) -> None:
    with pytest.raises(CannotBeUnsealed):
        unseal(junk)

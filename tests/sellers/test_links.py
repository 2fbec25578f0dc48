"""What the pages behind private links have in common; the survey's own are in tests/surveys/."""

import pytest

from sellers.links import PrivatePages


def test_pages_that_the_logs_would_show_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="PRIVATE_PATHS"):
        PrivatePages(
            path="/nowhere/",
            find=lambda _digest: None,
            unknown="surveys/unknown.html",
            too_many="surveys/too_many.html",
        )

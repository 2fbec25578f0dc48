"""Every check of what is stored twice or follows from other rows, the kept counts included."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_lazy as _

from insights.keeping import wrong_shops
from sellers.models import Seller
from surveys.integrity import Check, Finding, survey_checks

KEPT_COUNTS: Final = "kept_counts"


def check_all() -> Iterator[Finding]:
    """Carry out every check, one after another."""
    for check in survey_checks():
        yield check.find()
    yield _counts_are_right().find()


def _counts_are_right() -> Check:
    return Check(
        KEPT_COUNTS,
        _("What is kept of a shop's months is what its customers answered."),
        Seller.objects.filter(pk__in=wrong_shops()),
    )

"""Every check of what is stored twice or follows from other rows, the standards' included."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from insights.counts import wrong_shops
from insights.models import ServiceStandard
from sellers.models import Seller
from surveys.integrity import Check, Finding, survey_checks


def check_all() -> Iterator[Finding]:
    """Carry out every check, one after another."""
    for check in (*survey_checks(), _no_gap_between_standards()):
        yield check.find()
    yield _counts_are_right().find()


def _no_gap_between_standards() -> Check:
    following = ServiceStandard.objects.filter(valid_from=OuterRef("valid_until"))
    ending = ServiceStandard.objects.filter(valid_until__isnull=False)
    return Check(
        "standard_follows",
        _("On the day that a service standard ends the next one begins."),
        ending.exclude(Exists(following)),
    )


def _counts_are_right() -> Check:
    return Check(
        "kept_counts",
        _("What is kept of a shop's months is what its customers answered."),
        Seller.objects.filter(pk__in=wrong_shops()),
    )

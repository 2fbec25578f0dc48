"""The days that can be stored: each has a beginning and an end in every time zone."""

from datetime import date
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)


def days_that_exist(name: str, *fields: str) -> models.CheckConstraint:
    """Return the constraint of this name on columns of days or moments; an empty one will do.

    Beyond the year 9999 there are none to compute with, and one zone further is the day after.
    """
    condition = models.Q()
    for field in fields:
        between = {f"{field}__gte": FIRST_DAY, f"{field}__lte": LAST_DAY}
        condition &= models.Q(**{f"{field}__isnull": True}) | models.Q(**between)
    return models.CheckConstraint(
        condition=condition,
        name=name,
        violation_error_message=_("Choose a day from 1900 to 2999."),
    )

"""A constraint for new rows: it looks at none of those that are there."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from tests.bench.changes import LAST


class Migration(migrations.Migration):
    """Before the one that validates."""

    dependencies = [("surveys", LAST)]
    operations = [
        AddConstraintNotValid(
            "surveyresponse",
            models.CheckConstraint(condition=models.Q(score__lt=11), name="bench_score"),
        )
    ]

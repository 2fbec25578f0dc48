"""The constraint for the rows that are there: they can be read and written meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    """In a transaction of its own."""

    dependencies = [("surveys", "0901_constraint")]
    operations = [ValidateConstraint("surveyresponse", "bench_score")]

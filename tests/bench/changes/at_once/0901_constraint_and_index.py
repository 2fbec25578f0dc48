"""Both as makemigrations writes them."""

from django.db import migrations, models

from tests.bench.changes import LAST


class Migration(migrations.Migration):
    """In one transaction, which holds the table."""

    dependencies = [("surveys", LAST)]
    operations = [
        migrations.AddConstraint(
            "surveyresponse",
            models.CheckConstraint(condition=models.Q(score__lt=11), name="bench_score"),
        ),
        migrations.AddIndex(
            "surveyresponse", models.Index(fields=["submitted_at", "score"], name="bench_index")
        ),
    ]

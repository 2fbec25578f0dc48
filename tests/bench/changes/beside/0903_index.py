"""An index beside the work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a transaction: PostgreSQL makes several."""

    atomic = False
    dependencies = [("surveys", "0902_validate")]
    operations = [
        AddIndexConcurrently(
            "surveyresponse", models.Index(fields=["submitted_at", "score"], name="bench_index")
        )
    ]

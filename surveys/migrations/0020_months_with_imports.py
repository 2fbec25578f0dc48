from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while everybody works on

    dependencies = [("surveys", "0019_effort_is_called_ease")]

    operations = [
        AddIndexConcurrently(
            model_name="surveyresponse",
            index=models.Index(
                fields=["seller", "month"],
                condition=models.Q(("closed_by", "seller"), ("imported_at__isnull", False)),
                name="response_imported_month",
            ),
        ),
    ]

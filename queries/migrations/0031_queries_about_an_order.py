from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while everybody works on

    dependencies = [("queries", "0030_orders")]

    operations = [
        AddIndexConcurrently(
            model_name="customerquery",
            index=models.Index(fields=["seller", "order_reference"], name="query_about_order"),
        ),
    ]

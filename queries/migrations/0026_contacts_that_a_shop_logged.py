from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queries", "0025_search_indexes")]

    operations = [
        migrations.AddField(
            model_name="customerquery",
            name="logged_by_seller",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="logged by the shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="customerquery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("logged_by_seller", False), ("channel", "phone"), _connector="OR"
                ),
                name="query_logged_is_by_phone",
            ),
        ),
    ]

"""The row that says when the clock last ticked."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("sellers", "0019_a_restored_database_is_held")]

    operations = [
        migrations.CreateModel(
            name="Clock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ticked_at", models.DateTimeField(null=True, verbose_name="last tick")),
            ],
            options={
                "verbose_name": "clock",
                "verbose_name_plural": "clock",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="clock_is_one")
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO sellers_clock (id) VALUES (1)", "DELETE FROM sellers_clock"
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("queries", "0003_erased_people"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="closing",
            index=models.Index(fields=["seller", "closed_at"], name="closing_seller_closed_at"),
        ),
    ]

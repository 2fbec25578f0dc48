"""Nothing is counted yet: the first tick of the clock does it."""

from django.db import migrations


def add_mark(apps, schema_editor):
    """Store the only mark there is."""
    apps.get_model("insights", "CountingMark").objects.create(pk=1, response_id=0)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("insights", "0003_kept_counts")]

    operations = [migrations.RunPython(add_mark, migrations.RunPython.noop)]

"""The standards of both source documents, and where counting and telling begin."""

from datetime import date

from django.db import migrations

# From the oldest transaction that still runs on: nothing that it writes is skipped.
CURSORS = """
    INSERT INTO insights_alertcursor (work, transaction, event_id)
    SELECT work, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0
      FROM unnest(ARRAY['events', 'times', 'mails']) AS work
"""


def add_standards(apps, schema_editor):
    """Store the past and the present standard."""
    standard = apps.get_model("insights", "ServiceStandard")
    standard.objects.create(
        value=10,
        valid_from=date(2020, 1, 1),
        announced_on=date(2019, 10, 1),
        label_nl="NPS na klantcontact: minstens 10",
        label_en="NPS after customer contact: at least 10",
    )
    standard.objects.create(
        value=25,
        valid_from=date(2026, 1, 1),
        announced_on=date(2025, 10, 1),
        label_nl="NPS na klantcontact: minstens 25",
        label_en="NPS after customer contact: at least 25",
    )


def add_mark(apps, schema_editor):
    """Store the only mark there is."""
    apps.get_model("insights", "CountingMark").objects.create(pk=1, response_id=0)


class Migration(migrations.Migration):

    dependencies = [("insights", "0003_counting")]

    operations = [
        migrations.RunPython(add_standards, migrations.RunPython.noop),
        migrations.RunPython(add_mark, migrations.RunPython.noop),
        migrations.RunSQL(CURSORS, "DELETE FROM insights_alertcursor"),
    ]

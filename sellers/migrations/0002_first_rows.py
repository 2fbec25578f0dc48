"""What is there from the start: of each of these tables its only row."""

from django.db import migrations

# From the oldest transaction that still runs on: nothing that it writes is skipped.
CURSOR = """
    INSERT INTO sellers_webhookcursor (id, transaction, event_id)
    VALUES (1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0)
"""
INSTALLATION = """
    INSERT INTO sellers_installation (id, database, skipped_in, transactions_before)
    VALUES (1, sellers_this_database(), '', 0)
"""


def add_rows(apps, schema_editor):
    """Store the only mail server, of which nothing is known yet, and the clock's last tick."""
    apps.get_model("sellers", "MailServer").objects.create(pk=1)
    apps.get_model("sellers", "Clock").objects.create(pk=1)


class Migration(migrations.Migration):

    dependencies = [("sellers", "0001_initial")]

    operations = [
        migrations.RunPython(add_rows, migrations.RunPython.noop),
        migrations.RunSQL(INSTALLATION, "DELETE FROM sellers_installation"),
        migrations.RunSQL(CURSOR, "DELETE FROM sellers_webhookcursor"),
    ]

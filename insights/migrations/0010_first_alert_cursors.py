"""One row for each work about alerts. What happened before is nobody's news any more."""

from django.db import migrations

# From the oldest transaction that still runs on: nothing that it writes is skipped.
FIRST = """
    INSERT INTO insights_alertcursor (work, transaction, event_id)
    SELECT work, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0
      FROM unnest(ARRAY['events', 'times', 'mails']) AS work
"""


class Migration(migrations.Migration):

    dependencies = [("insights", "0009_alerts")]

    operations = [migrations.RunSQL(FIRST, "DELETE FROM insights_alertcursor")]

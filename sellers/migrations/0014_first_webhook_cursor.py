"""Webhooks are told what happens from now on; there are none yet, so nobody misses anything."""

from django.db import migrations

# From the oldest transaction that still runs on: nothing that it writes is skipped.
FIRST = """
    INSERT INTO sellers_webhookcursor (id, transaction, event_id)
    VALUES (1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0)
"""


class Migration(migrations.Migration):

    dependencies = [("sellers", "0013_webhooks")]

    operations = [migrations.RunSQL(FIRST, "DELETE FROM sellers_webhookcursor")]

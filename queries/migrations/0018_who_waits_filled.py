from django.db import migrations

# Who waits by the state that a query is in, and what is settled about first replies by when they
# came: how many hours they took was not stored, and stays unknown.
FILL = """
UPDATE queries_customerquery AS query SET
    reply_needed_since = CASE
        WHEN state = 'your_turn' THEN turn_since
        WHEN state = 'with_marketplace' THEN (
            SELECT unanswered_since FROM queries_handover
             WHERE query_id = query.id AND handed_back_at IS NULL)
        END,
    first_reply_result = CASE
        WHEN first_replied_at IS NULL THEN ''
        WHEN channel = 'phone' OR EXISTS (
            SELECT FROM queries_message
             WHERE query_id = query.id AND author = 'marketplace' AND sent_at = first_replied_at)
            THEN 'not_counted'
        WHEN first_replied_at < due_at THEN 'in_time'
        ELSE 'late'
        END
 WHERE state IN ('your_turn', 'with_marketplace') OR first_replied_at IS NOT NULL
"""
# Who wrote back had no due moment: at least a working day, for here no holidays are known.
DUE = """
UPDATE queries_customerquery SET
    long_open_at = turn_since + span, due_at = turn_since + span
  FROM (VALUES (1, 1), (2, 1), (3, 1), (4, 1), (5, 3), (6, 3), (7, 2)) AS days (weekday, number),
       LATERAL (SELECT number * interval '1 day' AS span) AS spans
 WHERE state IN ('your_turn', 'with_marketplace') AND first_replied_at IS NOT NULL
   AND weekday = extract(isodow FROM turn_since)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('queries', "0017_who_waits"),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(DUE, migrations.RunSQL.noop),
    ]

from django.db import migrations, transaction
from tqdm import tqdm

BATCH = 2_000  # queries in a transaction

LOCK = """
SELECT FROM queries_customerquery WHERE id BETWEEN %s AND %s ORDER BY id FOR NO KEY UPDATE
"""
FILL = """
INSERT INTO queries_searchdocument (query_id, closed, words)
SELECT id, state = 'closed', queries_document(id)
  FROM queries_customerquery WHERE id BETWEEN %s AND %s
    ON CONFLICT DO NOTHING
"""


def fill(apps, schema_editor):
    """Write the words of all queries; whoever answers one meanwhile waits a second at most."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM queries_customerquery")
        first, last = cursor.fetchone()
    if first is None:
        return
    batches = range(first, last + 1, BATCH)
    for start in tqdm(batches, desc="Search documents", disable=None):
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            bounds = [start, start + BATCH - 1]
            cursor.execute(LOCK, bounds)
            cursor.execute(FILL, bounds)


class Migration(migrations.Migration):
    atomic = False  # a million queries take minutes

    dependencies = [("queries", "0023_search_documents")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# One for each moment and shop; what the file was called, nobody noted then. The row of an import
# comes after what it holds.
BEFORE_BATCHES = """
WITH numbered AS (
    SELECT id, dense_rank() OVER (ORDER BY imported_at, seller_id) AS batch_id
      FROM surveys_surveyresponse WHERE imported_at IS NOT NULL AND batch_id IS NULL
)
UPDATE surveys_surveyresponse AS response
   SET batch_id = numbered.batch_id
            + (SELECT coalesce(max(id), 0) FROM surveys_importbatch)
  FROM numbered WHERE numbered.id = response.id;
INSERT INTO surveys_importbatch
    (id, file_name, sha256, format, imported_at, stored, skipped, shops, first_month, last_month)
SELECT batch_id, 'before batches', '', '', min(imported_at), count(*), 0,
       count(DISTINCT seller_id), min(month), max(month)
  FROM surveys_surveyresponse AS response
 WHERE batch_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM surveys_importbatch WHERE id = response.batch_id)
 GROUP BY batch_id
 ORDER BY batch_id;
SELECT setval(
    pg_get_serial_sequence('surveys_importbatch', 'id'),
    (SELECT coalesce(max(id), 0) FROM surveys_importbatch) + 1,
    false
);
-- The table is altered in this transaction too.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [("surveys", "0024_import_batches")]

    operations = [
        migrations.RunSQL(BEFORE_BATCHES, migrations.RunSQL.noop),
        pgtrigger.migrations.RemoveTrigger(
            model_name='surveyresponse',
            name='response_never_changes',
        ),
        migrations.RemoveConstraint(
            model_name='surveyresponse',
            name='response_invited_or_imported',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyresponse',
            trigger=pgtrigger.compiler.Trigger(name='response_comes_before_its_import', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."batch_id" IS NOT NULL)', func="\n                IF EXISTS (SELECT FROM surveys_importbatch WHERE id = NEW.batch_id) THEN\n                    RAISE EXCEPTION 'Nothing is added to an import that is done';\n                END IF;\n                RETURN NEW;\n                ", hash='b9b4578d3ee0abe0be14008870d21af06550c803', operation='INSERT', pgid='pgtrigger_response_comes_before_its_import_38900', table='surveys_surveyresponse', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='surveyresponse',
            trigger=pgtrigger.compiler.Trigger(name='response_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."invitation_id" IS DISTINCT FROM (NEW."invitation_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."closed_by" IS DISTINCT FROM (NEW."closed_by") OR OLD."score" IS DISTINCT FROM (NEW."score") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."month" IS DISTINCT FROM (NEW."month") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."imported_at" IS DISTINCT FROM (NEW."imported_at") OR OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."stored_in" IS DISTINCT FROM (NEW."stored_in"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1f553a9d8e4bc12f8c853bfca2cb6aef1062d74f', operation='UPDATE', pgid='pgtrigger_response_never_changes_ca85e', table='surveys_surveyresponse', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='surveyresponse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch', None), ('external_id', ''), ('imported_at', None), ('invitation__isnull', False), ('query__isnull', False)), models.Q(('batch__isnull', False), ('imported_at__isnull', False), ('invitation', None), ('query', None), models.Q(('external_id', ''), _negated=True)), _connector='OR'), name='response_invited_or_imported'),
        ),
    ]

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("queries", "0027_which_contacts_were_logged")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="customerquery",
            name="query_origin_never_changes",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customerquery",
            trigger=pgtrigger.compiler.Trigger(
                name="query_origin_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."statement_digest" IS DISTINCT FROM (NEW."statement_digest") OR OLD."logged_by_seller" IS DISTINCT FROM (NEW."logged_by_seller"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="60e86e90d9a1bea6d310cedacb178530ec2d59bb",
                    operation="UPDATE",
                    pgid="pgtrigger_query_origin_never_changes_9a874",
                    table="queries_customerquery",
                    when="BEFORE",
                ),
            ),
        ),
    ]

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("queries", "0031_queries_about_an_order"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="customerquery",
            name="query_duplicate_of_same_customer",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customerquery",
            trigger=pgtrigger.compiler.Trigger(
                name="query_duplicate_of_same_customer",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."duplicate_of_id" IS NOT NULL)',
                    declare="DECLARE kept queries_customerquery;",
                    func="\n                SELECT * INTO kept\n                  FROM queries_customerquery WHERE id = NEW.duplicate_of_id FOR KEY SHARE;\n                IF kept.id = NEW.id\n                    OR kept.seller_id <> NEW.seller_id OR kept.customer_id <> NEW.customer_id\n                    OR kept.duplicate_of_id IS NOT NULL\n                    OR (kept.logged_by_seller AND NOT NEW.logged_by_seller)\n                    OR EXISTS (SELECT FROM queries_customerquery WHERE duplicate_of_id = NEW.id)\n                THEN\n                    RAISE EXCEPTION 'A duplicate is of one kept query, same customer and shop';\n                END IF;\n                RETURN NEW;\n                ",
                    hash="f6680f05e25111336395d3343c05d99fc3afc230",
                    operation='INSERT OR UPDATE OF "duplicate_of_id"',
                    pgid="pgtrigger_query_duplicate_of_same_customer_d021b",
                    table="queries_customerquery",
                    when="BEFORE",
                ),
            ),
        ),
    ]

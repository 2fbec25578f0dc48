
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queries", "0032_no_duplicate_of_what_was_logged"),
        ("sellers", "0012_api_clients"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="closing",
            name="closing_never_changes",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="message",
            name="message_never_changes",
        ),
        migrations.RemoveConstraint(
            model_name="closing",
            name="closing_by_seller_has_agent",
        ),
        migrations.AddField(
            model_name="closing",
            name="client",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closings",
                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                verbose_name="API client",
            ),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="changed_at",
            field=models.DateTimeField(
                db_default=models.Func(
                    function="statement_timestamp", output_field=models.DateTimeField()
                ),
                editable=False,
                verbose_name="last change",
            ),
        ),
        migrations.AddField(
            model_name="customerquery",
            name="version",
            field=models.IntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddField(
            model_name="message",
            name="client",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                verbose_name="API client",
            ),
        ),
        migrations.AddIndex(
            model_name="customerquery",
            index=models.Index(fields=["seller", "changed_at"], name="query_seller_changed_at"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="closing",
            trigger=pgtrigger.compiler.Trigger(
                name="closing_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."closed_by" IS DISTINCT FROM (NEW."closed_by") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."predicted_score" IS DISTINCT FROM (NEW."predicted_score"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a259d03ef989ea8f1c07f138ff2933bf9dfa82f1",
                    operation="UPDATE",
                    pgid="pgtrigger_closing_never_changes_bc7d8",
                    table="queries_closing",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customerquery",
            trigger=pgtrigger.compiler.Trigger(
                name="query_version_rises",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func="\n                NEW.version = OLD.version + 1;\n                NEW.changed_at = clock_timestamp();\n                RETURN NEW;\n                ",
                    hash="e62993277a244148ad898f859d4acca19869ad15",
                    operation="UPDATE",
                    pgid="pgtrigger_query_version_rises_ef5c6",
                    table="queries_customerquery",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="message_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."author" IS DISTINCT FROM (NEW."author") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at") OR OLD."send_key" IS DISTINCT FROM (NEW."send_key") OR OLD."query_before" IS DISTINCT FROM (NEW."query_before") OR OLD."via" IS DISTINCT FROM (NEW."via") OR OLD."quoted_from" IS DISTINCT FROM (NEW."quoted_from") OR OLD."message_id_header" IS DISTINCT FROM (NEW."message_id_header") OR OLD."refused_files" IS DISTINCT FROM (NEW."refused_files") OR OLD."from_email" IS DISTINCT FROM (NEW."from_email"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="dc70edb12df06c2d94a6e6142c28f0a090b5dd5c",
                    operation="UPDATE",
                    pgid="pgtrigger_message_never_changes_f74bb",
                    table="queries_message",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="message_raises_version_first",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ",
                    hash="ad7b3234dc60c7fa5c9b4841ae89f1670770f4d3",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_message_raises_version_first_7b6b5",
                    referencing="REFERENCING NEW TABLE AS written ",
                    table="queries_message",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="message",
            trigger=pgtrigger.compiler.Trigger(
                name="message_raises_version_again",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ",
                    hash="abb1fc093f9e8034558eedf784420a4e280126f3",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_message_raises_version_again_b449a",
                    referencing="REFERENCING NEW TABLE AS written ",
                    table="queries_message",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="note_raises_version_first",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ",
                    hash="93d6a2c811da419734ee02c39b3a8d8001a54413",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_note_raises_version_first_9b452",
                    referencing="REFERENCING NEW TABLE AS written ",
                    table="queries_note",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="note",
            trigger=pgtrigger.compiler.Trigger(
                name="note_raises_version_again",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ",
                    hash="87f2e4774d674f1d0680ba9af2bf6e7fc8f9560a",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_note_raises_version_again_00aed",
                    referencing="REFERENCING NEW TABLE AS written ",
                    table="queries_note",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="closing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_by", "seller"), _negated=True),
                    ("agent__isnull", False),
                    ("client__isnull", False),
                    _connector="OR",
                ),
                name="closing_by_seller_names_who",
            ),
        ),
    ]

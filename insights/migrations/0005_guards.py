"""Triggers that keep what the tables promise."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from sellers.operations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('insights', '0004_first_rows'),
    ]

    operations = [
        Together([
            pgtrigger.migrations.AddTrigger(
                model_name='alertmail',
                trigger=pgtrigger.compiler.Trigger(name='alertmail_to_one_user', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."is_bundle" IS DISTINCT FROM (NEW."is_bundle") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."message_key" IS DISTINCT FROM (NEW."message_key"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a9c0f4d8e78c7eb8598b721f2236da84527a1c00', operation='UPDATE', pgid='pgtrigger_alertmail_to_one_user_9b36f', table='insights_alertmail', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='alert',
                trigger=pgtrigger.compiler.Trigger(name='alert_of_one_thing', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."happened_at" IS DISTINCT FROM (NEW."happened_at") OR OLD."listed" IS DISTINCT FROM (NEW."listed") OR OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."followup_id" IS DISTINCT FROM (NEW."followup_id") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."numbers" IS DISTINCT FROM (NEW."numbers"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b7204a794271a6c1073c890e8945272cbab79bda', operation='UPDATE', pgid='pgtrigger_alert_of_one_thing_9f8e5', table='insights_alert', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='alert',
                trigger=pgtrigger.compiler.Trigger(name='alert_in_a_mail_to_its_user', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."mail_id" IS NOT NULL)', func="\n                IF NOT EXISTS (\n                    SELECT FROM insights_alertmail\n                     WHERE id = NEW.mail_id AND user_id = NEW.user_id\n                ) THEN\n                    RAISE EXCEPTION 'A mail tells its user what only they are told';\n                END IF;\n                RETURN NEW;\n                ", hash='b996d285cbaf67ab639837773304f2339e436773', operation='INSERT OR UPDATE OF "mail_id"', pgid='pgtrigger_alert_in_a_mail_to_its_user_58b3d', table='insights_alert', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='alert',
                trigger=pgtrigger.compiler.Trigger(name='alert_of_its_shop', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF EXISTS (SELECT FROM queries_customerquery\n                            WHERE id = NEW.query_id AND seller_id <> NEW.seller_id)\n                   OR EXISTS (SELECT FROM surveys_surveyresponse\n                               WHERE id = NEW.response_id AND seller_id <> NEW.seller_id)\n                   OR EXISTS (SELECT FROM surveys_followup\n                               WHERE id = NEW.followup_id AND seller_id <> NEW.seller_id) THEN\n                    RAISE EXCEPTION 'An alert is about something of its shop';\n                END IF;\n                RETURN NEW;\n                ", hash='c8f7c75c4c82aff6f01e0a410fe2443ef1bd8f91', operation='INSERT', pgid='pgtrigger_alert_of_its_shop_ceea5', table='insights_alert', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='monthnote',
                trigger=pgtrigger.compiler.Trigger(name='month_note_of_its_month', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."month" IS DISTINCT FROM (NEW."month"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='10281916aaf5179b8e3d18fa17da7777c60cd99c', operation='UPDATE', pgid='pgtrigger_month_note_of_its_month_c5dd7', table='insights_monthnote', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='servicestandard',
                trigger=pgtrigger.compiler.Trigger(name='standards_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='08cf62e6f7a81650e135f144fc8a0780b9cddb34', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_standards_stay_f9b40', table='insights_servicestandard', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='servicestandard',
                trigger=pgtrigger.compiler.Trigger(name='standard_not_dated_back', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.valid_from <= (now() AT TIME ZONE public.marketplace_zone())::date)', func='RAISE EXCEPTION \'pgtrigger: Cannot insert or update of "valid_from" rows from % table\', TG_TABLE_NAME;', hash='abdc6c3dea7200b81edd81f0067f43fcc8689667', operation='INSERT OR UPDATE OF "valid_from"', pgid='pgtrigger_standard_not_dated_back_67097', table='insights_servicestandard', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='servicestandard',
                trigger=pgtrigger.compiler.Trigger(name='standard_in_force_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.valid_from <= (now() AT TIME ZONE public.marketplace_zone())::date)', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='27350c9941f8ed6f600cdb8e9ddd388684b8f00e', operation='DELETE', pgid='pgtrigger_standard_in_force_stays_7bd8d', table='insights_servicestandard', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='servicestandard',
                trigger=pgtrigger.compiler.Trigger(name='standard_in_force_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.valid_from <= (now() AT TIME ZONE public.marketplace_zone())::date AND \n    (OLD.value, OLD.minimum_measurements, OLD.valid_from, OLD.announced_on, OLD.set_by_id)\n    IS DISTINCT FROM\n    (NEW.value, NEW.minimum_measurements, NEW.valid_from, NEW.announced_on, NEW.set_by_id))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0c53adb9712171f1980ce607c47f772064888089', operation='UPDATE', pgid='pgtrigger_standard_in_force_never_changes_f4d51', table='insights_servicestandard', when='BEFORE')),
            ),
        ]),
    ]

"""Triggers that keep what the tables promise."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from sellers.operations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('sellers', '0002_first_rows'),
    ]

    operations = [
        Together([
            pgtrigger.migrations.AddTrigger(
                model_name='installation',
                trigger=pgtrigger.compiler.Trigger(name='installation_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7b9b90a6bba29d7491cf3fd4d65df66e1e2eda9f', operation='DELETE', pgid='pgtrigger_installation_stays_8e059', table='sellers_installation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='installation',
                trigger=pgtrigger.compiler.Trigger(name='installations_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='9ac4610d73658adbbfd70e0383361670a17d5a14', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_installations_stay_26809', table='sellers_installation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='user',
                trigger=pgtrigger.compiler.Trigger(name='user_owner_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT NEW."is_active" AND OLD."is_active")', constraint='CONSTRAINT', declare='DECLARE owned record;', func="\n    FOR owned IN\n        SELECT seller_id FROM sellers_membership\n         WHERE user_id = NEW.id AND role = 'owner' AND ended_at IS NULL\n         ORDER BY seller_id\n    LOOP \n    PERFORM FROM sellers_seller WHERE id = owned.seller_id FOR NO KEY UPDATE;\n    IF FOUND AND NOT EXISTS (\n        SELECT FROM sellers_membership AS membership\n          JOIN sellers_user AS member ON member.id = membership.user_id\n         WHERE membership.seller_id = owned.seller_id AND membership.role = 'owner'\n           AND membership.ended_at IS NULL AND member.is_active\n    ) THEN\n        RAISE EXCEPTION 'A shop keeps an owner who may log in';\n    END IF;\n END LOOP;\n    RETURN NULL;\n", hash='d59fff792681bc4425d6c7be70a097b589b4af88', operation='UPDATE', pgid='pgtrigger_user_owner_stays_c318b', table='sellers_user', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='membership',
                trigger=pgtrigger.compiler.Trigger(name='membership_owner_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NULL AND OLD."role" = \'owner\' AND (NEW."ended_at" IS NOT NULL OR OLD."role" IS DISTINCT FROM (NEW."role") OR OLD."user_id" IS DISTINCT FROM (NEW."user_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id")))', constraint='CONSTRAINT', func="\n    PERFORM FROM sellers_seller WHERE id = OLD.seller_id FOR NO KEY UPDATE;\n    IF FOUND AND NOT EXISTS (\n        SELECT FROM sellers_membership AS membership\n          JOIN sellers_user AS member ON member.id = membership.user_id\n         WHERE membership.seller_id = OLD.seller_id AND membership.role = 'owner'\n           AND membership.ended_at IS NULL AND member.is_active\n    ) THEN\n        RAISE EXCEPTION 'A shop keeps an owner who may log in';\n    END IF;\n RETURN NULL;", hash='275de2850b9b13681286acad494a07137b206b0c', operation='UPDATE', pgid='pgtrigger_membership_owner_stays_24637', table='sellers_membership', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='membership',
                trigger=pgtrigger.compiler.Trigger(name='membership_last_owner_not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NULL AND OLD."role" = \'owner\')', constraint='CONSTRAINT', func="\n    PERFORM FROM sellers_seller WHERE id = OLD.seller_id FOR NO KEY UPDATE;\n    IF FOUND AND NOT EXISTS (\n        SELECT FROM sellers_membership AS membership\n          JOIN sellers_user AS member ON member.id = membership.user_id\n         WHERE membership.seller_id = OLD.seller_id AND membership.role = 'owner'\n           AND membership.ended_at IS NULL AND member.is_active\n    ) THEN\n        RAISE EXCEPTION 'A shop keeps an owner who may log in';\n    END IF;\n RETURN NULL;", hash='c66fd529bc1283d9ecc23731501551b3a8d5a367', operation='DELETE', pgid='pgtrigger_membership_last_owner_not_deleted_9dffc', table='sellers_membership', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='membership',
                trigger=pgtrigger.compiler.Trigger(name='membership_stays_ended', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL AND OLD."ended_at" IS DISTINCT FROM (NEW."ended_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='236b8672c3458bf107dae4a8222c7e756eff35e1', operation='UPDATE', pgid='pgtrigger_membership_stays_ended_ec3da', table='sellers_membership', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='event',
                trigger=pgtrigger.compiler.Trigger(name='event_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='50023e7ad2f83aa2c4a3a385c582513a77a2bcba', operation='DELETE OR UPDATE', pgid='pgtrigger_event_stays_2fa1a', table='sellers_event', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='event',
                trigger=pgtrigger.compiler.Trigger(name='events_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='06a3f3e06b016651b551de8d7fa0b8a8fb955cdd', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_events_stay_32d6b', table='sellers_event', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='teaminvitation',
                trigger=pgtrigger.compiler.Trigger(name='teaminvitation_of_one_person', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='faab81aebc8af2412226f74d42b3fe3c699c0af4', operation='UPDATE', pgid='pgtrigger_teaminvitation_of_one_person_a2aa3', table='sellers_teaminvitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='teaminvitation',
                trigger=pgtrigger.compiler.Trigger(name='teaminvitation_used_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."accepted_at" IS NOT NULL OR OLD."withdrawn_at" IS NOT NULL) AND (OLD."accepted_at" IS DISTINCT FROM (NEW."accepted_at") OR OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at") OR OLD."role" IS DISTINCT FROM (NEW."role")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='811dfe041a23acce43568d83452c0c1491cffc80', operation='UPDATE', pgid='pgtrigger_teaminvitation_used_once_15af4', table='sellers_teaminvitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='webhook',
                trigger=pgtrigger.compiler.Trigger(name='webhook_stays_its_owner_s', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3fe47218b894b3ae71dbb195f54b75a102c67e0f', operation='UPDATE', pgid='pgtrigger_webhook_stays_its_owner_s_39d29', table='sellers_webhook', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='webhookdelivery',
                trigger=pgtrigger.compiler.Trigger(name='webhookdelivery_stays_the_same', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."webhook_id" IS DISTINCT FROM (NEW."webhook_id") OR OLD."event_id" IS DISTINCT FROM (NEW."event_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."object_pk" IS DISTINCT FROM (NEW."object_pk") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5bd65d002e927012794b6b8c0d74bdf13fca69cc', operation='UPDATE', pgid='pgtrigger_webhookdelivery_stays_the_same_00dcf', table='sellers_webhookdelivery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='webhookdelivery',
                trigger=pgtrigger.compiler.Trigger(name='webhookdelivery_of_own_shop', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM sellers_webhook AS webhook, sellers_event AS event\n         WHERE webhook.id = NEW.webhook_id AND event.id = NEW.event_id\n           AND webhook.seller_id <> event.seller_id\n    ) THEN\n        RAISE EXCEPTION 'The event is of another shop than the webhook';\n    END IF;\n    RETURN NEW;\n", hash='abbb7eec5e24e603df2b8c189a1b21371dc2c635', operation='INSERT', pgid='pgtrigger_webhookdelivery_of_own_shop_f88d4', table='sellers_webhookdelivery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='webhooktry',
                trigger=pgtrigger.compiler.Trigger(name='webhooktry_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='84eb1bb32ba41374a63dc72427edbbb443b46334', operation='UPDATE', pgid='pgtrigger_webhooktry_stays_a2591', table='sellers_webhooktry', when='BEFORE')),
            ),
        ]),
    ]

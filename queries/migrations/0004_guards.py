"""Triggers that keep what the tables promise."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from sellers.operations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('queries', '0003_relations'),
    ]

    operations = [
        Together([
            pgtrigger.migrations.AddTrigger(
                model_name='fedrow',
                trigger=pgtrigger.compiler.Trigger(name='fed_stays_the_same_row', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."source" IS DISTINCT FROM (NEW."source") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."object_pk" IS DISTINCT FROM (NEW."object_pk"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='06c34d03e6329b0d677a389cb3f1916c268b7837', operation='UPDATE', pgid='pgtrigger_fed_stays_the_same_row_ac9d5', table='queries_fedrow', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='fedrow',
                trigger=pgtrigger.compiler.Trigger(name='fed_only_gets_newer', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."told_of_at" < (OLD."told_of_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='346abe6c2f4338669b5851235b9d5c743f99e20b', operation='UPDATE', pgid='pgtrigger_fed_only_gets_newer_835cf', table='queries_fedrow', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='fedrow',
                trigger=pgtrigger.compiler.Trigger(name='fed_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."kind" IN (\'seller\', \'member\', \'query\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7da009327fa4aaf661e0804a5f13fe119c6b3356', operation='DELETE', pgid='pgtrigger_fed_stays_d8bdc', table='queries_fedrow', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customer',
                trigger=pgtrigger.compiler.Trigger(name='customer_stays_erased', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."erased_at" IS NOT NULL AND OLD."erased_at" IS DISTINCT FROM (NEW."erased_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='dace473f47385d9ec3ef160d83e84413844dabb1', operation='UPDATE', pgid='pgtrigger_customer_stays_erased_42ced', table='queries_customer', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customer',
                trigger=pgtrigger.compiler.Trigger(name='customer_merged_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id"))', declare='DECLARE other queries_customer;', func="\n                SELECT * INTO other FROM queries_customer\n                 WHERE id = NEW.merged_into_id AND id <> NEW.id FOR KEY SHARE;\n                IF other.id IS NULL OR other.merged_into_id IS NOT NULL\n                    OR other.erased_at IS NOT NULL OR NEW.erased_at IS NOT NULL\n                THEN\n                    RAISE EXCEPTION 'A customer is merged only into somebody who is there';\n                END IF;\n                -- Merged before: then only along with who it was merged into.\n                IF OLD.merged_into_id IS NOT NULL AND NOT EXISTS (\n                    SELECT FROM queries_customer\n                     WHERE id = OLD.merged_into_id AND merged_into_id = NEW.merged_into_id\n                ) THEN\n                    RAISE EXCEPTION 'A merged customer stays merged';\n                END IF;\n                RETURN NEW;\n                ", hash='71f5bf4bca6900c2986c45f5734b74fd6047471f', operation='UPDATE', pgid='pgtrigger_customer_merged_once_3f9f6', table='queries_customer', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customer',
                trigger=pgtrigger.compiler.Trigger(name='customer_search_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."email" IS DISTINCT FROM (NEW."email"))', func="\n                PERFORM queries_write_documents(ARRAY(\n                    SELECT id FROM queries_customerquery\n                     WHERE customer_id = NEW.id\n                       AND (contact_email = '' OR OLD.name IS DISTINCT FROM NEW.name)\n                ));\n                RETURN NULL;\n                ", hash='2a710428abff3f4b3e476ed6f38be9493b996185', operation='UPDATE OF "name", "email"', pgid='pgtrigger_customer_search_follows_3af76', table='queries_customer', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='queries_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='7e5296678f78124721ff0336cb9f374695b2f743', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_queries_stay_d622a', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_stays_erased', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."erased_at" IS NOT NULL AND OLD."erased_at" IS DISTINCT FROM (NEW."erased_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='6bb37baa8c53f848b674659fa30661082ab0dde4', operation='UPDATE', pgid='pgtrigger_query_stays_erased_c824a', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_texts_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."subject" IS DISTINCT FROM (NEW."subject") AND NOT (NEW."subject" = \'\')) OR (OLD."order_reference" IS DISTINCT FROM (NEW."order_reference") AND NOT (NEW."order_reference" = \'\')) OR (OLD."contact_email" IS DISTINCT FROM (NEW."contact_email") AND NOT (NEW."contact_email" = \'\')))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='28b48927f3f1fa56782f51aada913747cce19cba', operation='UPDATE', pgid='pgtrigger_query_texts_only_emptied_03201', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_origin_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."statement_digest" IS DISTINCT FROM (NEW."statement_digest") OR OLD."logged_by_seller" IS DISTINCT FROM (NEW."logged_by_seller"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='60e86e90d9a1bea6d310cedacb178530ec2d59bb', operation='UPDATE', pgid='pgtrigger_query_origin_never_changes_9a874', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_first_reply_judged_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."first_replied_at" IS NULL OR NEW."first_replied_at" IS NOT NULL) AND ((NOT (OLD."first_reply_result" = \'\') AND OLD."first_reply_result" IS DISTINCT FROM (NEW."first_reply_result")) OR (OLD."first_reply_took" IS NOT NULL AND OLD."first_reply_took" IS DISTINCT FROM (NEW."first_reply_took"))))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d0394e8d6936fff99a9db751150a19e8d4f0890b', operation='UPDATE', pgid='pgtrigger_query_first_reply_judged_once_cd774', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_customer_only_merged', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))', func="\n        IF EXISTS (\n            SELECT FROM queries_customer\n             WHERE id = OLD.customer_id AND merged_into_id = NEW.customer_id\n        ) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'What happened moves to another customer only with a merge';\n        ", hash='a58d64c0f69ab6a8f2d651fbf3e7fe01955bea92', operation='UPDATE', pgid='pgtrigger_query_customer_only_merged_c2738', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_duplicate_of_same_customer', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."duplicate_of_id" IS NOT NULL)', declare='DECLARE kept queries_customerquery;', func="\n                SELECT * INTO kept\n                  FROM queries_customerquery WHERE id = NEW.duplicate_of_id FOR KEY SHARE;\n                IF kept.id = NEW.id\n                    OR kept.seller_id <> NEW.seller_id OR kept.customer_id <> NEW.customer_id\n                    OR kept.duplicate_of_id IS NOT NULL\n                    OR (kept.logged_by_seller AND NOT NEW.logged_by_seller)\n                    OR EXISTS (SELECT FROM queries_customerquery WHERE duplicate_of_id = NEW.id)\n                THEN\n                    RAISE EXCEPTION 'A duplicate is of one kept query, same customer and shop';\n                END IF;\n                RETURN NEW;\n                ", hash='f6680f05e25111336395d3343c05d99fc3afc230', operation='INSERT OR UPDATE OF "duplicate_of_id"', pgid='pgtrigger_query_duplicate_of_same_customer_d021b', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_customer_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE asks queries_customer;', func="\n                SELECT * INTO asks\n                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;\n                IF asks.erased_at IS NOT NULL THEN\n                    RAISE EXCEPTION 'An erased customer asks nothing any more';\n                END IF;\n                IF asks.merged_into_id IS NOT NULL THEN\n                    RAISE EXCEPTION 'Of a merged customer asks who it was merged into';\n                END IF;\n                RETURN NEW;\n                ", hash='f30dc57c1d93d3e432ec003cb9e27de6c227d631', operation='INSERT', pgid='pgtrigger_query_customer_is_there_b963d', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_version_rises', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='\n                NEW.version = OLD.version + 1;\n                NEW.changed_at = clock_timestamp();\n                RETURN NEW;\n                ', hash='e62993277a244148ad898f859d4acca19869ad15', operation='UPDATE', pgid='pgtrigger_query_version_rises_ef5c6', table='queries_customerquery', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_search_begins', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                INSERT INTO queries_searchdocument (query_id, closed, words)\n                SELECT id, state = 'closed', queries_document(id) FROM added;\n                RETURN NULL;\n                ", hash='05faf0553d4cf33e5cf8a3202337ecd32ec5306b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_query_search_begins_55748', referencing='REFERENCING NEW TABLE AS added ', table='queries_customerquery', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_search_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."subject" IS DISTINCT FROM (NEW."subject") OR OLD."order_reference" IS DISTINCT FROM (NEW."order_reference") OR OLD."contact_email" IS DISTINCT FROM (NEW."contact_email") OR OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))', func='PERFORM queries_write_documents(ARRAY[NEW.id]); RETURN NULL;', hash='d5fb8ee7c65d39bc468f9837b6a36336208656c7', operation='UPDATE', pgid='pgtrigger_query_search_follows_2cf9a', table='queries_customerquery', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customerquery',
                trigger=pgtrigger.compiler.Trigger(name='query_search_closes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state") AND (OLD."state" = \'closed\' OR NEW."state" = \'closed\'))', func="\n                UPDATE queries_searchdocument\n                   SET closed = (NEW.state = 'closed') WHERE query_id = NEW.id;\n                RETURN NULL;\n                ", hash='718714eb17e81aab8e07161779ec4c1c07f7b2ad', operation='UPDATE OF "state"', pgid='pgtrigger_query_search_closes_6c6fd', table='queries_customerquery', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closing_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='a9c6ab661cbbf5d933e8498d0ff24d188f7a7c18', operation='DELETE', pgid='pgtrigger_closing_stays_e5020', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closings_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='ab8886a2ddf5b8c8fc52ee5b1ea811a44660c2ae', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_closings_stay_00661', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closing_of_the_shop', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM queries_customerquery\n             WHERE id = NEW.query_id AND seller_id = NEW.seller_id\n        ) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'The shop must be that of the query';\n        ", hash='61b3b32585298b7749ea5aeebe27f53528c43bc9', operation='INSERT', pgid='pgtrigger_closing_of_the_shop_98fab', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closing_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."closed_by" IS DISTINCT FROM (NEW."closed_by") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."closed_at" IS DISTINCT FROM (NEW."closed_at") OR OLD."predicted_score" IS DISTINCT FROM (NEW."predicted_score"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='a259d03ef989ea8f1c07f138ff2933bf9dfa82f1', operation='UPDATE', pgid='pgtrigger_closing_never_changes_bc7d8', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closing_customer_only_merged', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))', func="\n        IF EXISTS (\n            SELECT FROM queries_customer\n             WHERE id = OLD.customer_id AND merged_into_id = NEW.customer_id\n        ) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'What happened moves to another customer only with a merge';\n        ", hash='25ee9867c016ed4dfd9a5cde74ebb15cfbe15fb1', operation='UPDATE', pgid='pgtrigger_closing_customer_only_merged_c8be2', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closing_subject_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."subject" IS DISTINCT FROM (NEW."subject") AND NOT (NEW."subject" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='91873a315b49a693e01f6c1be8a07721a78e9770', operation='UPDATE', pgid='pgtrigger_closing_subject_only_emptied_9ae92', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closing_reopened_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."reopened_at" IS NOT NULL AND OLD."reopened_at" IS DISTINCT FROM (NEW."reopened_at") AND (NEW."reopened_at" IS NULL OR NEW."reopened_at" > (OLD."reopened_at") OR OLD."survey_decided_at" IS NOT NULL))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='c82eab3e3ae27cd14c73ab79e39879ce363ea4f1', operation='UPDATE', pgid='pgtrigger_closing_reopened_once_92365', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='closing',
                trigger=pgtrigger.compiler.Trigger(name='closing_decided_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."survey_decided_at" IS NOT NULL AND OLD."survey_decided_at" IS DISTINCT FROM (NEW."survey_decided_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ee8f7792b8a4c6e9e64196771d340bb91cc204d1', operation='UPDATE', pgid='pgtrigger_closing_decided_once_e0614', table='queries_closing', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='handover',
                trigger=pgtrigger.compiler.Trigger(name='handover_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d813f60fedb0fc15205d60f239c60d0b533395bc', operation='DELETE', pgid='pgtrigger_handover_stays_a34cf', table='queries_handover', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='handover',
                trigger=pgtrigger.compiler.Trigger(name='handovers_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='ca8d7be02771c876971157cfdd72a47b7609a35b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_handovers_stay_a001e', table='queries_handover', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='handover',
                trigger=pgtrigger.compiler.Trigger(name='handover_of_the_shop', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM queries_customerquery\n             WHERE id = NEW.query_id AND seller_id = NEW.seller_id\n        ) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'The shop must be that of the query';\n        ", hash='4d6bbd026eaa058e3a69d0074d23ec0370face6c', operation='INSERT', pgid='pgtrigger_handover_of_the_shop_228bd', table='queries_handover', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='handover',
                trigger=pgtrigger.compiler.Trigger(name='handover_reason_given', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."reason" = \'\')', func="RAISE EXCEPTION 'pgtrigger: Cannot insert rows from % table', TG_TABLE_NAME;", hash='397a4bafa4b2a7f52498fe4283395e79ad65b201', operation='INSERT', pgid='pgtrigger_handover_reason_given_ad57a', table='queries_handover', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='handover',
                trigger=pgtrigger.compiler.Trigger(name='handover_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."handed_over_at" IS DISTINCT FROM (NEW."handed_over_at") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='8c592c3350fb3476388117cb707e6c1be9f3c0f4', operation='UPDATE', pgid='pgtrigger_handover_never_changes_f5934', table='queries_handover', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='handover',
                trigger=pgtrigger.compiler.Trigger(name='handover_reason_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."reason" IS DISTINCT FROM (NEW."reason") AND NOT (NEW."reason" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1703ba6f5cc1928319ffa866b3c59c0a5f527f50', operation='UPDATE', pgid='pgtrigger_handover_reason_only_emptied_7d701', table='queries_handover', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='handover',
                trigger=pgtrigger.compiler.Trigger(name='handover_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."handed_back_at" IS NOT NULL AND (NEW."handed_back_at" IS NULL OR NEW."handed_back_at" > (OLD."handed_back_at") OR (NEW."handed_back_at" = (OLD."handed_back_at") AND (OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."handed_back_by_id" IS DISTINCT FROM (NEW."handed_back_by_id") OR OLD."handed_back_client_id" IS DISTINCT FROM (NEW."handed_back_client_id")) AND NOT (NEW."outcome" = \'handed_back\' AND OLD."outcome" = \'closed\')) OR (OLD."unanswered_since" IS DISTINCT FROM (NEW."unanswered_since") AND NEW."unanswered_since" > (NEW."handed_back_at")) OR (OLD."answered_at" IS DISTINCT FROM (NEW."answered_at") AND NEW."answered_at" > (NEW."handed_back_at"))))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f5877ecc2652af84e5913782dd9cd48cb1d56eb9', operation='UPDATE', pgid='pgtrigger_handover_ends_once_ec0df', table='queries_handover', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."author" IS DISTINCT FROM (NEW."author") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."sent_at" IS DISTINCT FROM (NEW."sent_at") OR OLD."send_key" IS DISTINCT FROM (NEW."send_key") OR OLD."query_before" IS DISTINCT FROM (NEW."query_before") OR OLD."via" IS DISTINCT FROM (NEW."via") OR OLD."quoted_from" IS DISTINCT FROM (NEW."quoted_from") OR OLD."message_id_header" IS DISTINCT FROM (NEW."message_id_header") OR OLD."refused_files" IS DISTINCT FROM (NEW."refused_files") OR OLD."from_email" IS DISTINCT FROM (NEW."from_email"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='dc70edb12df06c2d94a6e6142c28f0a090b5dd5c', operation='UPDATE', pgid='pgtrigger_message_never_changes_f74bb', table='queries_message', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_accepted_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."accepted_at" IS NOT NULL AND OLD."accepted_at" IS DISTINCT FROM (NEW."accepted_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='43662bab8d76e64d87964d508867e80b2818f05c', operation='UPDATE', pgid='pgtrigger_message_accepted_once_393d3', table='queries_message', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_withdrawn_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."withdrawn_at" IS NOT NULL AND OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='710a534b83f545c3b465e780a7c88ebaecfef567', operation='UPDATE', pgid='pgtrigger_message_withdrawn_once_5a6e1', table='queries_message', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_body_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."body" IS DISTINCT FROM (NEW."body") AND NOT (NEW."body" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='40bad0275f4b27e782335175283569a3d6bc6815', operation='UPDATE', pgid='pgtrigger_message_body_only_emptied_3f7e4', table='queries_message', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_stays_until_erased', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF EXISTS (\n                    SELECT FROM queries_customerquery\n                     WHERE id = OLD.query_id AND erased_at IS NOT NULL\n                ) THEN\n                    RETURN OLD;\n                END IF;\n                RAISE EXCEPTION 'Only messages of an erased query may be deleted';\n                ", hash='8237175e3a34e33cb87ef7134fc5006e94871c73', operation='DELETE', pgid='pgtrigger_message_stays_until_erased_1ff8e', table='queries_message', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_search_grows', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            UPDATE queries_searchdocument document\n               SET words = queries_joined(document.words, more.words)\n              FROM (\n                SELECT query.id, queries_words(query.seller_id, string_agg(body, ' ')) AS words\n                  FROM added JOIN queries_customerquery query ON query.id = query_id\n                 GROUP BY query.id\n              ) more\n             WHERE document.query_id = more.id;\n            RETURN NULL;\n            ", hash='fc08d11252d81d1835fc5f345464d5c915a62f09', level='STATEMENT', operation='INSERT', pgid='pgtrigger_message_search_grows_a24ad', referencing='REFERENCING NEW TABLE AS added ', table='queries_message', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_search_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."body" IS DISTINCT FROM (NEW."body"))', func='PERFORM queries_write_documents(ARRAY[NEW.query_id]); RETURN NULL;', hash='61292ed7b3196e6af2e4ec85f6a50d469138b5a2', operation='UPDATE OF "body"', pgid='pgtrigger_message_search_follows_9d56d', table='queries_message', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_raises_version_first', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ', hash='ad7b3234dc60c7fa5c9b4841ae89f1670770f4d3', level='STATEMENT', operation='INSERT', pgid='pgtrigger_message_raises_version_first_7b6b5', referencing='REFERENCING NEW TABLE AS written ', table='queries_message', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='message',
                trigger=pgtrigger.compiler.Trigger(name='message_raises_version_again', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ', hash='abb1fc093f9e8034558eedf784420a4e280126f3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_message_raises_version_again_b449a', referencing='REFERENCING NEW TABLE AS written ', table='queries_message', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='incomingmail',
                trigger=pgtrigger.compiler.Trigger(name='incoming_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='fa01971caafcd251d3ef1ce78aeadd0bd1ea47a5', operation='DELETE', pgid='pgtrigger_incoming_stays_3bf11', table='queries_incomingmail', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='incomingmail',
                trigger=pgtrigger.compiler.Trigger(name='incoming_mails_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='c5f5c90865417e4d26db76353efb4ffeb57d3ebe', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_incoming_mails_stay_77a7f', table='queries_incomingmail', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='incomingmail',
                trigger=pgtrigger.compiler.Trigger(name='incoming_stays_what_it_was', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='44dad7330a8f81b3ae1ce47d6e28b62a6eba564d', operation='UPDATE', pgid='pgtrigger_incoming_stays_what_it_was_557c5', table='queries_incomingmail', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='attachment_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='0f50579383bf54a50a13444d59207792cb1ede17', operation='UPDATE', pgid='pgtrigger_attachment_never_changes_cbd4b', table='queries_attachment', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='attachment',
                trigger=pgtrigger.compiler.Trigger(name='attachment_stays_until_erased', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF EXISTS (\n                    SELECT FROM queries_message\n                      JOIN queries_customerquery query ON query.id = query_id\n                     WHERE queries_message.id = OLD.message_id AND query.erased_at IS NOT NULL\n                ) THEN\n                    RETURN OLD;\n                END IF;\n                RAISE EXCEPTION 'Only attachments of an erased query may be deleted';\n                ", hash='0258fff446faa87c046519d5dc63981422677a1e', operation='DELETE', pgid='pgtrigger_attachment_stays_until_erased_061b3', table='queries_attachment', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='note_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."written_at" IS DISTINCT FROM (NEW."written_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='e6c81929a781e2d39217596d501a0ba856537920', operation='UPDATE', pgid='pgtrigger_note_never_changes_37a03', table='queries_note', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='note_body_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."body" IS DISTINCT FROM (NEW."body") AND NOT (NEW."body" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2808770d09fdb0bb3eed29767eac3945ed28797e', operation='UPDATE', pgid='pgtrigger_note_body_only_emptied_736da', table='queries_note', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='note_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='e23082a1bc4b74c693d5e5f76c7f3dd89407b515', operation='DELETE', pgid='pgtrigger_note_stays_6694f', table='queries_note', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='notes_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='4d7beee0c80b1b16672163faf4a2396142762880', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_notes_stay_b242d', table='queries_note', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='note_search_grows', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            UPDATE queries_searchdocument document\n               SET words = queries_joined(document.words, more.words)\n              FROM (\n                SELECT query.id, queries_words(query.seller_id, string_agg(body, ' ')) AS words\n                  FROM added JOIN queries_customerquery query ON query.id = query_id\n                 GROUP BY query.id\n              ) more\n             WHERE document.query_id = more.id;\n            RETURN NULL;\n            ", hash='fdd3d06d6ed064dda4f3517c8a2f338ed6cdb7c3', level='STATEMENT', operation='INSERT', pgid='pgtrigger_note_search_grows_a1cb0', referencing='REFERENCING NEW TABLE AS added ', table='queries_note', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='note_search_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."body" IS DISTINCT FROM (NEW."body"))', func='PERFORM queries_write_documents(ARRAY[NEW.query_id]); RETURN NULL;', hash='a0df054a4faf699379e2e7ca8d724e030c31b8cc', operation='UPDATE OF "body"', pgid='pgtrigger_note_search_follows_e2b89', table='queries_note', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='note_raises_version_first', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ', hash='93d6a2c811da419734ee02c39b3a8d8001a54413', level='STATEMENT', operation='INSERT', pgid='pgtrigger_note_raises_version_first_9b452', referencing='REFERENCING NEW TABLE AS written ', table='queries_note', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='note',
                trigger=pgtrigger.compiler.Trigger(name='note_raises_version_again', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            UPDATE queries_customerquery SET version = version + 1\n             WHERE id IN (SELECT query_id FROM written);\n            RETURN NULL;\n            ', hash='87f2e4774d674f1d0680ba9af2bf6e7fc8f9560a', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_note_raises_version_again_00aed', referencing='REFERENCING NEW TABLE AS written ', table='queries_note', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='order',
                trigger=pgtrigger.compiler.Trigger(name='order_stays_the_same_one', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f2fb1a94cc68a8967014bfc537251b927d0ef4e8', operation='UPDATE', pgid='pgtrigger_order_stays_the_same_one_5fe61', table='queries_order', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='order',
                trigger=pgtrigger.compiler.Trigger(name='order_customer_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."customer_id" IS NOT NULL)', declare='DECLARE buys queries_customer;', func="\n                SELECT * INTO buys\n                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;\n                IF buys.erased_at IS NOT NULL OR buys.merged_into_id IS NOT NULL THEN\n                    RAISE EXCEPTION 'An order is of a customer who is there';\n                END IF;\n                RETURN NEW;\n                ", hash='d0e088ea15af0183fa5af8794abf4bcc4c2b6fbd', operation='INSERT OR UPDATE OF "customer_id"', pgid='pgtrigger_order_customer_is_there_5f748', table='queries_order', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='orderitem',
                trigger=pgtrigger.compiler.Trigger(name='orderitem_stays_in_its_order', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."order_id" IS DISTINCT FROM (NEW."order_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='13d97471a74598b606293ae1a597d8f4267cd4f3', operation='UPDATE', pgid='pgtrigger_orderitem_stays_in_its_order_62b83', table='queries_orderitem', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='threadlink',
                trigger=pgtrigger.compiler.Trigger(name='thread_link_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='39f9a3d8b755d643e361883d6c27b99c6448d564', operation='DELETE', pgid='pgtrigger_thread_link_stays_c22bd', table='queries_threadlink', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='threadlink',
                trigger=pgtrigger.compiler.Trigger(name='thread_links_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='c50566d8327a63ab60259a58b35f29fbb64cd3fe', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_thread_links_stay_25363', table='queries_threadlink', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='threadlink',
                trigger=pgtrigger.compiler.Trigger(name='thread_link_of_one_query', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='440df392eda70232610e6a3cd5d901844cfb1379', operation='UPDATE', pgid='pgtrigger_thread_link_of_one_query_a528f', table='queries_threadlink', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='threadlink',
                trigger=pgtrigger.compiler.Trigger(name='thread_link_revoked_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."revoked_at" IS NOT NULL AND OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='8c19c50787b99e02a2e51d0aab5c2a44fb97c623', operation='UPDATE', pgid='pgtrigger_thread_link_revoked_once_d14ef', table='queries_threadlink', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='threadlink',
                trigger=pgtrigger.compiler.Trigger(name='thread_link_replaced_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."replaced_at" IS NOT NULL AND OLD."replaced_at" IS DISTINCT FROM (NEW."replaced_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ce52d9b6e087be2fd761a4015c3bc387dbc5224f', operation='UPDATE', pgid='pgtrigger_thread_link_replaced_once_11bdf', table='queries_threadlink', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customermail',
                trigger=pgtrigger.compiler.Trigger(name='customermail_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='3ff94b88c665bb1bb43fd8a722dde0f7876fa4b1', operation='DELETE', pgid='pgtrigger_customermail_stays_21218', table='queries_customermail', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customermail',
                trigger=pgtrigger.compiler.Trigger(name='customermails_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='e7afba0badb9bc45fdda66276a6595050ac6e955', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_customermails_stay_294e9', table='queries_customermail', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='customermail',
                trigger=pgtrigger.compiler.Trigger(name='customermail_of_one_query', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."message_key" IS DISTINCT FROM (NEW."message_key"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='916a3a3fab9681223e5702361bb4559c21f30389', operation='UPDATE', pgid='pgtrigger_customermail_of_one_query_f55cb', table='queries_customermail', when='BEFORE')),
            ),
        ]),
    ]

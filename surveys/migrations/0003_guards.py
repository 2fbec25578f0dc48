"""Triggers that keep what the tables promise."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from sellers.operations import Together


class Migration(migrations.Migration):

    dependencies = [
        ('surveys', '0002_first_rows'),
    ]

    operations = [
        Together([
            pgtrigger.migrations.AddTrigger(
                model_name='topic',
                trigger=pgtrigger.compiler.Trigger(name='topic_in_use_keeps_its_name', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.slug, OLD.label_nl, OLD.label_en) IS DISTINCT FROM (NEW.slug, NEW.label_nl, NEW.label_en))', func="\n                IF EXISTS (SELECT FROM surveys_responsetopic WHERE topic_id = OLD.id) THEN\n                    RAISE EXCEPTION 'Customers ticked this topic: retire it and add another';\n                END IF;\n                RETURN NEW;\n                ", hash='86ee165ba0914be564f5a9d008fd9b8635f0de61', operation='UPDATE', pgid='pgtrigger_topic_in_use_keeps_its_name_e2a04', table='surveys_topic', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followupcontact',
                trigger=pgtrigger.compiler.Trigger(name='followup_contact_wished_for', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        PERFORM 1 FROM surveys_surveyresponse response\n          LEFT JOIN queries_message message ON message.id = NEW.message_id\n          WHERE response.id = (SELECT response_id FROM surveys_followup WHERE id = NEW.followup_id)\n            AND (response.may_contact OR NEW.kind = 'reply' AND response.may_contact IS NULL)\n            AND (NEW.message_id IS NULL OR message.query_id = response.query_id);\n        IF NOT FOUND THEN\n            RAISE EXCEPTION 'The customer does not want this contact, or it was another';\n        END IF;\n        RETURN NEW;\n        ", hash='ae0c70476752d7080f1a237720b7dc720cd68edc', operation='INSERT', pgid='pgtrigger_followup_contact_wished_for_b004f', table='surveys_followupcontact', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followupcontact',
                trigger=pgtrigger.compiler.Trigger(name='followup_contact_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='9a20934e39935a45449dce057dab2c216be71974', operation='DELETE', pgid='pgtrigger_followup_contact_stays_101f1', table='surveys_followupcontact', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followupcontact',
                trigger=pgtrigger.compiler.Trigger(name='followup_contacts_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='d3f48b5ce6086677a4ce59f03de45c14d950b9f3', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_followup_contacts_stay_bbf8b', table='surveys_followupcontact', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followupcontact',
                trigger=pgtrigger.compiler.Trigger(name='followup_contact_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."followup_id" IS DISTINCT FROM (NEW."followup_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by_id" IS DISTINCT FROM (NEW."made_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='307f01a6ad9ccada53cbc18da148fed973f1a560', operation='UPDATE', pgid='pgtrigger_followup_contact_never_changes_eab07', table='surveys_followupcontact', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followupcontact',
                trigger=pgtrigger.compiler.Trigger(name='followup_contact_note_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."note" IS DISTINCT FROM (NEW."note") AND NOT (NEW."note" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='190e1639dd1579c2f911cdd22bd71c57d9edd69f', operation='UPDATE', pgid='pgtrigger_followup_contact_note_only_emptied_974ce', table='surveys_followupcontact', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followupcontact',
                trigger=pgtrigger.compiler.Trigger(name='followup_contact_reply_only_goes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."message_id" IS DISTINCT FROM (NEW."message_id") AND NEW."message_id" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='87ced4d02468c56be8f55c0f9d6069b709a612ab', operation='UPDATE', pgid='pgtrigger_followup_contact_reply_only_goes_95c5f', table='surveys_followupcontact', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='importbatch',
                trigger=pgtrigger.compiler.Trigger(name='import_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='fb6febd5f7ab9bdd74833d38d449cdafbadc1ea1', operation='DELETE OR UPDATE', pgid='pgtrigger_import_stays_af0a2', table='surveys_importbatch', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='importbatch',
                trigger=pgtrigger.compiler.Trigger(name='imports_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='5393a57ea5872836c88b1b75e0afb29b9ee902c1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_imports_stay_44cb5', table='surveys_importbatch', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='importbatch',
                trigger=pgtrigger.compiler.Trigger(name='import_counts_what_it_holds', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF (NEW.stored, NEW.shops, NEW.first_month, NEW.last_month, NEW.imported_at,\n                    NEW.imported_at) IS DISTINCT FROM (\n                    SELECT (count(*)::integer, count(DISTINCT seller_id)::integer, min(month),\n                            max(month), min(imported_at), max(imported_at))\n                      FROM surveys_surveyresponse WHERE batch_id = NEW.id\n                ) THEN\n                    RAISE EXCEPTION 'An import counts what it holds';\n                END IF;\n                RETURN NEW;\n                ", hash='b0bed9368024fc15b2db8c6669fba6bafded1ec5', operation='INSERT', pgid='pgtrigger_import_counts_what_it_holds_6548d', table='surveys_importbatch', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='0443be10286439828520088140df4aa0eab27427', operation='DELETE', pgid='pgtrigger_invitation_stays_18f68', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitations_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='1b9c3071ea33e77899ce42167105ebafeceada57', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_invitations_stay_a1138', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_decision_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."closing_id" IS DISTINCT FROM (NEW."closing_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."decided_at" IS DISTINCT FROM (NEW."decided_at") OR OLD."message_key" IS DISTINCT FROM (NEW."message_key"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='064e2a310225ba9c85fc7db8f284e5053f5fe08f', operation='UPDATE', pgid='pgtrigger_invitation_decision_stands_97cf9', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_only_goes_on', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('decided', 'sending'), ('decided', 'sent'), ('decided', 'suppressed'), ('decided', 'bounced'), ('decided', 'answered'), ('sending', 'decided'), ('sending', 'sent'), ('sending', 'suppressed'), ('sending', 'bounced'), ('sending', 'answered'), ('sent', 'answered'), ('sent', 'expired'), ('sent', 'bounced'), ('suppressed', 'answered'), ('bounced', 'answered')))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='72e7bae79f6f75ed8ce50ef7276e9089c79ebcff', operation='UPDATE', pgid='pgtrigger_invitation_only_goes_on_36bed', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_answered_in_time', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state = 'answered' AND OLD.state <> NEW.state AND (OLD.expires_at > NEW.answered_at) IS NOT TRUE)", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='41fd9ccad0e9a8480c5952c3b50e28e8970588b0', operation='UPDATE', pgid='pgtrigger_invitation_answered_in_time_7bcff', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_end_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state IN ('answered', 'expired') AND (OLD.answered_at, OLD.opened_at, OLD.bounced_at) IS DISTINCT FROM (NEW.answered_at, NEW.opened_at, NEW.bounced_at))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='cec7442a973d1f87231216da4c0b3b27e7c47524', operation='UPDATE', pgid='pgtrigger_invitation_end_stands_77890', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_reason_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.state = NEW.state AND OLD.reason <> NEW.reason)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='bc9b8cc6bf7feb8a05c029bf9017cbd7f0b6f5b5', operation='UPDATE', pgid='pgtrigger_invitation_reason_stands_f76e1', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_sent_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.sent_at <> coalesce(NEW.sent_at, 'infinity'))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='80192a1f0f68a35498dccf87dc39f8be188f30d2', operation='UPDATE', pgid='pgtrigger_invitation_sent_once_41ab5', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_time_not_longer', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state NOT IN ('decided', 'sending') AND OLD.expires_at IS DISTINCT FROM NEW.expires_at AND (NEW.expires_at <= coalesce(OLD.expires_at, OLD.decided_at)) IS NOT TRUE)", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='76488d2919ace2c6c446058a99b4947e98098fe2', operation='UPDATE', pgid='pgtrigger_invitation_time_not_longer_561b0', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='invitation',
                trigger=pgtrigger.compiler.Trigger(name='invitation_customer_only_merged', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))', func="\n        IF EXISTS (\n            SELECT FROM queries_customer\n             WHERE id = OLD.customer_id AND merged_into_id = NEW.customer_id\n        ) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'What happened moves to another customer only with a merge';\n        ", hash='941881dfc57fed1004da9ab432242c18951b54cb', operation='UPDATE', pgid='pgtrigger_invitation_customer_only_merged_05808', table='surveys_invitation', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='playbook',
                trigger=pgtrigger.compiler.Trigger(name='playbook_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='ae8c36aab43036576bda67ea1840d267b91c6db9', operation='DELETE OR UPDATE', pgid='pgtrigger_playbook_never_changes_acf83', table='surveys_playbook', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='playbook',
                trigger=pgtrigger.compiler.Trigger(name='playbooks_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='7232a17b6c7966c72009581b259e3ecb65f66ac4', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_playbooks_stay_13f74', table='surveys_playbook', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='playbookstep',
                trigger=pgtrigger.compiler.Trigger(name='playbook_step_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='6d72bfd5914f31c09a80275ffd80b13f856cce0a', operation='DELETE OR UPDATE', pgid='pgtrigger_playbook_step_never_changes_7597a', table='surveys_playbookstep', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='playbookstep',
                trigger=pgtrigger.compiler.Trigger(name='playbook_steps_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='e75632026b118dc33e55f126eda277a9f0908444', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_playbook_steps_stay_a51f0', table='surveys_playbookstep', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='playbookstep',
                trigger=pgtrigger.compiler.Trigger(name='playbook_step_before_its_tasks', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF EXISTS (SELECT FROM surveys_followup WHERE playbook_id = NEW.playbook_id) THEN\n                    RAISE EXCEPTION 'Tasks opened with this version: publish the next one';\n                END IF;\n                RETURN NEW;\n                ", hash='e1aa0d5ea2953e7172beb654d5821694de9b1aa5', operation='INSERT', pgid='pgtrigger_playbook_step_before_its_tasks_c7549', table='surveys_playbookstep', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followuptick',
                trigger=pgtrigger.compiler.Trigger(name='followup_step_of_its_playbook', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF NOT EXISTS (\n                    SELECT FROM surveys_followup followup\n                      JOIN surveys_playbookstep step USING (playbook_id)\n                     WHERE followup.id = NEW.followup_id AND step.id = NEW.step_id\n                ) THEN\n                    RAISE EXCEPTION 'A step belongs to the playbook that the task opened with';\n                END IF;\n                RETURN NEW;\n                ", hash='5a898f3ab4c6a01e3a27fbacf651213877338694', operation='INSERT OR UPDATE', pgid='pgtrigger_followup_step_of_its_playbook_d738d', table='surveys_followuptick', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyoptout',
                trigger=pgtrigger.compiler.Trigger(name='opt_outs_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='d8a0095a695670233a1ffd5e240c2f653c3ecf45', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_opt_outs_stay_c846b', table='surveys_surveyoptout', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyoptout',
                trigger=pgtrigger.compiler.Trigger(name='opt_out_customer_only_merged', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))', func="\n        IF EXISTS (\n            SELECT FROM queries_customer\n             WHERE id = OLD.customer_id AND merged_into_id = NEW.customer_id\n        ) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'What happened moves to another customer only with a merge';\n        ", hash='af1c3341d2584fdff6eaee25cc2a566e75f33e71', operation='UPDATE', pgid='pgtrigger_opt_out_customer_only_merged_e1236', table='surveys_surveyoptout', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyoptout',
                trigger=pgtrigger.compiler.Trigger(name='opt_out_undone_with_trace', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n                IF EXISTS (\n                    SELECT FROM queries_customer\n                     WHERE id = OLD.customer_id\n                       AND (erased_at IS NOT NULL OR merged_into_id IS NOT NULL)\n                ) OR EXISTS (\n                    SELECT FROM surveys_surveyoptout WHERE customer_id = OLD.customer_id\n                ) OR EXISTS (\n                    SELECT FROM sellers_event\n                     WHERE object_label = 'queries.Customer' AND object_pk = OLD.customer_id\n                       AND kind = 'survey.opt_out_undone'\n                       AND transaction = pg_current_xact_id()::text::bigint\n                ) THEN\n                    RETURN NULL;\n                END IF;\n                RAISE EXCEPTION 'An opt-out goes only with an event that says so';\n                ", hash='b495c63179fb6c7bc7fe4a56535380b19a6d45e0', operation='DELETE', pgid='pgtrigger_opt_out_undone_with_trace_c2b20', table='surveys_surveyoptout', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveypolicy',
                trigger=pgtrigger.compiler.Trigger(name='policies_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='28a0769efad5dffa58cb71ed69092fe1be934d24', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_policies_stay_c1568', table='surveys_surveypolicy', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveypolicy',
                trigger=pgtrigger.compiler.Trigger(name='policy_not_dated_back', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.valid_from < now() - interval '5 minutes')", func="RAISE EXCEPTION 'pgtrigger: Cannot insert or update rows from % table', TG_TABLE_NAME;", hash='811caba4b8a86880337164299a662fc5bcaddacc', operation='INSERT OR UPDATE', pgid='pgtrigger_policy_not_dated_back_1a439', table='surveys_surveypolicy', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveypolicy',
                trigger=pgtrigger.compiler.Trigger(name='policy_in_force_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.valid_from <= now())', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7a8458bcfe6e18e9e18b2a76a036f212406d773d', operation='DELETE', pgid='pgtrigger_policy_in_force_stays_0b7ca', table='surveys_surveypolicy', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveypolicy',
                trigger=pgtrigger.compiler.Trigger(name='policy_in_force_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.valid_from <= now() AND OLD.* IS DISTINCT FROM NEW.*)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='785aeae47017e0594752032501f9410c433f4b80', operation='UPDATE', pgid='pgtrigger_policy_in_force_never_changes_8530d', table='surveys_surveypolicy', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_of_own_measurement', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        PERFORM 1 FROM surveys_surveyresponse\n          WHERE id = NEW.response_id AND seller_id = NEW.seller_id\n            AND closed_by = 'seller' AND query_id IS NOT NULL;\n        IF NOT FOUND THEN\n            RAISE EXCEPTION 'This must be about a measurement of the shop';\n        END IF;\n        RETURN NEW;\n        ", hash='0e2ade68007e92c76f4f29051ab8d230feebafa9', operation='INSERT', pgid='pgtrigger_referral_of_own_measurement_7d6a8', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_says_who', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."order_reference" = \'\' AND NEW."words" = \'\')', func="RAISE EXCEPTION 'Say who came in';", hash='e039c7fc061ce08be2d9cca2378d610da8463307', operation='INSERT', pgid='pgtrigger_referral_says_who_86fa0', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_customer_is_there', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."customer_id" IS NOT NULL)', declare='DECLARE came queries_customer; referrer bigint;', func="\n                SELECT * INTO came\n                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;\n                SELECT query.customer_id INTO referrer\n                  FROM surveys_surveyresponse response\n                  JOIN queries_customerquery query ON query.id = response.query_id\n                 WHERE response.id = NEW.response_id;\n                IF came.erased_at IS NOT NULL OR came.merged_into_id IS NOT NULL\n                   OR came.id = referrer THEN\n                    RAISE EXCEPTION 'Somebody else came in, who is there';\n                END IF;\n                RETURN NEW;\n                ", hash='0bad7192da62a2fb278f2b46ea85a5c62274e069', operation='INSERT', pgid='pgtrigger_referral_customer_is_there_ea4fa', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='e4c2811228796e8af562e6507fdc1dba8655e942', operation='DELETE', pgid='pgtrigger_referral_stays_6687b', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referrals_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='f3915a34495d7795e3a3690ebdb46c6b38e2f6e1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_referrals_stay_b7c4d', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."worth" IS DISTINCT FROM (NEW."worth") OR OLD."came_on" IS DISTINCT FROM (NEW."came_on") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2f6a23b6c82c42b246f86add8be637a68bc664fb', operation='UPDATE', pgid='pgtrigger_referral_never_changes_0d24d', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_customer_only_merged', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id"))', func="\n        IF EXISTS (\n            SELECT FROM queries_customer\n             WHERE id = OLD.customer_id AND merged_into_id = NEW.customer_id\n        ) THEN\n            RETURN NEW;\n        END IF;\n        RAISE EXCEPTION 'What happened moves to another customer only with a merge';\n        ", hash='ac0cb7da9c52ac8ed284c32285f47b2d83af189c', operation='UPDATE', pgid='pgtrigger_referral_customer_only_merged_c4656', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_words_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."words" IS DISTINCT FROM (NEW."words") AND NOT (NEW."words" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b374a709c0ef540cc3510853cbe1452125fb44f1', operation='UPDATE', pgid='pgtrigger_referral_words_only_emptied_c9e9b', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_order_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."order_reference" IS DISTINCT FROM (NEW."order_reference") AND NOT (NEW."order_reference" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='173005fba77d1bc76852579b09d33f2630a84dae', operation='UPDATE', pgid='pgtrigger_referral_order_only_emptied_b83d1', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='referral',
                trigger=pgtrigger.compiler.Trigger(name='referral_withdrawn_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."withdrawn_at" IS NOT NULL AND (OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at") OR OLD."withdrawn_by_id" IS DISTINCT FROM (NEW."withdrawn_by_id")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='4790730b43065740bdd650cdfec9258119c0d614', operation='UPDATE', pgid='pgtrigger_referral_withdrawn_once_64bcc', table='surveys_referral', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='quoteconsent',
                trigger=pgtrigger.compiler.Trigger(name='consent_of_own_measurement', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        PERFORM 1 FROM surveys_surveyresponse\n          WHERE id = NEW.response_id AND seller_id = NEW.seller_id\n            AND closed_by = 'seller' AND query_id IS NOT NULL;\n        IF NOT FOUND THEN\n            RAISE EXCEPTION 'This must be about a measurement of the shop';\n        END IF;\n        RETURN NEW;\n        ", hash='d8cd6333183a786c7308fc9ca9f4bccd814e44c0', operation='INSERT', pgid='pgtrigger_consent_of_own_measurement_a0b33', table='surveys_quoteconsent', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='quoteconsent',
                trigger=pgtrigger.compiler.Trigger(name='consent_is_about_words', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM 1 FROM surveys_surveyresponse\n                  WHERE id = NEW.response_id AND reason <> '' FOR NO KEY UPDATE;\n                IF NOT FOUND THEN\n                    RAISE EXCEPTION 'There are no words to quote';\n                END IF;\n                RETURN NEW;\n                ", hash='456e804511e8799a3b1d48a2f7a380c7ff85611c', operation='INSERT', pgid='pgtrigger_consent_is_about_words_7c348', table='surveys_quoteconsent', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='quoteconsent',
                trigger=pgtrigger.compiler.Trigger(name='consent_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='a965645bf99ce4a9c71a456c7b5cf9fe179d9bac', operation='DELETE', pgid='pgtrigger_consent_stays_bed68', table='surveys_quoteconsent', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='quoteconsent',
                trigger=pgtrigger.compiler.Trigger(name='consents_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='4a5c3919dcac1c0bdd803eccf66a9899f54db997', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_consents_stay_1b15e', table='surveys_quoteconsent', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='quoteconsent',
                trigger=pgtrigger.compiler.Trigger(name='consent_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."way" IS DISTINCT FROM (NEW."way") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d6105e54fd8e313343faf6747320e3224425ae57', operation='UPDATE', pgid='pgtrigger_consent_never_changes_98609', table='surveys_quoteconsent', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='quoteconsent',
                trigger=pgtrigger.compiler.Trigger(name='consent_name_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name") AND NOT (NEW."name" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='9ca7daa3b0f2bbab65ffdf6d10d7d56bd95e85de', operation='UPDATE', pgid='pgtrigger_consent_name_only_emptied_2f623', table='surveys_quoteconsent', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='quoteconsent',
                trigger=pgtrigger.compiler.Trigger(name='consent_withdrawn_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."withdrawn_at" IS NOT NULL AND (OLD."withdrawn_at" IS DISTINCT FROM (NEW."withdrawn_at") OR OLD."withdrawn_by_id" IS DISTINCT FROM (NEW."withdrawn_by_id")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1a5bc213377a2097a7ac8e6fe623407f0c2af16a', operation='UPDATE', pgid='pgtrigger_consent_withdrawn_once_cec8e', table='surveys_quoteconsent', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='measurementexclusion',
                trigger=pgtrigger.compiler.Trigger(name='exclusion_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='d4782bf5c9a75a4459933e840b04f44b89208a46', operation='DELETE', pgid='pgtrigger_exclusion_stays_80b53', table='surveys_measurementexclusion', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='measurementexclusion',
                trigger=pgtrigger.compiler.Trigger(name='exclusions_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='84d09b0361e1912add79263d0e741d81f7959e45', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_exclusions_stay_5f55a', table='surveys_measurementexclusion', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='measurementexclusion',
                trigger=pgtrigger.compiler.Trigger(name='exclusion_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."excluded_at" IS DISTINCT FROM (NEW."excluded_at") OR OLD."excluded_by_id" IS DISTINCT FROM (NEW."excluded_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d85d0b76bc4119a47bf7ed390cf0d4f7fab9afa0', operation='UPDATE', pgid='pgtrigger_exclusion_never_changes_902ca', table='surveys_measurementexclusion', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='measurementexclusion',
                trigger=pgtrigger.compiler.Trigger(name='exclusion_lifted_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."lifted_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='61fa07ebb1547ac4cc9a03db2bf921d3d49a50bc', operation='UPDATE', pgid='pgtrigger_exclusion_lifted_once_da303', table='surveys_measurementexclusion', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='improvement',
                trigger=pgtrigger.compiler.Trigger(name='improvement_of_own_measurement', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        PERFORM 1 FROM surveys_surveyresponse\n          WHERE id = NEW.response_id AND seller_id = NEW.seller_id\n            AND closed_by = 'seller' AND query_id IS NOT NULL;\n        IF NOT FOUND THEN\n            RAISE EXCEPTION 'This must be about a measurement of the shop';\n        END IF;\n        RETURN NEW;\n        ", hash='2928bd1b4420b38e77f8169642c607bf1f6eb6e3', operation='INSERT', pgid='pgtrigger_improvement_of_own_measurement_aa106', table='surveys_improvement', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='improvement',
                trigger=pgtrigger.compiler.Trigger(name='improvement_says_something', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."words" = \'\')', func="RAISE EXCEPTION 'Say what the customer said';", hash='5294bc8e954a68eeb47f578bdaf12b971379aa4f', operation='INSERT', pgid='pgtrigger_improvement_says_something_c9ef3', table='surveys_improvement', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='improvement',
                trigger=pgtrigger.compiler.Trigger(name='improvement_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='6612f66a6e4800a315f84a1f8e882e6007e29655', operation='DELETE', pgid='pgtrigger_improvement_stays_4850f', table='surveys_improvement', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='improvement',
                trigger=pgtrigger.compiler.Trigger(name='improvements_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='b8f239af8345ea38ed8a399c8f86801bdac7dfae', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_improvements_stay_1eee2', table='surveys_improvement', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='improvement',
                trigger=pgtrigger.compiler.Trigger(name='improvement_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."noted_at" IS DISTINCT FROM (NEW."noted_at") OR OLD."noted_by_id" IS DISTINCT FROM (NEW."noted_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='2ce23214dcb2e5f81d055c3fb556bac206391ca7', operation='UPDATE', pgid='pgtrigger_improvement_never_changes_a2805', table='surveys_improvement', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='improvement',
                trigger=pgtrigger.compiler.Trigger(name='improvement_words_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."words" IS DISTINCT FROM (NEW."words") AND NOT (NEW."words" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1ea15d12628ccf6fde6400a1e45837b309e5dd51', operation='UPDATE', pgid='pgtrigger_improvement_words_only_emptied_f89e1', table='surveys_improvement', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approach_of_own_measurement', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        PERFORM 1 FROM surveys_surveyresponse\n          WHERE id = NEW.response_id AND seller_id = NEW.seller_id\n            AND closed_by = 'seller' AND query_id IS NOT NULL;\n        IF NOT FOUND THEN\n            RAISE EXCEPTION 'This must be about a measurement of the shop';\n        END IF;\n        RETURN NEW;\n        ", hash='99a926257978eea9131c3c69ac41351a613f6046', operation='INSERT', pgid='pgtrigger_approach_of_own_measurement_f0fb6', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approach_one_at_a_time', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                PERFORM 1 FROM surveys_surveyresponse\n                  WHERE id = NEW.response_id FOR NO KEY UPDATE;\n                PERFORM 1 FROM surveys_approach approach\n                  LEFT JOIN queries_message message ON message.id = approach.message_id\n                  WHERE approach.response_id = NEW.response_id AND message.withdrawn_at IS NULL;\n                IF FOUND THEN\n                    RAISE EXCEPTION 'This customer was approached about it already';\n                END IF;\n                RETURN NEW;\n                ", hash='2a91a99aef9f12ddb1048a4aed1230219a0c2af1', operation='INSERT', pgid='pgtrigger_approach_one_at_a_time_9591b', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approach_wished_for', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        PERFORM 1 FROM surveys_surveyresponse response\n          LEFT JOIN queries_message message ON message.id = NEW.message_id\n          WHERE response.id = NEW.response_id\n            AND (response.may_contact OR NEW.kind = 'reply' AND response.may_contact IS NULL)\n            AND (NEW.message_id IS NULL OR message.query_id = response.query_id);\n        IF NOT FOUND THEN\n            RAISE EXCEPTION 'The customer does not want this contact, or it was another';\n        END IF;\n        RETURN NEW;\n        ", hash='2d70005f8acf2592522a2e67741169350654d30b', operation='INSERT', pgid='pgtrigger_approach_wished_for_8539b', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approach_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='2e0cdc0c2a0be70473fb3423662b2cc60064ccd1', operation='DELETE', pgid='pgtrigger_approach_stays_d63c4', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approaches_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='6a6423c90d1e59f786df1d010d2948932b8440f8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_approaches_stay_10719', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approach_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."made_by_id" IS DISTINCT FROM (NEW."made_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='782f124d54f52f7dbe66b5282c4ea9782a5e8015', operation='UPDATE', pgid='pgtrigger_approach_never_changes_fab32', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approach_note_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."note" IS DISTINCT FROM (NEW."note") AND NOT (NEW."note" = \'\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='724b4f7e4f06464d609252b5e1be7673446c442f', operation='UPDATE', pgid='pgtrigger_approach_note_only_emptied_79404', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='approach',
                trigger=pgtrigger.compiler.Trigger(name='approach_reply_only_goes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."message_id" IS DISTINCT FROM (NEW."message_id") AND NEW."message_id" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='765d1bed697164432b8d5c64aa0af081e346b9cf', operation='UPDATE', pgid='pgtrigger_approach_reply_only_goes_ecae0', table='surveys_approach', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='response_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='40b4ddf439068f712b176241ed64237bc5a3a7fa', operation='DELETE', pgid='pgtrigger_response_stays_cb517', table='surveys_surveyresponse', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='responses_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='5ef16cefd3a9c14063a5b5b2b7428522dc8917a1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_responses_stay_21c14', table='surveys_surveyresponse', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='response_matches_invitation', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."invitation_id" IS NOT NULL)', declare='DECLARE matches boolean; in_time boolean;', func="\n                SELECT (closing.seller_id, closing.query_id, closing.closed_by)\n                     = (NEW.seller_id, NEW.query_id, NEW.closed_by),\n                       invitation.state = 'answered'\n                       AND invitation.answered_at = NEW.submitted_at\n                       AND invitation.sent_at <= NEW.submitted_at + interval '5 minutes'\n                       AND invitation.expires_at >= NEW.submitted_at\n                  INTO matches, in_time\n                  FROM surveys_invitation invitation\n                  JOIN queries_closing closing ON closing.id = invitation.closing_id\n                 WHERE invitation.id = NEW.invitation_id;\n                IF matches IS NOT TRUE THEN\n                    RAISE EXCEPTION 'A response must be about the closing it was invited for';\n                END IF;\n                IF in_time IS NOT TRUE THEN\n                    RAISE EXCEPTION 'A response comes after its mail and before its time is over';\n                END IF;\n                RETURN NEW;\n                ", hash='a0c675f0381f54ee452718f315a3e17ded18b4d8', operation='INSERT', pgid='pgtrigger_response_matches_invitation_8a41b', table='surveys_surveyresponse', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='response_of_its_moment', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF NEW.submitted_at > clock_timestamp() + interval '5 minutes' THEN\n                    RAISE EXCEPTION 'A response cannot be of a moment to come';\n                END IF;\n                IF NEW.month IS DISTINCT FROM date_trunc(\n                    'month', NEW.submitted_at AT TIME ZONE public.marketplace_zone()\n                )::date THEN\n                    RAISE EXCEPTION 'The month of a response is that of its moment';\n                END IF;\n                NEW.stored_in = pg_current_xact_id()::text::bigint;\n                RETURN NEW;\n                ", hash='c6588f2f687e2e3e847df5a2d748b0184b6ec5ea', operation='INSERT', pgid='pgtrigger_response_of_its_moment_d09b2', table='surveys_surveyresponse', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='response_comes_before_its_import', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."batch_id" IS NOT NULL)', func="\n                IF EXISTS (SELECT FROM surveys_importbatch WHERE id = NEW.batch_id) THEN\n                    RAISE EXCEPTION 'Nothing is added to an import that is done';\n                END IF;\n                RETURN NEW;\n                ", hash='b9b4578d3ee0abe0be14008870d21af06550c803', operation='INSERT', pgid='pgtrigger_response_comes_before_its_import_38900', table='surveys_surveyresponse', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='response_low_score_has_followup', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."closed_by" = \'seller\' AND NEW."invitation_id" IS NOT NULL AND NEW."score" < 7)', constraint='CONSTRAINT', func="\n                IF NOT EXISTS (SELECT FROM surveys_followup WHERE response_id = NEW.id) THEN\n                    RAISE EXCEPTION 'A low score that counts for its shop has a follow-up task';\n                END IF;\n                RETURN NULL;\n                ", hash='feaa68f2c63760d660cf086e677010ff5f98cc2c', operation='INSERT', pgid='pgtrigger_response_low_score_has_followup_73a8d', table='surveys_surveyresponse', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='response_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."invitation_id" IS DISTINCT FROM (NEW."invitation_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."query_id" IS DISTINCT FROM (NEW."query_id") OR OLD."closed_by" IS DISTINCT FROM (NEW."closed_by") OR OLD."score" IS DISTINCT FROM (NEW."score") OR OLD."submitted_at" IS DISTINCT FROM (NEW."submitted_at") OR OLD."month" IS DISTINCT FROM (NEW."month") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."imported_at" IS DISTINCT FROM (NEW."imported_at") OR OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."stored_in" IS DISTINCT FROM (NEW."stored_in"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1f553a9d8e4bc12f8c853bfca2cb6aef1062d74f', operation='UPDATE', pgid='pgtrigger_response_never_changes_ca85e', table='surveys_surveyresponse', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='surveyresponse',
                trigger=pgtrigger.compiler.Trigger(name='response_words_only_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD."reason" IS DISTINCT FROM (NEW."reason") AND NOT (NEW."reason" = \'\')) OR (OLD."may_contact" IS DISTINCT FROM (NEW."may_contact") AND NEW."may_contact" IS NOT NULL))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7d4b3f325459feb61719838641f2389e0a26161a', operation='UPDATE', pgid='pgtrigger_response_words_only_emptied_9a8e5', table='surveys_surveyresponse', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='responsetopic',
                trigger=pgtrigger.compiler.Trigger(name='response_topic_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='27de4376ae7ebca049a7ad4cdc95d9271b5aa648', operation='DELETE OR UPDATE', pgid='pgtrigger_response_topic_stays_1faca', table='surveys_responsetopic', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='responsetopic',
                trigger=pgtrigger.compiler.Trigger(name='response_topics_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='2055193f7c74bba3779a1dd39ac01fe3da6bd275', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_response_topics_stay_1e8fb', table='surveys_responsetopic', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='responsetopic',
                trigger=pgtrigger.compiler.Trigger(name='response_topic_comes_with_it', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF EXISTS (\n                    SELECT FROM surveys_surveyresponse\n                     WHERE id = NEW.response_id AND stored_in = pg_current_xact_id()::text::bigint\n                ) THEN\n                    RETURN NEW;\n                END IF;\n                RAISE EXCEPTION 'Nothing is added to a response that is stored';\n                ", hash='baf3459e3848c51ca9d62ffd82430762a7bd1a82', operation='INSERT', pgid='pgtrigger_response_topic_comes_with_it_602a7', table='surveys_responsetopic', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='followup_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='0aba1fa29dd0994898cc45830fce115dea30ff96', operation='DELETE', pgid='pgtrigger_followup_stays_0b71b', table='surveys_followup', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='followups_stay', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;", hash='d7cb729051bc760a6b6dd5cc421b20f45ee652da', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_followups_stay_24cde', table='surveys_followup', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='followup_of_one_measurement', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."playbook_id" IS DISTINCT FROM (NEW."playbook_id") OR OLD."opened_at" IS DISTINCT FROM (NEW."opened_at") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ce5f7b85046bc34a8aad961b810836f4ea1f7bba', operation='UPDATE', pgid='pgtrigger_followup_of_one_measurement_736b9', table='surveys_followup', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='followup_stays_erased', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."lapse" = \'erased\' AND NOT (NEW."lapse" = \'erased\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='782279dffe5af438c7bb2d919b4c8974aeb213c7', operation='UPDATE', pgid='pgtrigger_followup_stays_erased_08206', table='surveys_followup', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='followup_first_contact_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."contacted_at" IS NOT NULL AND OLD."contacted_at" IS DISTINCT FROM (NEW."contacted_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='7902756c4fc3521cf57e749acef9950658b64116', operation='UPDATE', pgid='pgtrigger_followup_first_contact_stays_aa0fd', table='surveys_followup', when='BEFORE')),
            ),
            pgtrigger.migrations.AddTrigger(
                model_name='followup',
                trigger=pgtrigger.compiler.Trigger(name='followup_of_a_low_score', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                IF NOT EXISTS (\n                    SELECT FROM surveys_surveyresponse response\n                      JOIN surveys_playbook playbook ON playbook.id = NEW.playbook_id\n                     WHERE response.id = NEW.response_id\n                       AND response.seller_id = NEW.seller_id\n                       AND response.score < 7\n                       AND response.closed_by = 'seller'\n                       AND response.imported_at IS NULL\n                       AND playbook.score = response.score\n                ) THEN\n                    RAISE EXCEPTION 'A follow-up is of a low score that counts for its shop';\n                END IF;\n                RETURN NEW;\n                ", hash='d0eb0747d6e3d2142e62df878c66841ebf198213', operation='INSERT', pgid='pgtrigger_followup_of_a_low_score_a2c1e', table='surveys_followup', when='BEFORE')),
            ),
        ]),
    ]

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('queries', '0037_days_that_exist'),
        ('sellers', '0023_installations_stay'),
        ('surveys', '0023_days_that_exist'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('file_name', models.CharField(max_length=255, verbose_name='file')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the file')),
                ('format', models.CharField(blank=True, max_length=30, verbose_name='format')),
                ('imported_at', models.DateTimeField(verbose_name='imported')),
                ('stored', models.PositiveIntegerField(verbose_name='measurements stored')),
                ('skipped', models.PositiveIntegerField(verbose_name='rows skipped')),
                ('shops', models.PositiveIntegerField(verbose_name='shops')),
                ('first_month', models.DateField(verbose_name='first month')),
                ('last_month', models.DateField(verbose_name='last month')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='measurementexclusion',
            name='exclusion_never_changes',
        ),
        migrations.AddField(
            model_name='measurementexclusion',
            name='lift_reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='reason for including again'),
        ),
        migrations.AlterField(
            model_name='measurementexclusion',
            name='response',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exclusions', to='surveys.surveyresponse', verbose_name='measurement'),
        ),
        migrations.AddField(
            model_name='importbatch',
            name='imported_by',
            field=models.ForeignKey(blank=True, help_text='Nobody: the command on the server.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imports', to=settings.AUTH_USER_MODEL, verbose_name='imported by'),
        ),
        migrations.AddField(
            model_name='measurementexclusion',
            name='batch',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exclusions', to='surveys.importbatch', verbose_name='import'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measurementexclusion',
            trigger=pgtrigger.compiler.Trigger(name='exclusion_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."response_id" IS DISTINCT FROM (NEW."response_id") OR OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."excluded_at" IS DISTINCT FROM (NEW."excluded_at") OR OLD."excluded_by_id" IS DISTINCT FROM (NEW."excluded_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d85d0b76bc4119a47bf7ed390cf0d4f7fab9afa0', operation='UPDATE', pgid='pgtrigger_exclusion_never_changes_902ca', table='surveys_measurementexclusion', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='surveyresponse',
            name='batch',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='surveys.importbatch', verbose_name='import'),
        ),
        migrations.AddIndex(
            model_name='surveyresponse',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch', 'seller', 'month'], include=('score', 'closed_by', 'id'), name='response_of_import'),
        ),
        migrations.AddConstraint(
            model_name='measurementexclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch', None), ('response__isnull', False)), models.Q(('batch__isnull', False), ('response', None)), _connector='OR'), name='exclusion_of_one_or_an_import'),
        ),
        migrations.AddConstraint(
            model_name='measurementexclusion',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('batch',), name='exclusion_import_one_at_a_time', violation_error_message='This import is excluded already.'),
        ),
        migrations.AddConstraint(
            model_name='measurementexclusion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_at', None)), models.Q(('batch', None), ('lifted_at__isnull', False)), models.Q(('lifted_at__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='exclusion_import_lifted_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='importbatch',
            constraint=models.CheckConstraint(condition=models.Q(('file_name', ''), _negated=True), name='import_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='importbatch',
            constraint=models.CheckConstraint(condition=models.Q(('sha256', ''), ('sha256__regex', '^[0-9a-f]{64}$'), _connector='OR'), name='import_has_a_digest'),
        ),
        migrations.AddConstraint(
            model_name='importbatch',
            constraint=models.CheckConstraint(condition=models.Q(('stored__gt', 0)), name='import_has_any'),
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
    ]

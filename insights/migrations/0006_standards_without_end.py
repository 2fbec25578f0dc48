"""A standard holds until the next one begins, so nothing says any more when it ends.

Days without a standard between two cannot be expressed any more: where one was stored with an end
before the next began, or with an end and none after it, it now holds on. No release had such days.
"""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('insights', '0005_shop_scores'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='servicestandard',
            name='standard_period_not_empty',
        ),
        migrations.RemoveConstraint(
            model_name='servicestandard',
            name='standard_no_overlap',
        ),
        migrations.RemoveField(
            model_name='servicestandard',
            name='valid_until',
        ),
        migrations.AddField(
            model_name='servicestandard',
            name='set_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='service_standards', to=settings.AUTH_USER_MODEL, verbose_name='set by'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='servicestandard',
            trigger=pgtrigger.compiler.Trigger(name='standard_in_force_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.valid_from <= (now() AT TIME ZONE 'Etc/GMT+12')::date)", func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='3513899000c069fd381836920af63feb10376ad0', operation='DELETE', pgid='pgtrigger_standard_in_force_stays_7bd8d', table='insights_servicestandard', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='servicestandard',
            trigger=pgtrigger.compiler.Trigger(name='standard_in_force_never_changes', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.valid_from <= (now() AT TIME ZONE 'Etc/GMT+12')::date AND \n    (OLD.value, OLD.minimum_measurements, OLD.valid_from, OLD.announced_on, OLD.set_by_id)\n    IS DISTINCT FROM\n    (NEW.value, NEW.minimum_measurements, NEW.valid_from, NEW.announced_on, NEW.set_by_id))", func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='aee2f5a2fb5fa8be79817a8698fb3a11ad6b85da', operation='UPDATE', pgid='pgtrigger_standard_in_force_never_changes_f4d51', table='insights_servicestandard', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='servicestandard',
            constraint=models.CheckConstraint(condition=models.Q(('announced_on__lt', models.F('valid_from'))), name='standard_announced_before_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='servicestandard',
            constraint=models.UniqueConstraint(fields=('valid_from',), name='standard_one_per_day', violation_error_code='unique', violation_error_message='Another standard begins on that day: change that one, or begin another day.'),
        ),
    ]

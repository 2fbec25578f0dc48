"""The database learns which one it is, and transactions are numbered on after a restore."""

import django.db.models.expressions
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from sellers.models.installation import FUNCTIONS


class Migration(migrations.Migration):

    dependencies = [
        ("sellers", "0017_guesses"),
    ]

    operations = [
        migrations.CreateModel(
            name='Installation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('database', models.TextField()),
                ('skipped_in', models.TextField(blank=True, default='')),
                ('held_since', models.DateTimeField(blank=True, null=True, verbose_name='held since')),
                ('transactions_before', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'installation',
                'verbose_name_plural': 'installation',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='installation_is_one')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='installation',
            trigger=pgtrigger.compiler.Trigger(name='installation_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7b9b90a6bba29d7491cf3fd4d65df66e1e2eda9f', operation='DELETE', pgid='pgtrigger_installation_stays_8e059', table='sellers_installation', when='BEFORE')),
        ),
        *[
            migrations.RunSQL(function, f"DROP FUNCTION {name}")
            for name, function in FUNCTIONS.items()
        ],
        migrations.RunSQL(
            "INSERT INTO sellers_installation (id, database, skipped_in, transactions_before) "
            "VALUES (1, sellers_this_database(), '', 0)",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='event',
            name='transaction',
            field=models.BigIntegerField(db_default=django.db.models.expressions.CombinedExpression(models.Func(function='sellers_transactions_before', output_field=models.BigIntegerField()), '+', django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id'), models.TextField()), models.BigIntegerField())), editable=False),
        ),
    ]

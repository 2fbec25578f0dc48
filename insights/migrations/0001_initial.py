"""The tables."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('low_score', 'Low score'), ('task_due', 'Follow-up task due soon'), ('task_overdue', 'Follow-up task overdue'), ('new_query', 'New query'), ('deadline', 'Reply due soon'), ('standard', 'Service standard crossed'), ('digest', 'Weekly overview')], max_length=20, verbose_name='kind')),
                ('key', models.CharField(max_length=60, verbose_name='what happened')),
                ('day', models.DateField(blank=True, null=True, verbose_name='day')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='due')),
                ('numbers', models.JSONField(blank=True, default=dict, verbose_name='numbers')),
                ('happened_at', models.DateTimeField(verbose_name='moment')),
                ('created_at', models.DateTimeField(verbose_name='noted')),
                ('listed', models.BooleanField(verbose_name='in the portal')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read')),
                ('unsent_reason', models.CharField(blank=True, choices=[('switched_off', 'mails of this kind are switched off'), ('too_old', 'longer than a day ago'), ('done', 'done before a mail left'), ('not_in_team', 'user does not belong to the shop any more'), ('undeliverable', 'mail to this address was refused for good')], max_length=20, verbose_name='not mailed because')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
            },
        ),
        migrations.CreateModel(
            name='AlertCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transaction', models.BigIntegerField(default=0)),
                ('event_id', models.BigIntegerField(default=0)),
                ('work', models.CharField(choices=[('events', 'Events'), ('times', 'Times'), ('mails', 'Mails')], max_length=10, unique=True)),
                ('month', models.DateField(null=True)),
                ('week', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='AlertMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_salt', models.CharField(blank=True, editable=False, max_length=32)),
                ('token_digest', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('state', models.CharField(choices=[('decided', 'To be sent'), ('sending', 'Being sent'), ('sent', 'Sent'), ('bounced', 'Bounced'), ('suppressed', 'Not sent')], max_length=20, verbose_name='state')),
                ('next_try_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('bounced_at', models.DateTimeField(blank=True, null=True, verbose_name='bounced')),
                ('message_key', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None, verbose_name='kinds')),
                ('is_bundle', models.BooleanField(default=False, verbose_name='several together')),
                ('reason', models.CharField(blank=True, choices=[('switched_off', 'mails of this kind are switched off'), ('too_old', 'longer than a day ago'), ('done', 'done before a mail left'), ('not_in_team', 'user does not belong to the shop any more'), ('undeliverable', 'mail to this address was refused for good')], max_length=20, verbose_name='reason not to send')),
            ],
            options={
                'verbose_name': 'mail with alerts',
                'verbose_name_plural': 'mails with alerts',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CountingMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('response_id', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='MonthCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('scores', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), size=11)),
                ('choices', models.JSONField()),
            ],
            options={
                'permissions': [('view_shopscore', 'Can view shop scores')],
            },
        ),
        migrations.CreateModel(
            name='MonthNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text="First day, in the marketplace's time zone.", verbose_name='month')),
                ('words', models.CharField(blank=True, max_length=140, verbose_name='note')),
                ('before', models.CharField(blank=True, max_length=140, verbose_name='note before')),
            ],
            options={
                'verbose_name': 'note of a month',
                'verbose_name_plural': 'notes of months',
            },
        ),
        migrations.CreateModel(
            name='ServiceStandard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.SmallIntegerField(verbose_name='at least')),
                ('minimum_measurements', models.PositiveSmallIntegerField(default=25, verbose_name='minimum measurements')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('announced_on', models.DateField(verbose_name='announced on')),
                ('label_nl', models.CharField(max_length=120, verbose_name='label in Dutch')),
                ('label_en', models.CharField(max_length=120, verbose_name='label in English')),
            ],
            options={
                'verbose_name': 'service standard',
                'verbose_name_plural': 'service standards',
            },
        ),
    ]

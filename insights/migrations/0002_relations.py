"""What leads from these tables to others, with their constraints and indexes."""

import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from sellers.operations import Together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('insights', '0001_initial'),
        ('queries', '0002_initial'),
        ('sellers', '0001_initial'),
        ('surveys', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Together([
            migrations.AddField(
                model_name='alert',
                name='followup',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='surveys.followup'),
            ),
            migrations.AddField(
                model_name='alert',
                name='query',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='alert',
                name='response',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='surveys.surveyresponse'),
            ),
            migrations.AddField(
                model_name='alert',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='alert',
                name='user',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to=settings.AUTH_USER_MODEL, verbose_name='user'),
            ),
            migrations.AddConstraint(
                model_name='alertcursor',
                constraint=models.CheckConstraint(condition=models.Q(('work__in', ['events', 'times', 'mails'])), name='alert_work_known'),
            ),
            migrations.AddField(
                model_name='alertmail',
                name='user',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alert_mails', to=settings.AUTH_USER_MODEL, verbose_name='user'),
            ),
            migrations.AddField(
                model_name='alert',
                name='mail',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='alerts', to='insights.alertmail', verbose_name='mail'),
            ),
            migrations.AddConstraint(
                model_name='countingmark',
                constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='counting_mark_is_one'),
            ),
            migrations.AddField(
                model_name='monthcount',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='month_counts', to='sellers.seller'),
            ),
            migrations.AddField(
                model_name='monthnote',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='month_notes', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='servicestandard',
                name='set_by',
                field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='service_standards', to=settings.AUTH_USER_MODEL, verbose_name='set by'),
            ),
            migrations.AddIndex(
                model_name='alertmail',
                index=models.Index(condition=models.Q(('state__in', ('decided', 'sending'))), fields=['next_try_at', 'id'], name='alertmail_to_send'),
            ),
            migrations.AddIndex(
                model_name='alertmail',
                index=models.Index(fields=['user', 'created_at'], name='alertmail_of_user'),
            ),
            migrations.AddConstraint(
                model_name='alertmail',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('decided', 'sending')), _negated=True), ('next_try_at__isnull', False), _connector='OR'), name='alertmail_to_send_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='alertmail',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['decided', 'sending', 'sent', 'bounced', 'suppressed'])), name='alertmail_state_known'),
            ),
            migrations.AddConstraint(
                model_name='alertmail',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ['switched_off', 'too_old', 'done', 'not_in_team', 'undeliverable']), ('state', 'suppressed')), models.Q(models.Q(('state', 'suppressed'), _negated=True), ('reason', '')), _connector='OR'), name='alertmail_reason_iff_suppressed'),
            ),
            migrations.AddConstraint(
                model_name='alertmail',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='alertmail_sent_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='alertmail',
                constraint=models.CheckConstraint(condition=models.Q(('token_digest__isnull', False)), name='alertmail_has_link'),
            ),
            migrations.AddConstraint(
                model_name='alertmail',
                constraint=models.CheckConstraint(condition=models.Q(('kinds__contained_by', ['low_score', 'task_due', 'task_overdue', 'new_query', 'deadline', 'standard', 'digest']), ('kinds__len__gt', 0)), name='alertmail_kinds_known'),
            ),
            migrations.AddIndex(
                model_name='alert',
                index=models.Index(condition=models.Q(('listed', True)), fields=['user', 'seller', '-happened_at', '-id'], name='alert_listed'),
            ),
            migrations.AddIndex(
                model_name='alert',
                index=models.Index(condition=models.Q(('listed', True), ('read_at', None)), fields=['user', 'seller'], name='alert_unread'),
            ),
            migrations.AddIndex(
                model_name='alert',
                index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['kind', 'due_at'], name='alert_of_what_is_due'),
            ),
            migrations.AddIndex(
                model_name='alert',
                index=models.Index(condition=models.Q(('mail', None), ('unsent_reason', '')), fields=['user', 'id'], name='alert_to_mail'),
            ),
            migrations.AddConstraint(
                model_name='alert',
                constraint=models.UniqueConstraint(fields=('user', 'seller', 'kind', 'key'), name='alert_once'),
            ),
            migrations.AddConstraint(
                model_name='alert',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['low_score', 'task_due', 'task_overdue', 'new_query', 'deadline', 'standard', 'digest'])), name='alert_kind_known'),
            ),
            migrations.AddConstraint(
                model_name='alert',
                constraint=models.CheckConstraint(condition=models.Q(('unsent_reason__in', ['', 'switched_off', 'too_old', 'done', 'not_in_team', 'undeliverable'])), name='alert_unsent_reason_known'),
            ),
            migrations.AddIndex(
                model_name='monthcount',
                index=models.Index(fields=['month', 'seller'], include=('scores',), name='month_count_of_all'),
            ),
            migrations.AddConstraint(
                model_name='monthcount',
                constraint=models.UniqueConstraint(fields=('seller', 'month'), name='month_counted_once'),
            ),
            migrations.AddConstraint(
                model_name='monthcount',
                constraint=models.CheckConstraint(condition=models.Q(('scores__len', 11)), name='month_counts_each_score'),
            ),
            migrations.AddConstraint(
                model_name='monthnote',
                constraint=models.UniqueConstraint(fields=('seller', 'month'), name='month_note_one_per_month'),
            ),
            migrations.AddConstraint(
                model_name='monthnote',
                constraint=models.CheckConstraint(condition=models.Q(('month', django.db.models.functions.datetime.TruncMonth('month', output_field=models.DateField()))), name='month_note_month_is_first_day'),
            ),
            migrations.AddConstraint(
                model_name='monthnote',
                constraint=models.CheckConstraint(condition=models.Q(('before__regex', '^(\\S(.*\\S)?)?$'), ('words__regex', '^(\\S(.*\\S)?)?$')), name='month_note_is_not_blank'),
            ),
            migrations.AddConstraint(
                model_name='monthnote',
                constraint=models.CheckConstraint(condition=models.Q(('words', models.F('before')), _negated=True), name='month_note_says_something'),
            ),
            migrations.AddConstraint(
                model_name='servicestandard',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('valid_from__isnull', True), models.Q(('valid_from__gte', datetime.date(1900, 1, 1)), ('valid_from__lte', datetime.date(2999, 12, 31))), _connector='OR'), models.Q(('announced_on__isnull', True), models.Q(('announced_on__gte', datetime.date(1900, 1, 1)), ('announced_on__lte', datetime.date(2999, 12, 31))), _connector='OR')), name='standard_on_days', violation_error_message='Choose a day from 1900 to 2999.'),
            ),
            migrations.AddConstraint(
                model_name='servicestandard',
                constraint=models.CheckConstraint(condition=models.Q(('value__range', (-100, 100))), name='standard_value_in_range', violation_error_message='A standard lies between −100 and +100.'),
            ),
            migrations.AddConstraint(
                model_name='servicestandard',
                constraint=models.CheckConstraint(condition=models.Q(('announced_on__lt', models.F('valid_from'))), name='standard_announced_before_it_begins'),
            ),
            migrations.AddConstraint(
                model_name='servicestandard',
                constraint=models.UniqueConstraint(fields=('valid_from',), name='standard_one_per_day', violation_error_code='unique', violation_error_message='Another standard begins on that day: change that one, or begin another day.'),
            ),
        ]),
    ]

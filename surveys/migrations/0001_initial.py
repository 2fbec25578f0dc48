"""The tables."""

import datetime
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.functions.datetime
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from sellers.operations import Together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('queries', '0002_initial'),
        ('sellers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('to_do', 'To do'), ('contacted', 'Contacted'), ('resolved', 'Resolved'), ('not_recoverable', 'Not recoverable')], max_length=20, verbose_name='state')),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('due_at', models.DateTimeField(verbose_name='contact due')),
                ('escalated_at', models.DateTimeField(blank=True, null=True, verbose_name='told to be overdue')),
                ('contacted_at', models.DateTimeField(blank=True, null=True, verbose_name='first contact')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('note', models.TextField(blank=True, db_default='', default='', verbose_name='note')),
                ('promised', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='promised')),
                ('cause', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='root cause in own words')),
                ('lesson', models.TextField(blank=True, db_default='', default='', verbose_name='lesson')),
                ('lapsed_at', models.DateTimeField(blank=True, null=True, verbose_name='lapsed')),
                ('lapse', models.CharField(blank=True, choices=[('excluded', 'The measurement was excluded'), ('erased', 'What the customer said was erased')], db_default='', default='', max_length=10, verbose_name='why it lapsed')),
                ('assignee', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followups', to=settings.AUTH_USER_MODEL, verbose_name='assigned to')),
                ('seller', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='followups', to='sellers.seller', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'follow-up task',
                'verbose_name_plural': 'follow-up tasks',
            },
        ),
        migrations.CreateModel(
            name='FollowUpContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reply', 'Reply in the conversation'), ('call', 'Phone call')], max_length=10, verbose_name='how')),
                ('outcome', models.CharField(blank=True, choices=[('spoken', 'Spoken'), ('not_reached', 'Not reached'), ('calls_back', 'Calls back')], max_length=20, verbose_name='what came of it')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('made_at', models.DateTimeField(verbose_name='moment')),
                ('followup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='surveys.followup')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='followup_contacts', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('message', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='followup_contact', to='queries.message', verbose_name='message')),
            ],
            options={
                'verbose_name': 'contact about a low score',
                'verbose_name_plural': 'contacts about low scores',
            },
        ),
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
                ('imported_by', models.ForeignKey(blank=True, help_text='Nobody: the command on the server.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imports', to=settings.AUTH_USER_MODEL, verbose_name='imported by')),
            ],
            options={
                'verbose_name': 'import',
                'verbose_name_plural': 'imports',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_salt', models.CharField(blank=True, editable=False, max_length=32)),
                ('token_digest', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('next_try_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('bounced_at', models.DateTimeField(blank=True, null=True, verbose_name='bounced')),
                ('message_key', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
                ('state', models.CharField(choices=[('suppressed', 'No survey'), ('decided', 'To be sent'), ('sending', 'Being sent'), ('sent', 'Sent'), ('answered', 'Answered'), ('expired', 'Expired'), ('bounced', 'Bounced')], max_length=20, verbose_name='state')),
                ('reason', models.CharField(blank=True, choices=[('reopened', 'query was reopened'), ('customer_cooldown', 'customer was surveyed recently'), ('opted_out', 'customer does not want surveys'), ('logged_by_seller', 'contact was logged by the shop'), ('no_address', 'customer has no e-mail address'), ('system_closed', 'query was closed automatically'), ('already_surveyed', 'query was surveyed before'), ('duplicate', 'another query about the same is surveyed instead'), ('stale', 'survey would have come too late'), ('disabled', 'surveys were switched off'), ('undeliverable', 'mail to this address was refused for good')], max_length=20, verbose_name='reason for no survey')),
                ('decided_at', models.DateTimeField(verbose_name='decided')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='form opened')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='answer before')),
                ('closing', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to='queries.closing')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='queries.customer', verbose_name='customer')),
                ('query', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='queries.customerquery', verbose_name='query')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='sellers.seller', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'survey invitation',
                'verbose_name_plural': 'survey invitations',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Playbook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('score', models.PositiveSmallIntegerField(verbose_name='score')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('intro_nl', models.CharField(max_length=300, verbose_name='introduction in Dutch')),
                ('intro_en', models.CharField(max_length=300, verbose_name='introduction in English')),
                ('published_at', models.DateTimeField(verbose_name='published')),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='playbooks', to=settings.AUTH_USER_MODEL, verbose_name='published by')),
            ],
            options={
                'verbose_name': 'playbook',
                'verbose_name_plural': 'playbooks',
            },
        ),
        migrations.AddField(
            model_name='followup',
            name='playbook',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='followups', to='surveys.playbook', verbose_name='playbook'),
        ),
        migrations.CreateModel(
            name='PlaybookStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('label_nl', models.CharField(max_length=120, verbose_name='step in Dutch')),
                ('label_en', models.CharField(max_length=120, verbose_name='step in English')),
                ('hint_nl', models.CharField(blank=True, max_length=300, verbose_name='explanation in Dutch')),
                ('hint_en', models.CharField(blank=True, max_length=300, verbose_name='explanation in English')),
                ('is_contact', models.BooleanField(default=False, help_text='Contact from the task ticks this step.', verbose_name='ticked by itself')),
                ('playbook', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='surveys.playbook')),
            ],
            options={
                'verbose_name': 'step of a playbook',
                'verbose_name_plural': 'steps of a playbook',
            },
        ),
        migrations.CreateModel(
            name='FollowUpTick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticked_at', models.DateTimeField(verbose_name='ticked')),
                ('followup', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ticks', to='surveys.followup')),
                ('ticked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ticks', to=settings.AUTH_USER_MODEL, verbose_name='ticked by')),
                ('step', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ticks', to='surveys.playbookstep')),
            ],
            options={
                'verbose_name': 'step that was done',
                'verbose_name_plural': 'steps that were done',
            },
        ),
        migrations.CreateModel(
            name='SurveyOptOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opted_out_at', models.DateTimeField(verbose_name='opted out')),
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='survey_opt_out', to='queries.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'survey opt-out',
                'verbose_name_plural': 'survey opt-outs',
            },
        ),
        migrations.CreateModel(
            name='SurveyPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('enabled', models.BooleanField(default=True, verbose_name='surveys are sent')),
                ('delay', models.DurationField(default=datetime.timedelta(days=1), verbose_name='from closing to deciding')),
                ('cooldown', models.DurationField(default=datetime.timedelta(days=30), verbose_name='rest between two surveys of one customer')),
                ('answer_window', models.DurationField(default=datetime.timedelta(days=14), verbose_name='time to answer')),
                ('stale_after', models.DurationField(default=datetime.timedelta(days=7), verbose_name='too late after')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('set_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='survey_policies', to=settings.AUTH_USER_MODEL, verbose_name='set by')),
            ],
            options={
                'verbose_name': 'survey policy',
                'verbose_name_plural': 'survey policies',
            },
        ),
        migrations.CreateModel(
            name='SurveyResponse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('closed_by', models.CharField(choices=[('seller', 'Seller'), ('marketplace', 'Marketplace'), ('system', 'System')], max_length=20, verbose_name='closed by')),
                ('score', models.PositiveSmallIntegerField(verbose_name='score')),
                ('submitted_at', models.DateTimeField(verbose_name='submitted')),
                ('month', models.DateField(help_text="First day, in the marketplace's time zone.", verbose_name='month')),
                ('reason', models.TextField(blank=True, verbose_name='most important reason')),
                ('may_contact', models.BooleanField(null=True, verbose_name='the seller may contact')),
                ('external_id', models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='number elsewhere')),
                ('imported_at', models.DateTimeField(blank=True, null=True, verbose_name='imported')),
                ('stored_in', models.BigIntegerField(editable=False, null=True)),
                ('batch', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='surveys.importbatch', verbose_name='import')),
                ('invitation', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='response', to='surveys.invitation', verbose_name='invitation')),
                ('query', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='queries.customerquery', verbose_name='query')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='sellers.seller', verbose_name='seller')),
            ],
            options={
                'verbose_name': 'survey response',
                'verbose_name_plural': 'survey responses',
            },
        ),
        migrations.CreateModel(
            name='ResponseTopic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='response_topics', to='surveys.surveyresponse')),
            ],
            options={
                'verbose_name': 'topic of a response',
                'verbose_name_plural': 'topics of a response',
            },
        ),
        migrations.CreateModel(
            name='Referral',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order_reference', models.CharField(blank=True, max_length=40, verbose_name='order number')),
                ('words', models.CharField(blank=True, max_length=200, verbose_name='who came in')),
                ('worth', models.DecimalField(decimal_places=2, help_text='In euros.', max_digits=10, verbose_name='worth')),
                ('came_on', models.DateField(verbose_name='came in')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='brought_in_by', to='queries.customer', verbose_name='new customer')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='sellers.seller', verbose_name='seller')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawn_referrals', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='referrals', to='surveys.surveyresponse', verbose_name='measurement')),
            ],
            options={
                'verbose_name': 'referral',
                'verbose_name_plural': 'referrals',
            },
        ),
        migrations.CreateModel(
            name='QuoteConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='quoted as')),
                ('way', models.CharField(choices=[('in_thread', 'In the conversation'), ('by_email', 'By e-mail'), ('by_phone', 'By phone'), ('in_person', 'In person')], max_length=20, verbose_name='how it was given')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quote_consents', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quote_consents', to='sellers.seller', verbose_name='seller')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawn_quote_consents', to=settings.AUTH_USER_MODEL, verbose_name='withdrawn by')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quote_consents', to='surveys.surveyresponse', verbose_name='measurement')),
            ],
            options={
                'verbose_name': 'permission to quote',
                'verbose_name_plural': 'permissions to quote',
            },
        ),
        migrations.CreateModel(
            name='MeasurementExclusion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(help_text='The seller reads this beside the measurement.', max_length=300, verbose_name='reason')),
                ('excluded_at', models.DateTimeField(verbose_name='excluded')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted')),
                ('lift_reason', models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='reason for including again')),
                ('batch', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exclusions', to='surveys.importbatch', verbose_name='import')),
                ('excluded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exclusions', to=settings.AUTH_USER_MODEL, verbose_name='excluded by')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lifted_exclusions', to=settings.AUTH_USER_MODEL, verbose_name='lifted by')),
                ('response', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exclusions', to='surveys.surveyresponse', verbose_name='measurement')),
            ],
            options={
                'verbose_name': 'excluded measurement',
                'verbose_name_plural': 'excluded measurements',
            },
        ),
        migrations.CreateModel(
            name='Improvement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.TextField(blank=True, verbose_name='what the customer said')),
                ('noted_at', models.DateTimeField(verbose_name='noted')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='improvements', to=settings.AUTH_USER_MODEL, verbose_name='noted by')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='improvements', to='sellers.seller', verbose_name='seller')),
                ('response', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='improvement', to='surveys.surveyresponse', verbose_name='measurement')),
            ],
            options={
                'verbose_name': 'what would have made it a 9 or 10',
                'verbose_name_plural': 'what would have made it a 9 or 10',
            },
        ),
        migrations.AddField(
            model_name='followup',
            name='response',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='followup', to='surveys.surveyresponse', verbose_name='measurement'),
        ),
        migrations.CreateModel(
            name='Approach',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reply', 'Reply in the conversation'), ('call', 'Phone call')], max_length=10, verbose_name='how')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('made_at', models.DateTimeField(verbose_name='moment')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approaches', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('message', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='approach', to='queries.message', verbose_name='reply')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approaches', to='sellers.seller', verbose_name='seller')),
                ('response', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approaches', to='surveys.surveyresponse', verbose_name='measurement')),
            ],
            options={
                'verbose_name': 'contact with a happy customer',
                'verbose_name_plural': 'contacts with happy customers',
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40, unique=True, verbose_name='short name')),
                ('label_nl', models.CharField(max_length=60, verbose_name='label in Dutch')),
                ('label_en', models.CharField(max_length=60, verbose_name='label in English')),
                ('tip_nl', models.TextField(blank=True, verbose_name='tip in Dutch')),
                ('tip_en', models.TextField(blank=True, verbose_name='tip in English')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('retired_on', models.DateField(blank=True, null=True, verbose_name='no longer asked since')),
            ],
            options={
                'verbose_name': 'detail topic',
                'verbose_name_plural': 'detail topics',
                'constraints': [models.CheckConstraint(condition=models.Q(('retired_on__isnull', True), models.Q(('retired_on__gte', datetime.date(1900, 1, 1)), ('retired_on__lte', datetime.date(2999, 12, 31))), _connector='OR'), name='topic_retired_on_a_day', violation_error_message='Choose a day from 1900 to 2999.'), models.CheckConstraint(condition=models.Q(models.Q(('label_nl', ''), _negated=True), models.Q(('label_en', ''), _negated=True)), name='topic_labels_given')],
            },
        ),
        Together([
            migrations.AddField(
                model_name='surveyresponse',
                name='topics',
                field=models.ManyToManyField(related_name='responses', through='surveys.ResponseTopic', to='surveys.topic', verbose_name='topics'),
            ),
            migrations.AddField(
                model_name='responsetopic',
                name='topic',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='response_topics', to='surveys.topic'),
            ),
            migrations.AddField(
                model_name='followup',
                name='cause_topic',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followups', to='surveys.topic', verbose_name='root cause'),
            ),
            migrations.AddConstraint(
                model_name='followupcontact',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'call'), ('outcome__in', ['spoken', 'not_reached', 'calls_back'])), models.Q(('kind', 'reply'), ('note', ''), ('outcome', '')), _connector='OR'), name='followup_call_has_outcome'),
            ),
            migrations.AddConstraint(
                model_name='importbatch',
                constraint=models.CheckConstraint(condition=models.Q(('file_name', ''), _negated=True), name='import_has_a_name'),
            ),
            migrations.AddConstraint(
                model_name='importbatch',
                constraint=models.CheckConstraint(condition=models.Q(('sha256', ''), ('sha256__regex', '^[0-9a-f]{64}$'), _connector='OR'), name='import_has_a_digest'),
            ),
            migrations.AddIndex(
                model_name='invitation',
                index=models.Index(condition=models.Q(('state__in', ('decided', 'sending'))), fields=['next_try_at', 'id'], name='invitation_to_send'),
            ),
            migrations.AddIndex(
                model_name='invitation',
                index=models.Index(condition=models.Q(('state', 'sent')), fields=['expires_at'], name='invitation_expiring'),
            ),
            migrations.AddConstraint(
                model_name='invitation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('decided', 'sending')), _negated=True), ('next_try_at__isnull', False), _connector='OR'), name='invitation_to_send_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='invitation',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['suppressed', 'decided', 'sending', 'sent', 'answered', 'expired', 'bounced'])), name='invitation_state_known'),
            ),
            migrations.AddConstraint(
                model_name='invitation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ['reopened', 'customer_cooldown', 'opted_out', 'logged_by_seller', 'no_address', 'system_closed', 'already_surveyed', 'duplicate', 'stale', 'disabled', 'undeliverable']), ('state', 'suppressed')), models.Q(models.Q(('state', 'suppressed'), _negated=True), ('reason', '')), _connector='OR'), name='invitation_reason_iff_suppressed'),
            ),
            migrations.AddConstraint(
                model_name='invitation',
                constraint=models.CheckConstraint(condition=models.Q(('state', 'suppressed'), ('token_digest__isnull', False), _connector='OR'), name='invitation_has_link'),
            ),
            migrations.AddConstraint(
                model_name='invitation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('sent', 'answered', 'expired')), _negated=True), models.Q(('expires_at__isnull', False), ('sent_at__isnull', False)), _connector='OR'), name='invitation_sent_has_moments'),
            ),
            migrations.AddConstraint(
                model_name='invitation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), _negated=True), ('answered_at__isnull', False), _connector='OR'), name='invitation_answered_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='playbook',
                constraint=models.UniqueConstraint(fields=('score', 'version'), name='playbook_version_once'),
            ),
            migrations.AddConstraint(
                model_name='playbook',
                constraint=models.CheckConstraint(condition=models.Q(('score__range', (0, 6))), name='playbook_of_a_low_score'),
            ),
            migrations.AddConstraint(
                model_name='playbook',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('intro_nl', ''), _negated=True), models.Q(('intro_en', ''), _negated=True)), name='playbook_in_both_languages'),
            ),
            migrations.AddConstraint(
                model_name='playbookstep',
                constraint=models.UniqueConstraint(fields=('playbook', 'position'), name='playbook_step_in_order'),
            ),
            migrations.AddConstraint(
                model_name='playbookstep',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('label_nl', ''), _negated=True), models.Q(('label_en', ''), _negated=True)), name='playbook_step_in_both_languages'),
            ),
            migrations.AddConstraint(
                model_name='followuptick',
                constraint=models.UniqueConstraint(fields=('followup', 'step'), name='followup_step_ticked_once'),
            ),
            migrations.AddConstraint(
                model_name='surveypolicy',
                constraint=models.CheckConstraint(condition=models.Q(('valid_from__lt', datetime.datetime(2999, 12, 31, 0, 0, tzinfo=datetime.timezone.utc))), name='policy_begins_some_day', violation_error_message='Choose a day from 1900 to 2999.'),
            ),
            migrations.AddConstraint(
                model_name='surveypolicy',
                constraint=models.UniqueConstraint(fields=('valid_from',), name='policy_one_per_moment', violation_error_message='Another policy begins at that very moment.'),
            ),
            migrations.AddConstraint(
                model_name='surveypolicy',
                constraint=models.CheckConstraint(condition=models.Q(('answer_window__gt', datetime.timedelta(0)), ('cooldown__gte', datetime.timedelta(0)), ('delay__gte', datetime.timedelta(0)), ('stale_after__gte', datetime.timedelta(0))), name='policy_times_not_negative', violation_error_message='A time cannot be negative, and there must be some to answer.'),
            ),
            migrations.AddConstraint(
                model_name='surveypolicy',
                constraint=models.CheckConstraint(condition=models.Q(('answer_window__lte', datetime.timedelta(days=366)), ('cooldown__lte', datetime.timedelta(days=366)), ('delay__lte', datetime.timedelta(days=366)), ('stale_after__lte', datetime.timedelta(days=366))), name='policy_times_within_a_year', violation_error_message='No time can be longer than a year.'),
            ),
            migrations.AddIndex(
                model_name='referral',
                index=models.Index(condition=models.Q(('withdrawn_at', None)), fields=['seller', 'came_on'], include=('worth',), name='referral_seller_period'),
            ),
            migrations.AddConstraint(
                model_name='referral',
                constraint=models.CheckConstraint(condition=models.Q(('came_on__isnull', True), models.Q(('came_on__gte', datetime.date(1900, 1, 1)), ('came_on__lte', datetime.date(2999, 12, 31))), _connector='OR'), name='referral_came_on_a_day', violation_error_message='Choose a day from 1900 to 2999.'),
            ),
            migrations.AddConstraint(
                model_name='referral',
                constraint=models.UniqueConstraint(condition=models.Q(models.Q(('order_reference', ''), _negated=True), ('withdrawn_at', None)), fields=('seller', 'order_reference'), name='referral_order_once'),
            ),
            migrations.AddConstraint(
                model_name='referral',
                constraint=models.CheckConstraint(condition=models.Q(('worth__gt', 0), ('worth__lte', Decimal('99999999.99'))), name='referral_is_worth_something'),
            ),
            migrations.AddConstraint(
                model_name='referral',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None)), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='referral_withdrawn_by_somebody'),
            ),
            migrations.AddIndex(
                model_name='quoteconsent',
                index=models.Index(condition=models.Q(('withdrawn_at', None)), fields=['seller'], name='consent_standing'),
            ),
            migrations.AddConstraint(
                model_name='quoteconsent',
                constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('response',), name='consent_one_at_a_time'),
            ),
            migrations.AddConstraint(
                model_name='quoteconsent',
                constraint=models.CheckConstraint(condition=models.Q(('way__in', ['in_thread', 'by_email', 'by_phone', 'in_person'])), name='consent_way_known'),
            ),
            migrations.AddConstraint(
                model_name='quoteconsent',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), ('withdrawn_at__isnull', False), _connector='OR'), name='consent_says_as_whom'),
            ),
            migrations.AddConstraint(
                model_name='quoteconsent',
                constraint=models.CheckConstraint(condition=models.Q(('withdrawn_by', None), ('withdrawn_at__isnull', False), _connector='OR'), name='consent_withdrawn_at_a_moment'),
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
                constraint=models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('response',), name='exclusion_one_at_a_time', violation_error_message='This measurement is excluded already.'),
            ),
            migrations.AddConstraint(
                model_name='measurementexclusion',
                constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='exclusion_has_reason', violation_error_message='Say why: the seller reads it.'),
            ),
            migrations.AddConstraint(
                model_name='measurementexclusion',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('lifted_at', None), ('lifted_by', None)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='exclusion_lifted_by_somebody'),
            ),
            migrations.AddConstraint(
                model_name='measurementexclusion',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('lift_reason', ''), ('lifted_at', None)), models.Q(('batch', None), ('lifted_at__isnull', False)), models.Q(('lifted_at__isnull', False), models.Q(('lift_reason', ''), _negated=True)), _connector='OR'), name='exclusion_import_lifted_with_reason'),
            ),
            migrations.AddIndex(
                model_name='improvement',
                index=models.Index(fields=['seller', 'noted_at'], name='improvement_seller_latest'),
            ),
            migrations.AddIndex(
                model_name='approach',
                index=models.Index(fields=['seller', 'made_at'], name='approach_seller_latest'),
            ),
            migrations.AddConstraint(
                model_name='approach',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reply'), ('note', '')), models.Q(('kind', 'call'), ('message', None)), _connector='OR'), name='approach_replied_or_called'),
            ),
            migrations.AddIndex(
                model_name='surveyresponse',
                index=models.Index(condition=models.Q(('closed_by', 'seller')), fields=['seller', 'month'], include=('score',), name='response_seller_month'),
            ),
            migrations.AddIndex(
                model_name='surveyresponse',
                index=models.Index(condition=models.Q(('closed_by', 'seller'), ('imported_at__isnull', False)), fields=['seller', 'month'], name='response_imported_month'),
            ),
            migrations.AddIndex(
                model_name='surveyresponse',
                index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch', 'seller', 'month'], include=('score', 'closed_by', 'id'), name='response_of_import'),
            ),
            migrations.AddIndex(
                model_name='surveyresponse',
                index=models.Index(condition=models.Q(('closed_by', 'seller')), fields=['seller', '-submitted_at', '-id'], include=('score',), name='response_seller_latest'),
            ),
            migrations.AddConstraint(
                model_name='surveyresponse',
                constraint=models.CheckConstraint(condition=models.Q(('score__range', (0, 10))), name='response_score_in_range'),
            ),
            migrations.AddConstraint(
                model_name='surveyresponse',
                constraint=models.CheckConstraint(condition=models.Q(('month', django.db.models.functions.datetime.TruncMonth('month', output_field=models.DateField()))), name='response_month_is_first_day'),
            ),
            migrations.AddConstraint(
                model_name='surveyresponse',
                constraint=models.CheckConstraint(condition=models.Q(('closed_by__in', ('seller', 'marketplace'))), name='response_closed_by_a_person'),
            ),
            migrations.AddConstraint(
                model_name='surveyresponse',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch', None), ('external_id', ''), ('imported_at', None), ('invitation__isnull', False), ('query__isnull', False)), models.Q(('batch__isnull', False), ('imported_at__isnull', False), ('invitation', None), ('query', None), models.Q(('external_id', ''), _negated=True)), _connector='OR'), name='response_invited_or_imported'),
            ),
            migrations.AddConstraint(
                model_name='surveyresponse',
                constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('seller', 'external_id'), name='response_imported_once'),
            ),
            migrations.AddConstraint(
                model_name='responsetopic',
                constraint=models.UniqueConstraint(fields=('response', 'topic'), name='response_topic_once'),
            ),
            migrations.AddIndex(
                model_name='followup',
                index=models.Index(condition=models.Q(('lapsed_at', None), ('state__in', ('to_do', 'contacted'))), fields=['seller', '-state', 'due_at', 'id'], name='followup_open'),
            ),
            migrations.AddIndex(
                model_name='followup',
                index=models.Index(condition=models.Q(('lapsed_at', None), ('state__in', ('resolved', 'not_recoverable'))), fields=['seller', '-finished_at', '-id'], name='followup_finished'),
            ),
            migrations.AddIndex(
                model_name='followup',
                index=models.Index(condition=models.Q(('lapsed_at', None), ('state__in', ('resolved', 'not_recoverable')), models.Q(('lesson', ''), _negated=True)), fields=['seller', '-finished_at', '-id'], name='followup_lessons'),
            ),
            migrations.AddIndex(
                model_name='followup',
                index=models.Index(condition=models.Q(('escalated_at', None), ('lapsed_at', None), ('state', 'to_do')), fields=['due_at', 'id'], name='followup_to_escalate'),
            ),
            migrations.AddIndex(
                model_name='followup',
                index=models.Index(condition=models.Q(('lapsed_at', None)), fields=['seller', 'opened_at'], name='followup_of_a_period'),
            ),
            migrations.AddConstraint(
                model_name='followup',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('contacted_at', None), ('state', 'to_do')), models.Q(('contacted_at__isnull', False), ('state', 'contacted')), ('state__in', ('resolved', 'not_recoverable')), _connector='OR'), name='followup_contacted_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='followup',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ('to_do', 'contacted'))), models.Q(('finished_at__isnull', False), ('state__in', ('resolved', 'not_recoverable'))), _connector='OR'), name='followup_finished_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='followup',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ('to_do', 'contacted')), models.Q(('note', ''), _negated=True), ('lapsed_at__isnull', False), _connector='OR'), name='followup_finished_with_note', violation_error_message='Say what was done: a note is needed to finish.'),
            ),
            migrations.AddConstraint(
                model_name='followup',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'not_recoverable'), _negated=True), models.Q(('lesson', ''), _negated=True), ('lapsed_at__isnull', False), _connector='OR'), name='followup_lost_with_lesson', violation_error_message='Say what your team can learn from it.'),
            ),
            migrations.AddConstraint(
                model_name='followup',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('lapse', ''), ('lapsed_at', None)), models.Q(('lapse__in', ['excluded', 'erased']), ('lapsed_at__isnull', False)), _connector='OR'), name='followup_lapsed_for_a_reason'),
            ),
            migrations.AddConstraint(
                model_name='followup',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('lapse', 'erased'), _negated=True), models.Q(('cause', ''), ('lesson', ''), ('note', ''), ('promised', '')), _connector='OR'), name='followup_erased_is_empty'),
            ),
            migrations.AddConstraint(
                model_name='followup',
                constraint=models.CheckConstraint(condition=models.Q(('due_at__gt', models.F('opened_at'))), name='followup_due_later'),
            ),
        ]),
    ]

"""The tables."""

import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import oauth2_provider.generators
import oauth2_provider.models
from django.conf import settings
from django.db import migrations, models


from sellers.models.installation import FUNCTIONS
from sellers.operations import Together

# Said anew after each migration, and by database_roles: config/roles.py.
ZONE = f"""
CREATE OR REPLACE FUNCTION public.marketplace_zone() RETURNS text
    LANGUAGE sql IMMUTABLE AS $$SELECT '{settings.TIME_ZONE}'$$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
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
        migrations.RunSQL(ZONE, "DROP FUNCTION public.marketplace_zone()"),
        *(
            migrations.RunSQL(function, f"DROP FUNCTION {name}")
            for name, function in FUNCTIONS.items()
        ),
        migrations.CreateModel(
            name='GuessCount',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField(verbose_name='guesses')),
                ('since', models.DateTimeField(db_index=True, verbose_name='since')),
            ],
            options={
                'verbose_name': 'count of guesses',
                'verbose_name_plural': 'counts of guesses',
            },
        ),
        migrations.CreateModel(
            name='MailDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='day')),
                ('left', models.PositiveIntegerField(default=0, verbose_name='left')),
                ('bounced', models.PositiveIntegerField(default=0, verbose_name='bounced')),
            ],
            options={
                'verbose_name': 'day of mail',
                'verbose_name_plural': 'days of mail',
            },
        ),
        migrations.CreateModel(
            name='MailServer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('paused_until', models.DateTimeField(blank=True, null=True, verbose_name='paused until')),
                ('refusals', models.PositiveSmallIntegerField(default=0, verbose_name='refusals of us')),
                ('next_turn_at', models.DateTimeField(blank=True, null=True, verbose_name='next mail may leave')),
            ],
            options={
                'verbose_name': 'mail server',
                'verbose_name_plural': 'mail server',
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('agent', 'Agent'), ('analyst', 'Analyst')], max_length=10, verbose_name='role')),
                ('signature', models.TextField(blank=True, db_default='', default='', max_length=1000, verbose_name='signature')),
                ('ended_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='ended')),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('state', models.CharField(choices=[('decided', 'To be sent'), ('sending', 'Being sent'), ('sent', 'Sent'), ('bounced', 'Bounced'), ('suppressed', 'Not sent')], max_length=20, verbose_name='state')),
                ('next_try_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('bounced_at', models.DateTimeField(blank=True, null=True, verbose_name='bounced')),
                ('message_key', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
                ('kind', models.CharField(max_length=40, verbose_name='kind')),
                ('parameters', models.JSONField(blank=True, default=dict, verbose_name='parameters')),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('reason', models.CharField(blank=True, choices=[('no_user', 'there is no such user'), ('inactive', 'user may not log in'), ('stale', 'notice would have come too late'), ('unknown', 'this version knows no such notice'), ('undeliverable', 'mail to this address was refused for good')], max_length=20, verbose_name='reason not to send')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RefusedAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254, unique=True, verbose_name='e-mail address')),
                ('refused_at', models.DateTimeField(verbose_name='refused')),
            ],
            options={
                'verbose_name': 'undeliverable address',
                'verbose_name_plural': 'undeliverable addresses',
            },
        ),
        migrations.CreateModel(
            name='Seller',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('country', models.CharField(help_text='Two letters, such as NL: decides which public holidays move deadlines.', max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, db_default='', default='', help_text='Only where holidays differ within the country, such as BY for Bavaria.', max_length=20, verbose_name='region')),
                ('contact_email', models.EmailField(max_length=254, verbose_name='contact address')),
                ('joined_on', models.DateField(verbose_name='joined on')),
                ('requires_prediction', models.BooleanField(db_default=False, default=False, verbose_name='a closing needs a prediction')),
                ('compares_agents', models.BooleanField(db_default=True, default=True, verbose_name='predictions of the team are shown to the owner')),
                ('alerts_quote_customers', models.BooleanField(db_default=False, default=False, verbose_name='alerts by mail carry the customer’s words')),
            ],
            options={
                'verbose_name': 'seller',
                'verbose_name_plural': 'sellers',
            },
        ),
        migrations.CreateModel(
            name='TeamInvitation',
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
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('agent', 'Agent'), ('analyst', 'Analyst')], max_length=10, verbose_name='role')),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('expires_at', models.DateTimeField(verbose_name='works until')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='accepted')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('reason', models.CharField(blank=True, choices=[('accepted', 'invitation was accepted already'), ('withdrawn', 'invitation was withdrawn'), ('expired', 'invitation had expired'), ('undeliverable', 'mail to this address was refused for good')], max_length=20, verbose_name='reason not to send')),
            ],
            options={
                'verbose_name': 'invitation to a team',
                'verbose_name_plural': 'invitations to teams',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Trouble',
            fields=[
                ('kind', models.CharField(choices=[('deciding', 'surveys are decided too late'), ('invitations', 'surveys wait to be mailed'), ('mail', 'other mail waits: passwords, replies, alerts'), ('retried', 'mails are tried again and again'), ('server', 'the mail server refuses our log-in or our sender'), ('bounces', 'many mails come back'), ('alerts', 'alerts are not made of what happens'), ('digest', 'the weekly overview was not made'), ('webhooks', 'calls of webhooks wait'), ('webhooks_reading', 'webhooks are not told what happens')], max_length=20, primary_key=True, serialize=False, verbose_name='kind')),
                ('since', models.DateTimeField(verbose_name='since')),
                ('seen_at', models.DateTimeField(verbose_name='seen')),
                ('told_at', models.DateTimeField(null=True, verbose_name='told')),
                ('mark', models.CharField(blank=True, max_length=50, verbose_name='mark')),
            ],
            options={
                'verbose_name': 'trouble',
                'verbose_name_plural': 'troubles',
            },
        ),
        migrations.CreateModel(
            name='UnansweredMail',
            fields=[
                ('message_key', models.UUIDField(primary_key=True, serialize=False)),
                ('noted_at', models.DateTimeField(verbose_name='noted')),
            ],
            options={
                'verbose_name': 'mail without an answer',
                'verbose_name_plural': 'mails without an answer',
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, verbose_name='URL')),
                ('kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('query.created', 'Query asked'), ('query.reopened', 'Query reopened'), ('query.closed', 'Query closed'), ('measurement.created', 'Survey answered'), ('followup.opened', 'Follow-up task opened, or opened again'), ('followup.overdue', 'Follow-up task is overdue'), ('followup.finished', 'Follow-up task finished'), ('standard.announced', 'Service standard announced'), ('webhook.test', 'Test event')], max_length=40), size=None, verbose_name='events')),
                ('secret', models.TextField(editable=False)),
                ('secret_made_at', models.DateTimeField(editable=False, verbose_name='secret made')),
                ('old_secret', models.TextField(blank=True, default='', editable=False)),
                ('old_secret_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='old secret signs until')),
                ('created_at', models.DateTimeField(verbose_name='added')),
                ('on_since', models.DateTimeField(verbose_name='on since')),
                ('off_reason', models.CharField(blank=True, choices=[('by_hand', 'somebody switched it off'), ('gone', 'its server answered that it is gone for good (410)'), ('failing', 'nothing could be delivered for five days'), ('secret_lost', 'its secret cannot be read any more')], max_length=20, verbose_name='off because')),
                ('off_at', models.DateTimeField(blank=True, null=True, verbose_name='off since')),
                ('failing_since', models.DateTimeField(blank=True, null=True, verbose_name='failing since')),
                ('warnings', models.PositiveSmallIntegerField(default=0, verbose_name='warnings')),
                ('warned_at', models.DateTimeField(blank=True, null=True, verbose_name='warned')),
                ('held_until', models.DateTimeField(blank=True, null=True, verbose_name='asked to wait until')),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
            },
        ),
        migrations.CreateModel(
            name='WebhookCursor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transaction', models.BigIntegerField(default=0)),
                ('event_id', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'cursor of the webhooks',
                'verbose_name_plural': 'cursor of the webhooks',
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('query.created', 'Query asked'), ('query.reopened', 'Query reopened'), ('query.closed', 'Query closed'), ('measurement.created', 'Survey answered'), ('followup.opened', 'Follow-up task opened, or opened again'), ('followup.overdue', 'Follow-up task is overdue'), ('followup.finished', 'Follow-up task finished'), ('standard.announced', 'Service standard announced'), ('webhook.test', 'Test event')], max_length=40, verbose_name='what it tells')),
                ('object_pk', models.BigIntegerField(verbose_name='row')),
                ('key', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('state', models.CharField(choices=[('waiting', 'To be sent'), ('sending', 'Being sent'), ('delivered', 'Delivered'), ('failed', 'Given up'), ('cancelled', 'Not sent: switched off')], default='waiting', max_length=10, verbose_name='state')),
                ('next_try_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('failures', models.PositiveSmallIntegerField(default=0, verbose_name='failed tries')),
                ('delivered_at', models.DateTimeField(blank=True, null=True, verbose_name='delivered')),
            ],
            options={
                'verbose_name': 'delivery to a webhook',
                'verbose_name_plural': 'deliveries to webhooks',
            },
        ),
        migrations.CreateModel(
            name='WebhookTry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='moment')),
                ('milliseconds', models.PositiveIntegerField(verbose_name='milliseconds')),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='status')),
                ('failure', models.CharField(blank=True, choices=[('forbidden', 'this address may not be called'), ('no_address', 'the name leads to no address'), ('no_connection', 'no connection'), ('certificate', 'no trusted certificate for this name'), ('timeout', 'no answer in time'), ('broken_off', 'the connection broke off, or was no HTTP')], max_length=20, verbose_name='why there was no answer')),
                ('excerpt', models.CharField(blank=True, max_length=200, verbose_name='how the answer began')),
            ],
            options={
                'verbose_name': 'try to deliver to a webhook',
                'verbose_name_plural': 'tries to deliver to webhooks',
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], default='nl', max_length=2, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='may log in')),
                ('is_staff', models.BooleanField(default=False, verbose_name='marketplace staff')),
                ('sessions_ended', models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
            },
        ),
        migrations.CreateModel(
            name='AlertPreferences',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unlisted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='not in the list')),
                ('unmailed', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None, verbose_name='not by e-mail')),
                ('low_score_at_most', models.PositiveSmallIntegerField(default=6, validators=[django.core.validators.MaxValueValidator(10)], verbose_name='low score')),
                ('quiet_from', models.TimeField(blank=True, null=True, verbose_name='no mails from')),
                ('quiet_until', models.TimeField(blank=True, null=True, verbose_name='no mails until')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='alert_preferences', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'alerts of a user',
                'verbose_name_plural': 'alerts of users',
            },
        ),
        migrations.CreateModel(
            name='ApiClient',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('client_id', models.CharField(db_index=True, default=oauth2_provider.generators.generate_client_id, max_length=255, unique=True, verbose_name='client ID')),
                ('redirect_uris', models.TextField(blank=True, help_text='Allowed URIs list, space separated', verbose_name='redirect URIs')),
                ('post_logout_redirect_uris', models.TextField(blank=True, default='', help_text='Allowed Post Logout URIs list, space separated', verbose_name='post logout redirect URIs')),
                ('client_type', models.CharField(choices=[('confidential', 'Confidential'), ('public', 'Public')], max_length=32, verbose_name='client type')),
                ('authorization_grant_type', models.CharField(choices=[('authorization-code', 'Authorization code'), ('urn:ietf:params:oauth:grant-type:device_code', 'Device Code'), ('implicit', 'Implicit'), ('password', 'Resource owner password-based'), ('client-credentials', 'Client credentials'), ('openid-hybrid', 'OpenID connect hybrid')], max_length=44, verbose_name='authorization grant type')),
                ('client_secret', oauth2_provider.models.ClientSecretField(blank=True, db_index=True, default=oauth2_provider.generators.generate_client_secret, help_text='Client secret for authentication', max_length=255, verbose_name='client secret')),
                ('hash_client_secret', models.BooleanField(default=True, verbose_name='hash client secret')),
                ('skip_authorization', models.BooleanField(default=False, verbose_name='skip authorization')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('algorithm', models.CharField(blank=True, choices=[('', 'No OIDC support'), ('RS256', 'RSA with SHA-2 256'), ('HS256', 'HMAC with SHA-2 256')], default='', max_length=5, verbose_name='algorithm')),
                ('allowed_origins', models.TextField(blank=True, default='', help_text='Allowed origins list to enable CORS, space separated', verbose_name='allowed origins')),
                ('registration_source', models.CharField(choices=[('manual', 'Manual'), ('dcr', 'Dynamic Client Registration'), ('cimd', 'Client ID Metadata Document')], default='manual', help_text='How this application was registered (manual, DCR per RFC 7591, or CIMD)', max_length=32, verbose_name='registration source')),
                ('cimd_expires_at', models.DateTimeField(blank=True, default=None, help_text='When the cached Client ID Metadata Document should be re-fetched', null=True, verbose_name='CIMD expires at')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('queries:read', 'read customer queries'), ('queries:write', 'answer and close customer queries'), ('insights:read', 'read scores and measurements'), ('followups:write', 'work on follow-up tasks'), ('marketplace:write', 'feed in shops, customers, orders and queries')], max_length=30), default=list, size=None, verbose_name='may')),
                ('previous_secret', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                ('previous_until', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='secret before works until')),
                ('last_token_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last used')),
                ('revoked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revoked')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'API client',
                'verbose_name_plural': 'API clients',
            },
        ),
        migrations.CreateModel(
            name='ApiAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('request_digest', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('body', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('headers', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticked_at', models.DateTimeField(null=True, verbose_name='last tick')),
            ],
            options={
                'verbose_name': 'clock',
                'verbose_name_plural': 'clock',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='clock_is_one')],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40, verbose_name='what happened')),
                ('at', models.DateTimeField(verbose_name='moment')),
                ('object_label', models.CharField(max_length=60, verbose_name='kind of row')),
                ('object_pk', models.BigIntegerField(verbose_name='row')),
                ('actor', models.CharField(choices=[('user', 'User'), ('customer', 'Customer'), ('system', 'System'), ('client', 'API client')], max_length=10, verbose_name='by')),
                ('details', models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='details')),
                ('transaction', models.BigIntegerField(db_default=django.db.models.expressions.CombinedExpression(models.Func(function='sellers_transactions_before', output_field=models.BigIntegerField()), '+', django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id'), models.TextField()), models.BigIntegerField())), editable=False)),
                ('client', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='API client')),
                ('user', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
            },
        ),
        migrations.CreateModel(
            name='HolidayChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(help_text='Two letters, such as NL or BE.', max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, help_text='Such as BY for Bavaria; leave it empty for the whole country.', max_length=20, verbose_name='region')),
                ('day', models.DateField(verbose_name='day')),
                ('kind', models.CharField(choices=[('day_off', 'A day off'), ('working_day', 'Not a day off')], max_length=20, verbose_name='is')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
            ],
            options={
                'verbose_name': 'holiday',
                'verbose_name_plural': 'holidays',
                'constraints': [models.CheckConstraint(condition=models.Q(('day__isnull', True), models.Q(('day__gte', datetime.date(1900, 1, 1)), ('day__lte', datetime.date(2999, 12, 31))), _connector='OR'), name='holiday_is_a_day', violation_error_message='Choose a day from 1900 to 2999.'), models.UniqueConstraint(fields=('country', 'region', 'day'), name='holiday_once_per_place', violation_error_message='Something is said of this day already.'), models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='holiday_country_code', violation_error_message='A country is two capitals, such as NL or BE.'), models.CheckConstraint(condition=models.Q(('kind__in', ['day_off', 'working_day'])), name='holiday_kind_known'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='holiday_name_given')],
            },
        ),
        Together([
            migrations.AddConstraint(
                model_name='mailday',
                constraint=models.CheckConstraint(condition=models.Q(('day__isnull', True), models.Q(('day__gte', datetime.date(1900, 1, 1)), ('day__lte', datetime.date(2999, 12, 31))), _connector='OR'), name='mail_day_exists', violation_error_message='Choose a day from 1900 to 2999.'),
            ),
            migrations.AddConstraint(
                model_name='mailserver',
                constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='mail_server_is_one'),
            ),
            migrations.AddField(
                model_name='membership',
                name='user',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL, verbose_name='user'),
            ),
            migrations.AddField(
                model_name='notice',
                name='user',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notices', to=settings.AUTH_USER_MODEL, verbose_name='user'),
            ),
            migrations.AddConstraint(
                model_name='refusedaddress',
                constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email')), models.Q(('email', ''), _negated=True)), name='refused_address_in_lower_case'),
            ),
            migrations.AddField(
                model_name='seller',
                name='account_contact',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='shops_as_account_contact', to=settings.AUTH_USER_MODEL, verbose_name='account contact'),
            ),
            migrations.AddField(
                model_name='seller',
                name='worst_scores_to',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='shops_with_worst_scores', to=settings.AUTH_USER_MODEL, verbose_name='follows up on scores of 0 to 2'),
            ),
            migrations.AddField(
                model_name='membership',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='event',
                name='seller',
                field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='apiclient',
                name='seller',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='api_clients', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='teaminvitation',
                name='invited_by',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='team_invitations', to=settings.AUTH_USER_MODEL, verbose_name='invited by'),
            ),
            migrations.AddField(
                model_name='teaminvitation',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='team_invitations', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddConstraint(
                model_name='trouble',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['deciding', 'invitations', 'mail', 'retried', 'server', 'bounces', 'alerts', 'digest', 'webhooks', 'webhooks_reading'])), name='trouble_kind_known'),
            ),
            migrations.AddField(
                model_name='webhook',
                name='created_by',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to=settings.AUTH_USER_MODEL, verbose_name='added by'),
            ),
            migrations.AddField(
                model_name='webhook',
                name='seller',
                field=models.ForeignKey(blank=True, help_text='Empty: of the marketplace, about all shops.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddConstraint(
                model_name='webhookcursor',
                constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='webhook_cursor_is_one'),
            ),
            migrations.AddField(
                model_name='webhookdelivery',
                name='event',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='webhook_deliveries', to='sellers.event', verbose_name='event'),
            ),
            migrations.AddField(
                model_name='webhookdelivery',
                name='webhook',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='sellers.webhook', verbose_name='webhook'),
            ),
            migrations.AddField(
                model_name='webhooktry',
                name='delivery',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tries', to='sellers.webhookdelivery', verbose_name='delivery'),
            ),
            migrations.AddConstraint(
                model_name='user',
                constraint=models.UniqueConstraint(fields=('email',), name='user_email_unique', violation_error_message='There is already a user with this e-mail address.'),
            ),
            migrations.AddConstraint(
                model_name='user',
                constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='user_email_lower_case'),
            ),
            migrations.AddConstraint(
                model_name='user',
                constraint=models.CheckConstraint(condition=models.Q(('language__in', ['nl', 'en'])), name='user_language_known'),
            ),
            migrations.AddConstraint(
                model_name='alertpreferences',
                constraint=models.CheckConstraint(condition=models.Q(('unlisted__contained_by', ['low_score', 'task_due', 'task_overdue', 'new_query', 'deadline', 'standard', 'digest']), ('unmailed__contained_by', ['low_score', 'task_due', 'task_overdue', 'new_query', 'deadline', 'standard', 'digest'])), name='alert_preferences_kinds_known'),
            ),
            migrations.AddConstraint(
                model_name='alertpreferences',
                constraint=models.CheckConstraint(condition=models.Q(('low_score_at_most__lte', 10)), name='alert_preferences_low_score_in_range'),
            ),
            migrations.AddConstraint(
                model_name='alertpreferences',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False), models.Q(('quiet_from', models.F('quiet_until')), _negated=True)), _connector='OR'), name='alert_preferences_quiet_hours_whole'),
            ),
            migrations.AddIndex(
                model_name='apianswer',
                index=models.Index(fields=['at'], name='answer_at'),
            ),
            migrations.AddConstraint(
                model_name='apianswer',
                constraint=models.UniqueConstraint(fields=('client', 'key'), name='answer_once_per_key'),
            ),
            migrations.AddConstraint(
                model_name='apianswer',
                constraint=models.CheckConstraint(condition=models.Q(('status__gte', 200), ('status__lt', 500)), name='answer_not_of_a_failure'),
            ),
            migrations.AddIndex(
                model_name='notice',
                index=models.Index(condition=models.Q(('state__in', ('decided', 'sending'))), fields=['next_try_at', 'id'], name='notice_to_send'),
            ),
            migrations.AddConstraint(
                model_name='notice',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('decided', 'sending')), _negated=True), ('next_try_at__isnull', False), _connector='OR'), name='notice_to_send_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='notice',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['decided', 'sending', 'sent', 'bounced', 'suppressed'])), name='notice_state_known'),
            ),
            migrations.AddConstraint(
                model_name='notice',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ['no_user', 'inactive', 'stale', 'unknown', 'undeliverable']), ('state', 'suppressed')), models.Q(models.Q(('state', 'suppressed'), _negated=True), ('reason', '')), _connector='OR'), name='notice_reason_iff_suppressed'),
            ),
            migrations.AddConstraint(
                model_name='notice',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='notice_sent_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='seller',
                constraint=models.CheckConstraint(condition=models.Q(('joined_on__isnull', True), models.Q(('joined_on__gte', datetime.date(1900, 1, 1)), ('joined_on__lte', datetime.date(2999, 12, 31))), _connector='OR'), name='seller_joined_on_a_day', violation_error_message='Choose a day from 1900 to 2999.'),
            ),
            migrations.AddConstraint(
                model_name='seller',
                constraint=models.CheckConstraint(condition=models.Q(('country__regex', '^[A-Z]{2}$')), name='seller_country_code', violation_error_message='A country is two capitals, such as NL or BE.'),
            ),
            migrations.AddConstraint(
                model_name='seller',
                constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='seller_name_given'),
            ),
            migrations.AddConstraint(
                model_name='membership',
                constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('user', 'seller'), name='membership_once_per_shop', violation_error_message='This user already belongs to this shop.'),
            ),
            migrations.AddConstraint(
                model_name='membership',
                constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'agent', 'analyst'])), name='membership_role_known'),
            ),
            migrations.AddIndex(
                model_name='event',
                index=models.Index(fields=['transaction', 'id'], name='event_in_order'),
            ),
            migrations.AddIndex(
                model_name='event',
                index=models.Index(fields=['seller', 'transaction', 'id'], name='event_of_seller_in_order'),
            ),
            migrations.AddIndex(
                model_name='event',
                index=models.Index(fields=['seller', 'id'], name='event_of_seller'),
            ),
            migrations.AddIndex(
                model_name='event',
                index=models.Index(fields=['object_label', 'object_pk'], name='event_object'),
            ),
            migrations.AddConstraint(
                model_name='event',
                constraint=models.CheckConstraint(condition=models.Q(('kind__regex', '^[a-z_]+\\.[a-z_]+$')), name='event_kind_dotted'),
            ),
            migrations.AddConstraint(
                model_name='event',
                constraint=models.CheckConstraint(condition=models.Q(('actor__in', ['user', 'customer', 'system', 'client'])), name='event_actor_known'),
            ),
            migrations.AddConstraint(
                model_name='event',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('actor', 'user'), ('user__isnull', False)), ('actor', 'client'), models.Q(('actor__in', ('customer', 'system')), ('user', None)), _connector='OR'), name='event_by_user_names_user'),
            ),
            migrations.AddConstraint(
                model_name='event',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('actor', 'client'), ('client__isnull', False)), models.Q(models.Q(('actor', 'client'), _negated=True), ('client', None)), _connector='OR'), name='event_by_client_names_client'),
            ),
            migrations.AddConstraint(
                model_name='apiclient',
                constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='client_name_given'),
            ),
            migrations.AddConstraint(
                model_name='apiclient',
                constraint=models.CheckConstraint(condition=models.Q(('authorization_grant_type', 'client-credentials'), ('client_type', 'confidential'), ('hash_client_secret', False)), name='client_of_one_kind'),
            ),
            migrations.AddConstraint(
                model_name='apiclient',
                constraint=models.CheckConstraint(condition=models.Q(('client_secret__regex', '^[0-9a-f]{64}$')), name='client_secret_is_digest'),
            ),
            migrations.AddConstraint(
                model_name='apiclient',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('previous_secret', ''), ('previous_until', None)), models.Q(('previous_secret__regex', '^[0-9a-f]{64}$'), ('previous_until__isnull', False)), _connector='OR'), name='client_previous_has_end'),
            ),
            migrations.AddConstraint(
                model_name='apiclient',
                constraint=models.CheckConstraint(condition=models.Q(('scopes__contained_by', ['queries:read', 'queries:write', 'insights:read', 'followups:write', 'marketplace:write']), ('scopes__len__gt', 0)), name='client_scopes_known'),
            ),
            migrations.AddConstraint(
                model_name='apiclient',
                constraint=models.CheckConstraint(condition=models.Q(('seller', None), models.Q(('scopes__contains', ['marketplace:write']), _negated=True), _connector='OR'), name='client_of_shop_feeds_nothing_in'),
            ),
            migrations.AddIndex(
                model_name='teaminvitation',
                index=models.Index(condition=models.Q(('state__in', ('decided', 'sending'))), fields=['next_try_at', 'id'], name='teaminvitation_to_send'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('decided', 'sending')), _negated=True), ('next_try_at__isnull', False), _connector='OR'), name='teaminvitation_to_send_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), fields=('seller', 'email'), name='teaminvitation_open_once'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email')), models.Q(('email', ''), _negated=True)), name='teaminvitation_email_lower_case'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'agent', 'analyst'])), name='teaminvitation_role_known'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(('token_digest__isnull', False)), name='teaminvitation_has_link'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None), _connector='OR'), name='teaminvitation_ends_one_way'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(('accepted_at', None), ('accepted_at__lt', models.F('expires_at')), _connector='OR'), name='teaminvitation_accepted_in_time'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['decided', 'sending', 'sent', 'bounced', 'suppressed'])), name='teaminvitation_state_known'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ['accepted', 'withdrawn', 'expired', 'undeliverable']), ('state', 'suppressed')), models.Q(models.Q(('state', 'suppressed'), _negated=True), ('reason', '')), _connector='OR'), name='teaminvitation_reason_iff_suppressed'),
            ),
            migrations.AddConstraint(
                model_name='teaminvitation',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='teaminvitation_sent_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='webhook',
                constraint=models.UniqueConstraint(fields=('seller', 'url'), name='webhook_once_per_url', nulls_distinct=False),
            ),
            migrations.AddConstraint(
                model_name='webhook',
                constraint=models.CheckConstraint(condition=models.Q(('url__regex', '^https?://[a-z0-9\\[]')), name='webhook_url_of_web'),
            ),
            migrations.AddConstraint(
                model_name='webhook',
                constraint=models.CheckConstraint(condition=models.Q(('kinds__len__gte', 1), ('kinds__contained_by', ['query.created', 'query.reopened', 'query.closed', 'measurement.created', 'followup.opened', 'followup.overdue', 'followup.finished', 'standard.announced'])), name='webhook_kinds_known'),
            ),
            migrations.AddConstraint(
                model_name='webhook',
                constraint=models.CheckConstraint(condition=models.Q(('secret__regex', '^gAAAAA')), name='webhook_secret_sealed'),
            ),
            migrations.AddConstraint(
                model_name='webhook',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('old_secret', ''), ('old_secret_until', None)), models.Q(('old_secret__regex', '^gAAAAA'), ('old_secret_until__isnull', False)), _connector='OR'), name='webhook_old_secret_ends'),
            ),
            migrations.AddConstraint(
                model_name='webhook',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('off_at', None), ('off_reason', '')), models.Q(('off_at__isnull', False), ('off_reason__in', ['by_hand', 'gone', 'failing', 'secret_lost'])), _connector='OR'), name='webhook_off_has_reason'),
            ),
            migrations.AddConstraint(
                model_name='webhook',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('warned_at', None), ('warnings', 0)), models.Q(('failing_since__isnull', False), ('warned_at__isnull', False), ('warnings__range', (1, 2))), _connector='OR'), name='webhook_warned_while_failing'),
            ),
            migrations.AddIndex(
                model_name='webhookdelivery',
                index=models.Index(condition=models.Q(('state__in', ('waiting', 'sending'))), fields=['next_try_at', 'id'], name='webhookdelivery_to_send'),
            ),
            migrations.AddIndex(
                model_name='webhookdelivery',
                index=models.Index(condition=models.Q(('state', 'sending')), fields=['webhook'], name='webhookdelivery_being_sent'),
            ),
            migrations.AddIndex(
                model_name='webhookdelivery',
                index=models.Index(fields=['webhook', '-id'], name='webhookdelivery_log'),
            ),
            migrations.AddConstraint(
                model_name='webhookdelivery',
                constraint=models.UniqueConstraint(fields=('webhook', 'event', 'kind'), name='webhookdelivery_once'),
            ),
            migrations.AddConstraint(
                model_name='webhookdelivery',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['query.created', 'query.reopened', 'query.closed', 'measurement.created', 'followup.opened', 'followup.overdue', 'followup.finished', 'standard.announced', 'webhook.test'])), name='webhookdelivery_kind_known'),
            ),
            migrations.AddConstraint(
                model_name='webhookdelivery',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_try_at__isnull', False), ('state__in', ('waiting', 'sending'))), models.Q(('next_try_at', None), ('state__in', ('delivered', 'failed', 'cancelled'))), _connector='OR'), name='webhookdelivery_next_try_iff_under_way'),
            ),
            migrations.AddConstraint(
                model_name='webhookdelivery',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('delivered_at__isnull', False), ('state', 'delivered')), models.Q(('state', 'delivered'), _negated=True), _connector='OR'), name='webhookdelivery_delivered_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='webhooktry',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('failure', ''), ('status__isnull', False), ('status__range', (100, 999))), models.Q(('excerpt', ''), ('failure__in', ['forbidden', 'no_address', 'no_connection', 'certificate', 'timeout', 'broken_off']), ('status', None)), _connector='OR'), name='webhooktry_answered_or_why_not'),
            ),
        ]),
    ]

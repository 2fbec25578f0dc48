"""What leads from these tables to others, with their constraints and indexes."""

import datetime
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from sellers.operations import Together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('queries', '0002_initial'),
        ('sellers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        Together([
            migrations.AddField(
                model_name='closing',
                name='agent',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closings', to=settings.AUTH_USER_MODEL, verbose_name='agent'),
            ),
            migrations.AddField(
                model_name='closing',
                name='client',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='closings', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='API client'),
            ),
            migrations.AddField(
                model_name='closing',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='customer',
                name='merged_into',
                field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='queries.customer', verbose_name='merged into'),
            ),
            migrations.AddField(
                model_name='closing',
                name='customer',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='queries.customer', verbose_name='customer'),
            ),
        ]),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('query', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='search_document', serialize=False, to='queries.customerquery')),
                ('closed', models.BooleanField(editable=False)),
                ('words', django.contrib.postgres.search.SearchVectorField(editable=False)),
            ],
            options={
                'verbose_name': 'search document',
                'verbose_name_plural': 'search documents',
            },
        ),
        Together([
            migrations.AddField(
                model_name='customerquery',
                name='assignee',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_queries', to=settings.AUTH_USER_MODEL, verbose_name='assigned to'),
            ),
            migrations.AddField(
                model_name='customerquery',
                name='customer',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='queries', to='queries.customer', verbose_name='customer'),
            ),
            migrations.AddField(
                model_name='customerquery',
                name='duplicate_of',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='queries.customerquery', verbose_name='duplicate of'),
            ),
            migrations.AddField(
                model_name='customerquery',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='queries', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='customermail',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='customer_mails', to='queries.customerquery', verbose_name='query'),
            ),
            migrations.AddField(
                model_name='closing',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='draft',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='draft',
                name='user',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL),
            ),
            migrations.AddIndex(
                model_name='fedrow',
                index=models.Index(fields=['kind', 'object_pk'], name='fed_row'),
            ),
            migrations.AddConstraint(
                model_name='fedrow',
                constraint=models.UniqueConstraint(fields=('source', 'kind', 'external_id'), name='fed_once'),
            ),
            migrations.AddConstraint(
                model_name='fedrow',
                constraint=models.CheckConstraint(condition=models.Q(('source__regex', '^[a-z0-9][a-z0-9-]{0,39}$')), name='fed_source_known_form'),
            ),
            migrations.AddConstraint(
                model_name='fedrow',
                constraint=models.CheckConstraint(condition=models.Q(('external_id__regex', '^[!-.0-~]{1,100}$')), name='fed_id_known_form'),
            ),
            migrations.AddConstraint(
                model_name='fedrow',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['seller', 'member', 'customer', 'order', 'opt_out', 'bounce', 'query', 'message', 'handover', 'handback', 'closing'])), name='fed_kind_known'),
            ),
            migrations.AddField(
                model_name='handover',
                name='by',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to=settings.AUTH_USER_MODEL, verbose_name='handed over by'),
            ),
            migrations.AddField(
                model_name='handover',
                name='client',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='API client'),
            ),
            migrations.AddField(
                model_name='handover',
                name='handed_back_by',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ended_handovers', to=settings.AUTH_USER_MODEL, verbose_name='handed back by'),
            ),
            migrations.AddField(
                model_name='handover',
                name='handed_back_client',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ended_handovers', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='API client that handed back'),
            ),
            migrations.AddField(
                model_name='handover',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='handover',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='incomingmail',
                name='query',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incoming_mails', to='queries.customerquery', verbose_name='query'),
            ),
            migrations.AddConstraint(
                model_name='mailnotkept',
                constraint=models.UniqueConstraint(fields=('day', 'reason'), name='mail_not_kept_once_a_day'),
            ),
            migrations.AddConstraint(
                model_name='mailnotkept',
                constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['sender', 'full'])), name='mail_not_kept_reason_known'),
            ),
            migrations.AddField(
                model_name='message',
                name='accepted_by',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='accepted_messages', to=settings.AUTH_USER_MODEL, verbose_name='accepted by'),
            ),
            migrations.AddField(
                model_name='message',
                name='agent',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL, verbose_name='written by'),
            ),
            migrations.AddField(
                model_name='message',
                name='client',
                field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='API client'),
            ),
            migrations.AddField(
                model_name='message',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='incomingmail',
                name='message',
                field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='incoming_mail', to='queries.message'),
            ),
            migrations.AddField(
                model_name='customermail',
                name='message',
                field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mail', to='queries.message'),
            ),
            migrations.AddField(
                model_name='attachment',
                name='message',
                field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='queries.message'),
            ),
            migrations.AddField(
                model_name='note',
                name='author',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to=settings.AUTH_USER_MODEL, verbose_name='written by'),
            ),
            migrations.AddField(
                model_name='note',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='order',
                name='customer',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='queries.customer', verbose_name='customer'),
            ),
            migrations.AddField(
                model_name='order',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='orderitem',
                name='order',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='queries.order'),
            ),
            migrations.AddField(
                model_name='savedreply',
                name='seller',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_replies', to='sellers.seller', verbose_name='seller'),
            ),
            migrations.AddField(
                model_name='threadlink',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='thread_links', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='customermail',
                name='link',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='queries.threadlink'),
            ),
            migrations.AddField(
                model_name='visit',
                name='query',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='queries.customerquery'),
            ),
            migrations.AddField(
                model_name='visit',
                name='user',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to=settings.AUTH_USER_MODEL),
            ),
            migrations.AddField(
                model_name='waitingitem',
                name='client',
                field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiting_items', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
            ),
            migrations.AddIndex(
                model_name='customer',
                index=models.Index(django.db.models.functions.text.Lower('email'), name='customer_address'),
            ),
            migrations.AddConstraint(
                model_name='customer',
                constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(models.Q(('email', ''), _negated=True), ('external_id', None)), name='customer_email_unique', violation_error_message='There is already a customer with this e-mail address.'),
            ),
            migrations.AddConstraint(
                model_name='customer',
                constraint=models.CheckConstraint(condition=models.Q(('external_id', ''), _negated=True), name='customer_number_given'),
            ),
            migrations.AddConstraint(
                model_name='customer',
                constraint=models.CheckConstraint(condition=models.Q(('language__in', ['nl', 'en'])), name='customer_language_known'),
            ),
            migrations.AddConstraint(
                model_name='customer',
                constraint=models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('email', ''), ('external_id', None), ('name', ''), ('shares_email', False)), _connector='OR'), name='customer_erased_is_nobody'),
            ),
            migrations.AddIndex(
                model_name='searchdocument',
                index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('closed', False)), fields=['words'], gin_pending_list_limit=512, name='search_words_of_open'),
            ),
            migrations.AddIndex(
                model_name='searchdocument',
                index=django.contrib.postgres.indexes.GinIndex(condition=models.Q(('closed', True)), fields=['words'], gin_pending_list_limit=512, name='search_words_of_closed'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(fields=['seller', 'state', 'turn_since', 'id'], name='query_inbox'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(condition=models.Q(('state', 'your_turn')), fields=['seller', 'due_at', 'id'], include=('assignee', 'snoozed_until'), name='query_due'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(condition=models.Q(('snoozed_until__isnull', False), ('state', 'your_turn')), fields=['seller', 'snoozed_until', 'id'], name='query_snoozed'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['state', 'turn_since', 'id'], name='query_open'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(condition=models.Q(('state', 'closed'), _negated=True), fields=['seller', 'assignee', 'state', 'turn_since', 'id'], name='query_assigned'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(fields=['seller', 'asked_at'], include=('first_reply_result', 'state', 'due_at'), name='query_seller_asked_at'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(fields=['seller', 'changed_at'], name='query_seller_changed_at'),
            ),
            migrations.AddIndex(
                model_name='customerquery',
                index=models.Index(fields=['seller', 'order_reference'], name='query_about_order'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('subject', ''), _negated=True), ('erased_at__isnull', False), _connector='OR'), name='query_subject_given'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('contact_email', ''), ('order_reference', ''), ('state', 'closed'), ('subject', '')), _connector='OR'), name='query_erased_is_closed_and_empty'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['your_turn', 'waiting_for_customer', 'with_marketplace', 'closed'])), name='query_state_known'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['web', 'email', 'phone', 'direct_message'])), name='query_channel_known'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('language__in', ['nl', 'en'])), name='query_language_known'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('due_at__gte', models.F('long_open_at')), ('long_open_at__gte', models.F('asked_at'))), name='query_deadlines_in_order'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('reply_needed_since', None), ('state__in', ('your_turn', 'with_marketplace')), _connector='OR'), name='query_waits_for_shop_or_staff'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('first_reply_result__in', ['', 'in_time', 'late', 'not_counted'])), name='query_first_reply_result_known'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_replied_at', None), ('first_reply_took', None), models.Q(('first_reply_result', 'in_time'), _negated=True)), models.Q(('first_replied_at__isnull', False), models.Q(('first_reply_result', ''), _negated=True)), _connector='OR'), name='query_first_reply_judged'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('duplicate_of', None), ('state', 'closed'), _connector='OR'), name='query_duplicate_is_closed'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('snoozed_until', None), models.Q(('state', 'closed'), _negated=True), _connector='OR'), name='query_closed_does_not_sleep'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.CheckConstraint(condition=models.Q(('logged_by_seller', False), ('channel', 'phone'), _connector='OR'), name='query_logged_is_by_phone'),
            ),
            migrations.AddConstraint(
                model_name='customerquery',
                constraint=models.UniqueConstraint(condition=models.Q(('statement_digest', ''), _negated=True), fields=('statement_digest',), name='query_statement_used_once'),
            ),
            migrations.AddIndex(
                model_name='closing',
                index=models.Index(condition=models.Q(('survey_decided_at', None)), fields=['closed_at', 'id'], name='closing_undecided'),
            ),
            migrations.AddIndex(
                model_name='closing',
                index=models.Index(fields=['seller', 'closed_at'], include=('closed_by',), name='closing_seller_closed_at'),
            ),
            migrations.AddConstraint(
                model_name='closing',
                constraint=models.CheckConstraint(condition=models.Q(('closed_by__in', ['seller', 'marketplace', 'system'])), name='closing_actor_known'),
            ),
            migrations.AddConstraint(
                model_name='closing',
                constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['web', 'email', 'phone', 'direct_message'])), name='closing_channel_known'),
            ),
            migrations.AddConstraint(
                model_name='closing',
                constraint=models.CheckConstraint(condition=models.Q(('predicted_score', None), ('predicted_score__range', (0, 10)), _connector='OR'), name='closing_prediction_in_range'),
            ),
            migrations.AddConstraint(
                model_name='closing',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_by', 'seller'), _negated=True), ('agent__isnull', False), ('client__isnull', False), _connector='OR'), name='closing_by_seller_names_who'),
            ),
            migrations.AddConstraint(
                model_name='closing',
                constraint=models.CheckConstraint(condition=models.Q(('reopened_at', None), ('reopened_at__gte', models.F('closed_at')), _connector='OR'), name='closing_reopened_later'),
            ),
            migrations.AddConstraint(
                model_name='closing',
                constraint=models.UniqueConstraint(condition=models.Q(('reopened_at', None)), fields=('query',), name='closing_one_stands_per_query'),
            ),
            migrations.AddConstraint(
                model_name='draft',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['reply', 'note'])), name='draft_kind_known'),
            ),
            migrations.AddConstraint(
                model_name='draft',
                constraint=models.CheckConstraint(condition=models.Q(('predicted_score', None), models.Q(('kind', 'reply'), ('predicted_score__range', (0, 10))), _connector='OR'), name='draft_prediction_in_range'),
            ),
            migrations.AddConstraint(
                model_name='draft',
                constraint=models.UniqueConstraint(fields=('query', 'user', 'kind'), name='draft_one_per_person'),
            ),
            migrations.AddConstraint(
                model_name='handover',
                constraint=models.UniqueConstraint(condition=models.Q(('handed_back_at', None)), fields=('query',), name='handover_one_open_per_query'),
            ),
            migrations.AddConstraint(
                model_name='handover',
                constraint=models.CheckConstraint(condition=models.Q(('by__isnull', False), ('client__isnull', False), _connector='OR'), name='handover_by_somebody'),
            ),
            migrations.AddConstraint(
                model_name='handover',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('unanswered_since', None)), models.Q(('answered_at', None), ('unanswered_since__isnull', False)), _connector='OR'), name='handover_one_side_waits'),
            ),
            migrations.AddConstraint(
                model_name='handover',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('handed_back_at', None), ('handed_back_by', None), ('handed_back_client', None), ('outcome', '')), models.Q(('handed_back_at__isnull', False), ('outcome__in', ['handed_back', 'closed'])), _connector='OR'), name='handover_ends_with_an_outcome'),
            ),
            migrations.AddConstraint(
                model_name='handover',
                constraint=models.CheckConstraint(condition=models.Q(('handed_back_at', None), ('handed_back_at__gte', models.F('handed_over_at')), _connector='OR'), name='handover_ends_later'),
            ),
            migrations.AddConstraint(
                model_name='message',
                constraint=models.CheckConstraint(condition=models.Q(('author__in', ['customer', 'seller', 'marketplace', 'other'])), name='message_author_known'),
            ),
            migrations.AddConstraint(
                model_name='message',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('agent', None), ('author__in', ('customer', 'other'))), models.Q(('author__in', ('customer', 'other')), _negated=True), _connector='OR'), name='message_customer_is_no_agent'),
            ),
            migrations.AddConstraint(
                model_name='message',
                constraint=models.CheckConstraint(condition=models.Q(('via__in', ['portal', 'link', 'mail'])), name='message_via_known'),
            ),
            migrations.AddConstraint(
                model_name='message',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('author', 'other'), models.Q(('from_email', ''), _negated=True)), models.Q(models.Q(('author', 'other'), _negated=True), ('accepted_at', None), ('from_email', '')), _connector='OR'), name='message_of_other_names_sender'),
            ),
            migrations.AddConstraint(
                model_name='message',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_at', None), ('accepted_by', None)), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False)), _connector='OR'), name='message_accepted_by_somebody'),
            ),
            migrations.AddConstraint(
                model_name='message',
                constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at', None), ('author__in', ('seller', 'marketplace')), _connector='OR'), name='message_withdrawn_is_own'),
            ),
            migrations.AddIndex(
                model_name='incomingmail',
                index=models.Index(condition=models.Q(('state', 'held')), fields=['received_at', 'id'], name='incoming_held'),
            ),
            migrations.AddConstraint(
                model_name='incomingmail',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['placed', 'ignored', 'held', 'discarded'])), name='incoming_state_known'),
            ),
            migrations.AddConstraint(
                model_name='incomingmail',
                constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['', 'unreadable', 'too_large', 'list', 'no_sender', 'no_reply_address', 'revoked', 'outdated', 'erased', 'empty', 'too_many'])), name='incoming_reason_known'),
            ),
            migrations.AddConstraint(
                model_name='incomingmail',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'held'), models.Q(('reason', ''), _negated=True)), models.Q(('from_email', ''), ('raw', None), ('subject', ''), models.Q(('state', 'held'), _negated=True)), _connector='OR'), name='incoming_whole_only_while_held'),
            ),
            migrations.AddConstraint(
                model_name='attachment',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['pdf', 'png', 'jpg', 'txt'])), name='attachment_kind_known'),
            ),
            migrations.AddConstraint(
                model_name='attachment',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('name', ''), _negated=True), models.Q(('name__regex', '[/\\\\]'), _negated=True)), name='attachment_name_is_no_path'),
            ),
            migrations.AddConstraint(
                model_name='attachment',
                constraint=models.CheckConstraint(condition=models.Q(('file__regex', '^[0-9a-f]{32}$')), name='attachment_file_is_random'),
            ),
            migrations.AddConstraint(
                model_name='attachment',
                constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='attachment_has_something_in_it'),
            ),
            migrations.AddConstraint(
                model_name='attachment',
                constraint=models.CheckConstraint(condition=models.Q(('position__range', (1, 5))), name='attachment_not_too_many'),
            ),
            migrations.AddConstraint(
                model_name='attachment',
                constraint=models.UniqueConstraint(fields=('message', 'position'), name='attachment_numbered_once'),
            ),
            migrations.AddConstraint(
                model_name='attachment',
                constraint=models.UniqueConstraint(fields=('file',), name='attachment_file_is_its_own'),
            ),
            migrations.AddConstraint(
                model_name='note',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['note', 'no_reply_needed'])), name='note_kind_known'),
            ),
            migrations.AddConstraint(
                model_name='order',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('ordered_on__isnull', True), models.Q(('ordered_on__gte', datetime.date(1900, 1, 1)), ('ordered_on__lte', datetime.date(2999, 12, 31))), _connector='OR'), models.Q(('delivered_on__isnull', True), models.Q(('delivered_on__gte', datetime.date(1900, 1, 1)), ('delivered_on__lte', datetime.date(2999, 12, 31))), _connector='OR')), name='order_on_days', violation_error_message='Choose a day from 1900 to 2999.'),
            ),
            migrations.AddConstraint(
                model_name='order',
                constraint=models.UniqueConstraint(fields=('seller', 'reference'), name='order_reference_once_per_shop'),
            ),
            migrations.AddConstraint(
                model_name='order',
                constraint=models.CheckConstraint(condition=models.Q(('reference', ''), _negated=True), name='order_reference_given'),
            ),
            migrations.AddConstraint(
                model_name='order',
                constraint=models.CheckConstraint(condition=models.Q(('delivered_on', None), ('delivered_on__gte', models.F('ordered_on')), _connector='OR'), name='order_delivered_later'),
            ),
            migrations.AddConstraint(
                model_name='order',
                constraint=models.CheckConstraint(condition=models.Q(('tracking_url', ''), ('tracking_url__regex', '^https://[^\\s/@]+(/\\S*)?$'), _connector='OR'), name='order_tracking_is_https'),
            ),
            migrations.AddConstraint(
                model_name='orderitem',
                constraint=models.CheckConstraint(condition=models.Q(('warranty_until__isnull', True), models.Q(('warranty_until__gte', datetime.date(1900, 1, 1)), ('warranty_until__lte', datetime.date(2999, 12, 31))), _connector='OR'), name='orderitem_warranty_until_a_day', violation_error_message='Choose a day from 1900 to 2999.'),
            ),
            migrations.AddConstraint(
                model_name='orderitem',
                constraint=models.UniqueConstraint(fields=('order', 'position'), name='orderitem_position_once'),
            ),
            migrations.AddConstraint(
                model_name='orderitem',
                constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='orderitem_name_given'),
            ),
            migrations.AddConstraint(
                model_name='orderitem',
                constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='orderitem_one_or_more'),
            ),
            migrations.AddConstraint(
                model_name='orderitem',
                constraint=models.CheckConstraint(condition=models.Q(('price', None), ('price__gte', 0), _connector='OR'), name='orderitem_price_not_negative'),
            ),
            migrations.AddConstraint(
                model_name='savedreply',
                constraint=models.CheckConstraint(condition=models.Q(('language', ''), ('language__in', ['nl', 'en']), _connector='OR'), name='savedreply_language_known'),
            ),
            migrations.AddConstraint(
                model_name='savedreply',
                constraint=models.UniqueConstraint(fields=('seller', 'title'), name='savedreply_title_once'),
            ),
            migrations.AddConstraint(
                model_name='threadlink',
                constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None), ('revoked_at', None)), fields=('query', 'email'), name='thread_link_one_per_recipient'),
            ),
            migrations.AddConstraint(
                model_name='threadlink',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), ('revoked_at__isnull', False), _connector='OR'), name='thread_link_has_recipient'),
            ),
            migrations.AddIndex(
                model_name='customermail',
                index=models.Index(condition=models.Q(('state__in', ('decided', 'sending'))), fields=['next_try_at', 'id'], name='customermail_to_send'),
            ),
            migrations.AddConstraint(
                model_name='customermail',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('decided', 'sending')), _negated=True), ('next_try_at__isnull', False), _connector='OR'), name='customermail_to_send_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='customermail',
                constraint=models.CheckConstraint(condition=models.Q(('state__in', ['decided', 'sending', 'sent', 'bounced', 'suppressed'])), name='customermail_state_known'),
            ),
            migrations.AddConstraint(
                model_name='customermail',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['question', 'reply', 'new_link'])), name='customermail_kind_known'),
            ),
            migrations.AddConstraint(
                model_name='customermail',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason__in', ['erased', 'undeliverable', 'withdrawn']), ('state', 'suppressed')), models.Q(models.Q(('state', 'suppressed'), _negated=True), ('reason', '')), _connector='OR'), name='customermail_reason_iff_suppressed'),
            ),
            migrations.AddConstraint(
                model_name='customermail',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='customermail_sent_has_moment'),
            ),
            migrations.AddConstraint(
                model_name='visit',
                constraint=models.UniqueConstraint(fields=('query', 'user'), name='visit_one_per_person'),
            ),
            migrations.AddIndex(
                model_name='waitingitem',
                index=models.Index(condition=models.Q(('given_up_at', None)), fields=['source', 'parent_kind', 'parent_id'], name='waiting_for'),
            ),
            migrations.AddIndex(
                model_name='waitingitem',
                index=models.Index(fields=['source', 'received_at', 'id'], name='waiting_in_order'),
            ),
            migrations.AddIndex(
                model_name='waitingitem',
                index=models.Index(fields=['received_at'], name='waiting_received'),
            ),
            migrations.AddConstraint(
                model_name='waitingitem',
                constraint=models.UniqueConstraint(fields=('source', 'kind', 'external_id'), name='waiting_once'),
            ),
            migrations.AddConstraint(
                model_name='waitingitem',
                constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['seller', 'member', 'customer', 'order', 'opt_out', 'bounce', 'query', 'message', 'handover', 'handback', 'closing']), ('parent_kind__in', ['seller', 'member', 'customer', 'order', 'opt_out', 'bounce', 'query', 'message', 'handover', 'handback', 'closing'])), name='waiting_kinds_known'),
            ),
            migrations.AddConstraint(
                model_name='waitingitem',
                constraint=models.CheckConstraint(condition=models.Q(models.Q(('given_up_at', None), ('problem', None), ('said__isnull', False)), models.Q(('given_up_at__isnull', False), ('problem__isnull', False), ('said', None)), _connector='OR'), name='waiting_or_given_up'),
            ),
        ]),
    ]

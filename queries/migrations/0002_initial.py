"""The tables."""

import django.contrib.postgres.functions
import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('queries', '0001_search_functions'),
        # Not that these tables need it: it alters 65 fields one by one, soon while models are few.
        ('oauth2_provider', '0022_refreshtoken_token_family_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='number')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('kind', models.CharField(choices=[('pdf', 'PDF'), ('png', 'PNG picture'), ('jpg', 'JPG picture'), ('txt', 'Text')], max_length=20, verbose_name='kind')),
                ('size', models.PositiveIntegerField(verbose_name='bytes')),
                ('file', models.CharField(editable=False, max_length=32, verbose_name='file')),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'attachments',
            },
        ),
        migrations.CreateModel(
            name='Closing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('closed_by', models.CharField(choices=[('seller', 'Seller'), ('marketplace', 'Marketplace'), ('system', 'System')], max_length=20, verbose_name='closed by')),
                ('channel', models.CharField(choices=[('web', 'Web form'), ('email', 'E-mail'), ('phone', 'Phone'), ('direct_message', 'Direct message')], max_length=20, verbose_name='channel')),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('closed_at', models.DateTimeField(verbose_name='closed')),
                ('predicted_score', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='predicted score')),
                ('reopened_at', models.DateTimeField(blank=True, null=True, verbose_name='reopened')),
                ('survey_decided_at', models.DateTimeField(blank=True, null=True, verbose_name='survey decided')),
            ],
            options={
                'verbose_name': 'closing',
                'verbose_name_plural': 'closings',
            },
        ),
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(blank=True, help_text='The marketplace’s own number of this customer, if there is one.', max_length=64, null=True, unique=True, verbose_name='customer number')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('shares_email', models.BooleanField(db_default=False, default=False, help_text='Then surveys, opting out and erasing go by the customer number alone.', verbose_name='several people use this address')),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], default='nl', max_length=2, verbose_name='language')),
                ('erased_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='erased')),
            ],
            options={
                'verbose_name': 'customer',
                'verbose_name_plural': 'customers',
            },
        ),
        migrations.CreateModel(
            name='CustomerMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('state', models.CharField(choices=[('decided', 'To be sent'), ('sending', 'Being sent'), ('sent', 'Sent'), ('bounced', 'Bounced'), ('suppressed', 'Not sent')], max_length=20, verbose_name='state')),
                ('next_try_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent')),
                ('bounced_at', models.DateTimeField(blank=True, null=True, verbose_name='bounced')),
                ('message_key', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), editable=False)),
                ('kind', models.CharField(choices=[('question', 'Question was sent'), ('reply', 'Reply'), ('new_link', 'New link to the conversation')], max_length=20, verbose_name='kind')),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('reason', models.CharField(blank=True, choices=[('erased', 'the texts were erased'), ('undeliverable', 'mail to this address was refused for good'), ('withdrawn', 'who wrote it took it back')], max_length=20, verbose_name='reason not to send')),
            ],
            options={
                'verbose_name': 'mail to a customer',
                'verbose_name_plural': 'mails to customers',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CustomerQuery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('contact_email', models.EmailField(blank=True, db_default='', default='', help_text='Where replies and the survey go; when empty, to the customer’s own address.', max_length=254, verbose_name='address given with it')),
                ('order_reference', models.CharField(blank=True, max_length=40, verbose_name='order')),
                ('statement_digest', models.CharField(blank=True, db_default='', default='', editable=False, max_length=64)),
                ('subject', models.CharField(max_length=200, verbose_name='subject')),
                ('channel', models.CharField(choices=[('web', 'Web form'), ('email', 'E-mail'), ('phone', 'Phone'), ('direct_message', 'Direct message')], max_length=20, verbose_name='channel')),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('state', models.CharField(choices=[('your_turn', 'Your turn'), ('waiting_for_customer', 'Waiting for customer'), ('with_marketplace', 'With marketplace'), ('closed', 'Closed')], max_length=20, verbose_name='state')),
                ('turn_since', models.DateTimeField(verbose_name='in this state since')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('long_open_at', models.DateTimeField(verbose_name='open for a long time from')),
                ('due_at', models.DateTimeField(verbose_name='reply due')),
                ('reply_needed_since', models.DateTimeField(blank=True, null=True, verbose_name='customer waits since')),
                ('first_replied_at', models.DateTimeField(blank=True, null=True, verbose_name='first reply')),
                ('first_reply_took', models.DurationField(blank=True, null=True, verbose_name='first reply took')),
                ('first_reply_result', models.CharField(blank=True, choices=[('in_time', 'In time'), ('late', 'Late'), ('not_counted', 'Not counted')], db_default='', default='', max_length=20, verbose_name='first reply in time')),
                ('snoozed_until', models.DateTimeField(blank=True, null=True, verbose_name='snoozed until')),
                ('snooze_cut_short', models.DateTimeField(blank=True, null=True, verbose_name='was snoozed until')),
                ('logged_by_seller', models.BooleanField(db_default=False, default=False, editable=False, verbose_name='logged by the shop')),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='texts erased')),
                ('version', models.IntegerField(db_default=1, default=1, editable=False)),
                ('changed_at', models.DateTimeField(db_default=models.Func(function='statement_timestamp', output_field=models.DateTimeField()), editable=False, verbose_name='last change')),
            ],
            options={
                'verbose_name': 'customer query',
                'verbose_name_plural': 'customer queries',
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reply', 'Reply'), ('note', 'Internal note')], max_length=10)),
                ('body', models.TextField()),
                ('predicted_score', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'draft',
                'verbose_name_plural': 'drafts',
            },
        ),
        migrations.CreateModel(
            name='FedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('seller', 'Seller'), ('member', 'Member of a team'), ('customer', 'Customer'), ('order', 'Order'), ('opt_out', 'Whether a customer wants surveys'), ('bounce', 'Mail that did not arrive'), ('query', 'Customer query'), ('message', 'Message'), ('handover', 'Hand-over to the marketplace'), ('handback', 'Hand-back to the shop'), ('closing', 'Closing')], max_length=10)),
                ('external_id', models.CharField(max_length=100)),
                ('object_pk', models.BigIntegerField()),
                ('told_of_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(blank=True, max_length=1000, verbose_name='reason')),
                ('handed_over_at', models.DateTimeField(verbose_name='handed over')),
                ('unanswered_since', models.DateTimeField(blank=True, null=True, verbose_name='unanswered since')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered by staff')),
                ('handed_back_at', models.DateTimeField(blank=True, null=True, verbose_name='handed back')),
                ('outcome', models.CharField(blank=True, choices=[('handed_back', 'Handed back'), ('closed', 'Closed')], max_length=20, verbose_name='outcome')),
            ],
            options={
                'verbose_name': 'hand-over',
                'verbose_name_plural': 'hand-overs',
            },
        ),
        migrations.CreateModel(
            name='IncomingMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('kind', models.CharField(blank=True, max_length=20, verbose_name='kind')),
                ('state', models.CharField(choices=[('placed', 'In the conversation'), ('ignored', 'Written by a machine'), ('held', 'Waits for staff'), ('discarded', 'Thrown away by staff')], max_length=20, verbose_name='state')),
                ('reason', models.CharField(blank=True, choices=[('unreadable', 'it cannot be read'), ('too_large', 'it is too large'), ('list', 'it looks like a newsletter'), ('no_sender', 'it does not say from whom it is'), ('no_reply_address', 'it was not sent to the address of a conversation'), ('revoked', 'the address of the conversation was revoked'), ('outdated', 'the conversation is too long ago'), ('erased', 'the conversation was erased'), ('empty', 'it says nothing'), ('too_many', 'too many mails came in this conversation today')], max_length=20, verbose_name='why it waits')),
                ('from_email', models.CharField(blank=True, max_length=254, verbose_name='sender')),
                ('subject', models.CharField(blank=True, max_length=200, verbose_name='subject')),
                ('raw', models.BinaryField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'received mail',
                'verbose_name_plural': 'received mails',
            },
        ),
        migrations.CreateModel(
            name='MailNotKept',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text="In the marketplace's time zone.", verbose_name='day')),
                ('reason', models.CharField(choices=[('sender', 'their sender wrote too many in a day'), ('full', 'too much waited for staff already')], max_length=20, verbose_name='why')),
                ('times', models.PositiveIntegerField(verbose_name='how often')),
            ],
            options={
                'verbose_name': 'mail that was not kept',
                'verbose_name_plural': 'mails that were not kept',
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('author', models.CharField(choices=[('customer', 'Customer'), ('seller', 'Seller'), ('marketplace', 'Marketplace'), ('other', 'Somebody else')], max_length=20, verbose_name='author')),
                ('body', models.TextField(verbose_name='text')),
                ('sent_at', models.DateTimeField(verbose_name='sent')),
                ('via', models.CharField(choices=[('portal', 'in the portal'), ('link', 'by link'), ('mail', 'by e-mail')], db_default='portal', default='portal', max_length=10, verbose_name='came')),
                ('quoted_from', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('message_id_header', models.CharField(blank=True, db_default='', default='', editable=False, max_length=255)),
                ('send_key', models.UUIDField(blank=True, editable=False, null=True, unique=True)),
                ('query_before', models.JSONField(blank=True, editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('refused_files', models.TextField(blank=True, db_default='', default='', verbose_name='files that were not taken')),
                ('from_email', models.EmailField(blank=True, db_default='', default='', max_length=254, verbose_name='sender')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='accepted')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('note', 'Note'), ('no_reply_needed', 'No reply needed')], max_length=20, verbose_name='kind')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('written_at', models.DateTimeField(verbose_name='written')),
            ],
            options={
                'verbose_name': 'internal note',
                'verbose_name_plural': 'internal notes',
            },
        ),
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=40, verbose_name='order number')),
                ('ordered_on', models.DateField(verbose_name='ordered')),
                ('delivered_on', models.DateField(blank=True, null=True, verbose_name='delivered')),
                ('carrier', models.CharField(blank=True, max_length=60, verbose_name='carrier')),
                ('tracking_code', models.CharField(blank=True, max_length=60, verbose_name='tracking code')),
                ('tracking_url', models.URLField(blank=True, max_length=500, verbose_name='page of the carrier')),
            ],
            options={
                'verbose_name': 'order',
                'verbose_name_plural': 'orders',
            },
        ),
        migrations.CreateModel(
            name='OrderItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('quantity', models.PositiveSmallIntegerField(default=1, verbose_name='quantity')),
                ('price', models.DecimalField(blank=True, decimal_places=2, help_text='Of one, in euros.', max_digits=10, null=True, verbose_name='price')),
                ('warranty_until', models.DateField(blank=True, null=True, verbose_name='warranty until')),
                ('serial_number', models.CharField(blank=True, max_length=60, verbose_name='serial number')),
            ],
            options={
                'verbose_name': 'item of an order',
                'verbose_name_plural': 'items of an order',
            },
        ),
        migrations.CreateModel(
            name='SavedReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('body', models.TextField(max_length=10000, verbose_name='text')),
                ('language', models.CharField(blank=True, choices=[('nl', 'Nederlands'), ('en', 'English')], help_text='Empty: for all.', max_length=2, verbose_name='language')),
                ('changed_at', models.DateTimeField(verbose_name='changed')),
            ],
            options={
                'verbose_name': 'saved reply',
                'verbose_name_plural': 'saved replies',
            },
        ),
        migrations.CreateModel(
            name='ThreadLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(choices=[('nl', 'Nederlands'), ('en', 'English')], max_length=2, verbose_name='language')),
                ('token_salt', models.CharField(blank=True, editable=False, max_length=32)),
                ('token_digest', models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('reply_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='made')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('replaced_at', models.DateTimeField(blank=True, null=True, verbose_name='replaced')),
            ],
            options={
                'verbose_name': 'link to the conversation',
                'verbose_name_plural': 'links to the conversation',
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_until', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('typed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'visit',
                'verbose_name_plural': 'visits',
            },
        ),
        migrations.CreateModel(
            name='WaitingItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('seller', 'Seller'), ('member', 'Member of a team'), ('customer', 'Customer'), ('order', 'Order'), ('opt_out', 'Whether a customer wants surveys'), ('bounce', 'Mail that did not arrive'), ('query', 'Customer query'), ('message', 'Message'), ('handover', 'Hand-over to the marketplace'), ('handback', 'Hand-back to the shop'), ('closing', 'Closing')], max_length=10)),
                ('external_id', models.CharField(max_length=100)),
                ('said', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('parent_kind', models.CharField(choices=[('seller', 'Seller'), ('member', 'Member of a team'), ('customer', 'Customer'), ('order', 'Order'), ('opt_out', 'Whether a customer wants surveys'), ('bounce', 'Mail that did not arrive'), ('query', 'Customer query'), ('message', 'Message'), ('handover', 'Hand-over to the marketplace'), ('handback', 'Hand-back to the shop'), ('closing', 'Closing')], max_length=10)),
                ('parent_id', models.CharField(max_length=100)),
                ('received_at', models.DateTimeField()),
                ('given_up_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.JSONField(null=True)),
            ],
        ),
    ]

from django.db import migrations

FILL = """
UPDATE queries_customerquery SET logged_by_seller = true
  FROM sellers_event
 WHERE kind = 'query.phone_contact_logged' AND object_label = 'queries.CustomerQuery'
   AND object_pk = queries_customerquery.id AND channel = 'phone'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("queries", "0026_contacts_that_a_shop_logged"),
        ("sellers", "0005_undeliverable_addresses"),
    ]

    operations = [migrations.RunSQL(FILL, reverse_sql=migrations.RunSQL.noop)]

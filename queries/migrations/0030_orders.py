import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queries", "0028_logged_stays_logged"),
        ("sellers", "0008_teams"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=40, verbose_name="order number")),
                ("ordered_on", models.DateField(verbose_name="ordered")),
                ("delivered_on", models.DateField(blank=True, null=True, verbose_name="delivered")),
                ("carrier", models.CharField(blank=True, max_length=60, verbose_name="carrier")),
                (
                    "tracking_code",
                    models.CharField(blank=True, max_length=60, verbose_name="tracking code"),
                ),
                (
                    "tracking_url",
                    models.URLField(blank=True, max_length=500, verbose_name="page of the carrier"),
                ),
            ],
            options={
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.CreateModel(
            name="OrderItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("quantity", models.PositiveSmallIntegerField(default=1, verbose_name="quantity")),
                (
                    "price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Of one, in euros.",
                        max_digits=10,
                        null=True,
                        verbose_name="price",
                    ),
                ),
                (
                    "warranty_until",
                    models.DateField(blank=True, null=True, verbose_name="warranty until"),
                ),
                (
                    "serial_number",
                    models.CharField(blank=True, max_length=60, verbose_name="serial number"),
                ),
            ],
            options={
                "verbose_name": "item of an order",
                "verbose_name_plural": "items of an order",
            },
        ),
        migrations.AddField(
            model_name="order",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="queries.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="seller",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="sellers.seller",
                verbose_name="seller",
            ),
        ),
        migrations.AddField(
            model_name="orderitem",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="queries.order",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                fields=("seller", "reference"), name="order_reference_once_per_shop"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("reference", ""), _negated=True), name="order_reference_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("delivered_on", None),
                    ("delivered_on__gte", models.F("ordered_on")),
                    _connector="OR",
                ),
                name="order_delivered_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tracking_url", ""),
                    ("tracking_url__regex", "^https://[^\\s/@]+(/\\S*)?$"),
                    _connector="OR",
                ),
                name="order_tracking_is_https",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_stays_the_same_one",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."seller_id" IS DISTINCT FROM (NEW."seller_id") OR OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="f2fb1a94cc68a8967014bfc537251b927d0ef4e8",
                    operation="UPDATE",
                    pgid="pgtrigger_order_stays_the_same_one_5fe61",
                    table="queries_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_customer_is_there",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (NEW."customer_id" IS NOT NULL)',
                    declare="DECLARE buys queries_customer;",
                    func="\n                SELECT * INTO buys\n                  FROM queries_customer WHERE id = NEW.customer_id FOR KEY SHARE;\n                IF buys.erased_at IS NOT NULL OR buys.merged_into_id IS NOT NULL THEN\n                    RAISE EXCEPTION 'An order is of a customer who is there';\n                END IF;\n                RETURN NEW;\n                ",
                    hash="d0e088ea15af0183fa5af8794abf4bcc4c2b6fbd",
                    operation='INSERT OR UPDATE OF "customer_id"',
                    pgid="pgtrigger_order_customer_is_there_5f748",
                    table="queries_order",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.UniqueConstraint(
                fields=("order", "position"), name="orderitem_position_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="orderitem_name_given"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1)), name="orderitem_one_or_more"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("price", None), ("price__gte", 0), _connector="OR"),
                name="orderitem_price_not_negative",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderitem",
            trigger=pgtrigger.compiler.Trigger(
                name="orderitem_stays_in_its_order",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."order_id" IS DISTINCT FROM (NEW."order_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="13d97471a74598b606293ae1a597d8f4267cd4f3",
                    operation="UPDATE",
                    pgid="pgtrigger_orderitem_stays_in_its_order_62b83",
                    table="queries_orderitem",
                    when="BEFORE",
                ),
            ),
        ),
    ]

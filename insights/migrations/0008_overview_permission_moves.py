"""Who may see staff's overview still may: the permission moves from the proxy to the kept counts."""

from django.db import migrations


def move_permission(apps, schema_editor):
    """Hang the permission, with whom it was given to, on a model that is still there."""
    types = apps.get_model("contenttypes", "ContentType").objects
    proxy = types.filter(app_label="insights", model="shopscore").first()
    if proxy:
        counts, _is_new = types.get_or_create(app_label="insights", model="monthcount")
        apps.get_model("auth", "Permission").objects.filter(content_type=proxy).update(
            content_type=counts
        )
        proxy.delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("insights", "0007_overview_without_proxy"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(move_permission, migrations.RunPython.noop)]

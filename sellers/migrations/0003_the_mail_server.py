"""Nothing is known of the mail server yet, but that there is one."""

from django.db import migrations


def add_mail_server(apps, schema_editor):
    """Store the only mail server there is."""
    apps.get_model("sellers", "MailServer").objects.create(pk=1)


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("sellers", "0002_mail_that_leaves")]

    operations = [migrations.RunPython(add_mail_server, migrations.RunPython.noop)]

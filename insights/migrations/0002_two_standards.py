"""The standards of both source documents: 10 first, 25 later."""

from datetime import date

from django.db import migrations


def add_standards(apps, schema_editor):
    """Store the past and the present standard."""
    standard = apps.get_model("insights", "ServiceStandard")
    standard.objects.create(
        value=10,
        valid_from=date(2020, 1, 1),
        valid_until=date(2026, 1, 1),
        announced_on=date(2019, 10, 1),
        label_nl="NPS na klantcontact: minstens 10",
        label_en="NPS after customer contact: at least 10",
    )
    standard.objects.create(
        value=25,
        valid_from=date(2026, 1, 1),
        announced_on=date(2025, 10, 1),
        label_nl="NPS na klantcontact: minstens 25",
        label_en="NPS after customer contact: at least 25",
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("insights", "0001_initial")]

    operations = [migrations.RunPython(add_standards, migrations.RunPython.noop)]

"""The policy that holds until staff add another: a day, a month's rest, two weeks to answer."""

from datetime import UTC, datetime, timedelta

from django.db import migrations


def add_policy(apps, schema_editor):
    """Store the first policy; it has held from before the first closing."""
    apps.get_model("surveys", "SurveyPolicy").objects.create(
        valid_from=datetime(2000, 1, 1, tzinfo=UTC),
        enabled=True,
        delay=timedelta(hours=24),
        cooldown=timedelta(days=30),
        answer_window=timedelta(days=14),
        stale_after=timedelta(days=7),
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("surveys", "0004_survey_policy")]

    operations = [migrations.RunPython(add_policy, migrations.RunPython.noop)]

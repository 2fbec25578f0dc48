"""The topic whose high scores are good news gets a name that says so."""

from django.db import migrations

EFFORT = {"label_nl": "Moeite", "label_en": "Effort"}
EASE = {"label_nl": "Gemak", "label_en": "Ease"}


def rename(apps, schema_editor):
    """Rename the topic where staff left its first name."""
    apps.get_model("surveys", "Topic").objects.filter(slug="effort", **EFFORT).update(**EASE)


def rename_back(apps, schema_editor):
    """Give the topic its first name again."""
    apps.get_model("surveys", "Topic").objects.filter(slug="effort", **EASE).update(**EFFORT)


class Migration(migrations.Migration):
    dependencies = [("surveys", "0018_guards_of_contacts")]

    operations = [migrations.RunPython(rename, rename_back)]

"""The six topics that the marketplace asks about until its staff changes them."""

from django.db import migrations

TOPICS = [
    ("speed", "Snelheid", "Speed", "Reageer binnen een werkdag, ook als je het antwoord nog niet hebt: zeg wanneer het komt.", "Reply within a working day, even without the answer: say when it will come."),
    ("expertise", "Deskundigheid", "Expertise", "Zoek het na voor je antwoordt en leg de maten, voorwaarden of handleiding erbij.", "Look it up before you reply, and attach the sizes, terms or manual."),
    ("friendliness", "Vriendelijkheid", "Friendliness", "Noem de klant bij naam, bedank voor de vraag en schrijf zoals je praat.", "Use the customer's name, say thank you and write as you speak."),
    ("solution", "Oplossing", "Solution", "Bied één concrete oplossing met een datum, en vraag of die goed is.", "Offer one concrete solution with a date, and ask whether it suits."),
    ("clarity", "Duidelijkheid", "Clarity", "Zet het antwoord in de eerste zin en de stappen in een lijstje.", "Put the answer in the first sentence and the steps in a list."),
    ("effort", "Moeite", "Effort", "Laat de klant niets herhalen: lees de hele vraag en regel zelf wat jij kunt regelen.", "Never let the customer repeat anything: read it all and arrange what you can."),
]


def add_topics(apps, schema_editor):
    """Store the topics in their order."""
    apps.get_model("surveys", "Topic").objects.bulk_create(
        apps.get_model("surveys", "Topic")(
            slug=slug,
            label_nl=label_nl,
            label_en=label_en,
            tip_nl=tip_nl,
            tip_en=tip_en,
            position=position,
        )
        for position, (slug, label_nl, label_en, tip_nl, tip_en) in enumerate(TOPICS, start=1)
    )


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("surveys", "0001_initial")]

    operations = [migrations.RunPython(add_topics, migrations.RunPython.noop)]

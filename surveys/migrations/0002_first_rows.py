"""What holds until staff say otherwise: topics, policy and playbooks."""

from datetime import UTC, datetime, timedelta

from django.db import migrations

TOPICS = [
    ("speed", "Snelheid", "Speed", "Reageer binnen een werkdag, ook als je het antwoord nog niet hebt: zeg wanneer het komt.", "Reply within a working day, even without the answer: say when it will come."),
    ("expertise", "Deskundigheid", "Expertise", "Zoek het na voor je antwoordt en leg de maten, voorwaarden of handleiding erbij.", "Look it up before you reply, and attach the sizes, terms or manual."),
    ("friendliness", "Vriendelijkheid", "Friendliness", "Noem de klant bij naam, bedank voor de vraag en schrijf zoals je praat.", "Use the customer's name, say thank you and write as you speak."),
    ("solution", "Oplossing", "Solution", "Bied één concrete oplossing met een datum, en vraag of die goed is.", "Offer one concrete solution with a date, and ask whether it suits."),
    ("clarity", "Duidelijkheid", "Clarity", "Zet het antwoord in de eerste zin en de stappen in een lijstje.", "Put the answer in the first sentence and the steps in a list."),
    ("effort", "Gemak", "Ease", "Laat de klant niets herhalen: lees de hele vraag en regel zelf wat jij kunt regelen.", "Never let the customer repeat anything: read it all and arrange what you can."),
]

PUBLISHED_AT = datetime(2026, 11, 27, tzinfo=UTC)

# (Dutch, English, explanation in Dutch, in English, ticked by contact from the task)
FIND_OUT = (
    "Zoek uit wat er misging",
    "Find out what went wrong",
    "Lees het gesprek en de bestelling voor je contact opneemt.",
    "Read the conversation and the order before you make contact.",
    False,
)
CONTACT_TODAY = (
    "Neem vandaag nog persoonlijk contact op",
    "Make personal contact today",
    "Bel liever dan je schrijft, als de klant dat goedvindt. Vastleggen vinkt dit af.",
    "Rather call than write, if the customer is fine with that. Recording it ticks this.",
    True,
)
CONTACT = (
    "Neem contact op",
    "Make contact",
    "Zeg wie je bent en waarom je belt of schrijft. Vastleggen vinkt dit af.",
    "Say who you are and why you call or write. Recording it ticks this.",
    True,
)
WRITE_AND_ASK = (
    "Schrijf de klant en vraag wat beter had gemoeten",
    "Write to the customer and ask what should have gone better",
    "Wie een 6 geeft, vertelt dat vaak graag. Versturen vinkt dit af.",
    "Who gives a 6 is often glad to say. Sending it ticks this.",
    True,
)
APOLOGISE = ("Bied excuses aan", "Apologise", "Zonder “maar”.", "Without a “but”.", False)
LISTEN = (
    "Luister, en vat samen wat je hoorde",
    "Listen, and sum up what you heard",
    "Leg pas uit als de klant is uitgesproken.",
    "Explain only once the customer has said it all.",
    False,
)
SOLVE = (
    "Bied een oplossing",
    "Offer a solution",
    "Noem een dag waarop het geregeld is, en houd je eraan.",
    "Name the day on which it will be done, and keep to it.",
    False,
)
COMPENSATE = (
    "Vergoed wat beloofd was en niet gebeurde",
    "Make up for what was promised and not done",
    "Alleen als een belofte niet is nagekomen. Nooit om een cijfer of een beoordeling.",
    "Only where a promise was not kept. Never because of a score or a review.",
    False,
)
EXPLAIN = (
    "Vertel wat je verandert, zodat het niet weer gebeurt",
    "Say what you change, so that it does not happen again",
    "",
    "",
    False,
)
THANK = ("Bedank voor de eerlijke reactie", "Thank them for being honest", "", "", False)
COME_BACK = (
    "Licht de accountcontactpersoon in en leg het vast bij de klant",
    "Inform the account contact and record it with the customer",
    "Wat je beloofde, staat bij het volgende contact bovenaan: kom erop terug.",
    "What you promised is at the top of the next contact: come back to it.",
    False,
)

PLAYBOOKS = {
    0: (
        "Deze klant gaat waarschijnlijk weg en waarschuwt anderen. Alleen snel en persoonlijk contact helpt.",
        "This customer is likely to leave and to warn others. Only quick, personal contact helps.",
        (FIND_OUT, CONTACT_TODAY, APOLOGISE, LISTEN, SOLVE, COMPENSATE, EXPLAIN, THANK),
    ),
    1: (
        "Deze klant is diep teleurgesteld: het liep heel anders dan verwacht.",
        "This customer is deeply disappointed: it went nothing like they expected.",
        (FIND_OUT, CONTACT_TODAY, APOLOGISE, LISTEN, SOLVE, COMPENSATE, EXPLAIN, THANK, COME_BACK),
    ),
    2: (
        "Er ging iets concreets mis, en deze klant vertelt het door.",
        "Something in particular went wrong, and this customer will tell others.",
        (FIND_OUT, CONTACT_TODAY, APOLOGISE, LISTEN, SOLVE, COMPENSATE, EXPLAIN, THANK, COME_BACK),
    ),
    3: (
        "Een deel ging goed, maar het belangrijkste niet, of het probleem is er nog.",
        "Part of it went well, but not what mattered, or the problem is still there.",
        (FIND_OUT, CONTACT, APOLOGISE, LISTEN, SOLVE, COMPENSATE, EXPLAIN, THANK, COME_BACK),
    ),
    4: (
        "De klant is half geholpen en kijkt om zich heen. Zonder verbetering wordt het een ander.",
        "The customer was half helped and looks around. Unless it gets better it will be another shop.",
        (FIND_OUT, CONTACT, APOLOGISE, LISTEN, SOLVE, COMPENSATE, EXPLAIN, THANK, COME_BACK),
    ),
    5: (
        "Het viel wat tegen. De klant staat open voor een volgende keer, als jij laat zien wat er anders gaat.",
        "It was a bit of a letdown. The customer is open to a next time, once you show what will differ.",
        (FIND_OUT, CONTACT, LISTEN, COMPENSATE, EXPLAIN, THANK, COME_BACK),
    ),
    6: (
        "Bijna tevreden: het ging redelijk, en er is ruimte om het beter te doen.",
        "Nearly satisfied: it went fairly well, and there is room to do better.",
        (FIND_OUT, WRITE_AND_ASK, COMPENSATE, EXPLAIN, THANK, COME_BACK),
    ),
}


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


def add_first_playbooks(apps, schema_editor):
    Playbook = apps.get_model("surveys", "Playbook")
    PlaybookStep = apps.get_model("surveys", "PlaybookStep")
    for score, (intro_nl, intro_en, steps) in PLAYBOOKS.items():
        playbook = Playbook.objects.create(
            score=score, version=1, intro_nl=intro_nl, intro_en=intro_en, published_at=PUBLISHED_AT
        )
        for position, (label_nl, label_en, hint_nl, hint_en, is_contact) in enumerate(steps, 1):
            PlaybookStep.objects.create(
                playbook=playbook,
                position=position,
                label_nl=label_nl,
                label_en=label_en,
                hint_nl=hint_nl,
                hint_en=hint_en,
                is_contact=is_contact,
            )


class Migration(migrations.Migration):

    dependencies = [("surveys", "0001_initial")]

    operations = [
        migrations.RunPython(add_topics, migrations.RunPython.noop),
        migrations.RunPython(add_policy, migrations.RunPython.noop),
        migrations.RunPython(add_first_playbooks, migrations.RunPython.noop),
    ]

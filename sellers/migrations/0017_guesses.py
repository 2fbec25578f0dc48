from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("sellers", "0016_what_is_final"),
    ]

    operations = [
        migrations.CreateModel(
            name='GuessCount',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('count', models.PositiveIntegerField(verbose_name='guesses')),
                ('since', models.DateTimeField(db_index=True, verbose_name='since')),
            ],
            options={
                'verbose_name': 'count of guesses',
                'verbose_name_plural': 'counts of guesses',
            },
        ),
    ]

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while everybody works on

    dependencies = [("queries", "0024_documents_of_what_is_there")]

    operations = [
        AddIndexConcurrently(
            model_name="searchdocument",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("closed", False)),
                fields=["words"],
                gin_pending_list_limit=512,
                name="search_words_of_open",
            ),
        ),
        AddIndexConcurrently(
            model_name="searchdocument",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("closed", True)),
                fields=["words"],
                gin_pending_list_limit=512,
                name="search_words_of_closed",
            ),
        ),
    ]

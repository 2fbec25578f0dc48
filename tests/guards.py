"""The guards of the database, which its owner can send to sleep: for what they would refuse."""

from django.apps import apps
from django.db import connection


def switch_guards(*, on: bool) -> None:
    """Switch the triggers of all tables on or off; that is undone with the transaction it is in."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # PostgreSQL leaves no check waiting
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in apps.get_models():
            if getattr(model._meta, "triggers", ()):
                switch = "ENABLE" if on else "DISABLE"
                cursor.execute(f"ALTER TABLE {model._meta.db_table} {switch} TRIGGER USER")

"""Guards of rows that are evidence: what every app that stores some says in its models."""

from typing import Final

import pgtrigger
from django.db import models

# In SQL. No setting that anybody can change is asked for the time, its zone or who it is.
CLOCKS_DIFFER: Final = "interval '5 minutes'"  # at most, those of two servers
THIS_TRANSACTION: Final = "pg_current_xact_id()::text::bigint"
TODAY: Final = "(now() AT TIME ZONE public.marketplace_zone())::date"


def never_emptied(name: str) -> pgtrigger.Trigger:
    """Return the guard of a whole table: nobody truncates it, not even its owner."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'Cannot empty the table %', TG_TABLE_NAME;",
    )


def changeable_columns(model: type[models.Model]) -> list[str] | None:
    """Return which columns of a model may ever change; None when its rows may be deleted.

    Its guards say so: rows stay that are protected from every delete; then columns do that are
    read-only. The application's role gets no more rights than that (config/roles.py).
    """
    guards = getattr(model._meta, "triggers", ())
    always = [each for each in guards if isinstance(each, pgtrigger.Protect) and not each.condition]
    if not any("DELETE" in str(each.operation) for each in always):
        return None
    updates = [each for each in always if "UPDATE" in str(each.operation)]
    frozen: set[str] = set()
    for guard in updates:
        if not isinstance(guard, pgtrigger.ReadOnly) or not (guard.fields or guard.exclude):
            return []
        named = set(guard.fields or guard.exclude or ())
        everything = {field.name for field in model._meta.concrete_fields}
        frozen |= named if guard.fields else everything - named
    return [
        str(field.column)
        for field in model._meta.concrete_fields
        if not field.primary_key and field.name not in frozen
    ]

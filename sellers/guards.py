"""Guards of rows that are evidence: what every app that stores some says in its models."""

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

import pgtrigger
from django.db import models
from psycopg.errors import ObjectNotInPrerequisiteState, RaiseException

S = TypeVar("S", bound=str)

# How a guard refuses, as psycopg has it; the second is of a moment to come.
REFUSALS: Final = (RaiseException, ObjectNotInPrerequisiteState)

# In SQL. No setting that anybody can change is asked for the time, its zone or who it is.
CLOCKS_DIFFER: Final = "interval '5 minutes'"  # at most, those of two servers
THIS_TRANSACTION: Final = "pg_current_xact_id()::text::bigint"
# As events are numbered: higher on a restored backup, because a new cluster counts from one again.
NUMBERED: Final = f"public.sellers_transactions_before() + {THIS_TRANSACTION}"
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


def not_ahead(name: str, *moments: str) -> pgtrigger.Trigger:
    """Return the guard of moments at which something happened: none of them is to come.

    A server whose clock jumped would else store them for ever. To its pages the database is as if
    it were away: they give back what was typed, and tasks try again.
    """
    ahead = (f"NEW.{moment} > clock_timestamp() + {CLOCKS_DIFFER}" for moment in moments)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*moments),  # type: ignore[no-untyped-call]
        condition=pgtrigger.Condition(" OR ".join(ahead)),
        func="""
        RAISE EXCEPTION 'The clocks differ: this is of a moment to come'
        USING ERRCODE = 'object_not_in_prerequisite_state';
        """,
    )


def told_of(kind: str, label: str, pk: str) -> str:
    """Return what asks whether this transaction stored an event of that kind about one row.

    `pk` is SQL. More conditions on the event may follow.
    """
    return (
        f"SELECT FROM sellers_event WHERE object_label = '{label}' AND object_pk = {pk} "
        f"AND kind = '{kind}' AND transaction = {NUMBERED}"
    )


def only_goes_on(name: str, moves: Mapping[S, Collection[S]]) -> pgtrigger.Protect:
    """Return the guard of a `state`: it moves only to what `moves` names, never back."""
    pairs = ", ".join(f"('{old}', '{new}')" for old, then in moves.items() for new in then)
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN ({pairs})"
        ),
    )


def sent_once(name: str) -> pgtrigger.Protect:
    """Return the guard of a mail's `sent_at`: once it left, it left at that moment."""
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.sent_at <> coalesce(NEW.sent_at, 'infinity')"),
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

"""How a page of the admin writes what staff change, and shows what happened."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, ClassVar

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import label_for_field, unquote
from django.db import transaction
from django.db.models import Model, QuerySet
from django.forms import ModelForm, model_to_dict
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sellers.enums import EventKind
from sellers.events import Actor, by_whom, kind_in_words, record
from sellers.models import Event, User


def staff(request: HttpRequest) -> User:
    """Return who is logged in: the admin lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def actor(request: HttpRequest) -> Actor:
    """Return who is logged in, as who does something."""
    return Actor.user(staff(request))


# What staff change


class RecordsChanges(admin.ModelAdmin):
    """Writes an event when staff add, change or delete a row."""

    created: ClassVar[EventKind]
    changed: ClassVar[EventKind]
    deleted: ClassVar[EventKind]
    settings: ClassVar[tuple[str, ...]] = ()  # fields of which the event keeps the values

    def seller_of(self, row: Any) -> int | None:
        """Return the primary key of the shop that a row belongs to, if any."""
        return None

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Store the row, and what is different."""
        super().save_model(request, obj, form, change)
        kind, changes = self.changed if change else self.created, changes_of(form, self.settings)
        if changes or not change:
            self._record(request, kind, obj, changes=changes)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete the row, and write so."""
        self._record(request, self.deleted, obj)
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete each as by its own page."""
        for row in queryset:
            self.delete_model(request, row)

    def _record(self, request: HttpRequest, kind: EventKind, row: Model, **details: object) -> None:
        record(
            kind,
            row,
            seller_id=self.seller_of(row),
            by=actor(request),
            now=timezone.now(),
            **details,
        )


def changes_of(form: ModelForm, settings: Collection[str]) -> dict[str, object]:
    """Return which fields a form changed: {name: [old, new]} of settings, {name: None} of others.

    What is no setting may be about a person, so its values are kept nowhere.
    """
    return {
        name: _old_and_new(form, name) if name in settings else None for name in form.changed_data
    }


def _old_and_new(form: ModelForm, name: str) -> list[object]:
    old, new = form.initial.get(name), form.cleaned_data[name]
    if isinstance(new, QuerySet):
        return [sorted(row.pk for row in rows) for rows in (old or (), new)]
    return [old, model_to_dict(form.instance, [name])[name]]  # a pk where the form has a row


# What happened


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history."""

    at: datetime
    what: str
    by: str


class EventHistory(admin.ModelAdmin):
    """Shows on a row's history page what happened to it, by whomever."""

    object_history_template = "admin/sellers/history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the events in place of the admin's own lines, which know of staff only."""
        row = self.get_object(request, unquote(object_id))
        may_look = row is not None and self.has_view_or_change_permission(request, row)
        lines = sorted(self.lines_about(row), key=attrgetter("at")) if may_look else []
        return super().history_view(request, object_id, {**(extra_context or {}), "lines": lines})

    def lines_about(self, row: Any) -> Iterable[Line]:
        """Return what happened to a row."""
        return lines_about([row])


def lines_about(rows: Iterable[Model]) -> list[Line]:
    """Return what happened to these rows, in the order in which it was written."""
    events = Event.objects.about(rows).select_related("user", "client").order_by("pk")
    return [line_of(event) for event in events]


def line_of(event: Event) -> Line:
    """Return an event in the reader's words."""
    what = kind_in_words(event.kind)
    if changes := event.details.get("changes"):
        model = apps.get_model(event.object_label)
        fields = [str(label_for_field(name, model)) for name in changes]
        what = f"{what}: {', '.join(fields)}"
    by = by_whom(event.user, event.client) or event.get_actor_display()
    return Line(at=event.at, what=what, by=by)

"""The rules of the surveys, and the topics they offer."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.forms import ModelForm, model_to_dict
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sellers.admin import RecordsChanges
from surveys.enums import SurveyEvent
from surveys.models import SurveyPolicy, Topic

LABELS = ("label_nl", "label_en")
KEEPS_ITS_NAME = _(
    "Customers ticked this topic, so it keeps its name. For another name, fill in since when it is "
    "no longer asked, and add a topic."
)


@admin.register(SurveyPolicy)
class SurveyPolicyPage(RecordsChanges):
    """The rules of the surveys with their history; adding one is how they change."""

    created, changed, deleted = (
        SurveyEvent.POLICY_CREATED,
        SurveyEvent.POLICY_CHANGED,
        SurveyEvent.POLICY_DELETED,
    )
    settings = ("valid_from", "enabled", "delay", "cooldown", "answer_window", "stale_after")
    list_display = (
        "valid_from",
        "enabled",
        "delay",
        "cooldown",
        "answer_window",
        "stale_after",
        "note",
        "set_by",
    )
    list_select_related = ("set_by",)
    ordering = ("-valid_from", "-pk")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the rules that hold, so that only what changes is typed."""
        now = timezone.now()
        held = SurveyPolicy.objects.in_force(now=now)
        return model_to_dict(held, exclude=["id", "note"]) | {"valid_from": now}

    def has_change_permission(self, request: HttpRequest, obj: SurveyPolicy | None = None) -> bool:
        """Allow changing what does not hold yet."""
        return (obj is None or obj.valid_from > timezone.now()) and super().has_change_permission(
            request, obj
        )

    def has_delete_permission(self, request: HttpRequest, obj: SurveyPolicy | None = None) -> bool:
        """Allow deleting, one by one, what does not hold yet."""
        return obj is not None and self.has_change_permission(request, obj)

    def save_model(
        self, request: HttpRequest, obj: SurveyPolicy, form: ModelForm, change: bool
    ) -> None:
        """Note who set it; a policy begins now at the earliest, for the past is over."""
        obj.set_by_id = request.user.pk
        obj.valid_from = max(obj.valid_from, timezone.now())
        super().save_model(request, obj, form, change)


@admin.register(Topic)
class TopicPage(RecordsChanges):
    """What a customer can tick; a topic that was used is retired, not deleted."""

    created, changed, deleted = (
        SurveyEvent.TOPIC_CREATED,
        SurveyEvent.TOPIC_CHANGED,
        SurveyEvent.TOPIC_DELETED,
    )
    settings = ("slug", "label_nl", "label_en", "position", "retired_on")
    list_display = ("slug", "label_nl", "label_en", "position", "retired_on")
    list_editable = ("position",)
    search_fields = ("slug", "label_nl", "label_en")
    ordering = ("position", "pk")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Topic | None = None
    ) -> tuple[str, ...]:
        """Show how customers know it, and let it stay so once one ticked it."""
        return ("slug", *LABELS) if _is_used(obj) else ()

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Topic | None = None
    ) -> dict[str, Sequence[str]]:
        """Make the short name of the label, where there is one to make."""
        return {} if _is_used(obj) else {"slug": ("label_en",)}

    def get_fieldsets(self, request: HttpRequest, obj: Topic | None = None) -> Any:
        """Say why a name does not change, where it does not."""
        (title, options), *others = super().get_fieldsets(request, obj)
        why = {"description": KEEPS_ITS_NAME} if _is_used(obj) else {}
        return [(title, {**options, **why}), *others]

    def has_delete_permission(self, request: HttpRequest, obj: Topic | None = None) -> bool:
        """Allow only what no customer ever ticked."""
        return not _is_used(obj) and super().has_delete_permission(request, obj)


def _is_used(topic: Topic | None) -> bool:
    """Return whether a customer ever ticked it."""
    return topic is not None and topic.response_topics.exists()

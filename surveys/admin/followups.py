"""Follow-up tasks, which staff only read, and the playbooks, which they publish."""

from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from queries.admin import ReadOnlyInline, ReadOnlyPage
from sellers.admin import actor
from sellers.forms import Line
from surveys.followups.playbooks import NothingChanged, StepText, publish, texts_of
from surveys.models import FollowUp, FollowUpContact, Playbook, PlaybookStep

MOST_STEPS: Final = 20


class ContactInline(ReadOnlyInline):
    """How the customer was contacted."""

    model = FollowUpContact
    fields = ("kind", "outcome", "made_at", "made_by")
    ordering = ("pk",)


@admin.register(FollowUp)
class FollowUpPage(ReadOnlyPage):
    """What shops do after low scores."""

    list_display = ("__str__", "seller", "score", "state", "assignee", "due_at", "lapsed_at")
    list_select_related = ("seller", "assignee", "response")
    list_filter = ("state", "lapse")
    search_fields = ("seller__name",)
    inlines = (ContactInline,)

    @admin.display(description=_("score"))
    def score(self, followup: FollowUp) -> int:
        """Return the score that it is about."""
        return followup.response.score


class StepInline(ReadOnlyInline):
    """The steps of a version."""

    model = PlaybookStep
    fields = ("position", "label_nl", "label_en", "hint_nl", "hint_en", "is_contact")
    ordering = ("position",)


class IntroForm(forms.Form):
    """What a playbook begins with."""

    intro_nl = Line(label=_("Introduction in Dutch"), max_length=300)
    intro_en = Line(label=_("Introduction in English"), max_length=300)


class StepForm(forms.Form):
    """One step, in both languages."""

    label_nl = Line(label=_("Step in Dutch"), max_length=120)
    label_en = Line(label=_("Step in English"), max_length=120)
    hint_nl = Line(label=_("Explanation in Dutch"), max_length=300, required=False)
    hint_en = Line(label=_("Explanation in English"), max_length=300, required=False)
    is_contact = forms.BooleanField(label=_("Contact ticks it"), required=False)


class StepFormSet(forms.BaseFormSet):
    """The steps of a playbook in their order, and room for two more."""

    def clean(self) -> None:
        """Refuse a playbook without steps."""
        if not any(self.errors) and not self.texts:
            raise forms.ValidationError(gettext("A playbook has at least one step."))

    @property
    def texts(self) -> list[StepText]:
        """Return the steps as they are to be published."""
        filled = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data.get("label_nl") and form not in self.deleted_forms
        ]
        last = len(self.forms) + 1
        in_order = sorted(filled, key=lambda step: step.get("ORDER") or last)
        return [StepText(*(step[name] for name in StepText._fields)) for step in in_order]


Steps: Final[Any] = forms.formset_factory(
    StepForm, formset=StepFormSet, extra=2, can_order=True, can_delete=True, max_num=MOST_STEPS
)


@admin.register(Playbook)
class PlaybookPage(ReadOnlyPage):
    """What staff advise after each low score: every version, and the way to the next one."""

    list_display = ("score", "version", "intro_nl", "published_at", "published_by")
    list_select_related = ("published_by",)
    list_filter = ("score",)
    inlines = (StepInline,)
    change_form_template = "admin/surveys/playbook/change_form.html"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Put the version that holds first of each score."""
        return ("score", "-version")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that publishes."""
        view = self.admin_site.admin_view(self.publish_view)
        return [path("<int:score>/publish/", view, name="publish_playbook"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the next version of it, who may publish one."""
        context = {**(extra_context or {}), "publishes": self._publishes(request)}
        return super().change_view(request, object_id, form_url, context)

    def publish_view(self, request: HttpRequest, score: int) -> HttpResponse:
        """Publish the next version of a playbook, beginning with the one that holds."""
        held = Playbook.objects.filter(score=score).order_by("version").last()
        if not self._publishes(request):
            raise PermissionDenied
        if held is None:
            raise Http404
        posted = request.POST if request.method == "POST" else None
        intro = IntroForm(posted, initial={"intro_nl": held.intro_nl, "intro_en": held.intro_en})
        steps = Steps(posted, initial=[step._asdict() for step in texts_of(held)], prefix="steps")
        if intro.is_valid() and steps.is_valid() and self._publish(request, score, intro, steps):
            return redirect(reverse("admin:surveys_playbook_changelist"))
        context = self.admin_site.each_context(request) | {
            "title": gettext("Next version of the playbook for a %(score)s") % {"score": score},
            "opts": self.opts,
            "held": held,
            "intro": intro,
            "steps": steps,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if posted is not None else HTTPStatus.OK
        return TemplateResponse(
            request, "admin/surveys/playbook/publish.html", context, status=status
        )

    def _publishes(self, request: HttpRequest) -> bool:
        """Return whether the reader may publish: who may add playbooks."""
        codename = get_permission_codename("add", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def _publish(
        self, request: HttpRequest, score: int, intro: IntroForm, steps: StepFormSet
    ) -> bool:
        """Publish what was typed; when the version that holds says the same, say so."""
        by, now = actor(request), timezone.now()
        try:
            published = publish(score, **intro.cleaned_data, steps=steps.texts, by=by, now=now)
        except NothingChanged:
            self.message_user(request, _("Nothing was changed, so nothing was published."))
            return False
        said = gettext("Published: version %(version)s holds for the tasks that open from now on.")
        self.message_user(request, said % {"version": published.version}, messages.SUCCESS)
        return True

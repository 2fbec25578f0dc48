"""What a customer can say played a part."""

from typing import Self

import pgtrigger
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sellers.enums import Language
from sellers.models import LineField, days_that_exist


def label_field() -> str:
    """Return which of the fields has the label in the reader's language."""
    return "label_nl" if translation.get_language() == Language.DUTCH else "label_en"


class Topics(models.QuerySet["Topic"]):
    """Detail topics."""

    def offered(self) -> Self:
        """Keep the topics that a survey shows, in their order."""
        return self.filter(retired_on=None).order_by("position", "pk")


class Topic(models.Model):
    """Something a customer can say played a part in the score."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True)
    label_nl = LineField(_("label in Dutch"), max_length=60)
    label_en = LineField(_("label in English"), max_length=60)
    tip_nl = models.TextField(_("tip in Dutch"), blank=True)
    tip_en = models.TextField(_("tip in English"), blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    retired_on = models.DateField(_("no longer asked since"), null=True, blank=True)

    objects = Topics.as_manager()

    class Meta:
        verbose_name = _("detail topic")
        verbose_name_plural = _("detail topics")
        constraints = [
            days_that_exist("topic_retired_on_a_day", "retired_on"),
            models.CheckConstraint(
                condition=~models.Q(label_nl="") & ~models.Q(label_en=""),
                name="topic_labels_given",
            ),
        ]
        triggers = [
            # What customers ticked keeps the name under which they did.
            pgtrigger.Trigger(
                name="topic_in_use_keeps_its_name",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.slug, OLD.label_nl, OLD.label_en)"
                    " IS DISTINCT FROM (NEW.slug, NEW.label_nl, NEW.label_en))"
                ),
                func="""
                IF EXISTS (SELECT FROM surveys_responsetopic WHERE topic_id = OLD.id) THEN
                    RAISE EXCEPTION 'Customers ticked this topic: retire it and add another';
                END IF;
                RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the label in the reader's language."""
        return str(getattr(self, label_field()))

    @property
    def tip(self) -> str:
        """Return what a shop can do about it, in the reader's language; may be empty."""
        return self.tip_nl if translation.get_language() == Language.DUTCH else self.tip_en

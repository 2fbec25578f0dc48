"""What staff say of single days, and which days are days off in a country as that holds now."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sellers.admin.events import RecordsChanges
from sellers.days_off import ENGLISH, is_known, public_holidays
from sellers.enums import HolidayKind, Language, SellerEvent
from sellers.models import HolidayChange, Seller

# What the public list calls our languages.
LANGUAGES: Final[dict[str | None, str]] = {Language.DUTCH: "nl", Language.ENGLISH: ENGLISH}
A_YEAR: Final = timedelta(days=365)
NOT_MOVED: Final = _(
    "Due moments are stored when a customer begins to wait. What you change here moves those to "
    "come, and none that is stored."
)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the coming year on which something is the matter."""

    day: date
    name: str
    is_off: bool
    change: HolidayChange | None = None


class PlaceForm(forms.Form):
    """Of which country and region the coming year is shown."""

    country = forms.RegexField(
        r"^[A-Z]{2}$",
        label=_("Country"),
        error_messages={"invalid": _("A country is two capitals, such as NL or BE.")},
        widget=forms.TextInput(attrs={"size": 3}),
    )
    region = forms.CharField(
        max_length=20, required=False, label=_("Region"), widget=forms.TextInput(attrs={"size": 8})
    )


@admin.register(HolidayChange)
class HolidayChangePage(RecordsChanges):
    """Days off that the public list of a country has not, and days that are none after all."""

    created, changed, deleted = (
        SellerEvent.HOLIDAY_CREATED,
        SellerEvent.HOLIDAY_CHANGED,
        SellerEvent.HOLIDAY_DELETED,
    )
    settings = ("country", "region", "day", "kind", "name")
    fieldsets = ((None, {"fields": settings, "description": NOT_MOVED}),)
    list_display = ("day", "name", "country", "region", "kind")
    list_display_links = ("day", "name")
    list_filter = ("country", "kind")
    search_fields = ("name",)
    ordering = ("-day", "country", "region", "pk")
    date_hierarchy = "day"
    change_list_template = "admin/sellers/holidaychange/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the coming year, before what Django looks up by primary key."""
        year = path("year/", self.admin_site.admin_view(self.year), name="holidays_of_a_year")
        return [year, *super().get_urls()]

    def year(self, request: HttpRequest) -> HttpResponse:
        """Show the days of the coming year in one place as they hold."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PlaceForm(request.GET or {"country": "NL"})
        place = tuple(form.cleaned_data.values()) if form.is_valid() else ()
        today = timezone.localdate(timezone=settings.MARKETPLACE_ZONE)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Days off in the coming year"),
            "opts": self.opts,
            "form": form,
            "place": "-".join(filter(None, place)),
            "days": coming_days(*place, today=today) if place else [],
            "is_known": bool(place) and is_known(place[0]),
            "not_moved": NOT_MOVED,
        }
        return TemplateResponse(request, "admin/sellers/holidaychange/year.html", context)


def coming_days(country: str, region: str, *, today: date) -> list[Day]:
    """Return the days off from today until a year later, and what staff say are none."""
    year, end = today.year, today + A_YEAR
    language = LANGUAGES.get(get_language(), ENGLISH)
    changes = HolidayChange.objects.in_place(country, region).filter(day__gte=today, day__lt=end)
    days = {
        day: Day(day, name, is_off=True)
        for day, name in public_holidays(country, region, year, language=language).items()
        if today <= day < end
    }
    for change in changes:
        is_off = change.kind == HolidayKind.DAY_OFF
        days[change.day] = Day(change.day, change.name, is_off=is_off, change=change)
    return [days[day] for day in sorted(days)]


def link_to_days_off(seller: Seller) -> str:
    """Return a link to the days off of a shop, and a sentence when they are not known."""
    place = {"country": seller.country, "region": seller.region}
    link = format_html(
        '<a href="{}?{}">{}</a>',
        reverse("admin:holidays_of_a_year"),
        urlencode(place),
        _("The coming year"),
    )
    if HolidayChange.objects.are_known_of(seller):
        return link
    unknown = _(
        "The public holidays of %(country)s are not known: only weekends count as days off."
    )
    return format_html("{} {}", unknown % {"country": seller.country}, link)

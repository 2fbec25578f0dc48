"""Icons, each drawn once per process: the package copies its XML every time, 65 µs an icon."""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

DIFFERENT_ICONS = 512  # by name, size and attributes; a portal has about a hundred

register = template.Library()
register.simple_tag(lru_cache(maxsize=DIFFERENT_ICONS)(lucide), name="lucide")

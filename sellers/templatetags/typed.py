"""What was typed, on pages that no view of ours makes."""

from django import template

from sellers.access import posted
from sellers.typed import typed_words

register = template.Library()
register.filter(posted)
register.filter(typed_words)

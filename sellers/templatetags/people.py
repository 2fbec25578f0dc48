"""How people are shown."""

from django import template

register = template.Library()


@register.filter
def initials(whom: object) -> str:
    """Return one or two capitals for a small round picture: of the first and the last word."""
    words = [word for word in str(whom).replace("@", " ").split() if word[0].isalnum()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends).upper() or "?"

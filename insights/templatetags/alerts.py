"""What the templates of the alerts print."""

from django import template

from insights.alerts.words import alert_in_words, path_of

register = template.Library()
register.filter("alert_in_words", alert_in_words)
register.filter("path_of", path_of)

"""Users, shops, memberships and rights."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SellersConfig(AppConfig):
    """The lowest room: it knows no other app."""

    name = "sellers"
    verbose_name = _("Sellers")

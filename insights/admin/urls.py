"""The URLs of the overview, below `admin/insights/shopscore/`."""

from django.urls import path

from insights.admin import overview

urlpatterns = [
    path("", overview.overview, name="shop_scores"),
    path("download/", overview.download, name="shop_scores_download"),
]

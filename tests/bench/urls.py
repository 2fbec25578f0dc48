"""The URLs of the portal, and two bare pages to measure against."""

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sellers.access import ShopRequest, shop_page
from tests.bench.api import BareDetail, BareList

EMPTY_PAGE = engines["django"].from_string('{% extends "base.html" %}')


class BareRow(models.Model):
    """A row that means nothing."""

    score = models.PositiveSmallIntegerField()
    reason = models.TextField()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return str(self.score)


@shop_page()
def floor(request: ShopRequest) -> HttpResponse:
    """Show the frame that every page of a shop has, and nothing in it."""
    return HttpResponse(EMPTY_PAGE.render({}, request))


@csrf_exempt
@require_POST
def insert(request: HttpRequest) -> HttpResponse:
    """Store one row of what was posted."""
    BareRow.objects.create(score=request.POST["score"], reason=request.POST["reason"])
    return redirect("bench_floor")


urlpatterns = [
    path("bench/floor/", floor, name="bench_floor"),
    path("bench/api/", BareList.as_view(), name="bench_api"),
    path("bench/api/<int:pk>/", BareDetail.as_view(), name="bench_api_detail"),
    path("bench/insert/", insert, name="bench_insert"),
    path("", include("config.urls")),
]

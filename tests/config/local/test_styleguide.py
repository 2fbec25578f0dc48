"""The style guide shows what there is."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import include, path

from config.urls import urlpatterns as portal_urls

COMPONENTS = Path(__file__).parents[3] / "static" / "css" / "components"
PAGES = ("/styleguide/", "/styleguide/survey/")
urlpatterns = [
    *portal_urls,
    path("styleguide/", include("config.local.styleguide.urls")),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def shown(client: Client) -> list[str]:
    """Return the classes of every element of its pages, or its name when it has none."""
    pages = [client.get(page) for page in PAGES]
    assert [page.status_code for page in pages] == [200, 200]
    return [
        classes or name
        for page in pages
        for name, classes in re.findall(
            r'<(\w+)(?:\s[^>]*?class="([^"]*)")?', page.content.decode()
        )
    ]


def test_style_guide_shows_every_component(client: Client) -> None:
    components = {file.stem for file in COMPONENTS.glob("*.css")}

    missing = components - set(" ".join(shown(client)).split())

    assert len(components) > 30
    assert missing == set()


def test_style_guide_shows_every_state(client: Client) -> None:
    states = {
        *("verdict met sure", "verdict met", "verdict missed sure", "verdict missed", "verdict"),
        *("mark met sure", "mark met", "mark missed sure", "mark missed", "mark "),
        *("mark missed running", "mark above sure", "mark below sure", "mark above"),
        *("score promoter", "score passive", "score detractor", "score"),
        *("tag overdue", "tag long_open", "tag state your_turn", "tag"),
    }

    assert states - set(shown(client)) == set()


def test_style_guide_is_no_part_of_a_portal_that_customers_see(client: Client) -> None:
    assert "styleguide/" not in [str(each.pattern) for each in portal_urls]

"""The tests' own ground: committed data leave nothing behind, and the guards wake up again.

Whatever the order, all but the first of these follow one that committed.
"""

import pytest
from django.db import connection

from insights.models import ServiceStandard
from queries.models import Closing
from surveys.models import SurveyResponse, Topic
from tests.conftest import Market, refused_by


@pytest.mark.usefixtures("owner_db")
@pytest.mark.parametrize("turn", ["first", "second"])
def test_committed_tests_begin_with_the_seed_and_guards(
    committed_db: None, market: Market, turn: str
) -> None:
    assert Topic.objects.count() == 6
    assert ServiceStandard.objects.count() == 2
    assert not Closing.objects.exists()

    response = market.response(9, reason=turn)

    assert not connection.in_atomic_block
    with refused_by("response_stays"):
        response.delete()
    assert SurveyResponse.objects.count() == 1


@pytest.mark.usefixtures("owner_db")
def test_guards_are_awake_after_a_committed_test(market: Market) -> None:
    response = market.response(9)

    with refused_by("response_stays"):
        response.delete()

"""How well agents predict the scores of their customers: a page of one's own, and the team's."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import ngettext

from insights.calibration import LEAST_PAIRS
from insights.charts.predictions import SCORES, bias_mark, plot
from insights.reports.predictions import agent_predictions, agents_of, team_predictions
from insights.views.parameters import asked_period, today
from queries.choices import Choice, changed_url
from sellers.access import ShopRequest, shop_page
from sellers.enums import Right
from sellers.models import User
from surveys.periods import Period

YEAR: Final = 12
MONTHS: Final = (3, YEAR, 24)


@shop_page()
def predictions(request: ShopRequest) -> HttpResponse:
    """Show readers how well they predict themselves."""
    return _page(request, request.user)


@shop_page()
def agent(request: ShopRequest, agent_id: int) -> HttpResponse:
    """Show an owner how well a colleague predicts; anybody else finds only themselves."""
    compares = request.membership.may_manage_team and request.seller.compares_agents
    seen = agents_of(request.seller) if compares else User.objects.filter(pk=request.user.pk)
    return _page(request, get_object_or_404(seen, pk=agent_id))


@shop_page(needs=Right.MANAGE_TEAM)
def team(request: ShopRequest) -> HttpResponse:
    """Show an owner how well each colleague predicts, unless the owner wants no such page."""
    if not request.seller.compares_agents:
        return render(request, "insights/team_predictions_off.html")
    now = timezone.now()
    day = today(now)
    period = asked_period(request) or Period.last_months(YEAR, day)
    found = team_predictions(request.seller, period=period, now=now)
    context = {
        "period": period,
        "periods": tuple(_periods(period, request.GET.dict(), today=day)),
        "rows": [(each, bias_mark(each.report.calibration)) for each in found.agents],
        "together": found.together,
        "together_bias": bias_mark(found.together.calibration),
        "least": LEAST_PAIRS,
        "same": changed_url(request.GET.dict()),
    }
    return render(request, "insights/team_predictions.html", context)


def _page(request: ShopRequest, agent: User) -> HttpResponse:
    """Show how well somebody predicts."""
    now = timezone.now()
    day = today(now)
    period = asked_period(request) or Period.last_months(YEAR, day)
    report = agent_predictions(request.seller, agent=agent, period=period, now=now)
    found = report.calibration
    context = {
        "agent": agent,
        "is_own": agent == request.user,
        "period": period,
        "periods": tuple(_periods(period, request.GET.dict(), today=day)),
        "report": report,
        "calibration": found,
        "plot": plot(found) if found else None,
        "bias": bias_mark(found),
        "scores": SCORES,
        "least": LEAST_PAIRS,
        "same": changed_url(request.GET.dict()),
    }
    return render(request, "insights/predictions.html", context)


def _periods(period: Period, here: dict[str, str], *, today: date) -> Iterator[Choice]:
    """Yield the periods that can be chosen."""
    for count in MONTHS:
        each = Period.last_months(count, today)
        days = {"since": each.first, "until": each.last}
        url = changed_url(here, **(dict.fromkeys(days) if count == YEAR else days))
        label = ngettext("%(count)d month", "%(count)d months", count) % {"count": count}
        yield Choice(f"months-{count}", label, url, current=period == each)

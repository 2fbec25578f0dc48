"""Advice on a letter to a customer, and a sentence taken out of it."""

from django.http import HttpResponse
from django.shortcuts import render

from insights.views.typed_words import TypedWords
from queries.advice import advise, without
from queries.forms import DRAFT_MAX_LENGTH
from queries.models import CustomerQuery
from sellers.access import ShopRequest


def advice_on(
    request: ShopRequest, query: CustomerQuery, *, typed: TypedWords
) -> HttpResponse | None:
    """Say what may be better in what is being written, when a script asks.

    Else take a sentence out of it; then there is nothing to say, and its page shows the rest.
    """
    body, sentence = (
        request.POST.get(name, "").replace("\r\n", "\n") for name in ("body", "sentence")
    )
    if not request.htmx:
        typed.put({"body": without(body, sentence)})
        return None
    remarks = advise(body[:DRAFT_MAX_LENGTH], language=query.language)
    context = {"remarks": remarks, "query": query, "url": request.get_full_path()}
    return render(request, "queries/_advice.html", context)

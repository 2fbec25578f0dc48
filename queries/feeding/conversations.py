"""Queries, and what was said and done in them: one by the action of a page, many in bulk."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet

from queries.actions import ask
from queries.actions.courses import Row
from queries.actions.history import MISPLACED, REFUSED, ask_all, tell, tell_all
from queries.actions.told import Ending, Escalation, Question, Return, Told, Words
from queries.enums import ActorType, Author, Channel, FedKind
from queries.feeding.items import Item
from queries.feeding.known import Agents, Known
from queries.feeding.refusals import REFUSALS, OfAnotherShop, ToldOtherwise
from queries.feeding.results import Effect, Outcome, Result
from queries.identity import CustomerIsErased
from queries.models import Closing, CustomerQuery, HandOver, Message
from sellers.api.problems import conflict
from sellers.events import Actor
from sellers.models import ApiClient, User
from sellers.tokens import mask

Results = dict[Item, Result]


def store_queries(items: Sequence[Item], known: Known, *, by: Actor) -> Results:
    """Store questions whose shop and customer are there."""
    results = _same_queries([item for item in items if known.has(item.key)], known)
    new = [item for item in items if not known.has(item.key)]
    sellers = known.sellers({item.told["seller"] for item in new})
    customers = known.customers({item.told["customer"] for item in new})
    asked: dict[Item, Question] = {}
    for item in new:
        customer = customers[item.told["customer"]]
        if customer.erased_at:
            results[item] = rejected(item, CustomerIsErased())
        else:
            seller = sellers[item.told["seller"]]
            asked[item] = Question(seller=seller, customer=customer, **_asked(item.told))
    for item, query in zip(asked, _ask(list(asked.values()), by=by), strict=True):
        known.add(item, query.pk)
        results[item] = _created(item, query)
    return results


def _asked(told: Mapping[str, Any]) -> dict[str, Any]:
    names = ("subject", "body", "contact_email", "order_reference", "language")
    asked = {name: told[name] for name in names}
    return asked | {"channel": Channel(told["channel"]), "asked_at": told["occurred_at"]}


def _ask(questions: Sequence[Question], *, by: Actor) -> list[CustomerQuery]:
    if len(questions) != 1:
        return [message.query for message in ask_all(questions, by=by)]
    (each,) = questions
    query = ask(
        each.seller,
        customer=each.customer,
        subject=each.subject,
        body=each.body,
        channel=each.channel,
        contact_email=each.contact_email,
        order_reference=each.order_reference,
        language=each.language,
        by=by,
        now=each.asked_at,
    )
    return [query]


def _same_queries(items: Sequence[Item], known: Known) -> Results:
    """Say of queries that are there whether they were told of so before."""
    queries = known.queries({item.external_id for item in items})
    sellers = known.sellers({item.told["seller"] for item in items})
    # Of several of that moment the first one comes last, and stays.
    first = Message.objects.filter(
        query__in=queries.values(), author=Author.CUSTOMER, sent_at=F("query__asked_at")
    )
    firsts = dict(first.order_by("-pk").values_list("query_id", "body"))
    results = {}
    for item in items:
        query, told = queries[item.external_id], item.told
        if query.erased_at:
            results[item] = _unchanged(item, query, Effect.ERASED)
            continue
        same = (
            query.seller_id == sellers[told["seller"]].pk
            and (query.asked_at, query.channel) == (told["occurred_at"], told["channel"])
            and (query.subject, firsts[query.pk]) == (mask(told["subject"]), mask(told["body"]))
            and query.order_reference == told["order_reference"]
            and query.contact_email == told["contact_email"]
        )
        results[item] = _unchanged(item, query) if same else rejected(item, ToldOtherwise())
    return results


def store_told(items: Sequence[Item], known: Known, *, client: ApiClient) -> Results:
    """Store messages, hand-overs and closings of queries that are there.

    A closing of what is closed already waits: what opens it again may still come. So does a
    hand-over of what is closed or handed over, and a hand-back of what is not.
    """
    results = _same_told([item for item in items if known.has(item.key)], known)
    new = [item for item in items if not known.has(item.key)]
    queries = known.queries({item.told["query"] for item in new})
    agents = known.agents({agent for item in new if (agent := item.told.get("agent"))})
    told: dict[Item, Told] = {}
    for item in new:
        query = queries[item.told["query"]]
        agent = _agent(item, query, agents)
        if item.told.get("agent") and agent is None:
            results[item] = rejected(item, OfAnotherShop())
        else:
            told[item] = _told(item, query, agent, client)
    for item, row in _fates(told).items():
        if isinstance(row, tuple(MISPLACED.values())):
            parent = (FedKind.QUERY.value, item.told["query"])
            results[item] = Result(item.kind, item.external_id, Outcome.WAITING, waits_for=parent)
        elif isinstance(row, Exception):
            results[item] = rejected(item, row)
        else:
            known.add(item, row.pk)
            results[item] = _created(item, row)
    return results


def _agent(item: Item, query: CustomerQuery, agents: Agents) -> User | None:
    external_id = item.told.get("agent")
    return agents.of_shop(external_id, query.seller_id) if external_id else None


def _told(item: Item, query: CustomerQuery, agent: User | None, client: ApiClient) -> Told:
    told = item.told
    if item.kind == FedKind.CLOSING:
        by = Actor.program(client, agent=agent, side=told["actor"])
        predicted = told["predicted_score"]
        return Ending(query=query, predicted_score=predicted, by=by, at=item.at)
    if item.kind == FedKind.HANDOVER:
        by = Actor.program(client, agent=agent)
        return Escalation(query=query, reason=told["reason"], by=by, at=item.at)
    if item.kind == FedKind.HANDBACK:
        return Return(query=query, by=Actor.program(client), at=item.at)
    author = Author(told["author"])
    side = "" if author == Author.CUSTOMER else ActorType(author.value).value
    by = Actor.program(client, agent=agent, side=side)
    return Words(query=query, author=author, body=told["body"], by=by, at=item.at)


def _fates(told: Mapping[Item, Told]) -> dict[Item, Row | Exception]:
    if len(told) != 1:
        fates = tell_all(told.values())
        return {item: fates[each] for item, each in told.items()}
    ((item, each),) = told.items()
    try:
        return {item: tell(each)}
    except REFUSED as refused:
        return {item: refused}


def _same_told(items: Sequence[Item], known: Known) -> Results:
    """Say of what was said and done in queries whether it was told so before."""
    queries = known.queries({item.told["query"] for item in items})
    pks = {item: known.pk(item.kind, item.external_id) for item in items}
    rows: dict[FedKind, Mapping[int, Any]] = {
        kind: of_kind.in_bulk([pks[each] for each in items if each.kind == kind])
        for kind, of_kind in ROWS.items()
    }
    results = {}
    for item, pk in pks.items():
        agent = item.told.get("agent")
        agent_pk = known.pk(FedKind.MEMBER, agent) if agent else None
        row, query = rows[item.kind][pk], queries[item.told["query"]]
        told = (query.pk, agent_pk, item.at)
        same = SAME[item.kind](row, item.told) and told == _where(item, row, known)
        results[item] = _unchanged(item, row) if same else rejected(item, ToldOtherwise())
    return results


def _where(item: Item, row: Any, known: Known) -> tuple[int, int | None, datetime | None]:
    """Return in which query something was, whose of the shop, and when."""
    match row:
        case Message():
            return row.query_id, row.agent_id, row.sent_at
        case Closing():
            return row.query_id, row.agent_id, row.closed_at
        case HandOver():
            return row.query_id, row.by_id, row.handed_over_at
    fed = known.row(item.key)
    return row.pk, None, fed.told_of_at if fed else None


def _says(message: Message, told: Mapping[str, Any]) -> bool:
    is_same = message.body in (told["body"], mask(told["body"]))
    return is_same and message.author == told["author"]


def _ends(closing: Closing, told: Mapping[str, Any]) -> bool:
    ends = (closing.closed_by, closing.predicted_score)
    return ends == (told["actor"], told["predicted_score"])


def _is_why(handover: HandOver, told: Mapping[str, Any]) -> bool:
    return bool(handover.reason == told["reason"])


ROWS: Final[Mapping[FedKind, QuerySet[Any]]] = {
    FedKind.MESSAGE: Message.objects.all(),
    FedKind.HANDOVER: HandOver.objects.all(),
    FedKind.HANDBACK: CustomerQuery.objects.all(),
    FedKind.CLOSING: Closing.objects.all(),
}
SAME: Final[Mapping[FedKind, Callable[..., bool]]] = {
    FedKind.MESSAGE: _says,
    FedKind.HANDOVER: _is_why,
    FedKind.HANDBACK: lambda _query, _told: True,
    FedKind.CLOSING: _ends,
}


def rejected(item: Item, refused: Exception) -> Result:
    """Return that an item was not taken, in the words that there are for it."""
    problem = conflict(refused, REFUSALS)
    return Result(item.kind, item.external_id, Outcome.REJECTED, problem=problem)


def _created(item: Item, row: Row) -> Result:
    return Result(item.kind, item.external_id, Outcome.CREATED, row=row, row_pk=row.pk)


def _unchanged(item: Item, row: Any, *effects: Effect) -> Result:
    return Result(
        item.kind,
        item.external_id,
        Outcome.UNCHANGED,
        row=row,
        row_pk=row.pk,
        effects=list(effects),
    )

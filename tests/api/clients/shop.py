"""What a shop's programmer writes with the client that openapi-python-client made: nazorg."""

import json
import os

import httpx
from nazorg import AuthenticatedClient
from nazorg.api.measurements import list_measurements
from nazorg.api.queries import close_query, get_query, list_queries, reply_to_query
from nazorg.models import (
    CloseRequest,
    ListMeasurementsScore,
    ListQueriesView,
    PaginatedMeasurementList,
    PaginatedQueryList,
    Problem,
    QueryDetail,
    QueryState,
    ReplyRequest,
)

PORTAL = os.environ["PORTAL"]
asked = {"grant_type": "client_credentials", "scope": os.environ["SCOPE"]}
given = httpx.post(
    f"{PORTAL}/oauth/token",
    data=asked,
    auth=(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]),
)
client = AuthenticatedClient(PORTAL, token=given.raise_for_status().json()["access_token"])

page = list_queries.sync(client=client, view=ListQueriesView.YOUR_TURN, limit=1)
assert isinstance(page, PaginatedQueryList)
(query,) = page.results

words = ReplyRequest(body="It left this morning.")
refused = reply_to_query.sync(query.id, client=client, body=words, if_match='"0"')
assert isinstance(refused, Problem)
reply = reply_to_query.sync_detailed(
    query.id, client=client, body=words, if_match=f'"{query.version}"', idempotency_key="reply-1"
)
assert reply.status_code == 201

read = get_query.sync(query.id, client=client)
assert isinstance(read, QueryDetail)
assert reply.headers["etag"].removeprefix("W/") == f'"{read.version}"'  # weak when compressed
closed = close_query.sync(
    query.id, client=client, body=CloseRequest(predicted_score=8), if_match=f'"{read.version}"'
)
assert isinstance(closed, QueryDetail)
assert closed.state is QueryState.CLOSED

scored = list_measurements.sync(client=client, score=ListMeasurementsScore.VALUE_9)
assert isinstance(scored, PaginatedMeasurementList)

print(
    json.dumps(
        {
            "closed": closed.id,
            "subject": query.subject,
            "more": page.next_ is not None,
            "refused": refused.code,
            "scores": [each.score for each in scored.results],
        }
    )
)

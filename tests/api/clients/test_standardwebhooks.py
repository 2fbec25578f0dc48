"""The standardwebhooks of npm accepts every call as it was made, and nothing else."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import LazySettings

from sellers.actions import rotate_secret
from sellers.events import Actor
from sellers.models import Seller, User
from tests.api.clients.conftest import run_typescript
from tests.conftest import Market
from tests.hooks import allow_this_machine, hook_of, send, tell
from tests.receiver import Call, receiving

ANSWERED = ["followup.opened", "measurement.created", "query.closed"]


def verdicts(project: Path, calls: Iterable[tuple[str, Call]]) -> list[str]:
    """Return for each secret and call which event a receiver takes it for, or that it refuses."""
    known = [
        {"secret": secret, "headers": call.headers, "body": call.body.decode()}
        for secret, call in calls
    ]
    said: list[str] = json.loads(run_typescript(project, "receiver", input=json.dumps(known)))
    return said


def test_npm_accepts_what_was_sent_and_nothing_else(
    project: Path, settings: LazySettings, fietsenzo: Seller, alice: User, market: Market
) -> None:
    allow_this_machine(settings)
    now, by = datetime.now(UTC), Actor.user(alice)
    long_ago = now - timedelta(minutes=6)
    with receiving() as receiver:
        hook = hook_of(fietsenzo, receiver.url, by=alice)
        market.query()
        tell(now=long_ago)
        send(now=long_ago)
        market.response(3)
        tell(now=now)
        send(now=now)
        new = rotate_secret(hook.fresh, made_at=hook.row.secret_made_at, by=by, now=now)
        market.query()
        tell(now=now)
        send(now=now)
    replayed, *fresh, signed_twice = receiver.calls
    one = fresh[0]
    tampered = [
        replace(one, body=one.body.replace(b'"id":"', b'"id":"1')),
        replace(one, headers={**one.headers, "webhook-id": "msg_other"}),
        replace(
            replayed, headers={**replayed.headers, "webhook-timestamp": str(int(now.timestamp()))}
        ),
    ]

    sent = verdicts(
        project,
        [
            *((hook.secret, call) for call in fresh),
            *((secret, signed_twice) for secret in (hook.secret, new)),
        ],
    )
    others = verdicts(
        project,
        [
            (hook.secret, replayed),
            *((hook.secret, call) for call in tampered),
            (new, one),
        ],
    )

    assert sorted(sent) == [*ANSWERED, *["query.created"] * 2]
    assert others == [
        "refused: Message timestamp too old",
        *["refused: No matching signature found"] * 4,
    ]

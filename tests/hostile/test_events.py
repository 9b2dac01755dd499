"""Whatever an event says, its parser gives requests with a clean key in them, or one polite refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from functions.aws_lambda import events as aws
from functions.azure_app import events as azure
from shared.errors import BadEvent
from shared.operations.requests import Command, Ignored, Look, Reconcile, Request, Sweep
from shared.translation.side import Side
from tests.hostile.canary import check_refusal, has_mark
from tests.hostile.cases import SHARDS, run
from tests.hostile.deliveries import delivery
from tests.hostile.samples import AWS_EVENTS, AZURE_EVENTS

Parser = Callable[[Any], list[Request]]
SCOPES = {
    Side.AWS: re.compile(r"[0-9]{12}/[a-z0-9-]{1,32}"),
    Side.AZURE: re.compile(
        r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.devices/iothubs/[^/]+"
    ),
}


def check(request: Request, side: Side) -> None:
    match request:
        case Look():
            assert request.side is side
            assert SCOPES[side].fullmatch(request.scope)
            assert request.name is None or clean(request.name, 256)
            assert not has_mark(request.scope, request.name or "", request.trace, request.at or "")
        case Reconcile(route, name):
            assert clean(route, 256)
            assert clean(name, 256)
        case Sweep(route):
            assert route is None or clean(route, 256)
        case Ignored(reason):
            assert reason in {"not-a-write", "failed-call", "other-service", "not-a-policy", "outside-routes"}
        case Command(name):
            assert clean(name, 256)


def clean(text: str, most: int) -> bool:
    """Nothing that breaks a line of a log or cannot be encoded."""
    return len(text.encode()) > 0 and len(text) <= most and len(text.splitlines()) == 1


@pytest.mark.parametrize("shard", SHARDS)
@pytest.mark.parametrize(
    ("kind", "parser", "events", "side"),
    [
        ("aws-events", aws.requests_of, AWS_EVENTS, Side.AWS),
        ("azure-events", azure.requests_of, AZURE_EVENTS, Side.AZURE),
    ],
    ids=["aws", "azure"],
)
def test_a_parser_gives_clean_keys_or_refuses_without_repeating_what_it_read(
    kind: str,
    parser: Parser,
    events: list[Any],
    side: Side,
    shard: int,
    record_property: Callable[[str, object], None],
) -> None:
    def case(rng: Random) -> None:
        payload = delivery(rng, events)
        before = repr(payload)
        try:
            requests = parser(payload)
        except BadEvent as error:
            check_refusal(error)
        else:
            for request in requests:
                check(request, side)
        assert repr(payload) == before

    record_property("cases", run(kind, shard, case))

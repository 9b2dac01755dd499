"""A hostile delivery ends as outcomes or one polite refusal; a forged key never leads out of the routes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import unquote

import pytest
from aws_lambda_powertools import Logger

from functions.aws_lambda.app import create_handler
from functions.azure_app.app import receive, tell
from shared.operations.counting import Counts
from shared.operations.delivery import Delivery
from shared.operations.requests import LookAgain
from tests.hostile.canary import MOST_TEXT, Ears, Stream, has_mark
from tests.hostile.cases import SHARDS, run
from tests.hostile.deliveries import batch, delivery
from tests.hostile.place import SCOPES, Place, inside
from tests.hostile.samples import AWS_EVENTS, AZURE_EVENTS

OURS = ("sweep", "command", "scheduler", "scheduled event")


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 30_000


class NoMetrics:
    def add_metric(self, name: str, unit: Any, value: float) -> None:
        del name, unit, value

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        del raise_on_empty_metrics


def check(place: Place, payload: Any, told: Any, heard: str) -> None:
    """What must hold after every delivery."""
    assert not has_mark(told, heard)
    lines = told if isinstance(told, list) else [told]
    assert all(len(line.get("reason", "")) <= MOST_TEXT for line in lines)
    asked = place.take()
    assert [name for names in asked.values() for name in names if not inside(name)] == []
    if asked:
        check_scope(asked, payload)


def check_scope(asked: dict[str, list[str]], payload: Any) -> None:
    """A route is asked only by a delivery that names it, or the account or hub at its end, or wants all."""
    text = unquote(payload if isinstance(payload, str) else repr(payload)).lower()
    if any(word in text for word in OURS):
        return
    for route in asked:
        account, hub = SCOPES[route]
        assert route in text or account in text or hub in text


class AzureFunction:
    """The function's own way with a delivery, over a place whose clouds keep a list."""

    def __init__(self, ears: Ears, place: Place) -> None:
        self._place = place
        self._ears = ears
        self._delivery = Delivery(lambda: place.mirror, tell, Counts(lambda *_: None))

    def case(self, rng: Random) -> None:
        payload = delivery(rng, AZURE_EVENTS)
        try:
            told: Any = receive(self._delivery, payload, self._place.mirror.enqueue)
        except LookAgain as again:
            told = [*again.told, {"reason": str(again)}]
        check(self._place, payload, told, self._ears.take())


class Lambda:
    """The same for the Lambda, whose logger writes for itself."""

    def __init__(self, ears: Ears, place: Place) -> None:
        self._place = place
        self._ears = ears
        self._stream = Stream()
        logger = Logger(service="hostile", level="DEBUG", stream=self._stream)
        self._handler = create_handler(lambda: self._place.mirror, logger, NoMetrics())

    def case(self, rng: Random) -> None:
        payload = batch(rng, delivery(rng, AWS_EVENTS))
        try:
            told: Any = self._handler(payload, Context())
        except LookAgain as again:
            told = [*again.told, {"reason": str(again)}]
        check(self._place, payload, told, self._ears.take() + self._stream.take())


@pytest.mark.parametrize("shard", SHARDS)
@pytest.mark.parametrize(
    ("kind", "trigger"), [("aws-deliveries", Lambda), ("azure-deliveries", AzureFunction)]
)
def test_no_delivery_surprises_a_function(
    kind: str,
    trigger: type[Lambda | AzureFunction],
    shard: int,
    record_property: Callable[[str, object], None],
) -> None:
    with Ears() as ears, Place() as place:
        record_property("cases", run(kind, shard, trigger(ears, place).case))

"""Deliveries as every trigger brings them, damaged."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.hostile.mutation import anything, mutated
from tests.hostile.samples import COMMANDS, PLAIN


def delivery(rng: Random, events: list[Any]) -> Any:
    """One event, damaged or not, as an object, a list, text or bytes; seldom something else altogether."""
    if rng.random() < 0.03:
        return anything(rng)
    event = rng.choice(events) if rng.random() < 0.9 else rng.choice([*PLAIN, *COMMANDS])
    event = mutated(rng, event) if rng.random() < 0.95 else event
    form = rng.randrange(8)
    if form == 0:
        return [event, rng.choice(events)]
    if form == 1:
        return json.dumps(event)
    if form == 2:
        return json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return event


def batch(rng: Random, payload: Any) -> Any:
    """Now and then the messages of a queue that have ``payload`` in them."""
    if rng.random() < 0.85:
        return payload
    body = payload if isinstance(payload, str) else json.dumps(payload, default=str)
    whole = {"Records": [{"messageId": str(n), "body": body} for n in range(rng.randint(1, 2))]}
    return mutated(rng, whole) if rng.random() < 0.3 else whole

"""Whatever is posted to the command endpoint gets a status and JSON, and never leads out of the routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from functions.azure_app.app import answer
from tests.hostile.canary import MOST_TEXT, Ears, has_mark
from tests.hostile.cases import SHARDS, run
from tests.hostile.mutation import anything, mutated
from tests.hostile.place import Place, inside
from tests.hostile.samples import AZURE_EVENTS, COMMANDS
from tests.hostile.test_json_text import broken

ASKED_FOR = {"writes", "changes", "before", "after", "links"}
"""Members of an answer that hold whole documents, or rules with their values."""


def body_of(rng: Random) -> bytes:
    source = rng.choice(AZURE_EVENTS) if rng.random() < 0.1 else rng.choice(COMMANDS)
    if rng.random() < 0.02:
        source = anything(rng)
    value = mutated(rng, source, most=2) if rng.random() < 0.8 else source
    body = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    return broken(rng, body) if rng.random() < 0.2 else body


class Endpoint:
    def __init__(self, ears: Ears, place: Place) -> None:
        self._ears = ears
        self._place = place

    def case(self, rng: Random) -> None:
        status, told = answer(lambda: self._place.mirror, body_of(rng))
        assert status in {200, 400, 502, 503}
        text = json.dumps(told)
        if status != 200:
            assert set(told) == {"error"}
            assert len(told["error"]["message"]) <= MOST_TEXT
        # Who asks for documents and rules gets them.
        shown = {key: value for key, value in told.items() if key not in ASKED_FOR}
        assert not has_mark(shown, self._ears.take())
        assert json.loads(text) == told
        asked = self._place.take()
        assert [name for names in asked.values() for name in names if not inside(name)] == []


@pytest.mark.parametrize("shard", SHARDS)
def test_no_body_surprises_the_command_endpoint(
    shard: int, record_property: Callable[[str, object], None]
) -> None:
    with Ears() as ears, Place() as place:
        record_property("cases", run("commands", shard, Endpoint(ears, place).case))


@pytest.mark.parametrize("name", ["test-pumps", "prod-secret-1", "Prod-Secret-2", "default", "../prod-pumps"])
@pytest.mark.parametrize(
    "command",
    [
        *(
            {"command": do}
            for do in ("plan", "sync", "drift", "history", "adopt", "unlink", "pause", "resume")
        ),
        *({"command": do, "rev": 1} for do in ("show", "restore")),
        {"command": "resolve", "take": "aws"},
        {"command": "approve", "plan": "0" * 64},
    ],
    ids=lambda command: command["command"],
)
def test_a_name_that_the_route_does_not_cover_is_refused_before_any_cloud_is_asked(
    command: dict[str, Any], name: str
) -> None:
    with Place() as place:
        body = json.dumps({**command, "route": "plant", "name": name}).encode()
        status, told = answer(lambda: place.mirror, body)
        assert (status, told["error"]["code"]) == (400, "bad-input")
        assert "plant does not cover this name" in told["error"]["message"]
        assert place.take() == {}

"""A route document to begin with, and what loading a wrong one says."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from shared.errors import BadRoutes
from shared.routes.load import load_routes
from shared.routes.reading import read
from shared.routes.route import Route, Routes

ACCOUNT = "123456789012"
GUID = "00000000-0000-0000-0000-00000000000A"
HUB = f"/subscriptions/{GUID}/resourceGroups/Plant/providers/Microsoft.Devices/IotHubs/Plant-EU"

_ROUTE: dict[str, Any] = {
    "id": "plant",
    "aws": {"account": ACCOUNT, "region": "eu-central-1"},
    "azure": {"hub": HUB},
}


def settings(**changes: Any) -> dict[str, Any]:
    """One route as plain data. ``aws`` and ``azure`` are merged, everything else replaced."""
    data = copy.deepcopy(_ROUTE)
    for key, value in changes.items():
        data[key] = data[key] | value if key in {"aws", "azure"} and isinstance(value, dict) else value
    return data


def route(**changes: Any) -> Route:
    return read(Route, settings(**changes))


def routes(*several: dict[str, Any]) -> Routes:
    return read(Routes, {"version": "1", "routes": list(several)})


def document(*several: dict[str, Any], **more: Any) -> str:
    """JSON, which is YAML."""
    return json.dumps({"version": 1, **more, "routes": list(several)})


def refusal(text: str | bytes) -> str:
    """Everything that loading says is wrong."""
    with pytest.raises(BadRoutes) as caught:
        load_routes(text)
    return str(caught.value)


def complaint(**changes: Any) -> str:
    """What is wrong with one route: exactly one line, without its place."""
    (line,) = refusal(document(settings(**changes))).splitlines()
    place, _, said = line.partition(": ")
    assert place.startswith("routes.yaml:1:")
    return said

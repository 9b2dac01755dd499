"""How the sandbox's subscription is set up, as a check-up asks: all is as it should be.

Shapes as in azure-rest-api-specs (Microsoft.Resources, Authorization, Security, EventGrid), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

Answer = dict[str, Any]
_SUBSCRIPTION = r"/subscriptions/(?P<subscription>[^/]+)"
_TOPIC = "/providers/microsoft.eventgrid/systemtopics"


def setup_answer(path: str, hubs: Iterable[str]) -> Answer | None:
    """``path`` in lower case, without its query. None where it asks for something else."""
    for pattern, answer in _ANSWERS:
        match = re.fullmatch(_SUBSCRIPTION + pattern, path)
        if match is not None:
            return answer(match.groupdict(), list(hubs))
    return None


def _provider(asked: dict[str, str], _: list[str]) -> Answer:
    return {"namespace": asked["provider"], "registrationState": "Registered"}


def _permissions(_: dict[str, str], __: list[str]) -> Answer:
    return {"value": [{"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}]}


def _solutions(_: dict[str, str], hubs: list[str]) -> Answer:
    return {"value": [{"name": "sandbox", "properties": {"iotHubs": hubs, "status": "Enabled"}}]}


def _topics(asked: dict[str, str], _: list[str]) -> Answer:
    subscription = f"/subscriptions/{asked['subscription']}"
    topic = {"source": subscription, "topicType": "Microsoft.Resources.Subscriptions"}
    return {"value": [{"id": f"{subscription}{_TOPIC}/sandbox", "name": "sandbox", "properties": topic}]}


def _subscriptions(_: dict[str, str], __: list[str]) -> Answer:
    kind = "Microsoft.Security/deviceSecurityGroups"
    operations = {
        "operatorType": "StringIn",
        "key": "data.operationName",
        "values": [f"{kind}/write", f"{kind}/delete"],
    }
    told = {"provisioningState": "Succeeded", "filter": {"advancedFilters": [operations]}}
    return {"value": [{"name": "policy-events", "properties": told}]}


_ANSWERS: tuple[tuple[str, Callable[[dict[str, str], list[str]], Answer]], ...] = (
    (r"/providers/(?P<provider>[a-z.]+)", _provider),
    (r"/resourcegroups/[^/]+/.+/providers/microsoft\.authorization/permissions", _permissions),
    (r"/providers/microsoft\.security/iotsecuritysolutions", _solutions),
    (_TOPIC, _topics),
    (_TOPIC + r"/[^/]+/eventsubscriptions", _subscriptions),
)

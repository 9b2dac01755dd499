"""Questions about device security groups that no document answers, put to a live hub on a throw-away group.

What is asked is what the project's facts of 2026-11 mark as unconfirmed. Each answer is what the service did,
in a few words; a request that it refuses is an answer too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.clouds.azure_arm import Arm, body_of
from shared.clouds.azure_groups import API, DELETE, READ, WRITE
from shared.clouds.replies import plain
from shared.errors import CloudError

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

Answer = tuple[str, str, str]
"""A stable slug, the question, and what was seen."""

WINDOWS = ("PT1M", "PT5M", "PT05M", "PT10M", "PT15M", "PT30M", "PT1H", "P1D")
LISTS = {
    "ConnectionToIpNotAllowed": "10.11.12.0/24",
    "ConnectionFromIpNotAllowed": "10.11.12.0/24",
    "LocalUserNotAllowed": "probe",
    "ProcessNotAllowed": "probe",
}
_RANGE = "MqttD2CMessagesNotInAllowedRange"


class AzureProbe:
    """Of one hub. ``client`` signs in as somebody who may write it."""

    cloud = "azure"

    def __init__(
        self, client: SecurityCenter, hub_resource_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._arm = Arm(client, clock)
        hub = quote(hub_resource_id.strip("/"), safe="/()")
        self._groups = f"/{hub}/providers/Microsoft.Security/deviceSecurityGroups"

    def answers(self, name: str) -> Iterator[Answer]:
        """Creates the group ``name``, asks, and deletes it whatever happens."""
        created = self._tried("PUT", name, _group(lists=True))
        yield "create", "how is a new group answered?", _status(created)
        if not _taken(created):
            return
        try:
            yield from self._on(name)
        finally:
            deleted = self._tried("DELETE", name)
        yield "delete", "how is a deletion answered?", _status(deleted)
        yield (
            "delete-again",
            "how is the deletion of a missing group answered?",
            _status(self._tried("DELETE", name)),
        )

    def _on(self, name: str) -> Iterator[Answer]:
        read = self._tried("GET", name)
        header = "no" if isinstance(read, str) or "ETag" not in read.headers else "yes"
        yield "etag", "does an answer have an ETag?", header
        for rule_type, value in LISTS.items():
            shown = _rule(read, "allowlistRules", rule_type).get("allowlistValues")
            said = "yes" if shown == [value] else f"no: {'nothing' if not shown else 'something else'}"
            yield f"values-{rule_type}", f"does a read tell the values of {rule_type}?", said
        updated = self._tried("PUT", name, _group())
        yield "update", "how is an update answered?", _status(updated)
        for window in WINDOWS:
            said = self._window(name, window)
            yield f"window-{window}", f"is a window of {window} taken?", said
        said = _status(self._tried("PUT", name, _group(low=9, high=1)))
        yield "inverted", "is a lower limit above the upper one refused?", said
        said = _status(self._tried("PUT", name, _group(twice=True)))
        yield "duplicate", "is a rule type that stands twice refused?", said
        yield "case", "is a name in another case the same group?", _status(self._tried("GET", name.upper()))

    def _window(self, name: str, window: str) -> str:
        answer = self._tried("PUT", name, _group(window=window))
        if not _taken(answer):
            return _status(answer)
        shown = _rule(self._tried("GET", name), "timeWindowRules", _RANGE).get("timeWindowSize")
        return "yes" if shown == window else f"yes, and told as {plain(shown)}"

    def _tried(self, method: str, name: str, body: dict[str, Any] | None = None) -> HttpResponse | str:
        """The answer, whatever it is, or why there was none."""
        from azure.core.rest import HttpRequest

        url, where = f"{self._groups}/{quote(name, safe='')}?{API}", "the throw-away group"
        try:
            if method == "GET":
                return self._arm.get(url, where, READ, self._arm.deadline())
            action = WRITE if method == "PUT" else DELETE
            return self._arm.write(HttpRequest(method, url, json=body), where, action)
        except CloudError as error:
            return f"not answered: {error.problem}"


def _group(
    *,
    window: str = "PT5M",
    low: int = 0,
    high: int = 10,
    lists: bool = False,
    twice: bool = False,
) -> dict[str, Any]:
    rule = {
        "ruleType": _RANGE,
        "isEnabled": True,
        "minThreshold": low,
        "maxThreshold": high,
        "timeWindowSize": window,
    }
    allowed = [
        {"ruleType": rule_type, "isEnabled": True, "allowlistValues": [value]}
        for rule_type, value in LISTS.items()
        if lists
    ]
    return {"properties": {"timeWindowRules": [rule, rule] if twice else [rule], "allowlistRules": allowed}}


def _taken(answer: HttpResponse | str) -> bool:
    return not isinstance(answer, str) and answer.status_code in {200, 201}


def _status(answer: HttpResponse | str) -> str:
    if isinstance(answer, str):
        return answer
    told = body_of(answer)
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return str(answer.status_code)
    return f"{answer.status_code}: {plain(error.get('code'))}: {plain(error.get('message'))}"


def _rule(answer: HttpResponse | str, kind: str, rule_type: str) -> dict[str, Any]:
    told = None if isinstance(answer, str) else body_of(answer)
    properties = told.get("properties") if isinstance(told, dict) else None
    rules = properties.get(kind) if isinstance(properties, dict) else None
    found = [rule for rule in rules or () if isinstance(rule, dict) and rule.get("ruleType") == rule_type]
    return found[0] if found else {}

"""How a hub is set up in Azure, for a check-up: nothing here is asked while policies are mirrored.

API versions as in azure-rest-api-specs, read 2026-11: Microsoft.Resources 2021-04-01 (providers),
Microsoft.Authorization 2022-04-01 (permissions), Microsoft.Security 2019-08-01 (iotSecuritySolutions),
Microsoft.EventGrid 2025-02-15 (systemTopics).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct

from shared.clouds.azure_arm import Arm, body_of
from shared.clouds.azure_errors import refusal

if TYPE_CHECKING:
    from azure.mgmt.security.v2019_08_01 import SecurityCenter

WRITE = "microsoft.security/devicesecuritygroups/write"


class EventSubscription(Struct, frozen=True):
    """``operations``: those that its filter lets through, in lower case; empty lets all through."""

    topic: str
    name: str
    state: str
    operations: tuple[str, ...]

    @property
    def hears_groups(self) -> bool:
        return not self.operations or WRITE in self.operations


class AzureSetup:
    """Of the subscription and resource group of one hub. Every method raises only CloudError."""

    def __init__(
        self, client: SecurityCenter, hub_resource_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._arm = Arm(client, clock)
        self._hub = f"/{hub_resource_id.strip('/')}"
        _, _, self._subscription, _, self._group, *_ = self._hub.split("/")

    def provider_state(self, namespace: str) -> str:
        """``Registered`` where its resources can be used."""
        url = f"/subscriptions/{self._subscription}/providers/{namespace}?api-version=2021-04-01"
        told = self._get(url, f"provider {namespace}", "Microsoft.Resources/subscriptions/providers/read")
        return str(told.get("registrationState", "unknown"))

    def allowed(self, actions: tuple[str, ...]) -> Mapping[str, bool]:
        """What the identity that asks may do on the hub."""
        url = f"{quote(self._hub)}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01"
        grants = list(self._all(url, "permissions on the hub", "Microsoft.Authorization/permissions/read"))
        return {action: any(_grants(each, action) for each in grants) for action in actions}

    def in_security_solution(self) -> bool:
        """Whether a Defender for IoT solution has the hub: without one it has no device security groups."""
        kind = "Microsoft.Security/iotSecuritySolutions"
        url = f"/subscriptions/{self._subscription}/providers/{kind}?api-version=2019-08-01"
        for solution in self._all(url, "IoT security solutions", f"{kind}/read"):
            hubs = _properties(solution).get("iotHubs")
            if isinstance(hubs, list) and self._hub.lower() in [str(hub).lower() for hub in hubs]:
                return True
        return False

    def event_subscriptions(self) -> list[EventSubscription]:
        """Of the system topics of this subscription, or of the hub's resource group."""
        kind, version = "Microsoft.EventGrid/systemTopics", "api-version=2025-02-15"
        url = f"/subscriptions/{self._subscription}/providers/{kind}?{version}"
        sources = {
            f"/subscriptions/{self._subscription}".lower(),
            f"/subscriptions/{self._subscription}/resourcegroups/{self._group}".lower(),
        }
        found = []
        for topic in self._all(url, "Event Grid system topics", f"{kind}/read"):
            if str(_properties(topic).get("source")).lower().rstrip("/") in sources:
                of_topic = f"{quote(str(topic.get('id')))}/eventSubscriptions?{version}"
                what = f"event subscriptions of {topic.get('name')}"
                subscribed = self._all(of_topic, what, f"{kind}/eventSubscriptions/read")
                found += [_subscription(str(topic.get("name")), each) for each in subscribed]
        return found

    def _get(self, url: str, where: str, action: str) -> Mapping[str, Any]:
        response = self._arm.get(url, where, action, self._arm.deadline())
        if response.status_code != 200:
            raise refusal(response, where, action)
        told = body_of(response)
        return told if isinstance(told, dict) else {}

    def _all(self, url: str, where: str, action: str) -> Iterator[Mapping[str, Any]]:
        for page in self._arm.pages(url, where, action):
            yield from (item for item in page if isinstance(item, dict))


def _properties(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    told = resource.get("properties")
    return told if isinstance(told, dict) else {}


def _grants(permission: Mapping[str, Any], action: str) -> bool:
    """A role grants what its actions match, less what its notActions match; ``*`` is wild, case is not."""

    def match(member: str) -> bool:
        return any(fnmatchcase(action.lower(), str(each).lower()) for each in permission.get(member) or ())

    return match("actions") and not match("notActions")


def _subscription(topic: str, told: Mapping[str, Any]) -> EventSubscription:
    properties = _properties(told)
    filters = (properties.get("filter") or {}).get("advancedFilters") or ()
    operations = [
        str(value).lower()
        for each in filters
        if str(each.get("key")).lower() == "data.operationname"
        for value in each.get("values") or ()
    ]
    return EventSubscription(
        topic, str(told.get("name")), str(properties.get("provisioningState")), tuple(operations)
    )

"""Resource ids: taken apart from a request's raw path, and spelt the several ways ARM spells them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from functions.local.sandbox.identifiers import Dice

_GROUPS = re.compile(
    r"(?P<hub>.+?)/providers/Microsoft\.Security/deviceSecurityGroups(?:/(?P<name>[^/]+))?/?", re.IGNORECASE
)
_HUB = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<resource_group>[^/]+)"
    r"/providers/Microsoft\.Devices/IotHubs/(?P<hub>[^/]+)/?",
    re.IGNORECASE,
)
# Spellings seen in recorded answers (2019-09 to 2020-12) and in Event Grid fixtures.
_HUB_SPELLINGS = ("iotHubs", "IoTHubs", "IotHubs")
_TYPE_SPELLINGS = ("deviceSecurityGroups", "DeviceSecurityGroups")
_RG_SPELLINGS = ("resourceGroups", "resourcegroups")


@dataclass(frozen=True)
class GroupAddress:
    """`name` is None for the collection."""

    hub: str
    name: str | None


@dataclass(frozen=True)
class HubId:
    subscription: str
    resource_group: str
    hub: str

    @classmethod
    def parse(cls, text: str) -> HubId | None:
        found = _HUB.fullmatch(text)
        return cls(**found.groupdict()) if found else None

    def __str__(self) -> str:
        scope = f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
        return f"{scope}/providers/Microsoft.Devices/IotHubs/{self.hub}"

    def group(self, name: str) -> str:
        return f"{self}/providers/Microsoft.Security/deviceSecurityGroups/{name}"

    @property
    def key(self) -> str:
        return str(self).casefold()


def group_address(raw_path: str) -> GroupAddress | None:
    """From the path as it was sent: an encoded slash belongs to a name or, at the front, starts the id."""
    found = _GROUPS.fullmatch(raw_path)
    if found is None:
        return None
    name = found["name"]
    return GroupAddress(normal_path(found["hub"]), unquote(name) if name else None)


def normal_path(raw_path: str) -> str:
    """`//subscriptions/...` and `%2Fsubscriptions%2F...` are both taken as `/subscriptions/...`."""
    return "/" + unquote(raw_path).strip("/")


def respell(resource_id: str, dice: Dice, *, resource_groups: bool = False) -> str:
    """The same id in a spelling of the service's choice; names keep theirs."""
    swaps = [("/IotHubs/", _HUB_SPELLINGS), ("/deviceSecurityGroups/", _TYPE_SPELLINGS)]
    if resource_groups:
        swaps.append(("/resourceGroups/", _RG_SPELLINGS))
    for segment, spellings in swaps:
        resource_id = resource_id.replace(segment, f"/{dice.choice(spellings)}/", 1)
    return resource_id

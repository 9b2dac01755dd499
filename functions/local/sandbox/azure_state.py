"""The hubs that were declared, their groups, and what a write does to them."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.local.sandbox.azure_activity import ActivityLog
from functions.local.sandbox.azure_errors import ArmError, not_found
from functions.local.sandbox.azure_events import ArmWrite, arm_event
from functions.local.sandbox.azure_groups import Group, accept, show
from functions.local.sandbox.azure_ids import HubId, respell
from functions.local.sandbox.bus import EventBus
from functions.local.sandbox.identifiers import Clock, Dice

API_VERSION = "2019-08-01"


@dataclass(frozen=True)
class AzureOptions:
    """Where recordings and documentation leave ARM's answer open, which answer the sandbox gives.

    `create_status`: 201 as documented, or 200 as in every recording. `respelt`: ids come back in changing
    case and member order, as recorded. `event_schema`: `eventgrid` or `cloudevents`; `loose_events`: nested
    members of the event as JSON text. `unknown_rules`: `echo` or `refuse`. `parent_missing_code`: the code of
    the 404 for a group of a hub that does not exist. `default_group`: each hub has a group `default` at once.
    """

    create_status: int = 201
    respelt: bool = True
    page_size: int = 100
    unknown_rules: str = "echo"
    parent_missing_code: str = "ParentResourceNotFound"
    event_schema: str = "eventgrid"
    loose_events: bool = False
    default_group: bool = False


@dataclass(frozen=True)
class Caller:
    """Who writes and through which request, as events and the Activity Log tell it."""

    name: str
    correlation_id: str
    client_request_id: str
    ip: str
    method: str
    url: str


@dataclass
class Collection:
    """The groups of one hub, keyed by their case-folded names."""

    hub: HubId
    groups: dict[str, Group] = field(default_factory=dict)

    def get(self, name: str) -> Group:
        if name.casefold() not in self.groups:
            raise not_found(self.hub.group(name))
        return self.groups[name.casefold()]

    def sorted(self) -> list[Group]:
        return [self.groups[key] for key in sorted(self.groups)]

    def describe_hub(self) -> dict[str, Any]:
        return {
            "id": str(self.hub),
            "name": self.hub.hub,
            "type": "Microsoft.Devices/IotHubs",
            "location": "westeurope",
            "properties": {"state": "Active", "provisioningState": "Succeeded"},
        }


@dataclass
class ArmState:
    """Writes happen and are published under `lock`, so that events leave in the order of the writes."""

    now: Clock
    dice: Dice
    bus: EventBus
    options: AzureOptions = field(default_factory=AzureOptions)
    log: ActivityLog = field(default_factory=ActivityLog)
    hubs: dict[str, Collection] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def declare(self, hub: HubId) -> None:
        with self.lock:
            collection = self.hubs.setdefault(hub.key, Collection(hub))
            if self.options.default_group:
                collection.groups.setdefault("default", Group("default", accept({})))

    def forget(self, hub: HubId) -> None:
        """The hub is deleted, its groups with it, without a word about them."""
        with self.lock:
            self.hubs.pop(hub.key, None)

    def collection(self, hub_id: str, *, code: str | None = None) -> Collection:
        """An `ArmError` 404 when the hub was not declared, for a group, a list and the hub itself alike."""
        found = self.hubs.get(hub_id.rstrip("/").casefold())
        if found is None:
            raise not_found(hub_id, code=code or self.options.parent_missing_code)
        return found

    def put(
        self,
        hub: Collection,
        name: str,
        document: dict[str, Any],
        by: Caller,
        *,
        clamp_max: int | None = None,
    ) -> tuple[int, Group]:
        """Replaces the whole group; the name keeps its first spelling. 200, for a new one `create_status`."""
        refuse = self.options.unknown_rules == "refuse"
        rules = accept(document.get("properties"), refuse_unknown=refuse, clamp_max=clamp_max)
        before = hub.groups.get(name.casefold())
        group = Group(before.name if before else name, rules)
        hub.groups[name.casefold()] = group
        status = 200 if before else self.options.create_status
        self._tell(hub, group.name, "write", by, "OK" if status == 200 else "Created")
        return status, group

    def delete(self, hub: Collection, name: str, by: Caller) -> int:
        """200, or 204 when there was none; a success either way, and told as such."""
        gone = hub.groups.pop(name.casefold(), None)
        self._tell(hub, gone.name if gone else name, "delete", by, "OK" if gone else "NoContent")
        return 200 if gone else 204

    def show(self, hub: Collection, group: Group, *, hide: bool = False) -> dict[str, Any]:
        resource_id, properties = hub.hub.group(group.name), show(group, hide_values=hide)
        head = {"id": resource_id, "name": group.name, "type": "Microsoft.Security/deviceSecurityGroups"}
        if self.options.respelt:
            head |= {"id": respell(resource_id, self.dice), "type": "Microsoft.Security/DeviceSecurityGroups"}
            order = self.dice.choice((("id", "name", "type"), ("id", "type", "name")))
            head = {member: head[member] for member in order}
        return head | {"properties": properties}

    def page(self, items: Sequence[Group], token: str | None) -> tuple[Sequence[Group], str | None]:
        """One page and the token of the next one; the token names the last group that was given."""
        after = _decode(token) if token is not None else None
        rest = [group for group in items if after is None or group.name.casefold() > after]
        page = rest[: self.options.page_size]
        more = len(rest) > len(page)
        return page, _encode(page[-1].name.casefold()) if more else None

    def _tell(self, hub: Collection, name: str, verb: str, by: Caller, sub_status: str) -> None:
        write = ArmWrite(
            hub=hub.hub,
            resource_id=hub.hub.group(name),
            verb=verb,
            caller=by.name,
            time=self.now(),
            correlation_id=by.correlation_id,
            client_request_id=by.client_request_id,
            client_ip=by.ip,
            method=by.method,
            url=by.url,
        )
        self.log.add(write, self.dice.uuid, sub_status)
        options = self.options
        self.bus.publish(
            arm_event(
                write,
                self.dice,
                schema=options.event_schema,
                loose=options.loose_events,
                respelt=options.respelt,
            )
        )


def _encode(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (ValueError, binascii.Error) as error:
        raise ArmError(400, "InvalidSkipToken", "The $skiptoken was not given by this service.") from error

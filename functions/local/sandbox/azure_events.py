"""The event that ARM sends about a write, in Event Grid's or the CloudEvents schema.

It does not have the resource's body. Members and their loose shapes follow Event Grid's documentation and SDK
fixtures (read 2026-09); no captured event of a device security group was found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.local.sandbox.azure_identity import claims, principal_id, tenant_id
from functions.local.sandbox.azure_ids import HubId, respell
from functions.local.sandbox.bus import Event
from functions.local.sandbox.identifiers import Dice


@dataclass(frozen=True)
class ArmWrite:
    """One write that the service accepted; `verb` is `write` or `delete`."""

    hub: HubId
    resource_id: str
    verb: str
    caller: str
    time: datetime
    correlation_id: str
    client_request_id: str
    client_ip: str
    method: str
    url: str

    @property
    def operation(self) -> str:
        return f"Microsoft.Security/deviceSecurityGroups/{self.verb}"


def arm_event(
    write: ArmWrite, dice: Dice, *, schema: str = "eventgrid", loose: bool = False, respelt: bool = True
) -> Event:
    """`schema`: `eventgrid` or `cloudevents`. `loose`: the nested members as JSON text, as in fixtures."""
    resource = respell(write.resource_id, dice, resource_groups=True) if respelt else write.resource_id
    kind = f"Microsoft.Resources.Resource{write.verb.title()}Success"
    topic = f"/subscriptions/{write.hub.subscription}/resourceGroups/{write.hub.resource_group}"
    data = _data(write, resource)
    if loose:
        texts = ("authorization", "claims", "httpRequest")
        data |= {name: json.dumps(data[name]) for name in texts}
    head: Event = {"id": dice.uuid(), "subject": resource, "data": data}
    if schema == "cloudevents":
        return head | {"source": topic, "type": kind, "time": instant(write.time), "specversion": "1.0"}
    versions = {"dataVersion": "2", "metadataVersion": "1"}
    return head | {"topic": topic, "eventType": kind, "eventTime": instant(write.time)} | versions


def _data(write: ArmWrite, resource: str) -> dict[str, Any]:
    scope = str(write.hub).rsplit("/providers/", 1)[0]
    return {
        "authorization": {
            "scope": resource,
            "action": write.operation,
            "evidence": {
                "role": "Contributor",
                "roleAssignmentScope": scope,
                "principalId": principal_id(write.caller).replace("-", ""),
                "principalType": "User",
            },
        },
        "claims": claims(write.caller),
        "correlationId": write.correlation_id,
        "httpRequest": {
            "clientRequestId": write.client_request_id,
            "clientIpAddress": write.client_ip,
            "method": write.method,
            "url": write.url,
        },
        "resourceProvider": "Microsoft.Security",
        "resourceUri": resource,
        "operationName": write.operation,
        "status": "Succeeded",
        "subscriptionId": write.hub.subscription,
        "tenantId": tenant_id(write.hub.subscription),
    }


def instant(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"

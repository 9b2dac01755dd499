"""What ARM tells about a write: an event (Event Grid or CloudEvents schema) and an Activity Log record.

Neither has the resource's body. Members and their loose shapes follow Event Grid's documentation and SDK
fixtures (read 2026-09); no captured event of a device security group was found.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.local.sandbox.azure_errors import ArmError
from functions.local.sandbox.azure_identity import claims, principal_id, tenant_id
from functions.local.sandbox.azure_ids import HubId, respell
from functions.local.sandbox.bus import Event
from functions.local.sandbox.identifiers import Dice

_FILTER = re.compile(r"eventTimestamp\s+(ge|gt|le|lt)\s+'([^']+)'", re.IGNORECASE)


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
        return head | {"source": topic, "type": kind, "time": _instant(write.time), "specversion": "1.0"}
    versions = {"dataVersion": "2", "metadataVersion": "1"}
    return head | {"topic": topic, "eventType": kind, "eventTime": _instant(write.time)} | versions


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


class ActivityLog:
    """The last writes of a subscription, newest first, as the Activity Log lists them."""

    def __init__(self, *, keep: int = 10_000) -> None:
        self._records: deque[tuple[datetime, str, dict[str, Any]]] = deque(maxlen=keep)
        self._lock = threading.Lock()

    def add(self, write: ArmWrite, event_data_id: str) -> None:
        record = {
            "eventDataId": event_data_id,
            "eventTimestamp": _instant(write.time),
            "operationName": {"value": write.operation, "localizedValue": write.operation},
            "resourceId": write.resource_id,
            "status": {"value": "Succeeded", "localizedValue": "Succeeded"},
            "caller": write.caller,
            "claims": {},
            "correlationId": write.correlation_id,
            "subscriptionId": write.hub.subscription,
            "httpRequest": {
                "clientRequestId": write.client_request_id,
                "clientIpAddress": write.client_ip,
                "method": write.method,
                "uri": write.url,
            },
        }
        with self._lock:
            self._records.appendleft((write.time, write.hub.subscription.casefold(), record))

    def read(self, subscription: str, filter_text: str) -> list[dict[str, Any]]:
        """Only `eventTimestamp ge|gt|le|lt '...'` of the filter is looked at; at least one is required."""
        bounds = [(operator.lower(), _bound(text)) for operator, text in _FILTER.findall(filter_text)]
        if not bounds:
            raise ArmError(
                400,
                "BadRequest",
                "the $filter needs a bound such as eventTimestamp ge '2026-01-01T00:00:00Z'",
            )
        with self._lock:
            records = list(self._records)
        return [
            record
            for time, owner, record in records
            if owner == subscription.casefold() and all(_within(time, *bound) for bound in bounds)
        ]


def _within(time: datetime, operator: str, bound: datetime) -> bool:
    if operator in {"ge", "gt"}:
        return time >= bound if operator == "ge" else time > bound
    return time <= bound if operator == "le" else time < bound


def _bound(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError as error:
        raise ArmError(400, "BadRequest", f"{text!r:.60} in $filter is not an ISO 8601 time") from error


def _instant(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"

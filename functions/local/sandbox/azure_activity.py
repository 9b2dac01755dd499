"""The Activity Log: a record when a write begins and one when it ended, newest first, page by page.

Members and the filter's few patterns are those of the API's description (azure-rest-api-specs @02f4472e,
Microsoft.Insights 2015-04-01, activityLogs_API.json).
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from functions.local.sandbox.azure_errors import ArmError
from functions.local.sandbox.azure_events import ArmWrite, instant
from functions.local.sandbox.azure_identity import claims

READ = "Microsoft.Insights/eventtypes/values/Read"

Record = dict[str, Any]
_CONDITION = re.compile(r"\s*(\w+)\s+(eq|ge|gt|le|lt)\s+'([^']*)'\s*")
_ALONE = ("resourceGroupName", "resourceUri", "resourceProvider", "correlationId")
_ALWAYS = ("eventDataId",)


class ActivityLog:
    def __init__(self, *, keep: int = 10_000) -> None:
        self._records: deque[tuple[datetime, Record]] = deque(maxlen=keep)
        self._lock = threading.Lock()

    def add(self, write: ArmWrite, new_id: Callable[[], str], sub_status: str) -> None:
        """What became of a write: begun, and succeeded."""
        for event, status in (("BeginRequest", "Started"), ("EndRequest", "Succeeded")):
            record = _record(write, event, status, new_id())
            record["subStatus"] = _said("" if status == "Started" else sub_status)
            with self._lock:
                self._records.appendleft((write.time, record))

    def read(self, subscription: str, filter_text: str, select: str = "") -> list[Record]:
        """An `ArmError` 400 for a filter without a time, or with anything that the service does not take."""
        conditions = [_parsed(each) for each in filter_text.split(" and ")]
        names = [name for name, _, _ in conditions]
        if "eventTimestamp" not in names or len([name for name in names if name in _ALONE]) > 1:
            raise _refused("the $filter needs a bound such as eventTimestamp ge '2026-01-01T00:00:00Z'")
        with self._lock:
            records = list(self._records)
        wanted = {*filter(None, (member.strip() for member in select.split(","))), *_ALWAYS}
        return [
            {name: value for name, value in record.items() if not select or name in wanted}
            for time, record in records
            if record["subscriptionId"].casefold() == subscription.casefold()
            and all(_fits(time, record, *condition) for condition in conditions)
        ]


def page(records: list[Record], size: int, token: str | None) -> tuple[list[Record], str | None]:
    """Those behind the record that `token` names, and the token of what comes then."""
    ids = [record["eventDataId"] for record in records]
    if token is not None and token not in ids:
        raise _refused("the $skipToken was not given by this service")
    first = 0 if token is None else ids.index(token) + 1
    some = records[first : first + size]
    return some, some[-1]["eventDataId"] if first + size < len(records) else None


def _record(write: ArmWrite, event: str, status: str, event_data_id: str) -> Record:
    return {
        "authorization": {"action": write.operation, "role": "Contributor", "scope": write.resource_id},
        "caller": write.caller,
        "claims": claims(write.caller),
        "correlationId": write.correlation_id,
        "eventDataId": event_data_id,
        "eventName": _said(event),
        "eventTimestamp": instant(write.time),
        "httpRequest": {
            "clientRequestId": write.client_request_id,
            "clientIpAddress": write.client_ip,
            "method": write.method,
            "uri": write.url,
        },
        "level": "Informational",
        "operationName": _said(write.operation),
        "resourceGroupName": write.hub.resource_group,
        "resourceId": write.resource_id,
        "resourceProviderName": _said("Microsoft.Security"),
        "status": _said(status),
        "submissionTimestamp": instant(write.time),
        "subscriptionId": write.hub.subscription,
    }


def _said(value: str) -> dict[str, str]:
    return {"value": value, "localizedValue": value}


def _parsed(text: str) -> tuple[str, str, str]:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise _refused(f"{text!r:.60} in $filter is not understood")
    name, operator, value = found.groups()
    if name == "eventTimestamp":
        _bound(value)
    elif name not in _ALONE or operator != "eq":
        raise _refused(f"{name!r:.60} {operator} is not allowed in $filter")
    return name, operator, value


def _fits(time: datetime, record: Record, name: str, operator: str, value: str) -> bool:
    if name == "eventTimestamp":
        return _within(time, operator, _bound(value))
    member = {"resourceUri": "resourceId", "resourceProvider": "resourceProviderName"}.get(name, name)
    said = record[member]
    told: str = said["value"] if isinstance(said, dict) else said
    return told.casefold() == value.casefold()


def _within(time: datetime, operator: str, bound: datetime) -> bool:
    if operator in {"ge", "gt"}:
        return time >= bound if operator == "ge" else time > bound
    return time <= bound if operator == "le" else time < bound


def _bound(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    except ValueError as error:
        raise _refused(f"{text!r:.60} in $filter is not an ISO 8601 time") from error


def _refused(message: str) -> ArmError:
    return ArmError(400, "BadRequest", message)

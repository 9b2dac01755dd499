"""CloudTrail records in EventBridge envelopes.

No public sample of a security profile's record was found (2026-09); the members follow the records of other
IoT operations: request members in camelCase with those of path and query, no response for empty outputs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.local.sandbox.aws_errors import AwsError
from functions.local.sandbox.bus import Event

# CloudTrail leaves larger members out as a whole (CloudTrail user guide, record contents).
_LARGEST_MEMBER = 100 * 1024
_READS = ("Describe", "List", "Get", "Validate", "Search", "Test")


@dataclass(frozen=True)
class Call:
    """One API call as the trail sees it; `parameters` is None when the request was refused unread."""

    operation: str
    identity: dict[str, Any]
    time: datetime
    region: str
    account: str
    request_id: str
    source_ip: str
    user_agent: str
    parameters: dict[str, Any] | None = None


def is_read_only(operation: str) -> bool:
    return operation.startswith(_READS)


def cloudtrail_event(
    call: Call,
    *,
    event_id: str,
    envelope_id: str,
    response: dict[str, Any] | None = None,
    error: AwsError | None = None,
) -> Event:
    time = f"{call.time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    detail: dict[str, Any] = {
        "eventVersion": "1.10",
        "userIdentity": call.identity,
        "eventTime": time,
        "eventSource": "iot.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": call.source_ip,
        "userAgent": call.user_agent[:1024],
        "requestParameters": _member(call.parameters),
        "responseElements": _member(response),
        "requestID": call.request_id,
        "eventID": event_id,
        "readOnly": is_read_only(call.operation),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }
    if error is not None:
        detail |= {"errorCode": error.code[:1024], "errorMessage": error.message[:1024]}
    return _envelope(call, time, envelope_id, detail)


def _envelope(call: Call, time: str, envelope_id: str, detail: dict[str, Any]) -> Event:
    return {
        "version": "0",
        "id": envelope_id,
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iot",
        "account": call.account,
        "time": time,
        "region": call.region,
        "resources": [],
        "detail": detail,
    }


def _member(value: dict[str, Any] | None) -> Any:
    if not value:
        return None
    plain = json.loads(json.dumps(_camel(value), default=datetime.isoformat))
    return plain if len(json.dumps(plain)) <= _LARGEST_MEMBER else None


def _camel(value: Any) -> Any:
    """Only the tags' `Key` and `Value` begin with a capital in the model; map keys (`SNS`) stay."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if isinstance(value, dict):
        return {{"Key": "key", "Value": "value"}.get(k, k): _camel(item) for k, item in value.items()}
    return value

"""What the triggers of both functions deliver about policies of the small world's route."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.sync.link import LinkKey
from tests.unit.sync.world import HUB

Event = dict[str, Any]


@dataclass
class Queue:
    sent: list[tuple[str, float]] = field(default_factory=list)

    def __call__(self, asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        self.sent.extend((str(key), delay) for key in asked)


def aws_event(name: str = "pumps", operation: str = "UpdateSecurityProfile", **detail: Any) -> Event:
    """A CloudTrail record in its EventBridge envelope."""
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iot",
        "account": "123456789012",
        "time": "2026-11-22T20:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "eventSource": "iot.amazonaws.com",
            "eventName": operation,
            "awsRegion": "eu-central-1",
            "recipientAccountId": "123456789012",
            "requestParameters": {"securityProfileName": name},
            "responseElements": None,
            "readOnly": False,
            "eventID": "b6a3e7f0-4b25-4b8f-9d9e-1c8f6a2f1d11",
            **detail,
        },
    }


def sqs(*bodies: Any) -> Event:
    """A batch; the message of the nth body has the id ``m<n>``."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": "x",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:keys",
                "awsRegion": "eu-central-1",
            }
            for number, body in enumerate(bodies, start=1)
        ]
    }


def group_id(name: str) -> str:
    return f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/{name}"


def grid_event(name: str = "pumps", kind: str = "Write", hub: str | None = None) -> Event:
    """In the Event Grid schema."""
    resource = group_id(name) if hub is None else group_id(name).replace(HUB, hub)
    return {
        "id": "2b3c8a0e-5a0b-4a5e-8f67-2b8a3d1f0c11",
        "topic": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/plant",
        "subject": resource,
        "eventType": f"Microsoft.Resources.Resource{kind}Success",
        "eventTime": "2026-11-22T20:00:00.1234567Z",
        "data": {
            "resourceUri": resource,
            "operationName": f"Microsoft.Security/deviceSecurityGroups/{kind.lower()}",
            "status": "Succeeded",
            "claims": {"name": "alice"},
        },
        "dataVersion": "2",
        "metadataVersion": "1",
    }


def cloud_event(name: str = "pumps") -> Event:
    """The same in the CloudEvents schema."""
    told = grid_event(name)
    return {
        "specversion": "1.0",
        "id": told["id"],
        "source": told["topic"],
        "subject": told["subject"],
        "type": told["eventType"],
        "time": told["eventTime"],
        "data": told["data"],
    }

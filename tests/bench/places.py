"""The one route that every row runs on, and what both clouds tell about it."""

from __future__ import annotations

import json
from typing import Any

from functions.local.sandbox.azure_ids import HubId
from functions.local.sandbox.clouds import DEFAULT_SUBSCRIPTION
from shared.routes.load import compact

ACCOUNT, REGION = "123456789012", "eu-central-1"
TENANT, CLIENT = "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
HUB = str(HubId(DEFAULT_SUBSCRIPTION, "sandbox", "sandbox-hub"))
ROUTE = f"""\
version: 1
routes:
  - id: bench
    aws: {{account: "{ACCOUNT}", region: {REGION}}}
    azure: {{hub: {HUB}, tenant_id: {TENANT}, client_id: {CLIENT}}}
    first_contact: sync
"""
VARIABLES = {
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "ASIABENCH",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_SESSION_TOKEN": "bench",
    "POLICY_MIRROR_ROUTES_YAML": compact(ROUTE),  # as it is deployed
    "POLICY_MIRROR_LEDGER": f"dynamodb:policy-mirror@{REGION}",
}


def call(name: str, account: str = ACCOUNT, **detail: Any) -> dict[str, Any]:
    """The CloudTrail record of an update, in its EventBridge envelope."""
    return {
        "version": "0",
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iot",
        "account": account,
        "time": "2026-11-22T20:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": {
            "eventSource": "iot.amazonaws.com",
            "eventName": "UpdateSecurityProfile",
            "eventTime": "2026-11-22T20:00:00Z",
            "awsRegion": REGION,
            "recipientAccountId": account,
            "requestParameters": {"securityProfileName": name},
            "responseElements": None,
            "readOnly": False,
            "eventID": "b6a3e7f0-4b25-4b8f-9d9e-1c8f6a2f1d11",
            **detail,
        },
    }


def batch(*events: Any) -> dict[str, Any]:
    """As SQS delivers them to the Lambda."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": "r",
                "body": json.dumps(event),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": "x",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:policy-mirror-keys",
                "awsRegion": REGION,
            }
            for number, event in enumerate(events)
        ]
    }


FOR_NOBODY = [
    batch(call("pumps", eventSource="s3.amazonaws.com")),
    batch(call("pumps", errorCode="AccessDenied")),
]
"""Another service's, and a call that failed."""

OUTSIDE = [batch(call("pumps", account="999999999999"))]
"""A policy that no route covers."""

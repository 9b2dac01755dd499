"""The least Lambda before a first look: the SDKs imported, one client built for each thing that it asks."""

from __future__ import annotations

from typing import Any

import boto3
from azure.identity import ClientAssertionCredential
from azure.mgmt.security.v2019_08_01 import SecurityCenter

_session = boto3.Session()
CLIENTS = [_session.client(service) for service in ("iot", "dynamodb", "sts")]
CREDENTIAL = ClientAssertionCredential("tenant", "client", lambda: "")
ARM = SecurityCenter(CREDENTIAL, "11111111-2222-4333-8444-555555555555")


def handler(event: Any, context: Any) -> dict[str, Any]:
    del event, context
    return {"batchItemFailures": []}

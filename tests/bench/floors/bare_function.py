"""The least function app before a first look: the SDKs imported, clients built, an empty function."""

from __future__ import annotations

import azure.functions as func
import boto3
from azure.identity import ManagedIdentityCredential
from azure.mgmt.security.v2019_08_01 import SecurityCenter

_session = boto3.Session()
CLIENTS = [_session.client(service) for service in ("iot", "dynamodb", "sts")]
CREDENTIAL = ManagedIdentityCredential()
ARM = SecurityCenter(CREDENTIAL, "11111111-2222-4333-8444-555555555555")
app = func.FunctionApp()


@app.function_name("on_policy_event")
@app.event_grid_trigger(arg_name="event")
def on_policy_event(event: func.EventGridEvent) -> None:
    del event

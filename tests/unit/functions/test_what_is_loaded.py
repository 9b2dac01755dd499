"""What concerns nobody loads neither engine nor SDK: in a process of its own, for imports leave traces."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.functions.deliveries import aws_event, sqs
from tests.unit.sync.world import HUB

ROOT = Path(__file__).resolve().parents[3]
SDKS = {"azure.core", "azure.identity", "azure.mgmt", "boto3", "botocore.session", "msal", "requests"}
ENGINE = {"shared.bootstrap.workers", "shared.sync.reconcile"}
SCHEMAS = {"pydantic", "pydantic_core", "yaml"}
"""What takes longer to load than all of ours: for commands, for YAML and to say what is wrong."""
ROUTE = {
    "id": "fleet",
    "aws": {"account": "123456789012", "region": "eu-central-1"},
    "azure": {"hub": HUB},
    "names": {"exclude": ["*-test"]},
}
SETTINGS = {
    "AWS_REGION": "eu-central-1",
    "POLICY_MIRROR_ROUTES_YAML": json.dumps({"version": 1, "routes": [ROUTE]}),
    "POLICY_MIRROR_LEDGER": "dynamodb:ledger@eu-central-1",
    "POLICY_MIRROR_AWS_AUDIENCE": "api://policy-mirror",
    "POLICY_MIRROR_SWEEP_SCHEDULE": "0 0 * * * *",
}
LAMBDA = """
import json, sys
from functions.aws_lambda.app import handler
class Context:
    aws_request_id = "r"
    def get_remaining_time_in_millis(self): return 30000
answer = handler(json.loads(sys.argv[1]), Context())
assert answer == {"batchItemFailures": []}, answer
print()
print(json.dumps(sorted(sys.modules)))
"""
AZURE = """
import json, sys
import azure.functions as func
from function_app import app
triggers = {each.get_function_name(): each.get_user_function() for each in app.get_functions()}
class Later:
    def set(self, keys): raise AssertionError(keys)
given = json.loads(sys.argv[1])
event = func.EventGridEvent(
    id="e", data=given["data"], topic="t", subject=given["subject"], event_type=given["eventType"],
    event_time=None, data_version="2",
)
triggers["on_policy_event"](event, Later())
print()
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(program: str, delivery: object) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", program, json.dumps(delivery)],
        env={"PYTHONPATH": str(ROOT), **SETTINGS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return set(json.loads(told.stdout.splitlines()[-1]))


FOR_NOBODY = {
    "another service": aws_event(eventSource="s3.amazonaws.com"),
    "a failed call": aws_event(errorCode="AccessDenied"),
    "another account": aws_event(recipientAccountId="999999999999"),
}


@pytest.mark.parametrize("event", FOR_NOBODY.values(), ids=FOR_NOBODY)
def test_an_event_for_nobody_loads_neither_engine_nor_sdk(event: object) -> None:
    assert loaded_by(LAMBDA, sqs(event)) & (SDKS | ENGINE | SCHEMAS | {"asyncio"}) == set()


def test_a_name_outside_the_routes_loads_no_sdk_and_no_schema() -> None:
    loaded = loaded_by(LAMBDA, sqs(aws_event("pumps-test")))
    assert loaded & (SDKS | SCHEMAS) == set()
    assert loaded >= ENGINE


READ = """
import json, sys
from shared.routes.load import load_routes
assert load_routes(json.loads(sys.argv[1])).routes
print(json.dumps(sorted(sys.modules)))
"""


def test_routes_in_json_are_read_without_yaml_and_those_in_yaml_without_pydantic() -> None:
    document = SETTINGS["POLICY_MIRROR_ROUTES_YAML"]
    assert loaded_by(READ, document) & (SDKS | SCHEMAS) == set()
    assert loaded_by(READ, f"{document} # YAML") & (SDKS | SCHEMAS) == {"yaml"}


def group_id(name: str, hub: str = HUB) -> str:
    return f"{hub}/providers/Microsoft.Security/deviceSecurityGroups/{name}"


def azure_event(
    kind: str = "Microsoft.Resources.ResourceWriteSuccess", subject: str = group_id("pumps")
) -> dict[str, object]:
    data = {"operationName": "Microsoft.Security/deviceSecurityGroups/write", "resourceUri": subject}
    return {"eventType": kind, "subject": subject, "data": data}


AZURE_FOR_NOBODY = {
    "another service": {"kind": "Microsoft.Storage.BlobCreated"},
    "a failed call": {"kind": "Microsoft.Resources.ResourceWriteFailure"},
    "another hub": {"subject": group_id("pumps", HUB + "-two")},
}


@pytest.mark.parametrize("event", AZURE_FOR_NOBODY.values(), ids=AZURE_FOR_NOBODY)
def test_an_event_of_azure_for_nobody_loads_neither_engine_nor_sdk(event: dict[str, str]) -> None:
    assert loaded_by(AZURE, azure_event(**event)) & (SDKS | ENGINE | SCHEMAS) == set()


def test_a_name_outside_the_routes_loads_no_sdk_and_no_schema_on_azure() -> None:
    loaded = loaded_by(AZURE, azure_event(subject=group_id("pumps-test")))
    assert loaded & (SDKS | SCHEMAS) == set()
    assert loaded >= ENGINE

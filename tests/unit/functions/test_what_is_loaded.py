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
ENGINE = {"pydantic", "shared.bootstrap", "shared.sync.reconcile", "yaml"}
ROUTE = {
    "id": "fleet",
    "aws": {"account": "123456789012", "region": "eu-central-1"},
    "azure": {"hub": HUB},
}
PROGRAM = """
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


def loaded_by(*bodies: object) -> set[str]:
    settings = {
        "AWS_REGION": "eu-central-1",
        "POLICY_MIRROR_ROUTES_YAML": json.dumps({"version": 1, "routes": [ROUTE]}),
        "POLICY_MIRROR_LEDGER": "dynamodb:ledger@eu-central-1",
    }
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(sqs(*bodies))],
        env={"PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(told.stdout.splitlines()[-1]))


def test_a_policy_outside_the_routes_loads_no_sdk() -> None:
    loaded = loaded_by(aws_event(recipientAccountId="999999999999"))
    assert loaded & SDKS == set()
    assert loaded >= ENGINE


@pytest.mark.parametrize(
    "event", [aws_event(eventSource="s3.amazonaws.com"), aws_event(errorCode="AccessDenied")]
)
def test_an_event_for_nobody_loads_no_engine_either(event: object) -> None:
    assert loaded_by(event) & (SDKS | ENGINE) == set()

"""What SnapStart's snapshot holds: the modules that a mirrored edit needs, and nothing that must be fresh."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from functions.aws_lambda.snapshot import load, prepare
from tests.unit.sync.world import HUB

ROOT = Path(__file__).resolve().parents[3]
GUID = "00000000-0000-4000-8000-000000000001"
ROUTE = {
    "id": "fleet",
    "aws": {"account": "123456789012", "region": "eu-central-1"},
    "azure": {"hub": HUB, "tenant_id": GUID, "client_id": GUID},
}
PROGRAM = """
import json, os, sys
from functions.aws_lambda import snapshot
snapshot.load()
before = set(sys.modules)
from shared.bootstrap import aws_function
mirror = aws_function(os.environ)
mirror.clouds(mirror.routes.routes[0])
mirror.ledger
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """In place of the runtime's own module, which only Lambda has."""
    registered: list[Any] = []
    module: Any = ModuleType("snapshot_restore_py")
    module.register_before_snapshot = registered.append
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", module)
    return registered


def test_modules_are_loaded_before_a_snapshot_and_only_then(hooks: list[Any]) -> None:
    prepare({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})
    prepare({})
    assert hooks == []
    prepare({"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    assert hooks == [load]


def test_after_a_restore_no_sdk_is_left_to_load() -> None:
    settings = {
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "POLICY_MIRROR_ROUTES_YAML": json.dumps({"version": 1, "routes": [ROUTE]}),
        "POLICY_MIRROR_LEDGER": "dynamodb:ledger@eu-central-1",
    }
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    late = [name for name in json.loads(told.stdout) if name.partition(".")[0] in {"azure", "msal", "shared"}]
    assert late == []

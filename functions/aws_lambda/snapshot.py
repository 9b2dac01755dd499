"""SnapStart: what is loaded before the snapshot is taken, so that no event pays for it after a restore.

Modules only. A client, a credential, a connection, a time or a random number that went into the snapshot
would be the same in every container that is restored from it; those are made when the first event needs them.
(AWS Lambda guide, SnapStart's runtime hooks for Python and its handling of uniqueness, 2026.)
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

LOADED = (
    "shared.bootstrap",
    "shared.operations.commands.run",
    "yaml",
    "boto3",
    "botocore.credentials",
    "botocore.httpsession",
    "azure.core.pipeline.transport._requests_basic",
    "azure.identity",
    "azure.mgmt.core.policies",
    "azure.mgmt.security.v2019_08_01",
)


def prepare(environ: Mapping[str, str]) -> None:
    """Where Lambda takes a snapshot of this container, have it loaded first."""
    if environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        import_module("snapshot_restore_py").register_before_snapshot(load)


def load() -> None:
    for name in LOADED:
        import_module(name)

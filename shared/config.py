"""What a deployment tells its functions, read from an environment that is handed in.

=============================  ============================================================================
 variable                       meaning
=============================  ============================================================================
 POLICY_MIRROR_ROUTES           path of routes.yaml; default ``routes.yaml`` beside the code
 POLICY_MIRROR_ROUTES_YAML      the document itself, instead of a path
 POLICY_MIRROR_LEDGER           ``dynamodb:TABLE@REGION`` or ``sqlite:PATH``
 POLICY_MIRROR_AWS_AUDIENCE     Azure function: Application ID URI that AWS trusts (``api://...``)
 POLICY_MIRROR_AZURE_CLIENT_ID  Azure function: client id of its user-assigned identity, if it has one
 POLICY_MIRROR_ARM_ENDPOINT     a stand-in for Azure Resource Manager on this machine
 POLICY_MIRROR_QUEUE_URL        AWS function: the SQS queue that takes the keys of a sweep
=============================  ============================================================================

No secret is among them: both functions prove who they are by federation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from shared.errors import BadInput

PREFIX = "POLICY_MIRROR_"


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """``name``: the table, or the file's path. ``region`` only for DynamoDB."""

    kind: Literal["dynamodb", "sqlite"]
    name: str
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    ledger: LedgerPlace
    routes_path: str = "routes.yaml"
    routes_yaml: str | None = None
    aws_audience: str | None = None
    azure_client_id: str | None = None
    arm_endpoint: str | None = None
    queue_url: str | None = None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises BadInput that names the variable and what it may say."""

    def given(name: str) -> str | None:
        return environ.get(PREFIX + name) or None

    return Settings(
        ledger=_ledger(given("LEDGER")),
        routes_path=given("ROUTES") or "routes.yaml",
        routes_yaml=given("ROUTES_YAML"),
        aws_audience=given("AWS_AUDIENCE"),
        azure_client_id=given("AZURE_CLIENT_ID"),
        arm_endpoint=_local(given("ARM_ENDPOINT")),
        queue_url=given("QUEUE_URL"),
    )


def _ledger(text: str | None) -> LedgerPlace:
    kind, _, rest = (text or "").partition(":")
    if kind == "sqlite" and rest:
        return LedgerPlace("sqlite", rest)
    table, _, region = rest.partition("@")
    if kind == "dynamodb" and table and region:
        return LedgerPlace("dynamodb", table, region)
    problem = "is not set" if not text else f"is {text[:80]!r}"
    raise BadInput(f"{PREFIX}LEDGER {problem}; it is dynamodb:TABLE@REGION or sqlite:PATH")


def _local(endpoint: str | None) -> str | None:
    """Another ARM than Azure's own may only be on this machine: tokens go there."""
    if endpoint is None or urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1"):
        return endpoint
    raise BadInput(
        f"{PREFIX}ARM_ENDPOINT {endpoint[:80]!r} is not on this machine; leave it out for Azure itself"
    )

"""The Azure function as a guest: the template's role lets it use the ledger, and nothing else."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from shared.bootstrap import workers
from shared.operations.mirror import Mirror
from shared.operations.requests import Look, Reconcile
from shared.sync.job import Outcome
from shared.translation.side import Side
from tests.deployment.emulator import ACCOUNT, REGION, until
from tests.deployment.place import APP, CLIENT, TENANT, Place
from tests.scenarios.scene import sent, window_rule

ROUTES = """\
version: 1
routes:
  - id: plant
    aws: {{account: "{account}", region: {region}, role_arn: "{role}"}}
    azure: {{hub: {hub}, tenant_id: {tenant}, client_id: {client}}}
    names: {{include: ["plant-*"]}}
    first_contact: sync
"""


@pytest.fixture
def session(place: Place) -> boto3.Session:
    """The template's role, with its own permissions. Its trust is lent to the account's owner: the emulator
    takes the slash off the issuer, which AWS does not; who may assume it is tested elsewhere."""
    owner = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [owner]})
    role = place.outputs["GuestRoleArn"]
    place.aws.client("iam").update_assume_role_policy(RoleName=role.rpartition("/")[2], PolicyDocument=trust)
    keys = place.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="guest")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


@pytest.fixture
def guest(place: Place, session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    for name, value in place.azure.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(workers, "aws_session_from_azure", lambda *_, **__: session)
    routes = ROUTES.format(
        account=ACCOUNT,
        region=REGION,
        role=place.outputs["GuestRoleArn"],
        hub=place.clouds.azure.hub,
        tenant=TENANT,
        client=CLIENT,
    )
    mirror = workers.azure_function(
        {
            "POLICY_MIRROR_ARM_ENDPOINT": place.clouds.azure.endpoint,
            "POLICY_MIRROR_AWS_AUDIENCE": f"api://{TENANT}/policy-mirror",
            "POLICY_MIRROR_AZURE_CLIENT_ID": APP.client_id,
            "POLICY_MIRROR_LEDGER": place.outputs["LedgerPlace"],
            "POLICY_MIRROR_ROUTES_YAML": routes,
        }
    )
    yield mirror
    mirror.pool.shutdown()


def told(mirror: Mirror, request: Look | Reconcile) -> Outcome:
    (outcome,) = mirror.perform(request)
    assert isinstance(outcome, Outcome)
    return outcome


def test_an_edit_on_the_hub_comes_back_to_the_profile_over_one_ledger(place: Place, guest: Mirror) -> None:
    place.iot.create_security_profile(securityProfileName="plant-both", behaviors=[sent(100)])
    place.appears("plant-both")
    until(lambda: place.outcomes("plant-both"))
    body = io.BytesIO(json.dumps({"properties": {"timeWindowRules": [window_rule(0, 60)]}}).encode())
    place.arm.device_security_groups.create_or_update(place.clouds.azure.hub, "plant-both", body)
    outcome = told(guest, Look(Side.AZURE, place.clouds.azure.hub.lower(), "plant-both"))
    assert (outcome.kind, outcome.wrote) == ("mirrored", (Side.AWS,)), outcome.reason
    (behavior,) = place.iot.describe_security_profile(securityProfileName="plant-both")["behaviors"]
    assert behavior["criteria"]["value"] == {"count": 60}


def test_the_role_may_use_the_ledger_and_no_other_table(place: Place, session: boto3.Session) -> None:
    place.aws.client("dynamodb").create_table(
        TableName="payroll",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    verify = place.azure["AWS_CA_BUNDLE"]
    table = session.client("dynamodb", REGION, endpoint_url=place.aws.endpoint, verify=verify)
    key: Any = {"pk": {"S": "x"}, "sk": {"S": "x"}}
    ledger = place.outputs["LedgerTable"]
    table.get_item(TableName=ledger, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        table.get_item(TableName="payroll", Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        table.delete_item(TableName=ledger, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        table.scan(TableName=ledger)

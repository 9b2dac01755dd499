"""Both functions as they are deployed: from their settings to the other cloud's documents, and no further."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.local.sandbox import TwoClouds
from functions.local.sandbox.azure_app import AzureArmSandbox
from functions.local.sandbox.identifiers import Dice
from functions.local.sandbox.serving import LoopbackServer
from functions.local.sandbox.signing import Distrusted, verified
from shared.bootstrap import workers
from shared.errors import Denied
from shared.sync.ports import Cloud
from shared.translation.side import Side
from tests.identity.conftest import (
    APP,
    AUDIENCE,
    AWS_ROLE,
    ENTRA_ISSUER,
    LAMBDA_IN_AZURE,
    LAMBDA_ROLE,
    TENANT,
    World,
)

CLIENT_ID = "5d3c1b2a-0000-4000-8000-000000000001"
GROUP: dict[str, Any] = {
    "properties": {
        "timeWindowRules": [
            {
                "ruleType": "FileUploadsNotInAllowedRange",
                "isEnabled": True,
                "minThreshold": 0,
                "maxThreshold": 9,
                "timeWindowSize": "PT5M",
            }
        ]
    }
}


class Guard:
    """ARM with a door: a token of the tenant's for ARM, and a role on the hub that allows the method."""

    def __init__(self, world: World, app: Callable[..., Any]) -> None:
        self._world = world
        self._app = app
        self.allowed = {
            LAMBDA_IN_AZURE.principal_id: {"GET", "PUT", "DELETE"},
            APP.principal_id: {"GET"},
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        try:
            claims = verified(token, self._world.sts.places, self._world.clouds())
        except Distrusted:
            return _refuse(start_response, "401 Unauthorized", "InvalidAuthenticationToken")
        arm = claims["aud"].rstrip("/") == "https://management.azure.com"
        if not arm or environ["REQUEST_METHOD"] not in self.allowed.get(claims["oid"], set()):
            return _refuse(start_response, "403 Forbidden", "AuthorizationFailed")
        return self._app({**environ, "HTTP_AUTHORIZATION": "Bearer user.mirror"}, start_response)


def _refuse(start_response: Any, status: str, code: str) -> list[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps({"error": {"code": code, "message": "no"}}).encode()]


@pytest.fixture
def deployed(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The settings of both functions, between two clouds that let nobody else in."""
    world.sts.assumers = {AWS_ROLE: {LAMBDA_ROLE}}
    identity = world.entra.identities.pop(LAMBDA_IN_AZURE.client_id)
    world.entra.identities[CLIENT_ID] = identity
    identity.client_id = CLIENT_ID
    with TwoClouds() as clouds:
        monkeypatch.setenv("AWS_ENDPOINT_URL_IOT", clouds.aws.endpoint)
        arm = AzureArmSandbox(
            clouds.azure_state,
            faults=clouds.azure_faults,
            bus=clouds.azure_bus,
            dice=Dice(random.Random(1)),
        )
        with LoopbackServer(Guard(world, arm)) as door:
            yield {
                "POLICY_MIRROR_LEDGER": f"sqlite:{tmp_path / 'ledger.sqlite'}",
                "POLICY_MIRROR_ARM_ENDPOINT": door.url,
                "POLICY_MIRROR_AWS_AUDIENCE": AUDIENCE,
                "POLICY_MIRROR_AZURE_CLIENT_ID": APP.client_id,
                "POLICY_MIRROR_ROUTES_YAML": routes(clouds),
            }


def routes(clouds: TwoClouds) -> str:
    place = clouds.aws
    aws = {"account": place.account, "region": place.region, "role_arn": AWS_ROLE}
    azure = {"hub": clouds.azure.hub, "tenant_id": TENANT, "client_id": CLIENT_ID}
    return json.dumps({"version": 1, "routes": [{"id": "factory", "aws": aws, "azure": azure}]})


def ports(build: Callable[[dict[str, str]], Any], settings: dict[str, str]) -> dict[Side, Cloud]:
    mirror = build(settings)
    return dict(mirror.clouds(mirror.routes.routes[0]))


def test_the_lambda_reads_aws_and_writes_azure(world: World, deployed: dict[str, str]) -> None:
    reached = ports(workers.aws_function, deployed)
    assert reached[Side.AWS].census() == {}
    assert reached[Side.AZURE].create("cameras", GROUP).found is not None
    assert "cameras" in reached[Side.AZURE].census()
    assert {"AssumeRole", "GetWebIdentityToken"} == set(world.sts.asked)


def test_the_function_reads_both(world: World, deployed: dict[str, str]) -> None:
    reached = ports(workers.azure_function, deployed)
    assert reached[Side.AWS].census() == {}
    assert "cameras" not in reached[Side.AZURE].census()
    assert set(world.sts.asked) == {"AssumeRoleWithWebIdentity"}


def test_the_function_may_not_write_azure(deployed: dict[str, str]) -> None:
    reached = ports(workers.azure_function, deployed)
    with pytest.raises(Denied, match="deviceSecurityGroups/write is denied"):
        reached[Side.AZURE].create("cameras", GROUP)


def test_a_revoked_trust_stops_the_lambda_at_its_next_sign_in(world: World, deployed: dict[str, str]) -> None:
    reached = ports(workers.aws_function, deployed)
    reached[Side.AZURE].census()
    world.entra.identities[CLIENT_ID].trusts.clear()
    reached[Side.AZURE].census()  # a token in force is not taken back
    world.pass_time(world.entra.lifetime + 1)
    with pytest.raises(Denied, match="AADSTS70025"):
        reached[Side.AZURE].census()


def test_a_token_for_aws_opens_nothing_in_azure(world: World, deployed: dict[str, str]) -> None:
    """The audience is what keeps the two apart."""
    from shared.clouds.azure_arm import arm_client
    from shared.clouds.azure_groups import AzureGroups
    from shared.clouds.federation import managed_identity

    class ForAws:
        def get_token(self, *_: str, **__: Any) -> Any:
            return managed_identity(APP.client_id).get_token(f"{AUDIENCE}/.default")

    client = arm_client(ForAws(), base_url=deployed["POLICY_MIRROR_ARM_ENDPOINT"])
    hub = json.loads(deployed["POLICY_MIRROR_ROUTES_YAML"])["routes"][0]["azure"]["hub"]
    with pytest.raises(Denied):
        AzureGroups(client, hub).census()
    assert ENTRA_ISSUER in world.sts.places

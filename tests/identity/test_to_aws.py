"""The function signs in to AWS: Entra signs for its identity, STS verifies it and gives a role."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any

import pytest

from functions.local.sandbox.aws_sts import StsError
from functions.local.sandbox.azure_entra import EntraError
from functions.local.sandbox.signing import Signer
from shared.clouds.federation import aws_session_from_azure, managed_identity
from shared.errors import CloudError, Denied, Unreachable
from tests.identity.conftest import (
    APP,
    AUDIENCE,
    AWS_ROLE,
    ENTRA_ISSUER,
    LAMBDA_IN_AZURE,
    REGION,
    Break,
    World,
)

ASSUME, WHO, MSI = "AssumeRoleWithWebIdentity", "GetCallerIdentity", "/msi/token"
IDENTITY = f"managed identity {APP.client_id}"
ROLE = f"AWS role {AWS_ROLE}"


def refused(world: World) -> CloudError:
    with pytest.raises(CloudError) as caught:
        world.who(world.to_aws())
    return caught.value


def test_the_functions_identity_becomes_its_role_in_aws(world: World) -> None:
    assert world.who(world.to_aws()) == AWS_ROLE
    assert (world.entra.asked, world.sts.asked) == ([MSI], [ASSUME, WHO])


def test_a_warm_container_asks_once(world: World) -> None:
    session = world.to_aws()
    for _ in range(3):
        world.who(session)
    assert (world.entra.asked, world.sts.asked.count(ASSUME)) == ([MSI], 1)


def test_a_session_that_is_over_is_renewed_with_a_fresh_word_of_azures(world: World) -> None:
    session = world.to_aws()
    world.who(session)
    world.pass_time(world.sts.lifetime + 1)
    assert world.who(session) == AWS_ROLE
    assert (world.entra.asked, world.sts.asked.count(ASSUME)) == ([MSI, MSI], 2)


def test_a_long_word_of_azures_serves_for_several_sessions(world: World) -> None:
    """Azure's machines give tokens for up to a day."""
    world.entra.lifetime = 86_400
    session = world.to_aws()
    for _ in range(3):
        world.who(session)
        world.pass_time(world.sts.lifetime)
    assert (world.entra.asked, world.sts.asked.count(ASSUME)) == ([MSI], 3)


def test_while_aws_is_down_a_session_that_is_nearly_over_still_serves(world: World) -> None:
    session = world.to_aws()
    world.who(session)
    world.pass_time(world.sts.lifetime - 800)
    world.sts.failing = [StsError(503, "ServiceUnavailable", "busy")] * 2
    assert world.who(session) == AWS_ROLE


def provider(world: World, *audiences: str) -> None:
    world.sts.providers[ENTRA_ISSUER] = set(audiences)


def trust(world: World, **changed: str) -> None:
    world.sts.trusts[AWS_ROLE] = replace(world.sts.trusts[AWS_ROLE], **changed)


BROKEN: dict[str, tuple[Break, type[CloudError], str, str]] = {
    "the provider lists another audience": (
        lambda world: provider(world, "api://other"),
        Denied,
        ROLE,
        r"on AWS, the Application ID URI \(POLICY_MIRROR_AWS_AUDIENCE\) .*InvalidIdentityToken",
    ),
    "the application gives v2 tokens": (
        lambda world: setattr(world.entra, "v2", True),
        Denied,
        ROLE,
        r"ask for v1",
    ),
    "the account has no provider": (
        lambda world: world.sts.providers.clear(),
        Denied,
        ROLE,
        r"create, on AWS, the provider sts\.windows\.net/TENANT/",
    ),
    "the role trusts another audience": (
        lambda world: trust(world, audience="api://other"),
        Denied,
        ROLE,
        r"compare, on AWS, audience and subject",
    ),
    "the role trusts another identity": (
        lambda world: trust(world, subject=LAMBDA_IN_AZURE.principal_id),
        Denied,
        ROLE,
        r"compare, on AWS, audience and subject .*AccessDenied",
    ),
    "the trust was revoked": (
        lambda world: world.sts.trusts.clear(),
        Denied,
        ROLE,
        r"or there is no such role \(aws\.role_arn in routes\.yaml\)",
    ),
    "azure's keys are not reached": (
        lambda world: world.sts.places.update({ENTRA_ISSUER: "http://127.0.0.1:9"}),
        Unreachable,
        ROLE,
        r"AWS could not fetch the keys that Azure publishes .*IDPCommunicationError",
    ),
    "azure's keys are another's": (
        lambda world: setattr(world.entra, "signer", Other(ENTRA_ISSUER, world.entra.signer)),
        Denied,
        ROLE,
        r"AWS finds the token invalid",
    ),
    "aws's clock is fast": (
        lambda world: setattr(world.sts, "clock", lambda: world.machine() + 4000),
        Unreachable,
        ROLE,
        r"too old; the next try gets a new one.*ExpiredTokenException",
    ),
    "a claim is refused": (
        lambda world: world.sts.failing.append(StsError(403, "IDPRejectedClaim", "no")),
        Denied,
        ROLE,
        r"a claim refused by Azure",
    ),
    "the region is off": (
        lambda world: world.sts.failing.append(StsError(403, "RegionDisabledException", "no")),
        Denied,
        ROLE,
        r"activate it, on AWS",
    ),
    "aws is down": (
        lambda world: world.sts.failing.extend([StsError(500, "InternalFailure", "no")] * 2),
        Unreachable,
        ROLE,
        r"sts:AssumeRoleWithWebIdentity failed with 500",
    ),
    "the identity is not attached": (
        lambda world: setattr(world.entra.identities[APP.client_id], "attached", False),
        Denied,
        IDENTITY,
        r"on Azure, is the identity attached to this app",
    ),
    "the application does not exist": (
        lambda world: world.entra.applications.clear(),
        Denied,
        IDENTITY,
        r"create it, on Azure, with its service principal .*AADSTS500011",
    ),
    "the identity endpoint fails": (
        lambda world: world.entra.failing.extend([EntraError(500, 1, "internal")] * 9),
        Unreachable,
        IDENTITY,
        r"failed for now; if this stays: on Azure, is the identity attached",
    ),
    "something before the identity endpoint fails": (
        lambda world: world.entra.failing.extend([EntraError(502, None, "bad gateway")] * 9),
        Unreachable,
        IDENTITY,
        r"no usable answer",
    ),
}


class Other(Signer):
    """Signs with another key than the one that is published, under the same name."""

    def __init__(self, issuer: str, published: Signer) -> None:
        super().__init__(issuer)
        self._published = published

    def keys(self) -> dict[str, Any]:
        return self._published.keys()


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_trust_says_which_side_to_mend_and_repeats_no_claim(
    world: World, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    spoil, kind, where, said = BROKEN[case]
    spoil(world)
    error = refused(world)
    assert (type(error), error.where) == (kind, where)
    assert re.search(said, str(error)), str(error)
    told = f"{error} {caplog.text}".lower()
    for claim in (ENTRA_ISSUER, AUDIENCE, APP.principal_id, "eyJ", "Trace ID"):
        assert claim.lower() not in told


def test_azure_that_recovers_is_not_noticed(world: World) -> None:
    world.entra.failing = [EntraError(503, None, "busy")]
    assert world.who(world.to_aws()) == AWS_ROLE
    assert world.entra.asked == [MSI, MSI]


def test_after_a_refusal_was_mended_the_same_container_signs_in(world: World) -> None:
    session = world.to_aws()
    client = session.client("sts")
    trusts = dict(world.sts.trusts)
    world.sts.trusts.clear()
    with pytest.raises(Denied):
        client.get_caller_identity()
    world.sts.trusts.update(trusts)
    assert client.get_caller_identity()["Arn"] == AWS_ROLE


def test_sign_ins_that_fail_for_good_are_tried_once(world: World) -> None:
    world.sts.trusts.clear()
    refused(world)
    assert (world.entra.asked, world.sts.asked, world.slept) == ([MSI], [ASSUME], [])


def test_a_virtual_machines_endpoint_serves_as_well(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no App Service endpoint is named, azure-identity asks the machine's own."""
    import os

    endpoint = os.environ["IDENTITY_ENDPOINT"].removesuffix(MSI)
    monkeypatch.delenv("IDENTITY_ENDPOINT")
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", endpoint)
    identity = managed_identity(APP.client_id)
    session = aws_session_from_azure(AWS_ROLE, AUDIENCE, identity, region=REGION, now=world.local_time)
    assert world.who(session) == AWS_ROLE
    assert world.entra.asked == ["/metadata/identity/oauth2/token"]


def test_the_other_identity_gets_no_role(world: World) -> None:
    """Both are of one tenant and may ask for the same audience: the subject keeps them apart."""
    world.entra.identities[LAMBDA_IN_AZURE.client_id].attached = True
    with pytest.raises(Denied, match="compare, on AWS, audience and subject"):
        world.who(world.to_aws(client_id=LAMBDA_IN_AZURE.client_id))

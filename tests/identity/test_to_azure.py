"""The Lambda signs in to Azure: STS signs for its role, Entra verifies it and gives a token for ARM."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import jwt
import pytest

from functions.local.sandbox.aws_sts import StsError
from functions.local.sandbox.azure_entra import EntraError
from shared.errors import CloudError, Denied, Unreachable
from tests.identity.conftest import (
    ARM_SCOPE,
    AWS_ISSUER,
    ENTRA_ISSUER,
    LAMBDA_IN_AZURE,
    LAMBDA_ROLE,
    TENANT,
    TO_AZURE,
    Break,
    World,
)

SIGN, EXCHANGE = "GetWebIdentityToken", f"/{TENANT}/oauth2/v2.0/token"


def refused(world: World) -> CloudError:
    with pytest.raises(CloudError) as caught:
        world.to_azure().get_token(ARM_SCOPE)
    return caught.value


def test_the_lambdas_role_becomes_its_identity_in_azure(world: World) -> None:
    claims = world.claims(world.to_azure())
    assert (claims["sub"], claims["appid"]) == (LAMBDA_IN_AZURE.principal_id, LAMBDA_IN_AZURE.client_id)
    assert claims["aud"] == "https://management.azure.com"
    assert (world.sts.asked, world.entra.asked) == ([SIGN], [EXCHANGE])


def test_a_warm_container_asks_once(world: World) -> None:
    credential = world.to_azure()
    tokens = {credential.get_token(ARM_SCOPE).token for _ in range(3)}
    assert len(tokens) == 1
    assert (world.sts.asked, world.entra.asked) == ([SIGN], [EXCHANGE])


def test_a_token_that_is_over_is_renewed_with_a_fresh_word_of_awss(world: World) -> None:
    credential = world.to_azure()
    first = credential.get_token(ARM_SCOPE).token
    world.pass_time(world.entra.lifetime + 1)
    assert credential.get_token(ARM_SCOPE).token != first
    assert world.sts.asked == [SIGN, SIGN]


def test_a_token_that_is_nearly_over_is_renewed_before(world: World) -> None:
    credential = world.to_azure()
    credential.get_token(ARM_SCOPE)
    world.pass_time(world.entra.lifetime - 120)
    assert credential.get_token(ARM_SCOPE).expires_on > world.machine() + 3000


def test_while_azure_is_down_a_token_that_is_nearly_over_still_serves(world: World) -> None:
    credential = world.to_azure()
    first = credential.get_token(ARM_SCOPE).token
    world.pass_time(world.entra.lifetime - 120)
    world.entra.failing = [EntraError(503, None, "busy")] * 9
    assert credential.get_token(ARM_SCOPE).token == first


BROKEN: dict[str, tuple[Break, type[CloudError], str]] = {
    "the account signs for nobody": (
        lambda world: setattr(world.sts, "outbound", False),
        Denied,
        r"on AWS, with `aws iam enable-outbound-web-identity-federation`",
    ),
    "the role may not ask": (
        lambda world: world.sts.may_sign.clear(),
        Denied,
        r"allow it, on AWS, sts:GetWebIdentityToken",
    ),
    "the session ends soon": (
        lambda world: world.sts.failing.append(StsError(403, "SessionDurationEscalationException", "no")),
        Unreachable,
        "own session ends before",
    ),
    "another issuer is trusted": (
        lambda world: trust(world, issuer="https://ffff.tokens.sts.global.api.aws"),
        Denied,
        r"mend, on Azure, the issuer of .*awsIssuer.*AADSTS700211",
    ),
    "another audience is trusted": (
        lambda world: trust(world, audience="api://azureadtokenexchange"),
        Denied,
        r"on Azure, .*must say api://AzureADTokenExchange \(AADSTS700212",
    ),
    "another role is trusted": (
        lambda world: trust(world, subject=LAMBDA_ROLE.replace("mirror/lambda", "mirror/Lambda")),
        Denied,
        r"on Azure, the subject of .*lambdaRoleArn.*case matters \(AADSTS700213",
    ),
    "the trust was revoked": (
        lambda world: world.entra.identities[LAMBDA_IN_AZURE.client_id].trusts.clear(),
        Denied,
        r"add, on Azure, .*\(AADSTS70025\)",
    ),
    "the identity was deleted": (
        lambda world: world.entra.identities.clear(),
        Denied,
        r"azure\.client_id or azure\.tenant_id in routes\.yaml \(AADSTS700016\)",
    ),
    "the keys that AWS publishes are not reached": (
        lambda world: world.entra.places.update({AWS_ISSUER: "http://127.0.0.1:9"}),
        Unreachable,
        r"could not fetch the keys that AWS publishes \(AADSTS90061\)",
    ),
    "azure's clock is fast": (
        lambda world: setattr(world.entra, "clock", lambda: world.machine() + 600),
        Unreachable,
        r"too old or too new; each try gets a new one \(AADSTS700024\)",
    ),
    "azure's clock is slow": (
        lambda world: setattr(world.entra, "clock", lambda: world.machine() - 600),
        Unreachable,
        r"AADSTS700024",
    ),
    "the machine's clock is slow": (
        lambda world: setattr(world.machine, "offset", -900),
        Denied,
        r"clock of this machine",
    ),
    "azure is down": (
        lambda world: world.entra.failing.extend(
            [EntraError(503, 90033, "busy", "temporarily_unavailable")] * 9
        ),
        Unreachable,
        r"sign-in was answered with 503",
    ),
    "something before azure is down": (
        lambda world: world.entra.failing.extend([EntraError(502, None, "bad gateway")] * 9),
        Unreachable,
        r"sign-in got no usable answer",
    ),
    "aws is down": (
        lambda world: world.sts.failing.extend([StsError(500, "InternalFailure", "no")] * 9),
        Unreachable,
        r"sts:GetWebIdentityToken failed with 500",
    ),
    "azure refuses in a way nobody knows": (
        lambda world: world.entra.failing.append(EntraError(401, 999999, "never seen")),
        Denied,
        r"look the code up .*\(AADSTS999999\)",
    ),
}


def trust(world: World, **changed: str) -> None:
    """The federated credential says something else."""
    identity = world.entra.identities[LAMBDA_IN_AZURE.client_id]
    identity.trusts = [replace(identity.trusts[0], **changed)]
    world.entra.places[identity.trusts[0].issuer] = world.entra.places[AWS_ISSUER]


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_trust_says_which_side_to_mend_and_repeats_no_claim(
    world: World, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    spoil, kind, said = BROKEN[case]
    spoil(world)
    error = refused(world)
    assert (type(error), error.where) == (kind, f"Entra identity {LAMBDA_IN_AZURE.client_id}")
    assert re.search(said, str(error)), str(error)
    told = f"{error} {caplog.text}".lower()
    for claim in (AWS_ISSUER, LAMBDA_ROLE, "eyJ", "presented assertion", "Trace ID"):
        assert claim.lower() not in told


def test_an_unknown_tenant_is_routes_yamls(world: World) -> None:
    with pytest.raises(Denied, match=r"mend azure\.tenant_id in routes\.yaml \(AADSTS90002\)"):
        world.to_azure(tenant="99999999-0000-0000-0000-000000000000").get_token(ARM_SCOPE)


def test_azure_that_recovers_is_not_noticed(world: World) -> None:
    world.entra.failing = [EntraError(503, None, "busy")]
    assert world.claims(world.to_azure())["sub"] == LAMBDA_IN_AZURE.principal_id
    assert world.entra.asked == [EXCHANGE, EXCHANGE]


def test_after_a_refusal_was_mended_the_same_container_signs_in(world: World) -> None:
    credential = world.to_azure()
    world.sts.outbound = False
    with pytest.raises(Denied):
        credential.get_token(ARM_SCOPE)
    world.sts.outbound = True
    assert credential.get_token(ARM_SCOPE).token


def test_a_token_of_another_signer_is_not_taken(world: World) -> None:
    """The verifier is real: the issuer's name alone opens nothing."""
    world.entra.places[AWS_ISSUER] = world.sts.places[ENTRA_ISSUER]
    with pytest.raises(Denied, match=r"signature wrong.*\(AADSTS50013\)"):
        world.to_azure().get_token(ARM_SCOPE)


def test_the_assertion_is_for_azure_alone_and_short(world: World) -> None:
    """AWS signs five minutes for one audience; a thief of it has no more."""
    world.to_azure().get_token(ARM_SCOPE)
    (token,) = world.sts.signed
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["aud"], claims["sub"], claims["exp"] - claims["iat"]) == (TO_AZURE, LAMBDA_ROLE, 300)

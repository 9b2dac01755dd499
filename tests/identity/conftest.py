"""Two clouds that trust each other, over loopback, under the credential code that ships.

Each has a clock of its own, and so has the machine that the functions run on: ``world.pass_time`` moves all
three, ``world.machine.offset`` or ``world.clouds.offset`` moves one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3
import jwt
import pytest
from azure.core.credentials import TokenCredential

from functions.local.sandbox.aws_sts import Sts, WebTrust
from functions.local.sandbox.azure_entra import Entra, FederatedCredential, Identity
from functions.local.sandbox.federation import Federation
from functions.local.sandbox.signing import Signer
from shared.clouds.federation import (
    aws_session_from_azure,
    azure_credential_from_aws,
    managed_identity,
    regional_sts,
)

REGION = "eu-central-1"
TENANT = "3f2a6b5e-0c1d-4e7f-8a9b-112233445566"
AWS_ISSUER = "https://0a1b2c3d.tokens.sts.global.api.aws"
ENTRA_ISSUER = f"https://sts.windows.net/{TENANT}/"
TO_AZURE = "api://AzureADTokenExchange"
AUDIENCE = f"api://{TENANT}/policy-mirror"
LAMBDA_ROLE = "arn:aws:iam::123456789012:role/mirror/lambda"
AWS_ROLE = "arn:aws:iam::123456789012:role/mirror-from-azure"
LAMBDA_KEY = "ASIALAMBDA"
LAMBDA_IN_AZURE = Identity("11111111-client", "22222222-principal", attached=False)
APP = Identity("33333333-client", "44444444-principal")
ARM_SCOPE = "https://management.azure.com/.default"

_now = time.time


@dataclass
class Clock:
    offset: float = 0.0

    def __call__(self) -> float:
        return _now() + self.offset


@dataclass
class World:
    sts: Sts
    entra: Entra
    machine: Clock
    clouds: Clock
    slept: list[float] = field(default_factory=list)

    def pass_time(self, seconds: float) -> None:
        self.machine.offset += seconds
        self.clouds.offset += seconds

    def to_azure(self, client_id: str = LAMBDA_IN_AZURE.client_id, tenant: str = TENANT) -> TokenCredential:
        """What the Lambda signs in to Azure with."""
        return azure_credential_from_aws(tenant, client_id, regional_sts(REGION))

    def to_aws(self, audience: str = AUDIENCE, client_id: str = APP.client_id) -> boto3.Session:
        """What the function signs in to AWS with."""
        identity = managed_identity(client_id)
        return aws_session_from_azure(AWS_ROLE, audience, identity, region=REGION, now=self.local_time)

    def local_time(self) -> datetime:
        return datetime.fromtimestamp(self.machine(), UTC)

    def who(self, session: boto3.Session) -> str:
        return session.client("sts").get_caller_identity()["Arn"]

    def claims(self, credential: TokenCredential, scope: str = ARM_SCOPE) -> dict[str, Any]:
        """Of the token, after its signature was found good."""
        key: Any = jwt.PyJWK(self.entra.signer.keys()["keys"][0]).key
        token = credential.get_token(scope).token
        return dict(jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False}))


@pytest.fixture(scope="session")
def signers() -> tuple[Signer, Signer]:
    return Signer(AWS_ISSUER), Signer(ENTRA_ISSUER)


@pytest.fixture
def world(signers: tuple[Signer, Signer], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    clouds, machine = Clock(), Clock()
    lambda_in_azure = Identity(
        LAMBDA_IN_AZURE.client_id,
        LAMBDA_IN_AZURE.principal_id,
        [FederatedCredential(AWS_ISSUER, LAMBDA_ROLE, TO_AZURE)],
        attached=False,
    )
    app = Identity(APP.client_id, APP.principal_id)
    entra = Entra(TENANT, signers[1], clock=clouds, applications={AUDIENCE})
    entra.identities = {it.client_id: it for it in (lambda_in_azure, app)}
    sts = Sts(signers[0], clock=clouds, callers={LAMBDA_KEY: LAMBDA_ROLE}, may_sign={LAMBDA_ROLE})
    sts.providers = {ENTRA_ISSUER: {AUDIENCE}}
    sts.trusts = {AWS_ROLE: WebTrust(ENTRA_ISSUER, AUDIENCE, APP.principal_id)}
    made = World(sts, entra, machine, clouds)
    with Federation(sts, entra) as federation:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", LAMBDA_KEY)
        for name, value in federation.variables(on_azure=True).items():
            monkeypatch.setenv(name, value)
        _patch_the_machine(monkeypatch, made)
        yield made


def _patch_the_machine(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """azure-identity and msal read time.time; botocore's signer and its credential cache read datetime."""
    monkeypatch.setattr("time.time", world.machine)
    monkeypatch.setattr("time.sleep", world.slept.append)
    monkeypatch.setattr("botocore.credentials._local_now", world.local_time)

    def signed_at(remove_tzinfo: bool = True) -> datetime:
        now = world.local_time()
        return now.replace(tzinfo=None) if remove_tzinfo else now

    monkeypatch.setattr("botocore.auth.get_current_datetime", signed_at)


Break = Callable[[World], Any]

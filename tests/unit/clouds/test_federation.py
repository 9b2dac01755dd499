"""Each cloud's word about us, taken by the other: no secret on the way, each refusal in our own words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from azure.core import exceptions
from azure.identity import ManagedIdentityCredential
from botocore.exceptions import ClientError
from werkzeug.wrappers import Request, Response

from functions.local.sandbox.serving import LoopbackServer
from shared.clouds.federation import (
    aws_session_from_azure,
    azure_credential_from_aws,
    managed_identity,
    regional_sts,
)
from shared.errors import CloudError, Denied, Throttled, Unreachable
from tests.unit.clouds.conftest import Answer, Credential, Wire, WireTransport

ARM_SCOPE = "https://management.azure.com/.default"
ROLE = "arn:aws:iam::123456789012:role/mirror"
AUDIENCE = "api://aws-mirror"


@dataclass
class FakeSts:
    """Signs tokens, or refuses with an error code."""

    error: str | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_web_identity_token(self, **parameters: Any) -> Any:
        self.asked.append(parameters)
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": "no"}}, "GetWebIdentityToken")
        return {"WebIdentityToken": "signed.by.aws"}


def from_aws(sts: FakeSts, transport: WireTransport) -> Any:
    service: Any = sts
    return azure_credential_from_aws("tenant", "client", service, transport=transport)


def test_entra_gets_a_token_that_aws_signed_for_it(wire: Wire, transport: WireTransport) -> None:
    granted = {"access_token": "entra's", "expires_in": 3600, "token_type": "Bearer"}
    wire.will(Answer(body=granted, headers={"Content-Type": "application/json"}))
    sts = FakeSts()
    assert from_aws(sts, transport).get_token(ARM_SCOPE).token == "entra's"
    assert sts.asked == [
        {"Audience": ["api://AzureADTokenExchange"], "SigningAlgorithm": "RS256", "DurationSeconds": 300}
    ]
    form = parse_qs(wire.requests[0].content.decode())
    assert (form["client_assertion"], form["client_id"]) == (["signed.by.aws"], ["client"])
    assert "client_secret" not in form


def test_a_token_is_used_until_it_is_nearly_over(wire: Wire, transport: WireTransport) -> None:
    granted = {"access_token": "entra's", "expires_in": 3600, "token_type": "Bearer"}
    wire.will(Answer(body=granted, headers={"Content-Type": "application/json"}))
    credential = from_aws(FakeSts(), transport)
    assert [credential.get_token(ARM_SCOPE).token for _ in range(3)] == ["entra's"] * 3
    assert len(wire.requests) == 1


def test_an_account_without_outbound_federation_is_told_so(transport: WireTransport) -> None:
    sts = FakeSts(error="OutboundWebIdentityFederationDisabledException")
    with pytest.raises(Denied, match="sts:GetWebIdentityToken is denied"):
        from_aws(sts, transport).get_token(ARM_SCOPE)


def test_a_role_that_entra_does_not_know_is_refused_by_entra(wire: Wire, transport: WireTransport) -> None:
    refusal = {"error": "invalid_client", "error_description": "AADSTS70021: No matching federated identity"}
    wire.will(Answer(401, refusal, {"Content-Type": "application/json"}))
    with pytest.raises(exceptions.ClientAuthenticationError, match="AADSTS70021"):
        from_aws(FakeSts(), transport).get_token(ARM_SCOPE)


def test_tokens_for_entra_come_from_a_regional_endpoint() -> None:
    assert regional_sts("eu-central-1").meta.endpoint_url == "https://sts.eu-central-1.amazonaws.com"
    assert regional_sts("us-east-1").meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


def test_the_managed_identity_needs_a_client_id_only_if_it_is_a_users() -> None:
    for identity in (managed_identity(), managed_identity("5f0e")):
        assert isinstance(identity, ManagedIdentityCredential)


@dataclass
class Sts:
    """AWS STS on loopback: takes any token, or answers what it was told to."""

    lifetime: timedelta = timedelta(hours=1)
    error: tuple[int, str] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        form = request.form.to_dict()
        self.asked.append(form | {"signature": request.headers.get("Authorization", "none")})
        return Response(*self._answer(form["Action"]), content_type="text/xml")(environ, start_response)

    def _answer(self, action: str) -> tuple[str, int]:
        if self.error is not None:
            status, code = self.error
            body = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
            return f"<ErrorResponse>{body}</ErrorResponse>", status
        if action == "GetCallerIdentity":
            return _xml(action, "<Arn>arn:aws:sts::123456789012:assumed-role/mirror/policy-mirror</Arn>"), 200
        expiration = (datetime.now(UTC) + self.lifetime).isoformat()
        keys = "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        rest = f"<SessionToken>t</SessionToken><Expiration>{expiration}</Expiration>"
        user = "<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/x/y</Arn></AssumedRoleUser>"
        return _xml(action, f"<Credentials>{keys}{rest}</Credentials>{user}"), 200


def _xml(action: str, result: str) -> str:
    return f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sts]:
    service = Sts()
    with LoopbackServer(service) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
        yield service


def caller(credential: Any = None) -> Callable[[], Any]:
    session = aws_session_from_azure(ROLE, AUDIENCE, credential or Credential(), region="eu-central-1")
    return session.client("sts").get_caller_identity


def test_aws_gets_a_token_that_entra_signed_for_it(sts: Sts) -> None:
    assert caller()()["Arn"].endswith("assumed-role/mirror/policy-mirror")
    assumed, used = sts.asked
    assert assumed["WebIdentityToken"] == "token for api://aws-mirror/.default"
    assert (assumed["RoleArn"], assumed["RoleSessionName"]) == (ROLE, "policy-mirror")
    assert assumed["signature"] == "none"
    assert "Credential=ASIA1/" in used["signature"]


def test_credentials_of_the_machine_are_never_used_instead(sts: Sts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIALONGLIVED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    caller()()
    assert [asked for asked in sts.asked if "AKIALONGLIVED" in asked["signature"]] == []


def test_a_session_is_kept_until_it_is_nearly_over(sts: Sts) -> None:
    call = caller()
    call()
    call()
    actions = [asked["Action"] for asked in sts.asked]
    assert actions == ["AssumeRoleWithWebIdentity", "GetCallerIdentity", "GetCallerIdentity"]


def test_a_session_that_is_nearly_over_is_renewed(sts: Sts) -> None:
    sts.lifetime = timedelta(minutes=11)
    call = caller()
    call()
    sts.lifetime = timedelta(hours=1)
    call()
    assert [asked["Action"] for asked in sts.asked].count("AssumeRoleWithWebIdentity") == 2


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        (400, "InvalidIdentityToken", Denied),
        (403, "AccessDenied", Denied),
        (403, "IDPRejectedClaim", Denied),
        (400, "ExpiredTokenException", Denied),
        (400, "IDPCommunicationError", Unreachable),
        (500, "InternalFailure", Unreachable),
        (400, "Throttling", Throttled),
    ],
)
def test_a_role_that_is_not_to_be_had_is_told_by_name(
    sts: Sts, status: int, code: str, meaning: type[CloudError]
) -> None:
    sts.error = (status, code)
    with pytest.raises(meaning, match=ROLE):
        caller()()


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (exceptions.ClientAuthenticationError("no such identity"), Denied),
        (exceptions.ServiceRequestError("no route"), Unreachable),
        (exceptions.ServiceResponseError("cut"), Unreachable),
    ],
    ids=lambda it: getattr(it, "__name__", type(it).__name__),
)
def test_an_identity_that_is_not_to_be_had_is_told_by_name(
    sts: Sts, error: Exception, meaning: type[CloudError]
) -> None:
    class Refusing:
        def get_token(self, *_: str, **__: Any) -> Any:
            raise error

    with pytest.raises(meaning, match=AUDIENCE):
        caller(Refusing())()
    assert sts.asked == []


def test_no_token_is_logged_even_when_all_fails(sts: Sts, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    sts.error = (400, "InvalidIdentityToken")
    with pytest.raises(Denied):
        caller()()
    assert "token for api://" not in caplog.text

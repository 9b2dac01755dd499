"""Sign-ins in detail; tests/identity runs them between two clouds that verify what they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core import exceptions
from azure.core.credentials import AccessToken
from werkzeug.wrappers import Request, Response

from functions.local.sandbox.serving import LoopbackServer
from shared.clouds import azure_errors
from shared.clouds.federation import (
    aws_session_from_azure,
    own_identity,
    regional_sts,
)
from shared.errors import CloudError, Denied, Throttled, Unreachable
from tests.unit.clouds.conftest import Credential

ROLE = "arn:aws:iam::123456789012:role/mirror"
AUDIENCE = "api://aws-mirror"
ARM_SCOPE = "https://management.azure.com/.default"


def test_tokens_for_entra_come_from_a_regional_endpoint() -> None:
    assert regional_sts("eu-central-1").meta.endpoint_url == "https://sts.eu-central-1.amazonaws.com"
    assert regional_sts("us-east-1").meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


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


def test_credentials_of_the_machine_are_never_used_instead(sts: Sts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIALONGLIVED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    caller()()
    assert [asked for asked in sts.asked if "AKIALONGLIVED" in asked["signature"]] == []


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        (400, "InvalidIdentityToken", Denied),
        (403, "AccessDenied", Denied),
        (403, "IDPRejectedClaim", Denied),
        (400, "ExpiredTokenException", Unreachable),
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


def test_a_person_who_is_not_signed_in_is_told_how_on_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")
    with pytest.raises(Denied) as refused, azure_errors.asking("the group", "the read"):
        own_identity().get_token(ARM_SCOPE)
    assert "(sign in with az login, or set AZURE_CLIENT_ID and its like; " in str(refused.value)
    assert "\n" not in str(refused.value)
    assert caplog.records == []


def test_a_person_signs_in_as_azure_identity_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    given = AccessToken("a person's", 4_102_444_800)
    monkeypatch.setattr("azure.identity.DefaultAzureCredential.get_token", lambda *_, **__: given)
    assert own_identity().get_token(ARM_SCOPE) == given

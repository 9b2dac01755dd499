"""A role in another account: its credentials come from STS, and a refusal says which role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.wrappers import Request, Response

from functions.local.sandbox.serving import LoopbackServer
from shared.clouds.aws_session import assumed_session
from shared.errors import Denied

ROLE = "arn:aws:iam::210987654321:role/spoke"


class Sts:
    """AssumeRole, granted or refused, on loopback."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.refuses = False

    def __call__(self, environ: object, start: object) -> object:
        request = Request(environ)  # type: ignore[arg-type]
        self.asked.append(dict(request.form))
        if self.refuses:
            code = "<Code>AccessDenied</Code><Message>not trusted</Message>"
            refusal = f"<ErrorResponse><Error>{code}</Error></ErrorResponse>"
            return Response(refusal, 403, mimetype="text/xml")(environ, start)  # type: ignore[arg-type]
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = "<AccessKeyId>ASIASPOKE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        granted = (
            f"<Credentials>{keys}<SessionToken>t</SessionToken><Expiration>{until}</Expiration></Credentials>"
        )
        body = f"<AssumeRoleResponse><AssumeRoleResult>{granted}</AssumeRoleResult></AssumeRoleResponse>"
        return Response(body, 200, mimetype="text/xml")(environ, start)  # type: ignore[arg-type]


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sts]:
    service = Sts()
    server = LoopbackServer(service)  # type: ignore[arg-type]
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
    yield service
    server.close()


def test_the_session_acts_as_the_role_and_as_nobody_else(sts: Sts) -> None:
    keys = assumed_session(ROLE, region="eu-central-1").get_credentials()
    assert keys is not None
    assert keys.get_frozen_credentials().access_key == "ASIASPOKE"
    assert (sts.asked[0]["RoleArn"], sts.asked[0]["RoleSessionName"]) == (ROLE, "policy-mirror")


def test_a_role_that_does_not_trust_us_is_named_when_it_is_first_used(sts: Sts) -> None:
    sts.refuses = True
    keys = assumed_session(ROLE, region="eu-central-1").get_credentials()
    assert keys is not None
    with pytest.raises(Denied, match=r"role/spoke.*sts:AssumeRole"):
        keys.get_frozen_credentials()

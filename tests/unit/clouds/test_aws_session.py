"""Sessions in a route's account: as a role, or as the person at a terminal; a refusal says which account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from functions.local.sandbox.serving import LoopbackServer
from shared.clouds.aws_session import assumed_session, bare_session, own_session, process_session
from shared.errors import BadInput, Denied

ROLE = "arn:aws:iam::210987654321:role/spoke"


class Sts:
    """AssumeRole and GetCallerIdentity, granted or refused, on loopback."""

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
        if request.form["Action"] == "GetCallerIdentity":
            told = "<GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult>"
            body = f"<GetCallerIdentityResponse>{told}</GetCallerIdentityResponse>"
            return Response(body, 200, mimetype="text/xml")(environ, start)  # type: ignore[arg-type]
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


def test_a_person_acts_with_their_own_credentials_in_their_own_account(sts: Sts) -> None:
    keys = own_session("123456789012", ROLE, region="eu-central-1").get_credentials()
    assert keys is not None
    assert keys.access_key == "testing"
    assert [asked["Action"] for asked in sts.asked] == ["GetCallerIdentity"]


def test_a_person_of_another_account_acts_as_the_role_of_the_route(sts: Sts) -> None:
    keys = own_session("210987654321", ROLE, region="eu-central-1").get_credentials()
    assert keys is not None
    assert keys.get_frozen_credentials().access_key == "ASIASPOKE"


def test_profiles_of_another_account_are_never_taken_for_those_of_the_route(sts: Sts) -> None:
    with pytest.raises(BadInput) as refused:
        own_session("210987654321", None, region="eu-central-1")
    said = "AWS account 210987654321: the credentials at hand are of account 123456789012; "
    assert (
        str(refused.value) == f"{said}set AWS_PROFILE to one of 210987654321, or give the route aws.role_arn"
    )


def test_credentials_that_are_refused_are_told_with_the_account(sts: Sts) -> None:
    sts.refuses = True
    with pytest.raises(Denied, match=r"AWS account 123456789012: sts:GetCallerIdentity is denied"):
        own_session("123456789012", None, region="eu-central-1")


def test_two_sessions_read_the_files_of_botocore_once() -> None:
    one, other = (bare_session().get_component("data_loader") for _ in range(2))
    assert one is not other
    assert one.load_data("endpoints") is other.load_data("endpoints")


def test_a_process_looks_for_its_credentials_when_a_request_is_signed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = process_session()
    iot: Any = session.client("iot", region_name="eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIALATER")
    keys = session.get_credentials()
    assert keys is not None
    assert keys.get_frozen_credentials().access_key == "ASIALATER"
    assert iot.meta.region_name == "eu-central-1"

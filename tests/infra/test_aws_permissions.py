"""The roles of the AWS templates allow exactly what the workers' clients call, where they call it.

Both workers run as they are deployed: composed from the settings that the template gives, over real clients
of the sandbox clouds and of moto, with one route at home and one in a spoke. A call that no statement allows
fails, and so does a statement that allows an action which nobody calls.
"""

from __future__ import annotations

import fnmatch
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
import pytest
from moto import mock_aws
from werkzeug.wrappers import Request, Response

from functions.local.sandbox import StaticCredential, TwoClouds
from functions.local.sandbox.clients import arm_client, iot_client
from functions.local.sandbox.serving import LoopbackServer
from functions.local.sandbox.serving_tls import TlsServer
from shared.bootstrap import workers
from shared.operations.commands import run_command
from shared.operations.mirror import Mirror
from shared.operations.requests import Command, Look, Reconcile, Sweep
from shared.sync.job import Kind, Outcome
from shared.translation.side import Side
from tests.infra.aws_calls import Calls, Need
from tests.infra.cloudformation import HUB, SPOKE, Stack, load
from tests.scenarios.scene import sent, window_rule

ACCOUNT = "123456789012"
HOME, AWAY = "eu-central-1", "us-east-1"
GUEST = {
    "EntraTenantId": "00000000-0000-4000-8000-000000000001",
    "EntraPrincipalId": "00000000-0000-4000-8000-000000000002",
}
GIVEN = {**GUEST, "OrganizationId": "o-abcdefghij"}
SPOKE_GIVEN = {
    **GIVEN,
    "HubBusArn": f"arn:aws:events:{HOME}:{ACCOUNT}:event-bus/mirror-spokes",
    "MirrorRoleArn": f"arn:aws:iam::{ACCOUNT}:role/mirror-MirrorRole",
}
MADE = {
    "<Ledger.Arn>": f"arn:aws:dynamodb:{HOME}:{ACCOUNT}:table/ledger",
    "<Ledger>": "ledger",
    "<Keys.Arn>": f"arn:aws:sqs:{HOME}:{ACCOUNT}:keys",
    "<SweepKeys.Arn>": f"arn:aws:sqs:{HOME}:{ACCOUNT}:sweep-keys",
    "<SweepDeadLetters.Arn>": f"arn:aws:sqs:{HOME}:{ACCOUNT}:sweep-dead-letters",
    "<MirrorLog.Arn>": f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:mirror",
    "<Notices>": f"arn:aws:sns:{HOME}:{ACCOUNT}:notices",
    "<NoticeKey.Arn>": f"arn:aws:kms:{HOME}:{ACCOUNT}:key/notices",
    "<MirrorFunction.Alias>": f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:mirror:live",
}
BY_THE_PLATFORM = {
    "TakeKeys": {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"},
    "TellFailedSweeps": {"sqs:SendMessage"},
    "EncryptNotices": {"kms:Decrypt", "kms:GenerateDataKey"},
    "Trace": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
    "WriteLog": {"logs:CreateLogStream", "logs:PutLogEvents"},
}
"""Lambda itself does these in the function's role: its poller, its destinations, its log (AWS Lambda guide,
using Lambda with SQS, destinations, and CloudWatch Logs, read 2026-11). No client of ours shows them."""

WITHOUT_A_NAME = {
    "iot:ListSecurityProfiles",
    "sts:GetWebIdentityToken",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
"""Actions that AWS knows no resource for (service authorization reference, 2026-11)."""

ROUTES = """\
version: 1
routes:
  - id: fleet
    aws: {{account: "{account}", region: {region}, role_arn: "{writer}", reader_role_arn: "{reader}"}}
    azure: {{hub: {hub}, tenant_id: {guid}, client_id: {guid}}}
    first_contact: sync
    delete: mirror
    custom_metrics: {{mode: provision, metrics: {{FileUploads: file-uploads}}}}
"""
GUEST_ROLE = f"arn:aws:iam::{ACCOUNT}:role/mirror-GuestRole"
SPOKE_ROLES = f"arn:aws:iam::{ACCOUNT}:role/policy-mirror"


def environment(hub: Stack) -> dict[str, str]:
    """What the template tells the function, with the names that moto's things have."""
    variables = hub.resources()["MirrorFunction"]["Environment"]["Variables"]
    text = json.dumps(variables).replace("<Ledger>", "ledger").replace('"<Keys>"', json.dumps(QUEUE_URL))
    text = text.replace("<SweepKeys>", SWEEP_QUEUE_URL)
    text = text.replace("<Notices>", MADE["<Notices>"])
    made: dict[str, str] = json.loads(text)
    return made


PUMPS, BORN, MORE = (Reconcile("fleet", name) for name in ("pumps", "born", "more"))
QUEUE_URL = f"https://sqs.{HOME}.amazonaws.com/{ACCOUNT}/keys"
SWEEP_QUEUE_URL = f"https://sqs.{HOME}.amazonaws.com/{ACCOUNT}/sweep-keys"


@dataclass
class Clock:
    """Everybody's."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Place:
    """Both clouds, both workers, and whoever edits."""

    def __init__(self, clouds: TwoClouds, calls: Calls, mirrors: Mapping[str, Mirror], clock: Clock) -> None:
        self.clouds, self.calls, self.mirrors, self.clock = clouds, calls, mirrors, clock
        self.iot: Any = iot_client(clouds)
        self.arm: Any = arm_client(clouds)
        for mirror in mirrors.values():
            mirror.clock = clock

    def perform(self, who: str, *requests: Look | Reconcile | Sweep) -> list[tuple[str, str]]:
        with self.calls.by(who):
            outcomes = [o for request in requests for o in self.mirrors[who].perform(request)]
        told = [each for each in outcomes if isinstance(each, Outcome)]
        assert not [each for each in told if each.kind is Kind.ERROR], told
        return [(str(each.kind), each.code) for each in told]

    def put_group(self, name: str, *rules: Any) -> None:
        body = json.dumps({"properties": {"timeWindowRules": list(rules)}}).encode()
        self.arm.device_security_groups.create_or_update(self.clouds.azure.hub, name, io.BytesIO(body))


@contextmanager
def _place(calls: Calls, region: str) -> Iterator[Place]:
    """The hub lies at home, the profiles in ``region``."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        clock = Clock()
        clouds = stack.enter_context(
            TwoClouds(region=region, now=lambda: datetime.fromtimestamp(clock(), UTC))
        )
        stack.enter_context(mock_aws())
        stack.enter_context(calls.heard())
        patch.setenv("AWS_ENDPOINT_URL_IOT", clouds.aws.endpoint)
        patch.setenv("AWS_ENDPOINT_URL_STS", stack.enter_context(LoopbackServer(sts)).url)
        patch.setenv("AWS_DEFAULT_REGION", HOME)
        _prepare_aws(clouds)
        folder = Path(stack.enter_context(TemporaryDirectory()))
        sign_in = stack.enter_context(TlsServer(entra, folder))
        patch.setenv("AZURE_AUTHORITY_HOST", sign_in.url)
        patch.setenv("REQUESTS_CA_BUNDLE", str(sign_in.authority))
        patch.setattr(workers, "managed_identity", lambda _=None: StaticCredential("user.azure-function"))
        hub = Stack(load(HUB), GIVEN)
        settings = {**environment(hub), "POLICY_MIRROR_ARM_ENDPOINT": clouds.azure.endpoint}
        with calls.by("lambda"):
            aws = workers.aws_function(settings)
        with calls.by("azure"):
            azure = workers.azure_function(
                {
                    **settings,
                    "POLICY_MIRROR_NOTICES": "",
                    "POLICY_MIRROR_ROUTES_YAML": _routes(clouds),
                    "POLICY_MIRROR_AWS_AUDIENCE": f"api://{GUEST['EntraTenantId']}/policy-mirror",
                    "POLICY_MIRROR_LEDGER_ROLE": GUEST_ROLE,
                }
            )
        for mirror in (aws, azure):
            stack.callback(mirror.pool.shutdown)
        yield Place(clouds, calls, {"lambda": aws, "azure": azure}, clock)


def _routes(clouds: TwoClouds) -> str:
    region, guid = clouds.aws.region, GUEST["EntraTenantId"]
    roles = {name: f"{SPOKE_ROLES}/{name}-{region}" for name in ("reader", "writer")}
    if region == HOME:
        roles["writer"] = GUEST_ROLE
    return ROUTES.format(account=ACCOUNT, region=region, hub=clouds.azure.hub, guid=guid, **roles)


def _prepare_aws(clouds: TwoClouds) -> None:
    table = Stack(load(HUB), GIVEN).resources()["Ledger"]
    kept = {name: table[name] for name in ("AttributeDefinitions", "BillingMode", "KeySchema")}
    boto3.client("dynamodb", region_name=HOME).create_table(TableName="ledger", **kept)
    for name in ("keys", "sweep-keys"):
        boto3.client("sqs", region_name=HOME).create_queue(QueueName=name)
    boto3.client("sns", region_name=HOME).create_topic(Name="notices")
    parameters = boto3.client("ssm", region_name=HOME)
    parameters.put_parameter(Name="/policy-mirror/routes", Type="String", Value=_routes(clouds))


def entra(environ: Any, start_response: Any) -> Any:
    """Grants whatever is asked; who may ask is tested elsewhere."""
    granted = {"access_token": "user.aws-lambda", "expires_in": 3600, "token_type": "Bearer"}
    return Response(json.dumps(granted), content_type="application/json")(environ, start_response)


def sts(environ: Any, start_response: Any) -> Any:
    """Grants whatever is asked: moto has no GetWebIdentityToken."""
    action = Request(environ).form["Action"]
    granted = "<WebIdentityToken>signed.by.aws</WebIdentityToken>"
    if action.startswith("AssumeRole"):
        keys = "<AccessKeyId>ASIAMIRROR</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        until = "<Expiration>2100-01-01T00:00:00Z</Expiration>"
        granted = f"<Credentials>{keys}<SessionToken>t</SessionToken>{until}</Credentials>"
    if action == "GetCallerIdentity":
        granted = f"<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/mirror/live</Arn><Account>{ACCOUNT}</Account>"
    body = f"<{action}Response><{action}Result>{granted}</{action}Result></{action}Response>"
    return Response(body, content_type="text/xml")(environ, start_response)


def _mirror_everything(place: Place) -> None:
    """Each kind of call at least once: tags, create, update, delete, a metric, a sweep, a notice."""
    hub = place.clouds.azure.hub
    look_aws = Look(Side.AWS, f"{ACCOUNT}/{place.clouds.aws.region}", "pumps")
    tags = [{"Key": "team", "Value": "water"}]
    place.iot.create_security_profile(securityProfileName="pumps", behaviors=[sent(100)], tags=tags)
    assert place.perform("lambda", look_aws) == [("mirrored", "written")]
    place.put_group("pumps", window_rule(0, 60), window_rule(0, 3, "FileUploadsNotInAllowedRange"))
    assert place.perform("azure", Look(Side.AZURE, hub.lower(), "pumps")) == [("mirrored", "written")]
    place.put_group("born", window_rule(0, 7))
    assert place.perform("azure", BORN) == [("mirrored", "written")]
    place.arm.device_security_groups.delete(hub, "born")
    assert place.perform("azure", BORN) == [("busy", "look-again")]
    place.clock.now += 90
    assert place.perform("azure", BORN) == [("mirrored", "deleted")]
    place.iot.delete_security_profile(securityProfileName="pumps")
    assert place.perform("lambda", PUMPS) == [("busy", "look-again")]
    place.clock.now += 90
    assert place.perform("lambda", PUMPS) == [("mirrored", "deleted")]
    place.iot.create_security_profile(securityProfileName="more", behaviors=[sent(5)])
    place.perform("lambda", Sweep())
    place.perform("azure", Sweep())
    assert place.perform("lambda", MORE) == [("mirrored", "written")]
    place.iot.update_security_profile(securityProfileName="more", behaviors=[sent(6)])
    place.put_group("more", window_rule(0, 9))
    assert place.perform("lambda", MORE) == [("conflict", "edited-on-both")]
    _check_itself(place)


def _check_itself(place: Place) -> None:
    """The check-up of a function makes do with the rights of its looks."""
    for who, mirror in place.mirrors.items():
        with place.calls.by(who):
            checks = run_command(mirror, Command("doctor", {}))["checks"]
        found = {each["check"]: each for each in checks}
        assert found["aws-credentials"]["said"].startswith("signed in as arn:")
        assert found["aws-profiles"]["grade"] == found["azure-groups"]["grade"] == "good"
        assert ("queues" in found) is (who == "lambda")
        assert [each["check"] for each in checks if each["grade"] == "unknown"] == ["setup"]


@pytest.fixture(scope="module")
def calls() -> Calls:
    heard = Calls(ACCOUNT)
    for region in (HOME, AWAY):
        with _place(heard, region) as place:
            _mirror_everything(place)
    return heard


def statements(path: Path, role: str, given: Mapping[str, str], region: str = HOME) -> list[dict[str, Any]]:
    stack = Stack(load(path), given, {"AWS::Region": region})
    (policy,) = stack.resources("AWS::IAM::Role")[role]["Policies"]
    text = json.dumps(policy["PolicyDocument"]["Statement"])
    for name, arn in MADE.items():
        text = text.replace(name, arn)
    made: list[dict[str, Any]] = json.loads(text)
    assert "<" not in text, text
    return made


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def allows(statement: Mapping[str, Any], need: Need) -> bool:
    return need.action in listed(statement["Action"]) and any(
        fnmatch.fnmatchcase(need.resource, resource) for resource in listed(statement["Resource"])
    )


def needed(calls: Calls, who: str, *, away: bool) -> set[Need]:
    """``away``: what is asked of IoT in the spoke's region, else all the rest."""
    return {need for need in calls.needs[who] if (f":{AWAY}:" in need.resource) == away}


ROLES = [
    pytest.param(HUB, "MirrorRole", GIVEN, "lambda", False, id="the Lambda"),
    pytest.param(HUB, "GuestRole", GIVEN, "azure", False, id="the Azure function"),
    pytest.param(SPOKE, "ReaderRole", SPOKE_GIVEN, "lambda", True, id="the Lambda in a spoke"),
    pytest.param(SPOKE, "WriterRole", SPOKE_GIVEN, "azure", True, id="the Azure function in a spoke"),
]


@pytest.mark.parametrize(("path", "role", "given", "who", "away"), ROLES)
def test_a_role_allows_every_call(
    calls: Calls, path: Path, role: str, given: Mapping[str, str], who: str, away: bool
) -> None:
    allowed = statements(path, role, given, AWAY if away else HOME)
    wanting = {n for n in needed(calls, who, away=away) if not any(allows(each, n) for each in allowed)}
    assert wanting == set(), f"{role} lacks these: add them to {path.name}"


@pytest.mark.parametrize(("path", "role", "given", "who", "away"), ROLES)
def test_a_role_allows_no_more(
    calls: Calls, path: Path, role: str, given: Mapping[str, str], who: str, away: bool
) -> None:
    used = (
        {need.action for need in calls.needs[who]}
        if away
        else {n.action for n in needed(calls, who, away=away)}
    )
    for statement in statements(path, role, given, AWAY if away else HOME):
        actions = set(listed(statement["Action"]))
        if statement["Sid"] in BY_THE_PLATFORM:
            assert actions == BY_THE_PLATFORM[statement["Sid"]]
        else:
            unused = {action for action in actions if action not in used}
            assert unused == set(), f"{role}, {statement['Sid']}: nobody calls these; take them away"


@pytest.mark.parametrize(("path", "role", "given", "who", "away"), ROLES)
def test_everything_is_allowed_on_named_resources_only(
    calls: Calls, path: Path, role: str, given: Mapping[str, str], who: str, away: bool
) -> None:
    del calls, who, away
    for statement in statements(path, role, {**given, "ProfileNames": "plant-*", "MetricNames": "m-*"}):
        if statement["Resource"] == "*":
            assert set(listed(statement["Action"])) <= WITHOUT_A_NAME
            assert statement["Condition"], statement["Sid"]
        for resource in listed(statement["Resource"]):
            assert not resource.endswith((":*", "securityprofile/*", "custommetric/*", "table/*", "role/*"))


def test_tokens_are_made_for_entra_alone() -> None:
    (statement,) = (s for s in statements(HUB, "MirrorRole", GIVEN) if s["Sid"] == "SignInToAzure")
    assert statement["Condition"] == {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["api://AzureADTokenExchange"]},
        "Null": {"sts:IdentityTokenAudience": "false"},
    }


@pytest.mark.parametrize(
    ("path", "role", "given"), [(HUB, "GuestRole", GIVEN), (SPOKE, "WriterRole", SPOKE_GIVEN)]
)
@pytest.mark.parametrize("audience", ["", "api://mine"])
def test_the_azure_function_is_known_by_issuer_audience_and_subject(
    path: Path, role: str, given: Mapping[str, str], audience: str
) -> None:
    """The audience that nobody names is that of deploy.sh: Entra refuses one without the tenant's id."""
    stack = Stack(load(path), {**given, "EntraAudience": audience})
    expected = audience or f"api://{GUEST['EntraTenantId']}/policy-mirror"
    (provider,) = stack.resources("AWS::IAM::OIDCProvider").values()
    assert provider["ClientIdList"] == [expected]
    trust = json.loads(stack.resources()[role]["AssumeRolePolicyDocument"])
    issuer = f"sts.windows.net/{GUEST['EntraTenantId']}/"
    assert trust["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{issuer}:aud": expected,
                    f"{issuer}:sub": GUEST["EntraPrincipalId"],
                }
            },
        }
    ]


def test_the_roles_that_are_assumed_are_those_of_the_templates(calls: Calls) -> None:
    assert calls.assumed["azure"] == {GUEST_ROLE, f"{SPOKE_ROLES}/writer-us-east-1"}
    assert "lambda" not in calls.assumed
    spoke = Stack(load(SPOKE), SPOKE_GIVEN, {"AWS::Region": AWAY}).resources("AWS::IAM::Role")
    named = {role["Path"] + role["RoleName"] for role in spoke.values() if "RoleName" in role}
    assert named == {"/policy-mirror/reader-us-east-1", "/policy-mirror/writer-us-east-1"}


def test_a_call_that_no_role_allows_would_be_noticed(calls: Calls) -> None:
    allowed = statements(HUB, "MirrorRole", GIVEN)
    for need in (
        Need("iot:UpdateSecurityProfile", f"arn:aws:iot:{HOME}:{ACCOUNT}:securityprofile/home-pumps"),
        Need("dynamodb:GetItem", f"arn:aws:dynamodb:{HOME}:{ACCOUNT}:table/another"),
        Need("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/policy-mirror/writer-us-east-1"),
    ):
        assert not any(allows(statement, need) for statement in allowed)
    assert calls.needs["lambda"]

"""template.yaml, deployed: into an emulator of AWS, between the two clouds of the sandbox.

Profiles lie in the sandbox's AWS IoT, which no emulator has; what it emits goes to the emulator's event bus
under another source, because events that claim to come from AWS are refused there as on AWS. The function
signs in to Azure for itself: a token of the sandbox's STS, taken by the sandbox's Entra.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from functions.local.runtimes.tools import ROOT, Tools
from functions.local.sandbox import TwoClouds
from functions.local.sandbox.aws_sts import Sts
from functions.local.sandbox.azure_entra import Entra, FederatedCredential, Identity
from functions.local.sandbox.clients import arm_client, iot_client
from functions.local.sandbox.serving import LoopbackServer
from functions.local.sandbox.serving_tls import TlsServer
from functions.local.sandbox.signing import Signer
from tests.deployment.emulator import ACCOUNT, REGION, Emulator, Tls, emulator, until

SOURCE = "sandbox.iot"
ROUTES = "/policy-mirror/routes"
ISSUER = "https://0a1b2c3d.tokens.sts.global.api.aws"
TENANT = "3f2a6b5e-0c1d-4e7f-8a9b-112233445566"
CLIENT = "11111111-2222-4333-8444-000000000001"
APP = Identity("11111111-2222-4333-8444-000000000003", "11111111-2222-4333-8444-000000000004")
"""The Azure function's own."""
STRANGER = "11111111-2222-4333-8444-000000000002"
"""An identity that trusts nobody: signing in as it is refused."""

ROUTE = """\
  - id: {id}
    aws: {{account: "{account}", region: {region}}}
    azure: {{hub: {hub}, tenant_id: {tenant}, client_id: {client}}}
    names: {{include: ["{names}"]}}
    first_contact: sync
"""


class OneCaller(dict[str, str]):
    """Keys of the sandbox's STS: the emulator makes up those of the function, and nobody else asks."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.role = role

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str)

    def __getitem__(self, key: str) -> str:
        return self.role


@dataclass
class Place:
    clouds: TwoClouds
    aws: Emulator
    template: str
    sts: Sts
    entra: Entra
    outputs: dict[str, str] = field(default_factory=dict)
    iot: Any = None
    arm: Any = None
    forwards: bool = True
    azure: dict[str, str] = field(default_factory=dict)
    """What the Azure function's environment has to say to reach all this."""

    def deploy(self, *routes: tuple[str, str, str]) -> None:
        """``routes``: id, names, client. Each time a new version of parameter and function."""
        text = "version: 1\nroutes:\n" + "".join(self._route(*route) for route in routes)
        parameters = self.aws.client("ssm")
        version = parameters.put_parameter(Name=ROUTES, Value=text, Type="String", Overwrite=True)["Version"]
        given = {
            "EventSource": SOURCE,
            "SweepMinutes": "360",
            "RoutesVersion": str(version),
            "EntraTenantId": TENANT,
            "EntraPrincipalId": APP.principal_id,
            "CreateEntraProvider": "false",  # a type of resource that the emulator does not have
        }
        self.outputs = self.aws.deploy(self.template, given)
        self._trust_the_role()
        self._adapt()

    def _route(self, name: str, names: str, client: str) -> str:
        return ROUTE.format(
            id=name,
            account=ACCOUNT,
            region=REGION,
            hub=self.clouds.azure.hub,
            tenant=TENANT,
            client=client,
            names=names,
        )

    def _trust_the_role(self) -> None:
        role = self.outputs["MirrorRoleArn"]
        self.sts.callers = OneCaller(role)
        self.sts.may_sign = {role}
        trust = FederatedCredential(ISSUER, role, "api://AzureADTokenExchange")
        mirror = Identity(CLIENT, "mirror", [trust], attached=False)
        identities = (mirror, Identity(STRANGER, "stranger", attached=False), APP)
        self.entra.identities = {each.client_id: each for each in identities}

    def _adapt(self) -> None:
        """What AWS does by itself. CloudFormation makes a number of the parameter's text for the mapping, and
        waits for the snapshot of a version that is published. And whoever may send a message may send ten:
        sqs:SendMessageBatch is no action (service authorization reference, 2026-11), but asked for here."""
        batch = {"Effect": "Allow", "Action": "sqs:SendMessageBatch", "Resource": "*"}
        self.aws.client("iam").put_role_policy(
            RoleName=self.outputs["MirrorRoleArn"].rpartition("/")[2],
            PolicyName="emulator",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [batch]}),
        )
        functions = self.aws.client("lambda")
        alias = self.outputs["FunctionAlias"]
        until(lambda: functions.get_function(FunctionName=alias)["Configuration"]["State"] == "Active")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": 5}
            )

    @contextmanager
    def seen_again_soon(self) -> Iterator[None]:
        """No test waits for three minutes until a message that failed is seen again."""
        sqs, url = self.aws.client("sqs"), self.outputs["KeysQueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
        yield
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "180"})

    def forward(self, event: dict[str, Any]) -> None:
        """From CloudTrail to the default event bus."""
        if not self.forwards:
            return
        entry = {"Source": SOURCE, "DetailType": event["detail-type"], "Detail": json.dumps(event["detail"])}
        answer = self.aws.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer

    def invoke(self, payload: Any) -> Any:
        answer = self.aws.client("lambda").invoke(
            FunctionName=self.outputs["FunctionAlias"], Payload=json.dumps(payload)
        )
        told = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, told
        return told

    def let_the_schedule_fire(self) -> None:
        """The deployed schedule, with all that it has, is due a minute after it was made instead of hours."""
        scheduler = self.aws.client("scheduler")
        (found,) = scheduler.list_schedules()["Schedules"]
        schedule = scheduler.get_schedule(Name=found["Name"])
        kept = ("Name", "Target", "FlexibleTimeWindow")
        changed = {name: schedule[name] for name in kept}
        scheduler.update_schedule(ScheduleExpression="rate(1 minute)", **changed)

    def logged(self) -> list[dict[str, Any]]:
        """The function's own lines of JSON."""
        pages = self.aws.client("logs").get_paginator("filter_log_events")
        told = pages.paginate(logGroupName=self.outputs["LogGroupName"])
        lines = [event["message"] for page in told for event in page["events"]]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def outcomes(self, name: str) -> list[dict[str, Any]]:
        told = [line["outcome"] for line in self.logged() if line.get("message") == "looked"]
        return [outcome for outcome in told if outcome["link"].endswith(f"/{name}")]

    def waiting(self, queue: str) -> int:
        """Messages in a queue of the stack, whoever has them."""
        sqs = self.aws.client("sqs")
        kinds = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = sqs.get_queue_attributes(QueueUrl=self.outputs[queue], AttributeNames=kinds)["Attributes"]
        return sum(int(told[kind]) for kind in kinds)

    def groups(self) -> list[str]:
        """Names of the groups on the hub."""
        collection = self.clouds.azure_state.hubs[self.clouds.azure.hub.casefold()]
        return [group.name for group in collection.sorted()]

    def appears(self, name: str, seconds: float = 60.0) -> None:
        until(lambda: name in self.groups(), seconds)


@contextmanager
def deployed(tools: Tools, folder: Path) -> Iterator[Place]:
    """The emulator, empty as yet; :meth:`Place.deploy` comes next."""
    made: list[Place] = []

    def forward(event: dict[str, Any]) -> None:
        made[0].forward(event)

    sts, entra = Sts(Signer(ISSUER)), Entra(TENANT, Signer(f"https://sts.windows.net/{TENANT}/"))
    with ExitStack() as stack:
        clouds = stack.enter_context(TwoClouds(region=REGION, account=ACCOUNT, on_aws_event=forward))
        aws_sts = stack.enter_context(LoopbackServer(sts))
        entra.places = {ISSUER: aws_sts.url}
        sign_in = stack.enter_context(TlsServer(entra, folder))
        tls = Tls(folder)
        variables = {
            "AWS_CA_BUNDLE": str(tls.authority),
            "AWS_ENDPOINT_URL_IOT": clouds.aws.endpoint,
            "AWS_ENDPOINT_URL_STS": aws_sts.url,
            "AZURE_AUTHORITY_HOST": sign_in.url,
            "POLICY_MIRROR_ARM_ENDPOINT": clouds.azure.endpoint,
            "REQUESTS_CA_BUNDLE": str(sign_in.authority),
        }
        aws = stack.enter_context(emulator(tools, folder, tls, variables))
        template = (ROOT / "template.yaml").read_text(encoding="utf-8")
        bundle = Path(shutil.make_archive(str(folder / "bundle"), "zip", tools.aws))
        packaged = template.replace("CodeUri: .\n", f"CodeUri: {aws.upload(bundle)}\n")
        assert packaged != template
        made.append(Place(clouds, aws, packaged, sts, entra))
        made[0].azure = {
            "AWS_CA_BUNDLE": str(tls.authority),
            "AWS_ENDPOINT_URL_DYNAMODB": aws.endpoint,
            "AWS_ENDPOINT_URL_IOT": clouds.aws.endpoint,
            "IDENTITY_ENDPOINT": f"{stack.enter_context(LoopbackServer(entra)).url}/msi/token",
            "IDENTITY_HEADER": entra.header,
        }
        made[0].iot, made[0].arm = iot_client(clouds), arm_client(clouds)
        yield made[0]

"""Both cloud ports against the two clouds in a box, each with what the shared suite must know about it."""

from __future__ import annotations

import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from functions.local.sandbox.aws_state import AwsOptions
from functions.local.sandbox.azure_state import AzureOptions
from functions.local.sandbox.clients import StaticCredential, arm_client, iot_client
from functions.local.sandbox.clouds import TwoClouds
from functions.local.sandbox.faults import Faults
from shared.clouds import aws_iot, azure_arm
from shared.clouds.aws_iot import AwsIot
from shared.clouds.azure_groups import AzureGroups
from shared.sync.ports import Cloud, Document

if TYPE_CHECKING:
    from mypy_boto3_iot.client import IoTClient

MESSAGES = "MqttD2CMessagesNotInAllowedRange"


class Tenant(ABC):
    """One cloud as a test sees it: the port, another person's hands on the same scope, and its faults."""

    clouds: TwoClouds
    port: Cloud
    faults: Faults

    @abstractmethod
    def fresh(self, most: int) -> Document:
        """What ``create`` takes: a policy of one rule, at most so many messages in five minutes."""

    @abstractmethod
    def unacceptable(self) -> Document:
        """What ``create`` takes, and the cloud refuses."""

    @abstractmethod
    def edited(self, document: Document, most: int) -> Document: ...

    @abstractmethod
    def most(self, document: Document) -> int: ...

    @abstractmethod
    def somebody_writes(self, name: str, most: int) -> None: ...

    @abstractmethod
    def somebody_deletes(self, name: str) -> None: ...

    @abstractmethod
    def as_a_stranger(self) -> Cloud:
        """The port with an identity that is allowed nothing."""


@dataclass
class Aws(Tenant):
    clouds: TwoClouds

    def __post_init__(self) -> None:
        self.faults = self.clouds.aws_faults
        self.client = self.client_of("AKIASANDBOX")
        self.port = self.over(self.client)

    def client_of(self, access_key: str) -> IoTClient:
        return aws_iot.iot_client(self.clouds.aws.region, role_session=_session(access_key))

    def over(self, client: IoTClient) -> Cloud:
        return AwsIot(client, self.clouds.aws.account, self.clouds.aws.region)

    @cached_property
    def theirs(self) -> IoTClient:
        return iot_client(self.clouds)

    def just_after(self, operation: str, happens: Callable[[], object]) -> None:
        """``happens`` between our ``operation`` and whatever we do next."""

        def handler(**_: Any) -> None:
            happens()

        self.client.meta.events.register(f"after-call.iot.{operation}", handler)

    def fresh(self, most: int) -> Document:
        return {"securityProfileName": "ignored", "behaviors": [_behavior(most)]}

    def unacceptable(self) -> Document:
        return {"behaviors": [_behavior(1) | {"metric": "aws:moon-phase"}]}

    def edited(self, document: Document, most: int) -> Document:
        return {**document, "behaviors": [_behavior(most)]}

    def most(self, document: Document) -> int:
        return int(document["behaviors"][0]["criteria"]["value"]["count"])

    def somebody_writes(self, name: str, most: int) -> None:
        self.theirs.update_security_profile(securityProfileName=name, behaviors=[_behavior(most)])

    def somebody_deletes(self, name: str) -> None:
        self.theirs.delete_security_profile(securityProfileName=name)

    def as_a_stranger(self) -> Cloud:
        return self.over(self.client_of("DENIED"))


@dataclass
class Azure(Tenant):
    clouds: TwoClouds

    def __post_init__(self) -> None:
        self.faults = self.clouds.azure_faults
        self.port = self._port("user.mirror")
        self._theirs = arm_client(self.clouds).device_security_groups

    def _port(self, token: str) -> Cloud:
        client = azure_arm.arm_client(StaticCredential(token), base_url=self.clouds.azure.endpoint)
        return AzureGroups(client, self.clouds.azure.hub)

    def fresh(self, most: int) -> Document:
        return {"properties": {"timeWindowRules": [_rule(most)]}}

    def unacceptable(self) -> Document:
        return {"properties": {"timeWindowRules": [_rule(1) | {"minThreshold": "few"}]}}

    def edited(self, document: Document, most: int) -> Document:
        rules = [
            _rule(most) if _messages(rule) else rule for rule in document["properties"]["timeWindowRules"]
        ]
        return {**document, "properties": {**document["properties"], "timeWindowRules": rules}}

    def most(self, document: Document) -> int:
        return int(next(filter(_messages, document["properties"]["timeWindowRules"]))["maxThreshold"])

    def somebody_writes(self, name: str, most: int) -> None:
        body = {"properties": {"timeWindowRules": [_rule(most)]}}
        self._theirs.create_or_update(self.clouds.azure.hub, name, body)

    def somebody_deletes(self, name: str) -> None:
        self._theirs.delete(self.clouds.azure.hub, name)

    def as_a_stranger(self) -> Cloud:
        return self._port("denied")


@cache
def _session(access_key: str) -> boto3.Session:
    """Shared by all tests: a session reads botocore's service model, which takes longer than a test."""
    return boto3.Session(aws_access_key_id=access_key, aws_secret_access_key="sandbox")


def _behavior(most: int) -> Any:
    criteria = {"comparisonOperator": "less-than-equals", "value": {"count": most}, "durationSeconds": 300}
    return {"name": "messages", "metric": "aws:num-messages-sent", "criteria": criteria}


def _rule(most: int) -> Any:
    bounds = {"minThreshold": 0, "maxThreshold": most, "timeWindowSize": "PT5M"}
    return {"ruleType": MESSAGES, "isEnabled": True, **bounds}


def _messages(rule: Any) -> bool:
    return bool(rule["ruleType"] == MESSAGES)


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoClouds]:
    # The SDK's pauses between attempts are not what is tested.
    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr("azure.core.pipeline.transport.HttpTransport.sleep", lambda *_: None)
    # Ids in changing case would only make documents harder to compare.
    azure_options = AzureOptions(respelt=False, page_size=20)
    with TwoClouds(aws_options=AwsOptions(page_size=20), azure_options=azure_options) as both:
        monkeypatch.setenv("AWS_ENDPOINT_URL_IOT", both.aws.endpoint)
        yield both


@pytest.fixture
def aws(clouds: TwoClouds) -> Aws:
    return Aws(clouds)


@pytest.fixture
def azure(clouds: TwoClouds) -> Azure:
    return Azure(clouds)


@pytest.fixture(params=[Aws, Azure])
def tenant(request: pytest.FixtureRequest, clouds: TwoClouds) -> Tenant:
    kind: type[Aws] | type[Azure] = request.param
    return kind(clouds)

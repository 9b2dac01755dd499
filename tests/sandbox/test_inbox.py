"""The sandbox's inbox takes what the product publishes, and shows it over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import boto3
import pytest

from functions.local.sandbox.clouds import TwoClouds
from functions.local.sandbox.inbox import KEPT, Inbox
from shared.clouds.aws_notices import publish

ARN = "arn:aws:sns:eu-central-1:123456789012:notices"


@pytest.fixture
def clouds() -> Iterator[TwoClouds]:
    with TwoClouds() as running:
        yield running


def test_what_is_published_through_boto3_stands_in_the_inbox_of_both_endpoints(clouds: TwoClouds) -> None:
    sns: Any = boto3.client("sns", endpoint_url=clouds.aws.endpoint, region_name="eu-central-1")
    publish(sns, ARN, "policy-mirror: conflict", "Größe & <b>\nline", {"kind": "conflict", "id": "7"})
    want = {"kind": "conflict", "id": "7", "subject": "policy-mirror: conflict", "text": "Größe & <b>\nline"}
    assert clouds.inbox.all() == [want]
    for endpoint in (clouds.aws.endpoint, clouds.azure.endpoint):
        with urlopen(f"{endpoint}/_sandbox/notices") as answer:
            assert json.load(answer) == {"notices": [want]}


def test_the_inbox_keeps_the_latest_notices_only() -> None:
    inbox = Inbox()
    for number in range(KEPT + 1):
        inbox.put({"id": number})
    assert [inbox.all()[0]["id"], len(inbox.all())] == [1, KEPT]

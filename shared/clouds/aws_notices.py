"""A text for people, published to an SNS topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, cast

from shared.clouds import aws_errors


class Topics(Protocol):
    """What is used of boto3's sns client."""

    def publish(
        self,
        *,
        TopicArn: str,  # noqa: N803 - the API's own spelling
        Subject: str,  # noqa: N803
        Message: str,  # noqa: N803
        MessageAttributes: Mapping[str, Any],  # noqa: N803
    ) -> object: ...


def topics_client(region: str) -> Topics:
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
    return cast("Topics", boto3.Session().client("sns", region_name=region, config=config))


def publish(client: Topics, topic_arn: str, subject: str, text: str, attributes: Mapping[str, str]) -> None:
    """``attributes`` are what a subscription may filter by. Raises CloudError."""
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    with aws_errors.asking(f"SNS topic {topic_arn}", "sns:Publish"):
        client.publish(TopicArn=topic_arn, Subject=subject, Message=text, MessageAttributes=told)

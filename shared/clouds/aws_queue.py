"""Messages for SQS: the platform spreads the looks over workers and repeats what fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.clouds import aws_errors
from shared.errors import Unreachable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
"""Messages in one SendMessageBatch (SQS API reference, 2026)."""


def waiting(client: SQSClient, queue_url: str) -> int:
    """Messages that nobody has taken yet, about. Raises CloudError."""
    with aws_errors.asking(f"SQS queue {queue_url}", "sqs:GetQueueAttributes"):
        told = client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])


def send(client: SQSClient, queue_url: str, messages: Sequence[str], delay: float = 0) -> None:
    """To be seen after ``delay`` seconds (at most 900, SQS's own limit).

    Raises Unreachable that says how many were not taken: sweep again.
    """
    where = f"SQS queue {queue_url}"
    refused, wait = 0, min(900, math.ceil(delay))
    for start in range(0, len(messages), BATCH):
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(position), "MessageBody": body, "DelaySeconds": wait}
            for position, body in enumerate(messages[start : start + BATCH])
        ]
        with aws_errors.asking(where, "sqs:SendMessage"):
            answer = client.send_message_batch(QueueUrl=queue_url, Entries=entries)
        refused += len(answer.get("Failed", []))
    if refused:
        raise Unreachable(where, f"{refused} of {len(messages)} messages were not taken: sweep again")

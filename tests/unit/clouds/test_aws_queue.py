"""What a sweep sends to SQS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.clouds.aws_queue import send as send_messages
from shared.clouds.aws_queue import waiting
from shared.errors import Denied, Unreachable

URL = "https://sqs.eu-central-1.amazonaws.com/123456789012/keys"


class Queue:
    def __init__(self, *, failed: int = 0, error: str | None = None) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self._failed = failed
        self._error = error

    def get_queue_attributes(self, **asked: Any) -> Any:
        assert asked == {"QueueUrl": URL, "AttributeNames": ["ApproximateNumberOfMessages"]}
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": "no"}}, "GetQueueAttributes")
        return {"Attributes": {"ApproximateNumberOfMessages": "17"}}

    def send_message_batch(self, **asked: Any) -> Any:
        assert asked["QueueUrl"] == URL
        if self._error:
            raise ClientError({"Error": {"Code": self._error, "Message": "no"}}, "SendMessageBatch")
        self.batches.append(asked["Entries"])
        return {"Failed": [{}] * self._failed}


def send(queue: Queue, count: int, delay: float = 0) -> None:
    client: Any = queue
    send_messages(client, URL, [json.dumps(number) for number in range(count)], delay)


def test_ten_messages_go_into_a_batch() -> None:
    queue = Queue()
    send(queue, 23)
    assert [len(batch) for batch in queue.batches] == [10, 10, 3]
    assert json.loads(queue.batches[2][2]["MessageBody"]) == 22


def test_a_delay_is_whole_seconds_and_never_more_than_sqs_takes() -> None:
    queue = Queue()
    send(queue, 1, 2.1)
    send(queue, 1, 5000)
    assert [batch[0]["DelaySeconds"] for batch in queue.batches] == [3, 900]


def test_messages_that_the_queue_does_not_take_are_counted() -> None:
    with pytest.raises(Unreachable, match="4 of 12 messages were not taken: sweep again"):
        send(Queue(failed=2), 12)


def test_messages_that_wait_are_counted_by_the_queue() -> None:
    client: Any = Queue()
    assert waiting(client, URL) == 17
    denied: Any = Queue(error="AccessDenied")
    with pytest.raises(Denied, match="sqs:GetQueueAttributes"):
        waiting(denied, URL)


def test_a_queue_that_may_not_be_written_names_the_permission() -> None:
    with pytest.raises(Denied, match="sqs:SendMessage"):
        send(Queue(error="AccessDenied"), 1)

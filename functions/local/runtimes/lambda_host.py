"""What AWS does around the Lambda: takes messages from the queue in batches, and keeps those that failed."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

from functions.local.runtimes.lambda_runtime import LambdaFailed, LambdaRuntime

BATCH = 10
MOMENT = 0.05
ATTRIBUTES = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class LambdaHost:
    """An event source mapping with partial batch failures: what a batch does not name as failed is deleted,
    the rest is seen again when the queue's visibility timeout is over. Runs until :meth:`close`."""

    def __init__(
        self, runtime: LambdaRuntime, sqs: Any, queue_url: str, *, failed: Callable[[LambdaFailed], object]
    ) -> None:
        self._runtime = runtime
        self._sqs = sqs
        self._queue = queue_url
        self._failed = failed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="lambda-host", daemon=True)
        self._thread.start()

    def send(self, event: Any) -> None:
        """As an EventBridge rule does whose target is the queue."""
        self._sqs.send_message(QueueUrl=self._queue, MessageBody=json.dumps(event))

    def idle(self, timeout: float) -> bool:
        """Waits until the queue is empty; False when ``timeout`` seconds pass first."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            told = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=list(ATTRIBUTES))
            if not any(int(told["Attributes"].get(name, 0)) for name in ATTRIBUTES):
                return True
            self._stop.wait(MOMENT)
        return False

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        while not self._stop.is_set():
            told = self._sqs.receive_message(
                QueueUrl=self._queue, MaxNumberOfMessages=BATCH, AttributeNames=["All"]
            )
            if messages := told.get("Messages", []):
                self._deliver({message["MessageId"]: message for message in messages})
            else:
                self._stop.wait(MOMENT)

    def _deliver(self, messages: Mapping[str, Any]) -> None:
        try:
            told = self._runtime.invoke({"Records": [_record(each) for each in messages.values()]})
        except LambdaFailed as failed:
            self._failed(failed)
            return
        kept = {failure["itemIdentifier"] for failure in told["batchItemFailures"]}
        for message_id, message in messages.items():
            if message_id not in kept:
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:policy-mirror-keys",
        "awsRegion": "eu-central-1",
    }

"""The platforms' queues, which take what has to be looked at later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from shared.clouds import aws_queue
from shared.operations.payload import message
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.sync.link import LinkKey

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from mypy_boto3_sqs import SQSClient

    from shared.operations.mirror import Enqueue


def sqs(queue_url: str | None, sweep_queue_url: str | None) -> Enqueue | None:
    """What a sweep asks for goes to a queue of its own: no event should wait behind it."""
    if queue_url is None or sweep_queue_url is None:
        return None

    @cache
    def client() -> SQSClient:
        import boto3

        return boto3.Session().client("sqs")

    def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        messages: dict[str, list[str]] = {}
        for each in asked:
            url = sweep_queue_url if cause.swept or isinstance(each, Sweep) else queue_url
            messages.setdefault(url, []).append(message(each, cause))
        for url, some in messages.items():
            aws_queue.send(client(), url, some, delay)

    return enqueue


def storage_queue(url: str | None, credential: Callable[[], TokenCredential]) -> Enqueue | None:
    if url is None:
        return None
    from shared.clouds import azure_queue

    send = azure_queue.sender(url, credential)

    def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        send([message(each, cause) for each in asked], delay)

    return enqueue


def waiting(*urls: str | None) -> dict[str, int]:
    """How many messages each of these queues of SQS has, by its name."""
    import boto3

    client = boto3.Session().client("sqs")
    return {url.rpartition("/")[2]: aws_queue.waiting(client, url) for url in dict.fromkeys(urls) if url}

"""The rest of AWS that the functions use, on this machine: DynamoDB, SQS and STS, by ministack."""

from __future__ import annotations

import tempfile
from collections import deque
from contextlib import ExitStack
from typing import Any, Self

from functions.local.runtimes.process import Child, NotUp, free_port, listening
from functions.local.runtimes.tools import Tools

TABLE = "policy-mirror-ledger"
QUEUE = "policy-mirror-keys"


class Ministack:
    """Runs from construction to :meth:`close`, with an empty ledger table and the queue of keys.

    ``visibility``: seconds until a message that was taken and not deleted is seen again.
    """

    def __init__(self, tools: Tools, account: str, region: str, visibility: int) -> None:
        self.region = region
        self._said: deque[str] = deque(maxlen=20)
        with ExitStack() as stack:
            home = stack.enter_context(tempfile.TemporaryDirectory(prefix="policy-mirror-aws-"))
            self._start(stack, tools, account, home)
            self._create_table()
            self.ledger = f"dynamodb:{TABLE}@{region}"
            self.queue_url = self._create_queue(visibility)
            self._open = stack.pop_all()

    def client(self, service: str) -> Any:
        import boto3

        session: Any = boto3.Session("ASIASANDBOX", "local", "local", region_name=self.region)
        return session.client(service, endpoint_url=self.endpoint)

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, stack: ExitStack, tools: Tools, account: str, home: str) -> None:
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        child = Child(
            [tools.python, tools.ministack / "bin" / "ministack"],
            environment={
                "PATH": "/usr/bin:/bin",
                "PYTHONPATH": str(tools.ministack),
                "HOME": home,
                "TMPDIR": home,
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(port),
                "MINISTACK_HOST": "127.0.0.1",
                "MINISTACK_ACCOUNT_ID": account,
                "MINISTACK_REGION": self.region,
                "IOT_MTLS_ENABLED": "0",  # else it listens on every address
                "LOG_LEVEL": "WARNING",
            },
            folder=tools.ministack,
            heard=self._said.append,
        )
        stack.callback(child.end)
        try:
            listening(port, lambda: child.running)
        except NotUp as error:
            raise NotUp(f"ministack: {error}; {' '.join(self._said)}") from None

    def _create_table(self) -> None:
        """As the template has it."""
        self.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )

    def _create_queue(self, visibility: int) -> str:
        sqs = self.client("sqs")
        url: str = sqs.create_queue(QueueName=QUEUE, Attributes={"VisibilityTimeout": str(visibility)})[
            "QueueUrl"
        ]
        return url

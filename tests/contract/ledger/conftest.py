"""Every store that the contract is for. DynamoDB is moto, in this process."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from mypy_boto3_dynamodb import DynamoDBClient

from shared.ledger.dynamodb import DynamoLedger
from shared.ledger.sqlite import SqliteLedger
from shared.sync.ports import Ledger

TABLE = "ledger"
REGION = "eu-central-1"


class OneAtATime:
    """A client whose requests do not overlap. DynamoDB isolates writes to an item; moto does not lock."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def locked(**request: Any) -> Any:
            with self._lock:
                return method(**request)

        return locked


def counter(name: str = "nonce") -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{name}-{next(numbers)}"


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Reads the service model once. Clients are each test's own: some listen to their events."""
    return boto3.Session()


@pytest.fixture
def dynamodb(session: boto3.Session) -> DynamoDBClient:
    """One attempt a request, so that nothing pauses."""
    once = Config(retries={"total_max_attempts": 1, "mode": "standard"})
    return session.client("dynamodb", region_name=REGION, config=once)


@pytest.fixture
def client(dynamodb: DynamoDBClient) -> Iterator[DynamoDBClient]:
    """A DynamoDB with one empty table."""
    with mock_aws():
        dynamodb.create_table(
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
        yield dynamodb


@pytest.fixture(params=["sqlite file", "sqlite memory", "dynamodb"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """Opens one more ledger over the one store; for SQLite in memory the only one again."""
    with ExitStack() as closing:
        if request.param == "sqlite file":
            yield lambda: closing.enter_context(SqliteLedger(tmp_path / "ledger.db"))
        elif request.param == "sqlite memory":
            only = closing.enter_context(SqliteLedger(":memory:"))
            yield lambda: only
        else:
            client = cast("DynamoDBClient", OneAtATime(request.getfixturevalue("client")))
            nonce = counter()
            yield lambda: DynamoLedger(TABLE, client, nonce=nonce)


@pytest.fixture
def ledger(another: Callable[[], Ledger]) -> Ledger:
    return another()

"""One table as the ledger uses it: strongly consistent reads, page by page, and whole writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from shared.errors import LedgerUnavailable
from shared.ledger.dynamo_errors import answers

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from shared.ledger.dynamo_items import Item

CONNECT_SECONDS = 3
READ_SECONDS = 5
ATTEMPTS = 3
CONNECTIONS = 25


def dynamo_client(
    region: str, *, session: Session | None = None, endpoint_url: str | None = None
) -> DynamoDBClient:
    """A client that gives up in time for a function of 30 s: 3 attempts of at most 5 s each, once connected.
    ``session`` carries the credentials; without it they are those of the process. It says who calls in few
    words: botocore's own are put together twice for each request, a tenth of what that costs (1.44.5)."""
    import boto3
    import botocore
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=CONNECTIONS,
        tcp_keepalive=True,
        user_agent=f"policy-mirror Botocore/{botocore.__version__}",
    )
    return (session or boto3.Session()).client(
        "dynamodb", region_name=region, endpoint_url=endpoint_url, config=config
    )


class ClientWhenAsked:
    """A client that ``build`` makes with the first call: an event that needs no ledger loads no SDK."""

    def __init__(self, build: Callable[[], DynamoDBClient]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._client: DynamoDBClient | None = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._build()
        return getattr(self._client, name)


class Table:
    """Every method raises only LedgerError. ``label`` names the record in it."""

    def __init__(self, name: str, client: DynamoDBClient | ClientWhenAsked) -> None:
        self.name = name
        self._client = client

    def get(self, place: Item, label: str) -> Item | None:
        with answers(self.name, [label]):
            answer = self._client.get_item(TableName=self.name, Key=place, ConsistentRead=True)
        return answer.get("Item")

    def batch_get(self, places: Sequence[Item]) -> Iterator[Item]:
        """Those of at most 100 that exist, in any order.

        A round reads at most 16 MB, and 1 MB of a partition, and names the keys it left (API reference,
        BatchGetItem, read 2026-11-22). No pause between rounds: one that could read nothing because of
        throttling is an error answer, and for those the client has its own pauses.
        """
        while places:
            with answers(self.name, [f"{len(places)} links"]):
                answer = self._client.batch_get_item(
                    RequestItems={self.name: {"Keys": places, "ConsistentRead": True}}
                )
            yield from answer["Responses"].get(self.name, [])
            left = answer.get("UnprocessedKeys", {}).get(self.name, {"Keys": []})["Keys"]
            if len(left) >= len(places):
                raise LedgerUnavailable(f"table {self.name} read none of {len(places)} links: it is busy")
            places = [dict(place) for place in left]

    def query(
        self, partition: str, label: str, after: AttributeValueTypeDef | None = None, **more: Any
    ) -> Iterator[Item]:
        """A whole partition in the order of its sort keys, or what comes after one of them."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
            "ConsistentRead": True,
            **more,
        }
        if after is not None:
            request["KeyConditionExpression"] += " AND sk > :after"
            request["ExpressionAttributeValues"][":after"] = after
        while True:
            with answers(self.name, [label]):
                page = self._client.query(**request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def put(self, put: dict[str, Any], label: str) -> None:
        with answers(self.name, [label]):
            self._client.put_item(TableName=self.name, **put)

    def transact(
        self, actions: Sequence[tuple[str, dict[str, Any]]], labels: Sequence[str], token: str
    ) -> None:
        """``actions`` are kinds ("Put", "Update", "ConditionCheck") and their requests. A repetition with the
        same ``token`` within 10 minutes does nothing and succeeds."""
        items: list[Any] = [{kind: {"TableName": self.name, **request}} for kind, request in actions]
        with answers(self.name, labels):
            self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)

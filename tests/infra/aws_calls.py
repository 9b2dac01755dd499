"""Which AWS calls the clients make, and what each of them asks of IAM.

The mapping is that of AWS's service authorization reference (2026-11): most operations are an action of the
same name, batches and transactions ask for the action of each member.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from botocore import handlers

IN_A_TRANSACTION = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
UNSIGNED = {"AssumeRoleWithWebIdentity"}
"""No policy of the caller's is asked: the token itself is."""

FREE = {"GetCallerIdentity"}
"""Needs no permission, and no policy can deny it (STS API reference, 2026-11)."""


class Need(NamedTuple):
    action: str
    resource: str


@dataclass
class Calls:
    """Collects what is needed under the name in ``who``, if there is one, whichever client asks."""

    account: str
    who: str | None = None
    needs: dict[str, set[Need]] = field(default_factory=dict)
    assumed: dict[str, set[str]] = field(default_factory=dict)

    @contextmanager
    def heard(self) -> Iterator[Calls]:
        entry = ("before-parameter-build", self._hear)
        handlers.BUILTIN_HANDLERS.append(entry)
        try:
            yield self
        finally:
            handlers.BUILTIN_HANDLERS.remove(entry)

    @contextmanager
    def by(self, who: str) -> Iterator[None]:
        before, self.who = self.who, who
        try:
            yield
        finally:
            self.who = before

    def _hear(self, params: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any) -> None:
        service, operation = model.service_model.service_name, model.name
        if self.who is None or operation in FREE:
            return
        if operation in UNSIGNED:
            self.assumed.setdefault(self.who, set()).add(params["RoleArn"])
            return
        place = f"{context['client_region']}:{self.account}"
        self.needs.setdefault(self.who, set()).update(_needs(service, operation, params, place))


def _needs(service: str, operation: str, params: Mapping[str, Any], place: str) -> Iterator[Need]:
    match service, operation:
        case "dynamodb", _:
            for action, table in _of_tables(operation, params):
                yield Need(f"dynamodb:{action}", f"arn:aws:dynamodb:{place}:table/{table}")
        case "sqs", _:
            queue = params["QueueUrl"].rpartition("/")[2]
            yield Need(f"sqs:{operation.removesuffix('Batch')}", f"arn:aws:sqs:{place}:{queue}")
        case "sns", "Publish":
            yield Need("sns:Publish", params["TopicArn"])
        case "ssm", "GetParameter":
            yield Need("ssm:GetParameter", f"arn:aws:ssm:{place}:parameter{params['Name']}")
        case "sts", "AssumeRole":
            yield Need("sts:AssumeRole", params["RoleArn"])
        case "iot", _:
            yield Need(f"iot:{operation}", _iot_resource(params, place))
        case _:
            yield Need(f"{service}:{operation}", "*")


def _of_tables(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            ((kind, request),) = item.items()
            yield IN_A_TRANSACTION[kind], request["TableName"]
    elif operation == "BatchGetItem":
        yield from ((operation, table) for table in params["RequestItems"])
    else:
        yield operation, params["TableName"]


def _iot_resource(params: Mapping[str, Any], place: str) -> str:
    if "resourceArn" in params:
        return str(params["resourceArn"])
    for member, kind in (("securityProfileName", "securityprofile"), ("metricName", "custommetric")):
        if member in params:
            return f"arn:aws:iot:{place}:{kind}/{params[member]}"
    return "*"

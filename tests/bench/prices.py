"""List prices in US dollars. No free grant is taken off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """``dollars`` for one ``unit``; ``read``: the month in which a stored copy of ``source`` was looked at,
    or nothing where no page was. Unless ``confirmed``, it is not the vendor's own page: UNCONFIRMED."""

    dollars: float
    unit: str
    region: str
    source: str
    read: str
    confirmed: bool = False


_US, _EAST = "us-east-1", "East US"
_MODAL = "modal.com/blog/azure-function-pricing-guide"
_AIRBYTE = "airbyte.com/data-engineering-resources/dynamodb-pricing"
_CLOUDCHIPR = "cloudchipr.com/blog/aws-lambda-pricing"
_NONE = "no page was read"
_NOW = "2026-11"

PRICES = {
    "DynamoDB write units": Price(0.625e-6, "write request unit", _US, _AIRBYTE, _NOW),
    "DynamoDB read units": Price(0.125e-6, "read request unit", _US, _AIRBYTE, _NOW),
    "Lambda requests": Price(0.20e-6, "request", _US, "git.mcrn.ar lambda-13-cost.md", _NOW),
    "Lambda GB-seconds": Price(0.0000133334, "GB-second, arm64", _US, _CLOUDCHIPR, _NOW),
    "SQS requests": Price(
        0.40e-6, "request, standard queue", _US, "cloudburn.io/blog/amazon-sqs-pricing", _NOW
    ),
    "EventBridge events": Price(
        0.0, "event of an AWS service", _US, "aws.amazon.com/eventbridge/pricing", _NOW, True
    ),
    "Scheduler invocations": Price(
        1e-6, "invocation", _US, "cloudburn.io/blog/amazon-eventbridge-pricing", _NOW
    ),
    "Functions executions": Price(0.40e-6, "execution, Flex", _EAST, _NONE, ""),
    "Functions GB-seconds": Price(0.000026, "GB-second, Flex", _EAST, _MODAL, _NOW),
    "Event Grid operations": Price(0.60e-6, "operation", _EAST, _NONE, ""),
    "Storage queue operations": Price(0.40e-6, "operation", _EAST, _NONE, ""),
    "CloudWatch alarms": Price(0.10, "alarm and month", _US, _NONE, ""),
    "Azure log alerts": Price(0.50, "alert of 15 minutes and month", _EAST, _NONE, ""),
    "Azure metric alerts": Price(0.10, "alert and month", _EAST, _NONE, ""),
}

"""What AWS delivers, read down to a key.

No public sample of a CloudTrail record about a security profile was found (2026-09); those of other IoT
operations are the pattern. So the name is looked for wherever it may stand, and a record that names none asks
for a look at the whole scope. What a record says about the policy itself is never read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from shared.errors import BadEvent
from shared.operations.payload import (
    instant,
    json_of,
    object_of,
    optional_object,
    optional_text,
    plain_request,
    text,
)
from shared.operations.requests import Ignored, Look, Request, Sweep
from shared.telemetry import trace_of
from shared.translation.names import unspellable
from shared.translation.side import Side

API_CALL = "AWS API Call via CloudTrail"
READS = ("Describe", "Get", "List", "Search", "Test", "Validate")
PROFILE_WRITES = frozenset(
    {
        "AttachSecurityProfile",
        "CreateSecurityProfile",
        "DeleteSecurityProfile",
        "DetachSecurityProfile",
        "UpdateSecurityProfile",
    }
)
TAG_WRITES = frozenset({"TagResource", "UntagResource"})

_SCOPE = re.compile(r"[0-9]{12}/[a-z0-9-]{1,32}")
_FOLLOWS = re.compile(r"\btrace/([0-9a-f]{32})\b")
MAX_AGENT = 1024
"""Characters of a user agent (CloudTrail record contents, 2026)."""

_PROFILE_ARN = re.compile(r"arn:[^:]+:iot:[^:]*:[^:]*:securityprofile/(.+)")


def requests_of(payload: Any) -> list[Request]:
    """``payload``: the event of one invocation, or the body of one SQS message as text. Raises BadEvent.

    An EventBridge event (a CloudTrail record or a schedule), the scheduler's own payload, a key that a sweep
    enqueued, or a command.
    """
    event = json_of(payload, "the message") if isinstance(payload, str | bytes) else payload
    return [_request(object_of(event, "the event"))]


def _request(event: Mapping[str, Any]) -> Request:
    plain = plain_request(event)
    if plain is not None:
        return plain
    source = optional_text(event.get("source"), "source")
    kind = optional_text(event.get("detail-type"), "detail-type")
    if source == "aws.scheduler" or (source, kind) == ("aws.events", "Scheduled Event"):
        return Sweep()
    if kind == API_CALL:
        return _call(event, object_of(event.get("detail"), "detail"))
    if kind is None:
        raise BadEvent("the event: it has neither detail-type, command, sweep, nor route and name")
    return Ignored("other-service")


def _call(event: Mapping[str, Any], detail: Mapping[str, Any]) -> Request:
    if text(detail.get("eventSource"), "detail.eventSource") != "iot.amazonaws.com":
        return Ignored("other-service")
    operation = text(detail.get("eventName"), "detail.eventName")
    if detail.get("errorCode") is not None:
        return Ignored("failed-call")
    if detail.get("readOnly") in (True, "true") or operation.startswith(READS):
        return Ignored("not-a-write")
    if operation not in PROFILE_WRITES | TAG_WRITES:
        return Ignored("not-a-policy")
    asked = optional_object(detail.get("requestParameters"), "detail.requestParameters")
    told = optional_object(detail.get("responseElements"), "detail.responseElements")
    arn = optional_text(asked.get("resourceArn"), "detail.requestParameters.resourceArn", 2048)
    if operation in TAG_WRITES and arn is not None and not _PROFILE_ARN.fullmatch(arn):
        return Ignored("not-a-policy")
    return Look(
        Side.AWS,
        _scope(event, detail),
        _name(asked, told, arn),
        _trace(event, detail),
        instant(optional_text(detail.get("eventTime"), "detail.eventTime")),
    )


def _name(asked: Mapping[str, Any], told: Mapping[str, Any], arn: str | None) -> str | None:
    """None where nothing names a profile: CloudTrail leaves out whole members that are too large."""
    for place, members in (("requestParameters", asked), ("responseElements", told)):
        path = f"detail.{place}.securityProfileName"
        name = optional_text(members.get("securityProfileName"), path)
        if name is not None:
            return _spelt(name, path)
    from_arn = _PROFILE_ARN.fullmatch(arn or "")
    return _spelt(from_arn[1], "detail.requestParameters.resourceArn") if from_arn else None


def _trace(event: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    """Our own writes say in their user agent what they follow from; any other call begins a trace."""
    agent = detail.get("userAgent")
    follows = _FOLLOWS.search(agent[:MAX_AGENT]) if isinstance(agent, str) else None
    event_id = optional_text(detail.get("eventID"), "detail.eventID") or optional_text(event.get("id"), "id")
    return trace_of(follows[1] if follows else None, event_id)


def _spelt(name: str, path: str) -> str:
    if unspellable(Side.AWS, name):
        raise BadEvent(f"{path}: these {len(name)} characters are no name of a security profile")
    return name


def _scope(event: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    """``account/region``; the record knows better than its envelope."""
    account = optional_text(detail.get("recipientAccountId"), "detail.recipientAccountId")
    region = optional_text(detail.get("awsRegion"), "detail.awsRegion")
    scope = (
        f"{account or text(event.get('account'), 'account')}/{region or text(event.get('region'), 'region')}"
    )
    if not _SCOPE.fullmatch(scope):
        raise BadEvent("detail.recipientAccountId, detail.awsRegion: they are no account and region")
    return scope

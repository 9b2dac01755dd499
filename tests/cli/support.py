"""Running ``policy-mirror`` in this process, and documents to run it on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from functions.local.cli import main

HUB = (
    "/subscriptions/20ff7fc3-e762-44dd-bd96-b71116dcdc23/resourceGroups/SampleRG"
    "/providers/Microsoft.Devices/IotHubs/sampleiothub"
)

Document = dict[str, Any]


def run(*arguments: str | Path, stdin: bytes | str | None = None, **environment: str) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=stdin, env=environment)


def translated(*arguments: str | Path, stdin: Any = None) -> Document:
    """What ``translate --json`` prints; ``stdin`` is a document."""
    given = None if stdin is None else json.dumps(stdin)
    result = run("translate", *arguments, "--json", stdin=given)
    assert (result.exit_code, result.stderr) == (0, "")
    answer: Document = json.loads(result.stdout)
    return answer


def refusal(result: Result) -> str:
    """The one line that a refused command prints, without the program's name."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert isinstance(result.exception, SystemExit)
    head, _, problem = result.stderr.partition("policy-mirror: ")
    assert head == ""
    assert problem.endswith("\n")
    line = problem[:-1]
    assert line.isprintable()
    return line


def refused(document: Any, *arguments: str) -> str:
    """Why ``document``, as standard input, is refused."""
    text = document if isinstance(document, bytes | str) else json.dumps(document)
    line = refusal(run("translate", "-", *arguments, stdin=text))
    assert line.startswith("-: ")
    return line.removeprefix("-: ")


def behavior(
    name: str = "sent-max",
    operator: str = "less-than-equals",
    count: Any = 100,
    metric: str = "aws:num-messages-sent",
    **criteria: Any,
) -> Document:
    stated = {"comparisonOperator": operator, "value": {"count": count}, "durationSeconds": 300}
    return {"name": name, "metric": metric, "criteria": stated | criteria}


def profile(*behaviors: Any, **members: Any) -> Document:
    return {"securityProfileName": "plant-a", "behaviors": list(behaviors), **members}


def window_rule(stem: str = "MqttD2CMessages", low: Any = 0, high: Any = 100, **members: Any) -> Document:
    return {
        "ruleType": f"{stem}NotInAllowedRange",
        "isEnabled": True,
        "minThreshold": low,
        "maxThreshold": high,
        "timeWindowSize": "PT5M",
    } | members


def allowlist(stem: str, *values: Any, **members: Any) -> Document:
    return {"ruleType": f"{stem}NotAllowed", "isEnabled": True, "allowlistValues": list(values)} | members


def group(*rules: Any, **lists: Any) -> Document:
    """A PUT body."""
    return {"properties": {"timeWindowRules": list(rules), **lists}}


def answered(body: Document, name: str = "plant-a") -> Document:
    """The GET response of a group that was put so."""
    group_id = f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/{name}"
    return {"id": group_id, "name": name, "type": "Microsoft.Security/deviceSecurityGroups", **body}


def full_profile() -> Document:
    """A DescribeSecurityProfile response that says everything a profile can."""
    role = "arn:aws:iam::123456789012:role/device-defender"
    return profile(
        behavior("sent-max", "less-than", 100, consecutiveDatapointsToAlarm=3, consecutiveDatapointsToClear=1)
        | {"suppressAlerts": True, "exportMetric": False},
        behavior("sent-min", "greater-than", 4),
        behavior("auth", count=7, metric="aws:num-authorization-failures", durationSeconds=600),
        behavior("tcp", count=10, metric="aws:num-established-tcp-connections"),
        {
            "name": "destinations",
            "metric": "aws:destination-ip-addresses",
            "criteria": {
                "comparisonOperator": "in-cidr-set",
                "value": {"cidrs": ["192.168.1.7", "10.0.0.0/8"]},
            },
        },
        {
            "name": "ports",
            "metric": "aws:listening-tcp-ports",
            "criteria": {"comparisonOperator": "in-port-set", "value": {"ports": [22, 443]}},
        },
        {
            "name": "topics",
            "metric": "aws:num-messages-sent",
            "metricDimension": {"dimensionName": "telemetry", "operator": "NOT_IN"},
            "criteria": {"comparisonOperator": "less-than", "value": {"count": 5}, "durationSeconds": 300},
        },
        {
            "name": "learned",
            "metric": "aws:num-disconnects",
            "criteria": {"mlDetectionConfig": {"confidenceLevel": "HIGH"}},
        },
        {
            "name": "percentile",
            "metric": "aws:message-byte-size",
            "criteria": {
                "comparisonOperator": "less-than-equals",
                "durationSeconds": 900,
                "statisticalThreshold": {"statistic": "p99.9"},
            },
        },
        {
            "name": "battery",
            "metric": "battery",
            "criteria": {"comparisonOperator": "greater-than", "value": {"number": 3.5}},
        },
        securityProfileDescription="Pumps of plant A",
        securityProfileArn="arn:aws:iot:eu-central-1:123456789012:securityprofile/plant-a",
        alertTargets={"SNS": {"alertTargetArn": "arn:aws:sns:eu-central-1:1:alarm", "roleArn": role}},
        additionalMetricsToRetain=["aws:num-disconnects"],
        additionalMetricsToRetainV2=[{"metric": "battery", "exportMetric": True}],
        metricsExportConfig={"mqttTopic": "metrics", "roleArn": role},
        tags=[{"Key": "plant", "Value": "a"}],
        version=3,
        creationDate=1700000000.5,
        lastModifiedDate="2026-11-22T10:00:00Z",
        futureMember={"x": [1, None]},
    )


def full_group() -> Document:
    """A GET response with rules that are shared, held, parked, foreign and hidden."""
    body = group(
        window_rule("ActiveConnections", 0, 30, timeWindowSize="PT05M", displayName="x", description="y"),
        window_rule("MqttD2CMessages", 1, 60, timeWindowSize="PT15M"),
        window_rule("MqttC2DMessages", 1, 60, timeWindowSize="PT10M"),
        window_rule("FailedLocalLogins", 0, 5),
        window_rule("UnauthorizedOperations", 0, 7, isEnabled=False),
        window_rule("Unheard", 0, 7),
        allowlistRules=[
            allowlist("ConnectionToIp", "10.0.0.0/8"),
            allowlist("Process", "sh", "agent", "a\x07b"),
            {"ruleType": "LocalUserNotAllowed", "isEnabled": False},
        ],
        denylistRules=[{"ruleType": "Ports", "isEnabled": False, "denylistValues": ["22"]}],
        thresholdRules=[],
    )
    return answered(body) | {"systemData": {"createdBy": "somebody"}}

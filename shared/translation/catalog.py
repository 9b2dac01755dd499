"""THE TABLE: one row per canonical signal, and how each cloud says it, or why it cannot.

Translators, laws, golden cases, reports and the README matrix are driven by it. A new rule type is one row
and one golden case. Every claim about a cloud is dated and sourced; all were read in the sources named, none
was tried on a live account.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from msgspec import Struct

Kind = Literal["count", "cidrs", "strings"]
MetricType = Literal["number", "number-list", "string-list", "ip-address-list"]

VERIFIED = "2026-11-22"
AZURE_API = "Azure REST API specs, Microsoft.Security 2019-08-01 deviceSecurityGroups"
AZURE_ALERTS = "Microsoft Defender for IoT docs, concept-customizable-security-alerts"
AWS_CLOUD = "AWS IoT Device Defender guide, detect-cloud-side-metrics"
AWS_DEVICE = "AWS IoT Device Defender guide, detect-device-side-metrics"
AWS_CUSTOM = "AWS IoT Device Defender guide, dd-detect-custom-metrics"

AGENT_RETIRED = (
    "nothing feeds this rule on Azure any more: the Defender for IoT micro agent was retired on 2025-08-01"
)


OWN_METRIC = "custom-"
"""What the signals of metrics begin with that users define themselves."""


class Binding(Struct, frozen=True):
    """A cloud says the signal with ``native``.

    ``windowed``: the rule has a time window. ``custom``: the type of the AWS custom metric that has to exist;
    ``native`` is then only a suggested name and a route must opt in. ``inert``: why nothing feeds it.
    """

    native: str
    kind: Kind
    windowed: bool
    source: str
    custom: MetricType | None = None
    inert: str | None = None
    note: str | None = None
    verified: str = VERIFIED


class Cannot(Struct, frozen=True):
    reason: str
    source: str
    native: str | None = None
    verified: str = VERIFIED


class Row(Struct, frozen=True):
    signal: str
    meaning: str
    azure: Binding | Cannot
    aws: Binding | Cannot


def _count_type(stem: str, inert: str | None = None, note: str | None = None) -> Binding:
    source = AZURE_ALERTS if inert else AZURE_API
    return Binding(stem + "NotInAllowedRange", "count", True, source, inert=inert, note=note)


def _list_type(stem: str, kind: Kind, inert: str | None = None) -> Binding:
    return Binding(stem + "NotAllowed", kind, False, AZURE_ALERTS if inert else AZURE_API, inert=inert)


def _metric(name: str, source: str, kind: Kind = "count", *, windowed: bool = True) -> Binding:
    return Binding("aws:" + name, kind, windowed, source)


def _twin(signal: str, kind: Kind = "count") -> Binding:
    types: dict[Kind, MetricType] = {"count": "number", "cidrs": "ip-address-list", "strings": "string-list"}
    return Binding(signal, kind, kind == "count", AWS_CUSTOM, custom=types[kind])


def _azure_only(signal: str, meaning: str, azure: Binding) -> Row:
    return Row(signal, meaning, azure, _twin(signal, azure.kind))


def _aws_only(signal: str, meaning: str, metric: str, source: str, reason: str) -> Row:
    return Row(
        signal, meaning, Cannot(reason, AZURE_API), Cannot(_OTHER_SIDE, source, native="aws:" + metric)
    )


def _custom(kind: MetricType, meaning: str) -> Row:
    reason = "Azure has a fixed set of 20 rule types; a metric that the user defines has no place in it"
    return Row(
        OWN_METRIC + kind, meaning, Cannot(reason, AZURE_API), Cannot(_OTHER_SIDE, AWS_CUSTOM, native=kind)
    )


_OTHER_SIDE = "AWS says it, but there is nothing on Azure to share it with"
_NO_TRAFFIC = "Azure counts messages, never their bytes or packets"
_NO_PORTS = "Azure has no rule about ports that a device listens on"
_VACUOUS = "over MQTT a device cannot reject a message, so the count is always 0"

CATALOG: tuple[Row, ...] = (
    # Default pairs: in step without any opt-in.
    Row(
        "mqtt-messages-from-device",
        "messages that the device sends to the cloud over MQTT, in the window",
        _count_type("MqttD2CMessages"),
        _metric("num-messages-sent", AWS_CLOUD),
    ),
    Row(
        "mqtt-messages-to-device",
        "messages that the cloud sends to the device over MQTT, in the window",
        _count_type("MqttC2DMessages"),
        _metric("num-messages-received", AWS_CLOUD),
    ),
    Row(
        "unauthorized-operations",
        "operations of the device that the cloud denied, in the window",
        _count_type("UnauthorizedOperations"),
        _metric("num-authorization-failures", AWS_CLOUD),
    ),
    Row(
        "active-connections",
        "connections that are open on the device",
        _count_type("ActiveConnections", AGENT_RETIRED),
        _metric("num-established-tcp-connections", AWS_DEVICE, windowed=False),
    ),
    Row(
        "outbound-destinations",
        "addresses that the device connects to",
        _list_type("ConnectionToIp", "cidrs", AGENT_RETIRED),
        _metric("destination-ip-addresses", AWS_DEVICE, "cidrs", windowed=False),
    ),
    # Azure says it; AWS only through a custom metric that the fleet itself reports.
    _azure_only(
        "amqp-messages-from-device", "messages from the device over AMQP", _count_type("AmqpD2CMessages")
    ),
    _azure_only(
        "http-messages-from-device", "messages from the device over HTTP", _count_type("HttpD2CMessages")
    ),
    _azure_only(
        "amqp-messages-to-device", "messages to the device over AMQP", _count_type("AmqpC2DMessages")
    ),
    _azure_only(
        "http-messages-to-device", "messages to the device over HTTP", _count_type("HttpC2DMessages")
    ),
    _azure_only(
        "amqp-messages-rejected",
        "messages over AMQP that the device rejected",
        _count_type("AmqpC2DRejectedMessages"),
    ),
    _azure_only(
        "mqtt-messages-rejected",
        "messages over MQTT that the device rejected",
        _count_type("MqttC2DRejectedMessages", note=_VACUOUS),
    ),
    _azure_only(
        "http-messages-rejected",
        "messages over HTTP that the device rejected",
        _count_type("HttpC2DRejectedMessages"),
    ),
    _azure_only(
        "direct-method-invokes", "direct methods invoked on the device", _count_type("DirectMethodInvokes")
    ),
    _azure_only(
        "failed-local-logins",
        "failed logins on the device itself",
        _count_type("FailedLocalLogins", AGENT_RETIRED),
    ),
    _azure_only("file-uploads", "files that the device uploads", _count_type("FileUploads")),
    _azure_only("queue-purges", "purges of the device's message queue", _count_type("QueuePurges")),
    _azure_only("twin-updates", "updates of the device twin, from either end", _count_type("TwinUpdates")),
    _azure_only(
        "local-users", "users who log in on the device", _list_type("LocalUser", "strings", AGENT_RETIRED)
    ),
    _azure_only(
        "processes", "processes that run on the device", _list_type("Process", "strings", AGENT_RETIRED)
    ),
    # Not aws:source-ip-address: that is the address the device itself connects from.
    _azure_only(
        "inbound-sources", "addresses that connect to the device", _list_type("ConnectionFromIp", "cidrs")
    ),
    # AWS says it; Azure has no such rule.
    _aws_only(
        "message-size", "bytes of each message from the device", "message-byte-size", AWS_CLOUD, _NO_TRAFFIC
    ),
    _aws_only(
        "source-addresses",
        "addresses that the device connects to the cloud from",
        "source-ip-address",
        AWS_CLOUD,
        "Azure has no rule about the address a device connects from; ConnectionFromIp is who connects to it",
    ),
    _aws_only(
        "connection-attempts",
        "attempts of the device to connect to the cloud, in the window",
        "num-connection-attempts",
        AWS_CLOUD,
        "Azure counts connections that are open, not attempts",
    ),
    _aws_only(
        "disconnects",
        "disconnects of the device from the cloud, in the window",
        "num-disconnects",
        AWS_CLOUD,
        "Azure has no rule about disconnects",
    ),
    _aws_only(
        "disconnect-duration",
        "minutes that the device stays disconnected",
        "disconnect-duration",
        AWS_CLOUD,
        "Azure has no rule about the time a device is away",
    ),
    _aws_only("bytes-out", "bytes that the device sends", "all-bytes-out", AWS_DEVICE, _NO_TRAFFIC),
    _aws_only("bytes-in", "bytes that the device receives", "all-bytes-in", AWS_DEVICE, _NO_TRAFFIC),
    _aws_only("packets-out", "packets that the device sends", "all-packets-out", AWS_DEVICE, _NO_TRAFFIC),
    _aws_only("packets-in", "packets that the device receives", "all-packets-in", AWS_DEVICE, _NO_TRAFFIC),
    _aws_only("listening-tcp-port-count", "open TCP ports", "num-listening-tcp-ports", AWS_DEVICE, _NO_PORTS),
    _aws_only("listening-udp-port-count", "open UDP ports", "num-listening-udp-ports", AWS_DEVICE, _NO_PORTS),
    _aws_only(
        "listening-tcp-ports", "which TCP ports are open", "listening-tcp-ports", AWS_DEVICE, _NO_PORTS
    ),
    _aws_only(
        "listening-udp-ports", "which UDP ports are open", "listening-udp-ports", AWS_DEVICE, _NO_PORTS
    ),
    # Custom metrics that no route has bound to an Azure rule.
    _custom("number", "a number that the user's agent reports"),
    _custom("number-list", "a list of numbers that the user's agent reports"),
    _custom("string-list", "a list of strings that the user's agent reports"),
    _custom("ip-address-list", "a list of addresses that the user's agent reports"),
)


@cache
def rows() -> dict[str, Row]:
    return {row.signal: row for row in CATALOG}


@cache
def by_rule_type() -> dict[str, Row]:
    """Azure rule type, e.g. ``MqttD2CMessagesNotInAllowedRange`` -> row."""
    return {row.azure.native: row for row in CATALOG if isinstance(row.azure, Binding)}


@cache
def by_metric() -> dict[str, Row]:
    """AWS metric name, e.g. ``aws:num-messages-sent`` -> row. Custom metrics: a route names them."""
    return {
        row.aws.native: row
        for row in CATALOG
        if row.aws.native is not None and row.aws.native.startswith("aws:")
    }


def stem(rule_type: str) -> str:
    """``MqttD2CMessagesNotInAllowedRange`` -> ``MqttD2CMessages``."""
    return rule_type.removesuffix("NotInAllowedRange").removesuffix("NotAllowed")

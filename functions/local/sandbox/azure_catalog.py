"""The 20 rule types the service fills in, in the order and with the texts its answers have.

Order and texts: the documented 200 answer (api-version 2019-08-01), recorded traffic of 2019-09 to 2020-12.
`ConnectionFromIpNotAllowed` came later; its texts are formed after those of its sibling.
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_WINDOW = "PT15M"


@dataclass(frozen=True)
class RuleText:
    display_name: str
    description: str


def _counted(what: str, more: str = "", subject: str | None = None) -> RuleText:
    counted = subject or f"number of {what}"
    return RuleText(
        f"Number of {what} is not in allowed range",
        f"Get an alert when the {counted}{more} in the time window is not in the allowed range",
    )


_C2D = "cloud to device messages ({} protocol)"
_D2C = "device to cloud messages ({} protocol)"
_REJECTED = " that were rejected by the device"


def _rejected(protocol: str) -> RuleText:
    name = _counted(f"rejected {_C2D.format(protocol)}").display_name
    return RuleText(name, _counted(_C2D.format(protocol), _REJECTED).description)


_UNAUTHORIZED = RuleText(
    "Number of unauthorized operations is not in allowed range",
    "Get an alert when the number unauthorized operations in the time window is not in the allowed range. "
    "Unauthorized operations are operations that affect the device (or done by it) that fail because of an "
    "unauthorized error",
)

_BY_SIGNAL: dict[str, RuleText] = {
    "ActiveConnections": _counted("active connections", subject="number of active connections of a device"),
    "AmqpC2DMessages": _counted(_C2D.format("AMQP")),
    "MqttC2DMessages": _counted(_C2D.format("MQTT")),
    "HttpC2DMessages": _counted(_C2D.format("HTTP")),
    "AmqpC2DRejectedMessages": _rejected("AMQP"),
    "MqttC2DRejectedMessages": _rejected("MQTT"),
    "HttpC2DRejectedMessages": _rejected("HTTP"),
    "AmqpD2CMessages": _counted(_D2C.format("AMQP")),
    "MqttD2CMessages": _counted(_D2C.format("MQTT")),
    "HttpD2CMessages": _counted(_D2C.format("HTTP")),
    "DirectMethodInvokes": _counted("direct method invokes"),
    "FailedLocalLogins": _counted("failed local logins", " on the device"),
    "FileUploads": _counted("file uploads", " from the device to the cloud"),
    "QueuePurges": _counted("device queue purges"),
    "TwinUpdates": _counted("twin updates", " (by the device or the service)"),
    "UnauthorizedOperations": _UNAUTHORIZED,
}

TIME_WINDOW: dict[str, RuleText] = {f"{signal}NotInAllowedRange": text for signal, text in _BY_SIGNAL.items()}


def _connection(direction: str, preposition: str) -> RuleText:
    between = "is created between your device and an ip that isn't allowed"
    return RuleText(
        f"{direction.title()} connection {preposition} an ip that isn't allowed",
        f"Get an alert when an {direction} connection {between}",
    )


ALLOWLIST: dict[str, RuleText] = {
    "ConnectionToIpNotAllowed": _connection("outbound", "to"),
    "ConnectionFromIpNotAllowed": _connection("inbound", "from"),
    "LocalUserNotAllowed": RuleText(
        "Login by a local user that isn't allowed",
        "Get an alert when a local user that isn't allowed logins to the device",
    ),
    "ProcessNotAllowed": RuleText(
        "Execution of a process that isn't allowed",
        "Get an alert when a process that isn't allowed is executed",
    ),
}
VALUE_TYPES = {
    "ConnectionToIpNotAllowed": "IpCidr",
    "ConnectionFromIpNotAllowed": "IpCidr",
    "LocalUserNotAllowed": "String",
    "ProcessNotAllowed": "String",
}
# The values Terraform's provider never reads back (its source, 2021): the service may not return them.
HIDEABLE = frozenset({"ConnectionToIpNotAllowed", "LocalUserNotAllowed", "ProcessNotAllowed"})

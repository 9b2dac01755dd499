"""A policy file as people review it, and what is told of one that is wrong."""

from __future__ import annotations

import pytest

from shared.errors import BadPolicyFile
from shared.operations.policy_files.reading import read_policy
from shared.operations.policy_files.writing import policy_text
from shared.policy.atom import AllowAtom, RangeAtom
from shared.sync.link import LinkKey
from shared.translation.side import Side
from tests.cli.support import allowlist, answered, behavior, group, profile, window_rule
from tests.laws.test_policy_files import ROUTES, readings

PLAIN = ROUTES.routes[0]
HEAD = "version: 1\nroute: plain\npolicy: pumps\n"

REVIEWED = """\
# plain/pumps: AWS security profile in 123456789012/eu-central-1, Azure device security group of hub hub-a
# Change rules, then: policy-mirror import FOLDER. It tells what it would write before it does.
# Comments are for the reader; nothing reads them back.
version: 1
route: plain
policy: "pumps"

rules:
  # Messages that the device sends to the cloud over MQTT
  # AWS:   aws:num-messages-sent, as sent-max
  # Azure: MqttD2CMessagesNotInAllowedRange
  mqtt-messages-from-device:
    max: 100
    window: PT5M
  # Addresses that the device connects to
  # AWS:   aws:destination-ip-addresses, as dests
  # Azure: ConnectionToIpNotAllowed
  outbound-destinations:
    allow:
      - "10.0.0.0/8"
      - "192.168.1.7/32"

# Not alike on both sides. What is listed here is left as it is; to settle it, take it
# out of the list and state it under rules.
unsettled:
  # AWS says at most 7 in 5 min; Azure has no such rule in force
  - unauthorized-operations

# Held: it stays with its own cloud. Import neither reads nor changes it.
# AWS:
#   behaviors[learned] (learned): a model learns what is normal here; Azure has fixed limits only
#       Disconnects of the device from the cloud: a model learns what is normal (confidence HIGH). \
It alarms on what the model takes for unusual.
# Azure:
#   timeWindowRules[FileUploadsNotInAllowedRange] (custom-metric-off): AWS could say it with a custom metric \
(file-uploads, type number), but the route binds none to it
#       Files that the device uploads: normal is at most 3 in 5 min. It alarms on more than 3.
"""


def test_a_policy_is_written_for_review() -> None:
    aws = profile(
        behavior(),
        behavior("auth", count=7, metric="aws:num-authorization-failures"),
        {
            "name": "dests",
            "metric": "aws:destination-ip-addresses",
            "criteria": {
                "comparisonOperator": "in-cidr-set",
                "value": {"cidrs": ["192.168.1.7", "10.0.0.0/8"]},
            },
        },
        {
            "name": "learned",
            "metric": "aws:num-disconnects",
            "criteria": {"mlDetectionConfig": {"confidenceLevel": "HIGH"}},
        },
    )
    azure = group(
        window_rule(),
        window_rule("FileUploads", 0, 3),
        allowlistRules=[allowlist("ConnectionToIp", "10.0.0.0/8", "192.168.1.7/32")],
    )
    text = policy_text(LinkKey("plain", "pumps"), PLAIN, readings(PLAIN, aws, answered(azure)))
    assert text == REVIEWED


def test_a_side_that_is_not_there_is_said() -> None:
    text = policy_text(LinkKey("plain", "pumps"), PLAIN, readings(PLAIN, profile(behavior()), None))
    assert "Azure device security group of hub hub-a (not there)" in text.splitlines()[0]
    assert "unsettled" not in text


def test_a_policy_without_rules_says_so() -> None:
    text = policy_text(LinkKey("plain", "pumps"), PLAIN, dict.fromkeys(Side))
    assert text.endswith("rules: {}\n")


def test_a_name_does_not_leave_its_comment() -> None:
    aws = profile(behavior("x\nrules:\u2028 y"))
    text = policy_text(LinkKey("plain", "pumps"), PLAIN, readings(PLAIN, aws, None))
    assert "as x?rules:? y" in text


def test_limits_and_lists_are_read() -> None:
    text = (
        f"{HEAD}rules:\n  mqtt-messages-from-device: {{min: 5, max: 9, window: PT05M}}\n"
        "  active-connections: {max: 30}\n  outbound-destinations: {allow: [10.1.2.3/8, '::1']}\n"
    )
    assert read_policy(text, "p", ROUTES).rules == {
        "mqtt-messages-from-device": RangeAtom(5, 9, 300),
        "active-connections": RangeAtom(0, 30, None),
        "outbound-destinations": AllowAtom(frozenset({"10.0.0.0/8", "::1/128"})),
    }


NO_LIMIT = "is no limit that both clouds can state"
SENT = f"{HEAD}rules:\n  mqtt-messages-from-device:\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "p:1:1: empty; wanted: version, route, policy and rules"),
        ("- x", "p:1:1: it is no mapping; wanted: version, route, policy and rules"),
        ("route: plain\npolicy: x\nrules: {}", "p:1:1: version is missing"),
        ("version: 2\nroute: plain", "p:1:10: version: not known; wanted: 1"),
        (
            "version: 1\nroute: plan\npolicy: x\nrules: {}",
            "p:2:8: route: 'plan' is not in routes.yaml (did you mean 'plain'?); it has: plain, wide",
        ),
        (
            "version: 1\nroute: plain\npolicy: default\nrules: {}",
            "p:3:9: policy: route plain does not cover this name; see names in routes.yaml",
        ),
        (HEAD, "p:1:1: rules is missing; a policy without any rule has: rules: {}"),
        (
            f"{HEAD}rules:\n",
            "p:4:7: rules: a mapping of signals is wanted; a policy without any rule has: rules: {}",
        ),
        (
            f"{HEAD}rule: {{}}\n",
            "p:4:1: rule: unknown key (did you mean 'rules'?); "
            "allowed: version, route, policy, rules, unsettled",
        ),
        (f"{SENT}    max: ten\n    window: PT5M", "is no whole number from 0 to 2147483646"),
        (f"{SENT}    max: -1\n    window: PT5M", "'-1' is no whole number from 0 to 2147483646"),
        (f"{SENT}    max: 2147483647\n    window: PT5M", "is no whole number from 0 to 2147483646"),
        (
            f"{SENT}    max: 9\n    min: 10\n    window: PT5M",
            "10 to 9 is no limit that both clouds can state",
        ),
        (f"{SENT}    min: 0\n    window: PT5M", "0 to any number is no limit that both clouds can state"),
        (f"{SENT}    max: 9", "window is missing; the route allows PT5M, PT15M, PT30M"),
        (
            f"{SENT}    max: 9\n    window: PT7M",
            "p:7:13: rules.mqtt-messages-from-device.window: 'PT7M' is not among those the route allows: "
            "PT5M, PT15M, PT30M",
        ),
        (f"{SENT}    allow: [x]", "unknown key; allowed: min, max, window"),
        (f"{SENT}    max: 1\n    max: 2\n    window: PT5M", "stands a second time; the first is in line 6"),
        (
            f"{HEAD}rules:\n  active-connections: {{max: 9, window: PT5M}}",
            "the clouds share no window for this signal; leave it out",
        ),
        (f"{HEAD}rules:\n  outbound-destinations: {{allow: []}}", "a list of 1 to 1000 values is wanted"),
        (f"{HEAD}rules:\n  outbound-destinations: {{allow: [sh]}}", "'sh' is no IP address or CIDR"),
        (
            f"{HEAD}rules:\n  processes: {{allow: [sh]}}",
            "route plain does not share this signal; see: policy-mirror catalogue",
        ),
        (f"{HEAD}rules:\n  proceses: {{}}", "no such signal"),
        (f"{HEAD}rules: {{}}\nunsettled: x", "a list of signals is wanted, as it was exported"),
        (f"{HEAD}rules: {{}}\nunsettled: [x]", "'x' is no signal"),
        (
            f"{SENT}    max: 1\n    window: PT5M\nunsettled: [mqtt-messages-from-device]",
            "mqtt-messages-from-device stands under rules too; take one of them out",
        ),
        (f"{HEAD}rules: &a {{}}", "anchors (&name) are not read; each file says all of its rules itself"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(BadPolicyFile) as refused:
        read_policy(text, "p", ROUTES)
    assert str(refused.value).startswith("p:")
    assert str(refused.value).endswith(problem)


def test_every_problem_is_told_in_the_order_of_lines() -> None:
    text = f"{SENT}    max: 9\n  outbound-destinations:\n    allow: [x]\nunsettled: [y]\n"
    with pytest.raises(BadPolicyFile) as refused:
        read_policy(text, "p", ROUTES)
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == ["6", "8", "9"]

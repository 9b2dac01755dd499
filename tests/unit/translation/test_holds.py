"""Everything that is held, case by case: its code, and whether it holds the other rules of its signal."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from shared.policy.atom import COUNT_MAX
from shared.translation.codes import HOLDS
from shared.translation.pairing import Options
from tests.unit.translation.documents import (
    C2D,
    CONNECTIONS,
    D2C,
    DESTINATIONS,
    FROM_DEVICE,
    SENT,
    TO_IP,
    Document,
    allowed,
    behavior,
    counts,
    group,
    listing,
    profile,
    put,
    read,
    rule,
    translated,
    values,
)

PROCESSES = Options(custom=(("Process", "processes"),))
LEARNED: Document = {
    "name": "ml",
    "metric": SENT,
    "criteria": {"mlDetectionConfig": {"confidenceLevel": "HIGH"}},
}
PERCENTILE = {
    "name": "p99",
    "metric": SENT,
    "criteria": {"comparisonOperator": "less-than", "statisticalThreshold": {"statistic": "p99"}},
}
SCOPED = behavior("scoped", "less-than", 5, metricDimension={"dimensionName": "topics"})
DENIED = listing("denied", "10.0.0.1", operator="not-in-cidr-set")


class Case(NamedTuple):
    code: str
    document: Document
    paths: tuple[str, ...]
    options: Options | None = None


def aws(code: str, *behaviors: Any, options: Options | None = None) -> Case:
    return Case(code, profile(*behaviors), tuple(f"behaviors[{b['name']}]" for b in behaviors), options)


def azure(code: str, *rules: Any, options: Options | None = None) -> Case:
    kind = "allowlistRules" if "NotAllowed" in rules[0]["ruleType"] else "timeWindowRules"
    return Case(code, group(*rules), tuple(f"{kind}[{each['ruleType']}]" for each in rules), options)


UPPER, LOWER = behavior("upper", "less-than", 9), behavior("lower", "greater-than", 1)
TOGETHER = [
    aws("two-upper-bounds", LOWER, UPPER, behavior("again", "less-than-equals", 50)),
    aws("two-lower-bounds", LOWER, UPPER, behavior("again", "greater-than", 3)),
    aws("two-lists", listing("one", "10.0.0.1"), listing("two", "10.0.0.2")),
    aws("mixed-windows", LOWER, behavior("upper", "less-than", 9, window=900)),
    aws("no-window", behavior("upper", "less-than", 9, window=None)),
    aws("window-not-allowed", behavior("upper", "less-than", 9, window=600)),
    aws("no-bound", behavior("lower", "greater-than-equals", 0)),
    aws("no-bound", behavior("upper", "less-than-equals", COUNT_MAX)),
    azure("no-bound", rule(D2C, 0, COUNT_MAX)),
    aws("not-an-integer", LOWER, behavior("upper", "less-than", 9.5)),
    azure("not-an-integer", rule(D2C, 0, 9.5)),
    aws("negative", behavior("upper", "less-than", 0)),
    aws("negative", behavior("lower", "greater-than", -3)),
    azure("negative", rule(D2C, -5, 9)),
    aws("out-of-range", behavior("upper", "less-than-equals", COUNT_MAX + 1)),
    aws("out-of-range", behavior("upper", "less-than", 1e300)),
    azure("out-of-range", rule(D2C, 0, COUNT_MAX + 1)),
    aws("inverted-range", behavior("lower", "greater-than", 9), UPPER),
    azure("inverted-range", rule(D2C, 9, 5)),
    aws("empty-list", listing("none")),
    azure("empty-list", allowed()),
    aws("not-a-cidr", listing("odd", "10.0.0.1", "example.com")),
    azure("not-a-cidr", allowed("fe80::1%eth0")),
    azure("not-a-cidr", allowed(7)),
    aws("control-character", listing("odd", "", metric="processes", operator="in-set"), options=PROCESSES),
    azure("control-character", allowed("a\tb", kind="ProcessNotAllowed"), options=PROCESSES),
    azure("too-many-values", allowed(*(f"10.0.{n // 256}.{n % 256}" for n in range(1001)))),
    azure("values-hidden", {"ruleType": TO_IP, "isEnabled": True}),
    aws("unknown-member", LOWER, UPPER | {"severity": "HIGH"}),
    aws("unknown-member", behavior("upper", "less-than", 9, suppressAlerts="yes")),
    azure("unknown-member", rule(D2C) | {"severity": "High"}),
    azure("unknown-member", rule(D2C, window=300)),
    aws("duplicate-name", behavior("one", "less-than", 9), behavior("one", "greater-than", 1)),
    azure("duplicate-name", rule(D2C), rule(D2C)),
    azure("duplicate-name", *[rule(D2C, 0, 0, "PT15M", on=False)] * 2),
    aws("alerts-suppressed", LOWER, UPPER | {"suppressAlerts": True}, options=Options(hold_suppressed=True)),
    aws("unread-condition", LOWER, {"name": "odd", "metric": SENT, "criteria": {"value": {"count": 5}}}),
    aws("unread-condition", {"name": "odd", "metric": SENT, "criteria": {}}),
    aws("unread-condition", LOWER, {**UPPER, "criteria": {**UPPER["criteria"], **LEARNED["criteria"]}}),
    aws("unread-condition", LOWER, {"name": "odd", "metric": SENT, "criteria": {"value": 5}}),
    aws("unread-condition", listing("list", "10.0.0.1", metric=SENT)),
    aws("unread-condition", behavior("count", "less-than", 5, metric=DESTINATIONS)),
    azure("unread-condition", rule(D2C, "1", 5)),
    azure("unread-condition", rule(D2C, on="yes")),
]
ALONE = [
    aws("learned", LEARNED),
    aws("percentile", PERCENTILE),
    aws("topic-scope", SCOPED),
    aws("deny-set", DENIED),
    aws("no-counterpart", behavior("bytes", "less-than", 9, metric="aws:message-byte-size")),
    aws("no-counterpart", listing("from", "10.0.0.1", metric="aws:source-ip-address")),
    azure("no-counterpart", rule(D2C), options=Options(protocol="Amqp")),
    aws("unknown-metric", behavior("new", "less-than", 9, metric="aws:of-tomorrow")),
    aws("unknown-metric", {"name": "metricless", "criteria": UPPER["criteria"]}),
    aws("unbound-custom-metric", behavior("mine", "less-than", 9, metric="my-metric")),
    azure("custom-metric-off", rule("FailedLocalLoginsNotInAllowedRange")),
    azure("unknown-rule-type", rule("OfTomorrow")),
    azure("unknown-rule-type", rule("OfTomorrow", 0, 0, "PT15M", on=False)),
    azure("parked", rule(D2C, 1, 5, on=False)),
    azure("parked", allowed("10.0.0.1", on=False)),
    Case(
        "unsupported-rule-kind",
        group(thresholdRules=[{"ruleType": "T", "isEnabled": True, "minThreshold": 1, "maxThreshold": 2}]),
        ("thresholdRules[T]",),
    ),
    Case(
        "deny-set",
        group(denylistRules=[{"ruleType": "D", "isEnabled": True, "denylistValues": ["10.0.0.1"]}]),
        ("denylistRules[D]",),
    ),
    aws("unread-condition", {**SCOPED, "criteria": {}}),
    Case("unread-condition", profile({"metric": SENT}), ("behaviors[#0]",)),
    Case("unread-condition", profile("text"), ("behaviors[#0]",)),
    Case("unread-condition", group(timeWindowRules=[7]), ("timeWindowRules[#0]",)),
]
MEMBERS = [
    Case("own-member", profile(tags=[{"Key": "a", "Value": "b"}]), ("tags",)),
    Case("own-member", profile(alertTargets={"SNS": {}}), ("alertTargets",)),
    Case("unknown-document-member", profile(riskLevel=9), ("riskLevel",)),
    Case("unknown-document-member", {"securityProfileName": "p", "behaviors": "all"}, ("behaviors",)),
    Case("unknown-document-member", group() | {"etag": "x"}, ("etag",)),
    Case("unknown-document-member", group(newRules=[]), ("properties.newRules",)),
    Case("unknown-document-member", {"properties": "none"}, ("properties",)),
]


def _id(case: Case) -> str:
    return f"{case.code} {case.paths[0]}"


@pytest.mark.parametrize("case", [*TOGETHER, *ALONE, *MEMBERS], ids=_id)
def test_it_is_held_with_its_code(case: Case) -> None:
    reading = read(case.document, case.options)
    assert {hold.code for hold in reading.holds} == {case.code}
    assert {hold.path for hold in reading.holds} == set(case.paths)
    assert reading.atoms == {}


@pytest.mark.parametrize("case", TOGETHER, ids=_id)
def test_the_plain_rules_of_a_signal_are_held_together_and_not_written(case: Case) -> None:
    reading = read(case.document, case.options)
    (signal,) = reading.held_signals
    assert {hold.signal for hold in reading.holds} == {signal}
    listed = signal in {"outbound-destinations", "processes"}
    want = {signal: values("10.0.0.0/8") if listed else counts(0, 7)}
    assert put(want, case.document, case.options).document is case.document
    assert put({}, case.document, case.options).document is case.document


@pytest.mark.parametrize("alone", [LEARNED, PERCENTILE, SCOPED], ids=lambda b: b["name"])
def test_another_rule_on_the_same_metric_does_not_hold_the_plain_ones(alone: Document) -> None:
    reading = read(profile(alone, LOWER, UPPER))
    assert reading.atoms == {FROM_DEVICE: counts(2, 8)}
    assert [hold.path for hold in reading.holds] == [f"behaviors[{alone['name']}]"]
    edit = put({}, profile(alone, LOWER, UPPER))
    assert edit.document["behaviors"] == [alone]


def test_a_deny_list_does_not_hold_the_allow_list_of_its_metric() -> None:
    assert read(profile(DENIED, listing("known", "10.0.0.0/8"))).atoms == {
        "outbound-destinations": values("10.0.0.0/8")
    }


def test_a_name_that_a_rule_shares_with_one_that_is_held_alone_holds_it_too() -> None:
    reading = read(profile(UPPER, LEARNED | {"name": "upper"}))
    assert [hold.code for hold in reading.holds] == ["learned", "duplicate-name"]


def test_a_held_signal_holds_no_other() -> None:
    reading = read(
        profile(LOWER, LOWER | {"name": "again"}, behavior("open", "less-than", 9, metric=CONNECTIONS))
    )
    assert reading.atoms == {"active-connections": counts(0, 8, None)}


def test_rules_that_the_other_document_holds_are_not_written_there() -> None:
    done = translated(profile(LOWER, UPPER), onto=group(rule(D2C, 9, 5), rule(C2D)))
    assert [(hold.path, hold.code, hold.signal) for hold in done.holds] == [
        ("behaviors[lower]", "held-there", FROM_DEVICE),
        ("behaviors[upper]", "held-there", FROM_DEVICE),
    ]
    assert "inverted-range" in done.holds[0].reason
    assert done.document == group(rule(D2C, 9, 5), rule(C2D, on=False))


def test_rules_that_have_no_place_in_the_other_document_are_held_there() -> None:
    odd = {"properties": {"timeWindowRules": "none"}}
    done = translated(profile(UPPER), onto=odd)
    assert done.document is odd
    assert [(hold.code, hold.path) for hold in done.holds] == [("held-there", "behaviors[upper]")]
    assert "unknown-document-member" in done.holds[0].reason


def test_rules_that_the_source_holds_leave_the_other_document_as_it_is() -> None:
    onto = group(rule(D2C, 1, 5))
    done = translated(profile(UPPER, UPPER | {"name": "again"}), onto=onto)
    assert done.document is onto


def test_no_code_is_dead() -> None:
    """Those that an edit or another document brings about are in the tests of writing."""
    seen = {case.code for case in (*TOGETHER, *ALONE, *MEMBERS)}
    assert seen | {"too-many-behaviors", "values-hidden-beside", "held-there"} == HOLDS.keys()

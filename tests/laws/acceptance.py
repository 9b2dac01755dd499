"""Whether a cloud would take a document, by what is documented about it. Shares nothing with the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.validate import ParamValidator

Document = dict[str, Any]

READ_ONLY = {"securityProfileArn", "version", "creationDate", "lastModifiedDate"}
_FORMS = {"timeWindowRules": {"minThreshold": int, "maxThreshold": int, "timeWindowSize": str}} | {
    "thresholdRules": {"minThreshold": int, "maxThreshold": int},
    "allowlistRules": {"allowlistValues": list},
    "denylistRules": {"denylistValues": list},
}


@cache
def _create_request() -> Shape:
    model = botocore.session.get_session().get_service_model("iot")
    shape = model.operation_model("CreateSecurityProfile").input_shape
    assert shape is not None
    return shape


def refused_by_aws(document: Document) -> list[str]:
    """Why CreateSecurityProfile would refuse it: botocore's model with limits and patterns, and quotas."""
    request = {key: value for key, value in document.items() if key not in READ_ONLY}
    report = ParamValidator().validate(request, _create_request())
    if report.has_errors():
        return [report.generate_report()]
    behaviors = request.get("behaviors", [])
    problems = list(_beyond(request, _create_request(), ""))
    if len({b["name"].casefold() for b in behaviors}) < len(behaviors):
        problems.append("two behaviors of one name")
    if sum(_elements(b) for b in behaviors) > 1000:
        problems.append("more than 1000 value elements")
    return problems


def _beyond(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """What botocore itself lets pass: maxima, patterns and enums."""
    if isinstance(shape, StructureShape):
        for key, member in value.items():
            yield from _beyond(member, shape.members[key], f"{path}.{key}")
        return
    if isinstance(shape, ListShape | MapShape):
        inner = shape.member if isinstance(shape, ListShape) else shape.value
        for position, member in enumerate(value.values() if isinstance(value, dict) else value):
            yield from _beyond(member, inner, f"{path}[{position}]")
    limits, size = shape.metadata, value if isinstance(value, int | float) else len(value)
    if size > limits.get("max", size):
        yield f"{path}: {size} > {limits['max']}"
    if "pattern" in limits and r"\p{" not in limits["pattern"] and not re.fullmatch(limits["pattern"], value):
        yield f"{path}: {value!r} does not match {limits['pattern']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"{path}: {value!r} is none of {limits['enum']}"


def _elements(behavior: Document) -> int:
    given = behavior.get("criteria", {}).get("value", {})
    return sum(len(member) if isinstance(member, list) else 1 for member in given.values())


def refused_by_azure(document: Document) -> list[str]:
    """Why a PUT would be refused: required members, their types and int32, each type once."""
    problems: list[str] = []
    for kind, rules in document["properties"].items():
        types = [rule["ruleType"] for rule in rules or []]
        problems += [f"{kind}: a type twice"] * (len(set(types)) < len(types))
        for rule in rules or []:
            problems += [f"{kind}[{rule['ruleType']}]: {problem}" for problem in _odd(kind, rule)]
    return problems


def _odd(kind: str, rule: Document) -> Iterator[str]:
    for member, form in {"isEnabled": bool, **_FORMS[kind]}.items():
        if type(rule.get(member)) is not form:
            yield f"{member} is {rule.get(member)!r}"
        elif form is int and not 0 <= rule[member] < 2**31:
            yield f"{member} is out of range"
        elif form is list and not all(isinstance(value, str) for value in rule[member]):
            yield f"{member} has something else than text"
    if "timeWindowSize" in _FORMS[kind] and not re.fullmatch(r"PT?(\d+[DHMS])+", rule["timeWindowSize"]):
        yield f"timeWindowSize is {rule['timeWindowSize']!r}"
    if kind == "timeWindowRules" and rule["minThreshold"] > rule["maxThreshold"]:
        yield "minThreshold is above maxThreshold"

"""The members of an Azure rule, by the list that it stands in.

Limits, values and isEnabled of a wrong type are understood too: they make an Unread condition, which keeps
the whole rule.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, ValidationError, convert

from shared.translation.members import Reader, Unknown, apart, as_it_is, text

READ_ONLY = frozenset({"displayName", "description", "valueType"})
"""Members that the server fills in; their texts change over time and are never compared or sent."""


class Member(Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    """``rule_type``: empty where the rule has none that is understood."""

    rule_type: Annotated[str, Meta(min_length=1)]
    is_enabled: Any = None
    display_name: Any = None
    description: Any = None
    value_type: Any = None


class Threshold(Member, frozen=True, gc=False):
    min_threshold: Any = None
    max_threshold: Any = None


class TimeWindow(Threshold, frozen=True, gc=False):
    time_window_size: str | None = None


class Allowlist(Member, frozen=True, gc=False):
    allowlist_values: Any = None


class Denylist(Member, frozen=True, gc=False):
    denylist_values: Any = None


KINDS: dict[str, type[Member]] = {
    "timeWindowRules": TimeWindow,
    "allowlistRules": Allowlist,
    "thresholdRules": Threshold,
    "denylistRules": Denylist,
}


def understood(kind: str, rules: list[Any]) -> list[Member] | None:
    """None where anything in any of them is not, or a type is missing. Never raises."""
    try:
        known: list[Member] = convert(rules, _LISTS[kind])
    except (ValidationError, UnicodeEncodeError):
        return None
    return known


def members_of(kind: str, rule: dict[str, Any]) -> tuple[Member, Unknown]:
    """Of one rule. Never raises."""
    known, unknown = apart(rule, _READERS[kind])
    return KINDS[kind](**{"rule_type": "", **known}), unknown


_COMMON: dict[str, tuple[str, Reader]] = {
    "ruleType": ("rule_type", lambda value: text(value) or None),
    "isEnabled": ("is_enabled", as_it_is),
    "displayName": ("display_name", as_it_is),
    "description": ("description", as_it_is),
    "valueType": ("value_type", as_it_is),
}
_LIMITS: dict[str, tuple[str, Reader]] = {
    "minThreshold": ("min_threshold", as_it_is),
    "maxThreshold": ("max_threshold", as_it_is),
}
_READERS: dict[str, dict[str, tuple[str, Reader]]] = {
    "timeWindowRules": _COMMON | _LIMITS | {"timeWindowSize": ("time_window_size", text)},
    "allowlistRules": _COMMON | {"allowlistValues": ("allowlist_values", as_it_is)},
    "thresholdRules": _COMMON | _LIMITS,
    "denylistRules": _COMMON | {"denylistValues": ("denylist_values", as_it_is)},
}
_LISTS: dict[str, Any] = {kind: list[known] for kind, known in KINDS.items()}  # type: ignore[valid-type]

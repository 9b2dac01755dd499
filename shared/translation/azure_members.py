"""The members of an Azure rule, by the list that it stands in.

Limits, values and isEnabled of a wrong type are understood too: they make an Unread condition, which keeps
the whole rule.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from shared.translation.members import Text, Unknown, apart, understood

READ_ONLY = frozenset({"displayName", "description", "valueType"})
"""Members that the server fills in; their texts change over time and are never compared or sent."""


class Member(Struct, frozen=True, gc=False, rename="camel", forbid_unknown_fields=True):
    """``rule_type``: empty where the rule has none that is understood."""

    rule_type: Text
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


_LISTS: dict[str, Any] = {kind: list[known] for kind, known in KINDS.items()}  # type: ignore[valid-type]


def all_members_of(kind: str, rules: list[Any]) -> list[Member] | None:
    """None where anything in any of them is not understood, or a type is missing. Never raises."""
    known: list[Member] | None = understood(rules, _LISTS[kind])
    return known


def members_of(kind: str, rule: dict[str, Any]) -> tuple[Member, Unknown]:
    """Of one rule. Never raises."""
    known, unknown = apart(rule, KINDS[kind])
    return KINDS[kind](**{"rule_type": "", **known}), unknown

"""What Azure could have said in a device security group (REST API specs, Microsoft.Security 2019-08-01).

Its GET may leave out ``allowlistValues`` (Terraform's provider works around it), so a list may be missing.
"""

from __future__ import annotations

from typing import Annotated, Any

from shared.translation.azure_parse import LISTS, path_of
from shared.translation.clip import clipped
from shared.translation.shape_fields import Duration, Member, Number, length


class Rule(Member):
    rule_type: Annotated[str, length(1, 256)]
    is_enabled: bool


class ThresholdRule(Rule):
    min_threshold: Number
    max_threshold: Number


class TimeWindowRule(ThresholdRule):
    time_window_size: Duration


class AllowlistRule(Rule):
    allowlist_values: list[str] | None = None


class DenylistRule(Rule):
    denylist_values: list[str] | None = None


class Properties(Member):
    time_window_rules: list[TimeWindowRule] | None = None
    allowlist_rules: list[AllowlistRule] | None = None
    threshold_rules: list[ThresholdRule] | None = None
    denylist_rules: list[DenylistRule] | None = None


class SecurityGroup(Member):
    id: str | None = None
    name: str | None = None
    type: str | None = None
    properties: Properties


def element(document: dict[str, Any], loc: tuple[str | int, ...]) -> tuple[str, int]:
    """How the document's paths name the element that ``loc`` leads into, and how many steps that takes."""
    match loc:
        case ("properties", str(kind), int(position), *_) if kind in LISTS:
            return clipped(path_of(kind, position, document["properties"][kind][position]), 160), 3
    return "", 0

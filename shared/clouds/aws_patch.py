"""What UpdateSecurityProfile must be sent to turn one whole profile into another.

An update is a patch: an absent member stays, a list that is present replaces the whole list, an empty list
clears nothing, and a list together with the flag that clears it is an error (CloudFormation's UpdateHandler
@f32fb1b6, 2025-08-12; botocore's documentation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CLEARED_BY = {
    "behaviors": "deleteBehaviors",
    "alertTargets": "deleteAlertTargets",
    "additionalMetricsToRetain": "deleteAdditionalMetricsToRetain",
    "additionalMetricsToRetainV2": "deleteAdditionalMetricsToRetain",
    "metricsExportConfig": "deleteMetricsExportConfig",
}
DESCRIPTION = "securityProfileDescription"
GIVEN_BY_AWS = frozenset({"securityProfileArn", "version", "creationDate", "lastModifiedDate"})
"""Members of a described profile that no request can carry."""


class CannotPatch(ValueError):
    """The difference is not one that an update can make; the message names the member."""


def patch(document: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the update that turns ``base`` into ``document``; empty when nothing differs."""
    changed = [
        name
        for name in sorted(document.keys() | base.keys())
        if name not in GIVEN_BY_AWS and document.get(name) != base.get(name)
    ]
    body: dict[str, Any] = {}
    for name in changed:
        body |= _change(name, document.get(name), base.get(name))
    for name, flag in CLEARED_BY.items():
        if name in body and flag in body:
            raise CannotPatch(f"{name} cannot be set while {flag} clears its other spelling")
    return body


def _change(name: str, value: Any, before: Any) -> dict[str, Any]:
    if name == DESCRIPTION:
        return {name: value or ""}  # no flag clears it; whether the empty text does is UNCONFIRMED
    if name not in CLEARED_BY:
        raise CannotPatch(f"an update of a security profile cannot change {name}")
    if value:
        return {name: value}
    return {CLEARED_BY[name]: True} if before else {}

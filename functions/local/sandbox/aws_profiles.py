"""Security profiles: create, update (a PATCH), describe, delete, list, validate."""

from __future__ import annotations

from typing import Any

from functions.local.sandbox.aws_errors import already_exists, invalid, version_conflict
from functions.local.sandbox.aws_rules import behavior_errors, check_behaviors, check_retained
from functions.local.sandbox.aws_state import PROFILE, IotState, Operation, Params, Profile
from functions.local.sandbox.aws_tags import tags_of

# Each list, and the flag that clears it (an empty list does not).
_CLEARED_BY = {
    "behaviors": "deleteBehaviors",
    "alertTargets": "deleteAlertTargets",
    "additionalMetricsToRetain": "deleteAdditionalMetricsToRetain",
    "additionalMetricsToRetainV2": "deleteAdditionalMetricsToRetain",
    "metricsExportConfig": "deleteMetricsExportConfig",
}
_MEMBERS = ("securityProfileDescription", *_CLEARED_BY)


def create(state: IotState, params: Params) -> dict[str, Any]:
    name = params["securityProfileName"]
    arn = state.arn(PROFILE, name)
    members = _members(state, params)
    tags = tags_of(params.get("tags", []))
    if name in state.profiles:
        same = state.profiles[name].members == members and state.tags.get(arn, {}) == tags
        if not (same and state.options.accept_identical_create):
            raise already_exists("security profile", name, arn)
    else:
        now = state.now()
        state.profiles[name] = Profile(name, now, now, members)
        state.tags[arn] = tags
    return {"securityProfileName": name, "securityProfileArn": arn}


def update(state: IotState, params: Params) -> dict[str, Any]:
    """Absent members stay; a list that is present replaces; every accepted update is a new version."""
    profile = state.profile(params["securityProfileName"])
    _check_version(profile, params)
    changes = _members(state, params)
    cleared = {member for member, flag in _CLEARED_BY.items() if params.get(flag)}
    for member in sorted(cleared & changes.keys()):
        raise invalid(f"{member} cannot be given together with {_CLEARED_BY[member]}")
    kept = {member: value for member, value in profile.members.items() if member not in cleared}
    profile.members = kept | changes
    profile.version += 1
    profile.modified = state.now()
    return describe(state, params)


def describe(state: IotState, params: Params) -> dict[str, Any]:
    """Neither tags nor targets are part of it, and no default is filled in."""
    profile = state.profile(params["securityProfileName"])
    return {
        "securityProfileName": profile.name,
        "securityProfileArn": state.arn(PROFILE, profile.name),
        **{member: profile.members[member] for member in _MEMBERS if member in profile.members},
        "version": profile.version,
        "creationDate": profile.created,
        "lastModifiedDate": profile.modified,
    }


def delete(state: IotState, params: Params) -> dict[str, Any]:
    """Idempotent: AWS's own CloudFormation handler relies on it, and no ResourceNotFound is declared."""
    name = params["securityProfileName"]
    if name in state.profiles:
        _check_version(state.profiles[name], params)
        del state.profiles[name]
        state.tags.pop(state.arn(PROFILE, name), None)
    return {}


def list_profiles(state: IotState, params: Params) -> dict[str, Any]:
    metric, dimension = params.get("metricName"), params.get("dimensionName")
    if metric and dimension:
        raise invalid("metricName and dimensionName cannot be given together")
    chosen = [name for name, p in sorted(state.profiles.items()) if _uses(p, metric, dimension)]
    items = [{"name": name, "arn": state.arn(PROFILE, name)} for name in chosen]
    return state.page("securityProfileIdentifiers", items, params)


def validate(state: IotState, params: Params) -> dict[str, Any]:
    errors = [
        {"errorMessage": e.message[:2048]} for e in behavior_errors(params["behaviors"], state.surroundings())
    ]
    return {"valid": not errors, "validationErrors": errors}


def metric_in_use(state: IotState, name: str) -> list[str]:
    """Names of the profiles that use the metric."""
    return [profile.name for profile in state.profiles.values() if _uses(profile, name, None)]


def _members(state: IotState, params: Params) -> Params:
    """The members that are given and not empty, checked."""
    members = {name: params[name] for name in _MEMBERS if params.get(name)}
    around = state.surroundings()
    check_behaviors(members.get("behaviors", []), around)
    check_retained([{"metric": name} for name in members.get("additionalMetricsToRetain", [])], around)
    check_retained(members.get("additionalMetricsToRetainV2", []), around)
    return members


def _check_version(profile: Profile, params: Params) -> None:
    expected = params.get("expectedVersion", profile.version)
    if expected != profile.version:
        raise version_conflict(profile.name, expected, profile.version)


def _uses(profile: Profile, metric: str | None, dimension: str | None) -> bool:
    if metric is None and dimension is None:
        return True
    retained = profile.members.get("additionalMetricsToRetainV2", [])
    entries = [*profile.members.get("behaviors", []), *retained]
    if dimension is not None:
        return any(e.get("metricDimension", {}).get("dimensionName") == dimension for e in entries)
    names = {e.get("metric") for e in entries} | set(profile.members.get("additionalMetricsToRetain", []))
    return metric in names


OPERATIONS: dict[str, Operation] = {
    "CreateSecurityProfile": create,
    "UpdateSecurityProfile": update,
    "DescribeSecurityProfile": describe,
    "DeleteSecurityProfile": delete,
    "ListSecurityProfiles": list_profiles,
    "ValidateSecurityProfileBehaviors": validate,
}

"""Which things a profile watches: attach, detach, and the two lists. None of them is a new version."""

from __future__ import annotations

import re
from typing import Any

from functions.local.sandbox.aws_errors import invalid, limit_exceeded
from functions.local.sandbox.aws_state import PROFILE, IotState, Operation, Params, Profile

PROFILES_PER_TARGET = 5
_TARGET = re.compile(
    r"arn:[a-z-]+:iot:[a-z0-9-]+:\d{12}:"
    r"(thinggroup/[a-zA-Z0-9:_-]{1,128}|all/(registered-things|unregistered-things|things))"
)


def attach(state: IotState, params: Params) -> dict[str, Any]:
    """Attaching twice is taken as attached; the service's answer to that is not documented."""
    profile, target = state.profile(params["securityProfileName"]), _target(params)
    if target in profile.targets:
        return {}
    if len(_watching(state, target)) >= PROFILES_PER_TARGET:
        raise limit_exceeded(f"target {target} already has {PROFILES_PER_TARGET} security profiles")
    profile.targets.append(target)
    return {}


def detach(state: IotState, params: Params) -> dict[str, Any]:
    profile, target = state.profile(params["securityProfileName"]), _target(params)
    if target in profile.targets:
        profile.targets.remove(target)
    return {}


def list_targets(state: IotState, params: Params) -> dict[str, Any]:
    targets = [{"arn": arn} for arn in state.profile(params["securityProfileName"]).targets]
    return state.page("securityProfileTargets", targets, params)


def list_for_target(state: IotState, params: Params) -> dict[str, Any]:
    """`recursive` is accepted and changes nothing: the sandbox has no tree of thing groups."""
    target = _target(params)
    mappings = [
        {
            "securityProfileIdentifier": {"name": p.name, "arn": state.arn(PROFILE, p.name)},
            "target": {"arn": target},
        }
        for p in _watching(state, target)
    ]
    return state.page("securityProfileTargetMappings", mappings, params)


def _watching(state: IotState, target: str) -> list[Profile]:
    return [profile for _, profile in sorted(state.profiles.items()) if target in profile.targets]


def _target(params: Params) -> str:
    target: str = params["securityProfileTargetArn"]
    if not _TARGET.fullmatch(target):
        raise invalid(f"{target} is not the ARN of a thing group or of all/(registered-|unregistered-)things")
    return target


OPERATIONS: dict[str, Operation] = {
    "AttachSecurityProfile": attach,
    "DetachSecurityProfile": detach,
    "ListTargetsForSecurityProfile": list_targets,
    "ListSecurityProfilesForTarget": list_for_target,
}

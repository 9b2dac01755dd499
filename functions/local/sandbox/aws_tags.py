"""Tags live by ARN, apart from the resource: describing one does not show them, tagging is no new version."""

from __future__ import annotations

from typing import Any

from functions.local.sandbox.aws_errors import invalid, limit_exceeded, not_found
from functions.local.sandbox.aws_state import IotState, Operation, Params

MAX_TAGS = 50


def tags_of(pairs: list[dict[str, str]]) -> dict[str, str]:
    tags = {pair["Key"]: pair.get("Value", "") for pair in pairs}
    if len(tags) != len(pairs):
        raise invalid("tag keys must be unique")
    for key in tags:
        if key.lower().startswith("aws:"):
            raise invalid(f"tag key {key} begins with the reserved prefix aws:")
    if len(tags) > MAX_TAGS:
        raise limit_exceeded(f"a resource has at most {MAX_TAGS} tags, not {len(tags)}")
    return tags


def tag(state: IotState, params: Params) -> dict[str, Any]:
    merged = _current(state, params) | tags_of(params["tags"])
    if len(merged) > MAX_TAGS:
        raise limit_exceeded(f"a resource has at most {MAX_TAGS} tags, not {len(merged)}")
    state.tags[params["resourceArn"]] = merged
    return {}


def untag(state: IotState, params: Params) -> dict[str, Any]:
    removed = set(params["tagKeys"])
    kept = {key: value for key, value in _current(state, params).items() if key not in removed}
    state.tags[params["resourceArn"]] = kept
    return {}


def list_tags(state: IotState, params: Params) -> dict[str, Any]:
    pairs = [{"Key": key, "Value": value} for key, value in _current(state, params).items()]
    return state.page("tags", pairs, params)


def _current(state: IotState, params: Params) -> dict[str, str]:
    arn = params["resourceArn"]
    if not state.exists(arn):
        raise not_found("resource", arn)
    return state.tags.get(arn, {})


OPERATIONS: dict[str, Operation] = {
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}

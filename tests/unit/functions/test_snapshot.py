"""SnapStart's hooks; tests/runtimes has them run by AWS's runtime client."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from functions.aws_lambda.snapshot import prepared, routes_last


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """In place of the runtime's own module, which only Lambda has."""
    registered: list[str] = []
    module: Any = ModuleType("snapshot_restore_py")
    for name in ("before_snapshot", "after_restore"):
        setattr(module, f"register_{name}", lambda hook: registered.append(hook.__name__))
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", module)
    return registered


def build() -> Any:
    raise AssertionError("nobody has asked for a mirror yet")


@pytest.mark.parametrize("kind", [{}, {"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}])
def test_where_no_snapshot_is_taken_nothing_is_prepared(hooks: list[str], kind: dict[str, str]) -> None:
    assert prepared(build, kind) is build
    assert hooks == []


def test_the_runtime_is_given_both_hooks_where_a_snapshot_is_taken(hooks: list[str]) -> None:
    prepared(build, {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    assert hooks == ["before", "after"]


@pytest.mark.parametrize(
    ("place", "last"),
    [
        ("", True),
        ("routes.yaml", True),
        ("ssm:/policy-mirror/routes:3", True),
        ("ssm:/policy-mirror/routes", False),
        ("ssm:/policy-mirror/routes:latest", False),
    ],
)
def test_only_routes_that_cannot_change_are_kept(place: str, last: bool) -> None:
    assert routes_last({"POLICY_MIRROR_ROUTES": place}) is last

"""The look that warms a process up: a whole edit and a whole look at rest, and nothing leaves the process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.operations.first_look import look
from shared.sync.job import Kind
from shared.translation.side import Side
from tests.unit.sync.world import LAMBDA, routes_of


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"first_contact": "observe"},
        {"mode": "observe"},
        {"mode": "azure-to-aws"},
        {"loosening": "approve"},
        {"canary": "canary"},
        {"windows": "[PT15M]"},
        {"names": "{include: [prod-*]}"},
    ],
)
def test_whatever_the_route_says_a_policy_is_mirrored_and_then_at_rest(settings: dict[str, Any]) -> None:
    with ThreadPoolExecutor(3) as pool:
        mirrored, at_rest = look(routes_of(**settings).routes[0], LAMBDA, pool)
    assert (mirrored.kind, mirrored.wrote) == (Kind.MIRRORED, (Side.AZURE,))
    assert (at_rest.kind, at_rest.code) == (Kind.NO_OP, "in-step")

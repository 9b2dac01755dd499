"""The whole tour with both functions as deployed: their artefacts, both federations, DynamoDB, SQS."""

from __future__ import annotations

from functools import partial

import pytest

from functions.local.runtimes.real import RealRuntimes
from functions.local.runtimes.tools import Tools
from functions.local.stage import Stage
from functions.local.tour import Lines, Tour


@pytest.fixture(scope="module")
def statements(tools: Tools) -> list[str]:
    """What the tour has checked."""
    said: list[str] = []
    lines = Lines()
    with Stage(lines.tell, partial(RealRuntimes, tools=tools, redeliver=5)) as stage:
        for _, step in Tour(stage, lines, said.append).steps():
            step()
    assert not [line for line in lines.all() if line["event"] in {"error", "refused"}]
    return said


def test_every_statement_of_the_demo_holds_on_the_real_runtimes(statements: list[str]) -> None:
    assert len(statements) == 15

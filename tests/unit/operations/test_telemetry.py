"""The table of metrics holds all that is counted: alarms and dashboards are built on its names."""

from __future__ import annotations

import re

from shared.operations.requests import Ignored
from shared.sync.job import Kind
from shared.telemetry import METRICS

NAMES = {metric.name for metric in METRICS}


def test_every_outcome_has_its_metric() -> None:
    assert {str(kind) for kind in Kind} <= NAMES


def test_every_reason_to_ignore_an_event_has_its_metric() -> None:
    assert Ignored.__doc__ is not None
    reasons = re.findall(r"[a-z]+(?:-[a-z]+)+", Ignored.__doc__)
    assert len(reasons) == 5
    assert {f"ignored-{reason}" for reason in reasons} == {
        name for name in NAMES if name.startswith("ignored-")
    }


def test_names_are_slugs_and_no_two_are_the_same() -> None:
    assert len(NAMES) == len(METRICS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in NAMES)

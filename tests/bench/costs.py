"""What a mirrored edit and a month of rest come to: measured counts, times the bench's durations and prices.

    python -m tests.bench.costs

keeps them, and what :mod:`tests.bench.estates` says, in costs.json.
"""

from __future__ import annotations

import copy
import json
import re
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec import structs

from shared.operations.quotas import Quotas
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.sync.job import Kind, Worker
from shared.sync.link import LinkKey
from shared.translation.side import Side
from tests.bench.deployment import FUNCTION_GB, FUNCTION_SWEEPS, LAMBDA_GB, LAMBDA_SWEEPS, ROOT
from tests.bench.metering import MeteredLedger
from tests.bench.prices import PRICES
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, LAMBDA, World, world

COSTS = Path(__file__).with_name("costs.json")
POLICIES = 1000
LEAST_SECONDS = 1.0
"""That an instance of Flex Consumption is charged for once it works: UNCONFIRMED, as a question of 2025-11-26
on learn.microsoft.com says. It is charged while it executes anything (azure-docs, Flex billing, 2024)."""
MONTH = 30.4 * 24 * 60
"""Minutes."""

Counts = dict[str, float]


def durations() -> Mapping[str, float]:
    """Seconds, from the bench's wall clock rows, in which every call takes 25 ms more."""
    return {what: milliseconds(f"{what}-25ms") / 1000 for what in ("mirror", "no-op")}


def milliseconds(row: str) -> float:
    """What ours took in a row of the bench."""
    rows = json.loads((ROOT / "tests/bench/figures.json").read_text(encoding="utf-8"))["rows"]
    (ours,) = [float(each["ours"]) for each in rows if each["name"] == row]
    return ours


def dollars(counts: Mapping[str, float]) -> float:
    return sum(PRICES[what].dollars * count for what, count in counts.items())


def on_lambda(seconds: float, messages: int) -> Counts:
    """One invocation. SQS: a batch is sent, received and deleted at most once for each of its messages."""
    return {"Lambda requests": 1, "Lambda GB-seconds": LAMBDA_GB * seconds, "SQS requests": 3 * messages}


def on_function(seconds: float, executions: int = 1) -> Counts:
    """An instance is charged for the time in which it works at anything."""
    gb = FUNCTION_GB * max(LEAST_SECONDS, seconds)
    return {"Functions executions": executions, "Functions GB-seconds": gb}


def together(*parts: Mapping[str, float]) -> Counts:
    total: Counts = {}
    for part in parts:
        for what, count in part.items():
            total[what] = total.get(what, 0) + count
    return total


def metered() -> tuple[World, MeteredLedger]:
    w = world()
    w.ledger.close()
    ledger = w.ledger = MeteredLedger()
    weakref.finalize(w, ledger.close)
    w.in_step("pumps", profile(sent=at_most(100)), group(sent=at_most(100)))
    ledger.units.clear()
    return w, ledger


def edit(side: Side) -> Counts:
    """An edit on ``side``, mirrored by its function, and the look of the other one at what was written."""
    w, ledger = metered()
    if side is Side.AWS:
        w.aws.put("pumps", profile(sent=at_most(200)))
    else:
        w.azure.put("pumps", group(sent=at_most(200)))
    ours, theirs = (LAMBDA, FUNCTION) if side is Side.AWS else (FUNCTION, LAMBDA)
    w.now += 3600.0
    assert w.later(worker=ours).kind is Kind.MIRRORED
    assert w.later(1.0, worker=theirs).kind is Kind.NO_OP
    takes = durations()
    here, there = ("mirror", "no-op") if side is Side.AWS else ("no-op", "mirror")
    told = {"EventBridge events": 1, "Event Grid operations": 2}
    return together(ledger.units, told, on_lambda(takes[here], 1), on_function(takes[there]))


def sweep(worker: Worker, policies: int = POLICIES) -> tuple[Counts, float, int]:
    """Units of the ledger, seconds, and in how many parts."""
    w, ledger = metered()
    link = w.link()
    for name in (f"link-{number}" for number in range(policies - 1)):
        ledger.save(structs.replace(link, key=LinkKey(w.route.id, name), rev=1, entries=0, head=""))
        for cloud in (w.aws, w.azure):
            cloud.stored[name] = replace(copy.deepcopy(cloud.stored["pumps"]), name=name)
    ledger.units.clear()
    parts, began = [Sweep()], w.now

    def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        del delay, cause
        parts.extend(each for each in asked if isinstance(each, Sweep))

    def sleep(seconds: float) -> None:
        w.now += seconds

    mirror = w.mirror(worker)
    mirror.quotas = Quotas(lambda: w.now, sleep)
    seen = sum(1 for part in parts for _ in mirror.perform(part, enqueue))
    assert seen == policies
    return together(ledger.units), w.now - began, len(parts)


def rest() -> Counts:
    """A month of ``POLICIES`` policies in step: both functions sweep, part by part."""
    units, seconds, parts = sweep(LAMBDA)
    told = {"Scheduler invocations": 1, "Lambda requests": parts - 1}
    aws = together(units, on_lambda(seconds, parts - 1), told)
    units, seconds, parts = sweep(FUNCTION)
    azure = together(units, on_function(seconds, parts), {"Storage queue operations": 3 * (parts - 1)})
    return together(monthly(aws, LAMBDA_SWEEPS), monthly(azure, FUNCTION_SWEEPS), alarms())


def monthly(counts: Mapping[str, float], minutes: int) -> Counts:
    """Of what is taken once in ``minutes``."""
    return {what: count * MONTH / minutes for what, count in counts.items()}


def alarms() -> dict[str, float]:
    """As the templates have them."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    modules = ROOT / "infra/azure/modules"
    queries = (modules / "alerts.bicep").read_text(encoding="utf-8")
    events = (modules / "subscription.bicep").read_text(encoding="utf-8")
    metrics = re.search(r"for metric in \[(.*?)\]", events)
    assert metrics, "subscription.bicep names no metrics"
    return {
        "CloudWatch alarms": len(re.findall(r"Type: AWS::CloudWatch::Alarm$", template, re.M)),
        "Azure log alerts": len(re.findall(r"^    query: ", queries, re.M)),
        "Azure metric alerts": len(metrics[1].split(",")),
    }


def computed() -> dict[str, Any]:
    from tests.bench import estates  # which needs this module

    columns = {"aws_edit": edit(Side.AWS), "azure_edit": edit(Side.AZURE), "rest": rest()}
    return {
        "policies": POLICIES,
        "sweep_minutes": {"lambda": LAMBDA_SWEEPS, "function": FUNCTION_SWEEPS},
        "memory_gb": {"lambda": LAMBDA_GB, "function": FUNCTION_GB},
        "prices": {what: asdict(price) for what, price in PRICES.items()},
        **{name: dict(sorted(counts.items())) for name, counts in columns.items()},
        "policies_each": estates.POLICIES,
        "lambda": asdict(estates.on_aws()),
        "function": asdict(estates.on_azure()),
        "instances": estates.INSTANCES,
        "by_lambda": [asdict(estates.by_lambda(size)) for size in estates.SIZES],
        "by_function": [asdict(estates.by_function(size)) for size in estates.SIZES],
    }


def keep() -> None:
    told = {"date": datetime.now(UTC).date().isoformat(), **computed()}
    COSTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(f"kept in {COSTS.name}; now: policy-mirror readme")


if __name__ == "__main__":
    keep()

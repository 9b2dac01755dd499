"""The README's tables of what it costs and how a sweep grows, from what ``make bench`` has kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import log10
from pathlib import Path
from typing import Any

import functions
from functions.local.markdown import table
from shared.errors import BadInput

COSTS = Path(functions.__file__).resolve().parents[1] / "tests" / "bench" / "costs.json"
MILLION = 1_000_000
PER_DECADE = 12
"""Characters of a bar."""


def costs_section() -> str:
    """Raises BadInput outside a working copy."""
    kept = _kept()
    prices = kept["prices"]
    columns = (("aws_edit", MILLION), ("azure_edit", MILLION), ("rest", 1))
    bills = [bill(kept[name], prices, times) for name, times in columns]
    rows = [(what, *(_amount(each.get(what)) for each in bills)) for what in prices] + [
        ("**all of it**", *(f"**{sum(each.values()):,.2f}**" for each in bills))
    ]
    return "\n\n".join(
        [
            f"US dollars, computed on {kept['date']} from what the engine's calls were counted to take, the "
            "bench's wall times `mirror-25ms` and `no-op-25ms`, and list prices without any free grant. "
            "Never tried on a bill.",
            table(
                (
                    "what",
                    "a million edits on AWS, mirrored",
                    "a million edits on Azure, mirrored",
                    f"a month at rest, {kept['policies']:,} policies",
                ),
                rows,
            ),
            "An edit counts with the look at the echo of its write, each alone; the Azure function is taken "
            "to be charged for a second at least. At rest both functions sweep every 15 minutes, in parts of "
            "ten seconds. Not counted: logs, traces, storage, "
            "snapshots, keys, notices, other events of the resource group, and the polling of empty queues.",
            "<details>\n<summary>The prices</summary>",
            table(("what", "dollars", "source"), [_price(what, price) for what, price in prices.items()]),
            "</details>",
        ]
    )


def bill(counts: Mapping[str, float], prices: Mapping[str, Any], times: float) -> dict[str, float]:
    """Dollars of each thing that is charged for."""
    return {what: count * times * prices[what]["dollars"] for what, count in counts.items()}


def estates_section() -> str:
    """Raises BadInput outside a working copy."""
    kept = _kept()
    swept = kept["estates"]
    rows = [
        (
            f"{each['accounts']:,}",
            f"{each['seconds']:,.1f} s",
            f"{each['invocation']:,.1f} s{'' if each['fits'] else ', **more than its timeout**'}",
            f"{each['queued']:,}",
            f"{each['refused']:,}",
            f"{each['dollars']:.5f}",
        )
        for each in swept
    ]
    head = (
        "accounts",
        "until the last look",
        "the sweep itself",
        "links left to the queue",
        "looks refused once",
        "US dollars",
    )
    names = [f"{each['accounts']:>5,} accounts" for each in swept]
    return "\n\n".join(
        [
            f"One sweep of the Lambda, {kept['policies_each']} policies in each account, simulated on "
            f"{kept['date']} on a virtual clock: the sweep's own pacing, the quota of 25 describes a second "
            f"and account, the template's {kept['workers']} workers and timeout of {kept['timeout']} s. A "
            "round trip takes what the bench's `no-op-25ms` takes, to SQS too; the queue is "
            "first in, first out.",
            table(head, rows),
            "```text\n"
            + plot("seconds, until the last look", names, [each["seconds"] for each in swept])
            + "\n\n"
            + plot("US dollars", names, [each["dollars"] for each in swept])
            + "\n```",
            _limit(swept),
        ]
    )


def plot(title: str, names: list[str], values: list[float]) -> str:
    """Bars on a logarithmic axis that begins a decade below the least."""
    start = log10(min(values)) - 1
    bars = [
        f"{name}  {'#' * round(PER_DECADE * (log10(value) - start))} {_short(value)}"
        for name, value in zip(names, values, strict=True)
    ]
    return "\n".join([f"{title} ({PER_DECADE} # are a factor of 10)", *bars])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _limit(swept: list[dict[str, Any]]) -> str:
    over = [each["accounts"] for each in swept if not each["fits"]]
    if not over:
        return "Each of these sweeps ends within one invocation."
    return (
        f"With {over[0]:,} accounts, at these round trips, one function does not get through its routes "
        "within one invocation; such rows tell what it would take if it could. **Split such an estate "
        "over several deployments.**"
    )


def _kept() -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(COSTS.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{COSTS}: cannot be read: {error}; make bench writes it") from None
    return kept


def _amount(dollars: float | None) -> str:
    return "-" if dollars is None else f"{dollars:,.2f}"


def _price(what: str, price: dict[str, Any]) -> tuple[str, str, str]:
    source = ", ".join(filter(None, (price["source"], price["region"], price["read"])))
    monthly = price["unit"].endswith("month")
    amount = f"{price['dollars']:g}" if monthly else f"{price['dollars'] * MILLION:,.4g} a million"
    known = source if price["confirmed"] else f"UNCONFIRMED: {source}"
    return what, f"{amount}: {price['unit']}", known

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
PERIOD = 900.0
"""Seconds between two sweeps, where nobody says otherwise."""

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
            f"to be charged for a second at least. {_deployed(kept)}, in parts of "
            "ten seconds. Not counted: logs, traces, storage, "
            "snapshots, keys, notices, other events of the resource group, and the polling of empty queues.",
            "<details>\n<summary>The prices</summary>",
            table(("what", "dollars", "source"), [_price(what, price) for what, price in prices.items()]),
            "</details>",
        ]
    )


def _deployed(kept: Mapping[str, Any]) -> str:
    every, memory = kept["sweep_minutes"], kept["memory_gb"]
    return (
        f"At rest the Lambda ({memory['lambda']:g} GB) sweeps every {every['lambda']} minutes and the Azure "
        f"function ({memory['function']:g} GB) every {every['function']}"
    )


def bill(counts: Mapping[str, float], prices: Mapping[str, Any], times: float) -> dict[str, float]:
    """Dollars of each thing that is charged for."""
    return {what: count * times * prices[what]["dollars"] for what, count in counts.items()}


def estates_section() -> str:
    """Raises BadInput outside a working copy."""
    kept = _kept()
    here, there = kept["by_lambda"], kept["by_function"]
    head = (
        "accounts",
        "Lambda: until the last link",
        "parts",
        "US dollars",
        "Function: until the last link",
        "parts",
        "US dollars",
    )
    rows = [
        (f"{aws['accounts']:,}", *_swept(aws), *_swept(azure)) for aws, azure in zip(here, there, strict=True)
    ]
    names = [f"{each['accounts']:>5,} accounts" for each in here]
    both = [aws["dollars"] + azure["dollars"] for aws, azure in zip(here, there, strict=True)]
    return "\n\n".join(
        [
            f"One sweep by each function, {kept['policies_each']} policies in each account, simulated on "
            f"{kept['date']} on a virtual clock. The schedule asks its queue for a sweep of each route; "
            f"{kept['lambda']['workers']} Lambdas (`MaximumConcurrency`) and up to {kept['instances']} "
            f"instances of the Function, {kept['function']['workers'] // kept['instances']} parts at once in "
            "each, take them from there, each after a cold start as the bench has it. The time that the "
            "platforms take to "
            "add instances is not in it. A round trip takes what the bench's `no-op-25ms` takes; a describe "
            "waits for its turn in 40 % of the account's 25 a second.",
            table(head, rows),
            "```text\n"
            + plot("seconds, Lambda", names, [each["seconds"] for each in here])
            + "\n\n"
            + plot("seconds, Function", names, [each["seconds"] for each in there])
            + "\n\n"
            + plot("US dollars, both", names, both)
            + "\n```",
            _limit(here),
        ]
    )


def _swept(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return f"{one['seconds']:,.1f} s", f"{one['parts']:,}", f"{one['dollars']:.5f}"


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
    """A table of routes holds 500 of them."""
    over = [each["accounts"] for each in swept if each["seconds"] > PERIOD]
    if not over:
        return "Each of these sweeps ends before the next one begins."
    return (
        f"With {over[0]:,} accounts the Lambda's sweep takes longer than the quarter of an hour after which "
        "the next one begins. Sweeps do not pile up for that: one that ended since it was asked for is not "
        "made again. A higher `MaximumConcurrency` makes it quicker. One `routes.yaml` holds 500 routes: "
        "**split such an estate over several deployments.**"
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

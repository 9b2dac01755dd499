"""What is charged for, in units of the clouds, and how a sweep grows with its estate."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.local.cost_figures import PER_DECADE, bill, plot
from shared.translation.side import Side
from tests.bench.costs import COSTS, alarms, computed, edit, monthly, on_function, on_lambda, sweep
from tests.bench.deployment import FUNCTION_GB, LAMBDA_GB, TEMPLATE, setting
from tests.bench.estates import POLICIES, Sweep, by_function, by_lambda, on_aws
from tests.bench.metering import READS, WRITES, read_units, write_units
from tests.bench.prices import PRICES
from tests.unit.sync.world import LAMBDA


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (4096, 1), (4097, 2)])
def test_a_read_is_charged_for_each_4_kib_begun_and_a_missing_item_for_one(size: int, units: int) -> None:
    assert read_units(size) == units


@pytest.mark.parametrize(("sizes", "units"), [([1024], 1), ([1025], 2), ([10, 10], 4), ([2000, 10], 6)])
def test_a_write_is_charged_for_each_kib_begun_and_twice_in_a_transaction(
    sizes: list[int], units: int
) -> None:
    assert write_units(sizes) == units


def test_a_function_of_azure_is_charged_for_a_second_at_least() -> None:
    assert on_function(0.03)["Functions GB-seconds"] == FUNCTION_GB
    assert on_function(3.0)["Functions GB-seconds"] == 3 * FUNCTION_GB


def test_a_lambda_is_charged_for_its_time_and_its_message_is_sent_received_and_deleted() -> None:
    assert on_lambda(2.0, 1) == {"Lambda requests": 1, "Lambda GB-seconds": 2 * LAMBDA_GB, "SQS requests": 3}


@pytest.mark.parametrize("side", list(Side))
def test_a_mirrored_edit_reads_and_writes_the_ledger_and_everything_in_it_has_a_price(side: Side) -> None:
    counts = edit(side)
    assert counts[READS] >= 2  # the look that mirrors, and the one at its echo
    assert counts[WRITES] >= 6  # lease and observe, intent, commit: each a transaction or an item of its own
    assert set(counts) <= set(PRICES)


def test_a_sweep_of_more_links_takes_more_parts_and_reads_each_link_once_or_twice() -> None:
    few, short, one = sweep(LAMBDA, 20)
    many, long, parts = sweep(LAMBDA, 400)
    assert (one, parts) == (1, 4)
    assert 1.0 <= short <= 3.0
    assert 37.0 <= long <= 43.0
    assert few[READS] < many[READS] <= 2 * 400


def test_the_costs_that_are_shown_are_those_that_the_figures_come_to() -> None:
    """After a change to the engine, the templates or the figures: ``python -m tests.bench.costs``."""
    kept, counted = json.loads(COSTS.read_text(encoding="utf-8")), json.loads(json.dumps(computed()))
    assert rounded({**counted, "date": kept["date"]}) == rounded(kept)


def rounded(told: Any) -> Any:
    """From Python 3.12 on a sum has other last digits."""
    if isinstance(told, dict):
        return {key: rounded(value) for key, value in told.items()}
    if isinstance(told, list):
        return [rounded(value) for value in told]
    return float(f"{told:.9g}") if isinstance(told, float) else told


def test_a_month_has_as_many_sweeps_as_the_schedule_says() -> None:
    assert monthly({"a": 1}, 15) == {"a": 30.4 * 24 * 4}
    assert monthly({"a": 1}, 60) == {"a": 30.4 * 24}


def test_a_setting_that_a_template_does_not_have_once_is_not_guessed() -> None:
    with pytest.raises(AssertionError, match="0 times"):
        setting(TEMPLATE, r"NoSuchThing: (\d+)")


def test_every_alarm_of_the_templates_is_counted() -> None:
    assert all(count > 0 for count in alarms().values())


def test_a_bill_is_counts_times_prices() -> None:
    prices = {"a": {"dollars": 0.5}, "b": {"dollars": 2.0}}
    assert bill({"a": 3, "b": 1}, prices, 10) == {"a": 15.0, "b": 20.0}


def test_one_account_is_swept_at_its_share() -> None:
    for swept in (by_lambda(1), by_function(1)):
        assert POLICIES / 10 - 1 <= swept.seconds <= POLICIES / 10 + 2  # ten a second, and a cold start
        assert (swept.parts, swept.waited) == (1, 0)


def test_accounts_are_swept_side_by_side_as_far_as_there_are_workers() -> None:
    workers = on_aws().workers
    few, many = by_lambda(workers), by_lambda(10 * workers)
    assert few.seconds < by_lambda(1).seconds + 11
    assert 6 * few.seconds < many.seconds < 12 * few.seconds
    assert many.dollars > few.dollars
    assert by_function(10 * workers).seconds < many.seconds


def test_no_part_of_a_sweep_has_to_wait_for_another_invocation_with_what_the_template_says() -> None:
    assert by_lambda(20).waited == 0
    assert Sweep(replace(on_aws(), batch=10), 0.03).run(20).waited > 0


def test_a_tenfold_value_is_a_decade_more_of_a_bar() -> None:
    low, high = (line.count("#") for line in plot("t", ["a", "b"], [1.0, 10.0]).splitlines()[1:])
    assert (low, high) == (PER_DECADE, 2 * PER_DECADE)

"""What an invocation counts is handed over once, measured as the table of metrics says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared import telemetry
from shared.errors import Denied, MirrorError, Throttled
from shared.operations.counting import Counts
from shared.operations.requests import Ignored
from shared.sync import effects as do
from shared.sync.effects import Effect
from shared.sync.job import Kind, Outcome
from shared.sync.link import LinkKey, Scope
from shared.telemetry import BY_NAME, Metric, trace_of
from shared.translation.side import Side

KEY = LinkKey("fleet", "pumps")


class Sink(dict[str, list[float]]):
    def __call__(self, metric: Metric, values: Sequence[float]) -> None:
        assert metric.name not in self, "a metric is handed over once an invocation"
        self[metric.name] = list(values)


def counted(*calls: object) -> Sink:
    """What comes of these, in a container that is warm."""
    sink = Sink()
    counts = Counts(sink)
    counts.flush()
    sink.clear()
    for call in calls:
        match call:
            case Outcome():
                counts.outcome(call)
            case Scope():
                counts.swept(call)
            case Ignored():
                counts.ignored(call)
    counts.flush()
    return sink


def test_the_first_flush_tells_of_a_cold_start_and_the_second_of_nothing() -> None:
    sink = Sink()
    counts = Counts(sink)
    counts.flush()
    assert sink == {"cold-start": [1]}
    counts.flush()
    assert len(sink) == 1


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_outcome_is_counted_under_its_own_name(kind: Kind) -> None:
    assert counted(Outcome(KEY, kind), Outcome(KEY, kind)) == {str(kind): [2]}


def test_a_lag_is_told_value_by_value_and_only_of_what_was_mirrored() -> None:
    slow, quick = Outcome(KEY, Kind.MIRRORED, lag=9.0), Outcome(KEY, Kind.MIRRORED, lag=2.5)
    assert counted(slow, quick)["lag"] == [9.0, 2.5]
    assert "lag" not in counted(Outcome(KEY, Kind.NO_OP, lag=9.0))


def test_a_state_is_the_worst_of_the_routes_that_were_swept() -> None:
    good, bad = Scope("a", known=3), Scope("b", known=4, frozen="too many", digests={"x": "1", "y": "2"})
    told = counted(good, bad)
    assert (told["swept"], told["links"], told["frozen"], told["routes-differ"]) == ([2], [7], [1], [1])


@pytest.mark.parametrize(
    ("effect", "name"),
    [
        (do.Read(Side.AWS, "p"), "aws-calls"),
        (do.Create(Side.AZURE, "p", {}), "azure-calls"),
        (do.Census(Side.AZURE), "azure-calls"),
        (do.Audit(0.0), "azure-calls"),
        (do.EnsureMetric("m", "number"), "aws-calls"),
        (do.LoadLink(KEY), "ledger-calls"),
    ],
)
def test_every_call_is_counted_by_whom_it_asks(effect: Effect, name: str) -> None:
    assert performed(effect, None) == {name: [1]}
    assert performed(effect, Denied("x", "no")) == {name: [1]}


def test_a_call_that_was_throttled_is_counted_as_such_too() -> None:
    error = Throttled("x", "slow down")
    assert performed(do.Read(Side.AWS, "p"), error) == {"aws-calls": [1], "throttled": [1]}


def test_a_look_at_the_clock_is_no_call() -> None:
    assert performed(do.Now(), None) == {}


def performed(effect: Effect, error: MirrorError | None) -> Sink:
    sink = Sink()
    counts = Counts(sink)
    counts.flush()
    sink.clear()
    counts.performed(effect, error)
    counts.flush()
    return sink


def test_every_metric_is_found_by_its_name() -> None:
    assert BY_NAME["mirrored"] is telemetry.MIRRORED


@pytest.mark.parametrize(
    ("ids", "trace"),
    [
        (("2b3c8a0e-5a0b-4a5e-8f67-2b8a3d1f0c11",), "2b3c8a0e5a0b4a5e8f672b8a3d1f0c11"),
        ((None, "", "A" * 32), "a" * 32),
        (("event-1",), trace_of("event-1")),
        ((None,), ""),
    ],
)
def test_a_trace_is_32_hexadecimal_digits_of_the_first_id_that_there_is(
    ids: Sequence[str | None], trace: str
) -> None:
    assert trace_of(*ids) == trace
    assert trace == "" or (len(trace) == 32 and int(trace, 16) >= 0)


def test_a_notice_is_counted_where_there_was_one() -> None:
    sink = Sink()
    counts = Counts(sink)
    for sent in (True, False, None, True):
        counts.noticed(sent)
    counts.flush()
    assert (sink["notices"], sink["notices-failed"]) == ([2], [1])

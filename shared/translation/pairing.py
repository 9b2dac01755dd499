"""Which signals one pair of clouds shares, computed from the catalogue and a route's options."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from shared.policy.loss import Effect, Hold
from shared.translation.catalog import (
    CATALOG,
    OWN_METRIC,
    Binding,
    Cannot,
    Kind,
    MetricType,
    Row,
    by_metric,
    stem,
)
from shared.translation.codes import hold
from shared.translation.side import Side

Part = Literal["min", "max", "allowed"]
"""What one behavior states of the rule that Azure says in one."""

DEFAULT_WINDOWS = frozenset({300, 900, 1800})
"""Seconds. Seen live on Azure: PT5M, PT15M, PT30M; AWS also documents 600 and 3600, unseen on Azure."""

MESSAGE_METRICS = {"aws:num-messages-sent": "D2CMessages", "aws:num-messages-received": "C2DMessages"}
"""The two AWS message counts, and the rule types that they pair with once a protocol stands before them."""


class Options(Struct, frozen=True):
    """What a route may choose. ``windows`` in seconds; ``protocol`` is that of the Azure message counts;
    ``custom`` maps rule type stems (``FailedLocalLogins``) to AWS custom metric names; ``source`` is the side
    that a one-way route reads, None for two-way; ``approximate``: effects accepted on a one-way route."""

    windows: frozenset[int] = DEFAULT_WINDOWS
    protocol: str = "Mqtt"
    custom: tuple[tuple[str, str], ...] = ()
    hold_suppressed: bool = False
    source: Side | None = None
    approximate: frozenset[Effect] = frozenset()


class Pair(Struct, frozen=True):
    """``rule_list``: the list of a device security group that rules of this signal stand in."""

    signal: str
    kind: Kind
    rule_type: str
    rule_list: Literal["timeWindowRules", "allowlistRules"]
    metric: str
    custom: MetricType | None
    windowed_on_azure: bool
    shares_window: bool
    inert: str | None
    note: str | None

    @property
    def rule_path(self) -> str:
        return f"{self.rule_list}[{self.rule_type}]"

    def born_name(self, part: Part) -> str:
        """What a behavior is called that comes from Azure, where rules have no names."""
        return f"{self.signal}-{part}"


class Pairing(Struct, frozen=True):
    """``unpaired``: why a signal that is in no pair is in none, but for users' own metrics. ``signals``: what
    each AWS metric says, of a pair or of a catalogue row that is in none."""

    options: Options
    pairs: Mapping[str, Pair]
    unpaired: Mapping[str, Hold]
    signals: Mapping[str, str]
    by_rule_type: Mapping[str, Pair]

    def __repr__(self) -> str:
        return f"Pairing({self.options!r})"  # the rest follows from them, and fills a page


@lru_cache(maxsize=256)
def pairing(options: Options | None = None) -> Pairing:
    """The shared signals under ``options``; the default is what a fresh two-way route shares."""
    options = options or Options()
    pairs = [pair for row in CATALOG if (pair := _pair(row, options)) is not None]
    return Pairing(
        options=options,
        pairs={pair.signal: pair for pair in pairs},
        unpaired={row.signal: _why_unpaired(row) for row in CATALOG if not row.signal.startswith(OWN_METRIC)},
        signals={metric: row.signal for metric, row in by_metric().items()}
        | {pair.metric: pair.signal for pair in pairs},
        by_rule_type={pair.rule_type: pair for pair in pairs},
    )


def _why_unpaired(row: Row) -> Hold:
    """Where it is in no pair."""
    if isinstance(row.aws, Binding) and row.aws.custom is not None:
        return hold("", "custom-metric-off", suggested=row.aws.native, type=row.aws.custom)
    if isinstance(row.azure, Cannot):
        return hold("", "no-counterpart", reason=row.azure.reason)
    return hold("", "no-counterpart", reason="the route pairs this signal with another protocol")


def _pair(row: Row, options: Options) -> Pair | None:
    if not isinstance(row.azure, Binding):
        return None
    metric = _metric(row.azure.native, row, options)
    if metric is None:
        return None
    name, custom, windowed = metric
    return Pair(
        signal=row.signal,
        kind=row.azure.kind,
        rule_type=row.azure.native,
        rule_list="timeWindowRules" if row.azure.kind == "count" else "allowlistRules",
        metric=name,
        custom=custom,
        windowed_on_azure=row.azure.windowed,
        shares_window=windowed and row.azure.windowed,
        inert=row.azure.inert,
        note=row.azure.note,
    )


def _metric(rule_type: str, row: Row, options: Options) -> tuple[str, MetricType | None, bool] | None:
    """(metric name, custom type, windowed on AWS) that says ``row`` under ``options``, if any does."""
    short = stem(rule_type)
    for metric, suffix in MESSAGE_METRICS.items():
        if short == options.protocol + suffix:
            return metric, None, True
    assert isinstance(row.aws, Binding)
    if row.aws.native in MESSAGE_METRICS:
        return None  # the route pairs this metric with another protocol
    if row.aws.custom is None:
        return row.aws.native, None, row.aws.windowed
    name = dict(options.custom).get(short)
    return None if name is None else (name, row.aws.custom, row.aws.windowed)

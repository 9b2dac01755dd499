"""What a route lets a pair of documents share."""

from __future__ import annotations

from typing import Any

import pytest

from shared.policy.loss import Effect
from shared.routes.options import pairing_options, suggested_metrics
from shared.routes.reading import read
from shared.routes.route import Route
from shared.translation.pairing import Options, pairing
from shared.translation.side import Side
from tests.cli.support import HUB


def options(**settings: Any) -> Options:
    scopes = {"aws": {"account": "123456789012", "region": "eu-central-1"}, "azure": {"hub": HUB}}
    return pairing_options(read(Route, {"id": "r", **scopes, **settings}))


def test_a_plain_route_shares_what_is_shared_without_any_route() -> None:
    assert options() == Options()


@pytest.mark.parametrize(("given", "stem"), [("mqtt", "Mqtt"), ("amqp", "Amqp"), ("http", "Http")])
def test_the_protocol_names_the_rule_types_of_the_message_counts(given: str, stem: str) -> None:
    pairs = pairing(options(protocol=given)).by_rule_type
    assert pairs[f"{stem}D2CMessagesNotInAllowedRange"].metric == "aws:num-messages-sent"


def test_windows_are_seconds() -> None:
    assert options(windows=("PT1H", "PT60S")).windows == {3600, 60}


def test_suppressed_alerts_may_be_held() -> None:
    assert options(suppressed="hold").hold_suppressed
    assert not options(suppressed="mirror").hold_suppressed


@pytest.mark.parametrize(
    ("mode", "source"),
    [("two-way", None), ("observe", None), ("aws-to-azure", Side.AWS), ("azure-to-aws", Side.AZURE)],
)
def test_only_a_one_way_route_has_a_source(mode: str, source: Side | None) -> None:
    assert options(mode=mode).source is source


def test_a_one_way_route_approximates_as_it_is_told() -> None:
    assert options(mode="aws-to-azure").approximate == {Effect.STRONGER}
    chosen = options(mode="aws-to-azure", approximate=("weaker", "unknown")).approximate
    assert chosen == {Effect.WEAKER, Effect.UNKNOWN}


def test_without_the_setting_no_custom_metric_is_used() -> None:
    assert options(custom_metrics={"metrics": {"FileUploads": "uploads"}}).custom == ()


@pytest.mark.parametrize("mode", ["use", "provision"])
def test_the_catalogue_suggests_every_custom_metric(mode: str) -> None:
    custom = options(custom_metrics={"mode": mode}).custom
    assert dict(custom) == suggested_metrics()
    assert len(custom) == 15
    assert ("FailedLocalLogins", "failed-local-logins") in custom
    assert len(pairing(options(custom_metrics={"mode": mode})).pairs) == 20


def test_a_list_of_custom_metrics_is_a_choice() -> None:
    metrics = {"ProcessNotAllowed": "running", "FileUploads": "uploads"}
    custom = options(custom_metrics={"mode": "use", "metrics": metrics}).custom
    assert custom == (("FileUploads", "uploads"), ("Process", "running"))

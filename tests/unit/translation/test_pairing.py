"""Which rules two clouds share: the catalogue, and what a route makes of it."""

from __future__ import annotations

import pytest

from shared.translation.catalog import CATALOG, Binding, Row, by_metric, by_rule_type, rows, stem
from shared.translation.pairing import Options, pairing
from tests.unit.translation.documents import SENT, behavior, counts, group, profile, read, rule, translated

CLOUD_SIDE = {
    "message-byte-size",
    "num-messages-sent",
    "num-messages-received",
    "num-authorization-failures",
    "source-ip-address",
    "num-connection-attempts",
    "num-disconnects",
    "disconnect-duration",
}
DEVICE_SIDE = {
    "all-bytes-out",
    "all-bytes-in",
    "all-packets-out",
    "all-packets-in",
    "num-listening-tcp-ports",
    "num-listening-udp-ports",
    "num-established-tcp-connections",
    "destination-ip-addresses",
    "listening-tcp-ports",
    "listening-udp-ports",
}
COUNTED = [
    *("ActiveConnections", "DirectMethodInvokes", "FailedLocalLogins", "FileUploads", "QueuePurges"),
    *("TwinUpdates", "UnauthorizedOperations"),
    *(f"{name}{what}" for name in ("Amqp", "Http", "Mqtt") for what in ("C2DMessages", "D2CMessages")),
    *(f"{name}C2DRejectedMessages" for name in ("Amqp", "Http", "Mqtt")),
]
LISTED = ["ConnectionToIp", "ConnectionFromIp", "LocalUser", "Process"]


def test_the_catalogue_has_every_rule_type_every_metric_and_every_custom_type() -> None:
    assert set(by_metric()) == {f"aws:{name}" for name in CLOUD_SIDE | DEVICE_SIDE}
    types = {f"{name}NotInAllowedRange" for name in COUNTED} | {f"{name}NotAllowed" for name in LISTED}
    assert set(by_rule_type()) == types
    assert {stem(name) for name in types} == {*COUNTED, *LISTED}
    custom = {"number", "number-list", "string-list", "ip-address-list"}
    assert {row.aws.native for row in CATALOG if row.signal.startswith("custom-")} == custom
    assert len(rows()) == len(CATALOG) == 37


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.signal)
def test_every_claim_is_dated_and_sourced(row: Row) -> None:
    for side in (row.azure, row.aws):
        assert side.source
        assert side.verified == "2026-11-22"
        assert isinstance(side, Binding) or side.reason


def test_five_signals_are_in_step_without_any_opt_in() -> None:
    assert {pair.signal: pair.metric.removeprefix("aws:") for pair in pairing().pairs.values()} == {
        "mqtt-messages-from-device": "num-messages-sent",
        "mqtt-messages-to-device": "num-messages-received",
        "unauthorized-operations": "num-authorization-failures",
        "active-connections": "num-established-tcp-connections",
        "outbound-destinations": "destination-ip-addresses",
    }


def test_every_rule_type_can_be_shared_once_a_route_binds_custom_metrics() -> None:
    unbound = [stem(name) for name, row in by_rule_type().items() if row.signal not in pairing().pairs]
    shared = pairing(Options(custom=tuple((name, f"m-{name}") for name in unbound)))
    assert set(shared.by_rule_type) == set(by_rule_type())
    assert all(shared.pairs[shared.signals[f"m-{name}"]].custom is not None for name in unbound)


@pytest.mark.parametrize("protocol", ["Amqp", "Http"])
def test_a_route_may_mean_another_protocol_by_the_message_counts(protocol: str) -> None:
    options = Options(protocol=protocol)
    signal = f"{protocol.lower()}-messages-from-device"
    document = profile(behavior("b", "less-than-equals", 9))
    assert read(document, options).atoms == {signal: counts(0, 9)}
    done = translated(document, options)
    assert done.document == group(rule(f"{protocol}D2CMessagesNotInAllowedRange", 0, 9))
    assert pairing(options).pairs[pairing(options).signals[SENT]].custom is None


def test_under_another_protocol_the_rules_for_mqtt_have_no_counterpart() -> None:
    reading = read(group(rule()), Options(protocol="Amqp"))
    assert [hold.code for hold in reading.holds] == ["no-counterpart"]
    assert "another protocol" in reading.holds[0].reason


def test_a_custom_metric_under_its_own_name_states_the_rule_it_is_bound_to() -> None:
    options = Options(custom=(("FailedLocalLogins", "logins-of-mine"),))
    done = translated(group(rule("FailedLocalLoginsNotInAllowedRange", 0, 3)), options)
    (upper,) = done.document["behaviors"]
    assert (upper["name"], upper["metric"]) == ("failed-local-logins-max", "logins-of-mine")
    assert read(done.document, options).atoms == {"failed-local-logins": counts(0, 3)}
    assert read(done.document).atoms == {}

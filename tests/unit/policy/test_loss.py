"""Losses and holds as scripts read them."""

from __future__ import annotations

import json

from shared.policy.loss import Effect, Fidelity, Hold, Loss


def test_a_loss_names_its_members_in_a_stable_order() -> None:
    loss = Loss("behaviors[b].name", Fidelity.DROPPED, Effect.STRONGER, "a-code", {"count": 5}, None, "why")
    assert json.dumps(loss.to_json()) == (
        '{"path": "behaviors[b].name", "fidelity": "dropped", "effect": "stronger", "code": "a-code", '
        '"before": {"count": 5}, "after": null, "reason": "why"}'
    )


def test_a_hold_names_path_code_and_reason_and_keeps_its_signal_to_itself() -> None:
    hold = Hold("alertTargets", "own-member", "why", "mqtt-messages-from-device")
    assert json.dumps(hold.to_json()) == '{"path": "alertTargets", "code": "own-member", "reason": "why"}'

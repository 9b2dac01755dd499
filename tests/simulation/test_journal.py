"""However workers race, crash and lose answers: the journal of every link stays one whole chain."""

from __future__ import annotations

from shared.sync.journal import journal_key, verify
from shared.sync.link import Link, Scope
from tests.simulation.profiles import PROFILES
from tests.simulation.world import played

SEEDS = range(1000, 1006)


def test_every_journal_is_a_whole_chain_with_all_faults_on() -> None:
    checked = 0
    for seed in SEEDS:
        ledger = played(PROFILES["everything"], seed).ledger
        records: list[Link | Scope] = [*ledger.links.values(), *ledger.scopes.values()]
        for record in records:
            key = journal_key(record)
            verdict = verify(record, ledger.entries[key])
            assert verdict.problems == [], f"seed {seed}, {key}"
            assert verdict.unchained == 0
            checked += verdict.checked
    assert checked > 200
